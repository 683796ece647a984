"""What each task costs, for everybody to read: the figures of the last measuring, with their aims."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from linli.metrics import burden
from linli.people.words import role_word
from linli.portal.frame import door

SHOWN = (
    "taps", "taps_after_photo", "fields", "characters", "facts_twice", "pages", "seconds", "first_load_kb", "first_load_requests",
    "interactive_s", "kb", "requests",
)  # fmt: skip


@door
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Task by task: who does it, what it costs, and whether that is as little as it should be."""
    found = burden.report()
    figures = [figure for one in found.tasks for figure in one.figures.values()]
    aims = [figure for figure in figures if figure.aim is not None]
    context: dict[str, Any] = {
        "measured_on": found.measured_on,
        "version": found.version,
        "tasks": [_row(one) for one in found.tasks],
        "aims": len(aims),
        "met": sum(1 for figure in aims if figure.met),
        "twice": sum(int(one.figures["facts_twice"].value) for one in found.tasks),
        "phone": found.devices["phone"],
        "person": burden.rules().person,
    }
    return render(request, "portal/burden.html", context)


def _row(one: burden.Measured) -> dict[str, Any]:
    return {
        "code": one.task.code,
        "title": one.task.title,
        "role": role_word(one.task.role),
        "device": one.task.device,
        "met": one.met,
        "figures": [one.figures[name] for name in SHOWN if name in one.figures],
    }
