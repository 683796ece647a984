"""What the pages of the team share: roster, leave, hand-over and duty stand beside each other as tabs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.desk.frame import actor_of, address
from linli.kernel.trust import policy
from linli.workforce import queries

TABS = (
    ("roster", "roster.view", "users-round"),
    ("leaves", "leave.view", "calendar"),
    ("handovers", "handover.view", "repeat"),
    ("duty", "duty.view", "moon"),
    ("training", "training.keep", "book-open"),
    ("assessment", "assessment.review", "scale"),
)


def page(request: HttpRequest, template: str, tab: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the team, with the tabs that the post may open."""
    actor = actor_of(request)
    labels = {
        "roster": _("Roster"), "leaves": _("Leave"), "handovers": _("Hand-over"), "duty": _("Duty"),
        "training": _("Training"), "assessment": _("Assessment"),
    }  # fmt: skip
    waiting = queries.waiting_leaves(actor)
    tabs = [
        {
            "label": labels[name],
            "href": address(name),
            "current": name == tab,
            "icon": icon,
            "count": waiting if name == "leaves" and waiting else None,
        }
        for name, verb, icon in TABS
        if policy.reach(actor, verb)
    ]
    return render(request, f"desk/team/{template}.html", {"tabs": tabs, "tab": tab, **context}, status=status)
