"""What the pages of the team share: roster, leave, hand-over and duty stand beside each other as tabs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.desk.frame import Tab, actor_of, tabs_of
from linli.workforce import queries


def page(request: HttpRequest, template: str, tab: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the team, with the tabs that the post may open."""
    actor = actor_of(request)
    tabs = (
        Tab("roster", _("Roster"), ("roster.view",), "users-round"),
        Tab("leaves", _("Leave"), ("leave.view",), "calendar", queries.waiting_leaves(actor) or None),
        Tab("handovers", _("Hand-over"), ("handover.view",), "repeat"),
        Tab("duty", _("Duty"), ("duty.view",), "moon"),
        Tab("training", _("Training"), ("training.keep",), "book-open"),
        Tab("assessment", _("Assessment"), ("assessment.review",), "scale"),
    )
    shown = {"tabs": tabs_of(actor, tab, tabs), "tab": tab}
    return render(request, f"desk/team/{template}.html", shown | context, status=status)
