"""What each task costs whoever does it, for everybody: the figures of the last measuring, with their aims."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from linli.api.door import ANYONE, ERRORS, api
from linli.metrics import burden


class BurdenFigure(Schema):
    """One figure of a task."""

    name: str = Field(description="taps, facts_twice, first_load_kb … as docs/reference/burden.md explains them.")
    value: float
    aim: float | None = Field(description="At most this; null: there is none.")
    met: bool | None


class BurdenTask(Schema):
    """A task."""

    code: str
    title: str
    role: str
    device: str = Field(description="phone or desk.")
    met: bool = Field(description="Whether every aim is met.")
    figures: list[BurdenFigure]


class BurdenOut(Schema):
    """All tasks."""

    measured_on: date
    version: str
    tasks: list[BurdenTask]


@api.get(
    "/burden",
    auth=ANYONE,
    response={200: BurdenOut, **ERRORS},
    summary="What tasks cost",
    tags=["Figures"],
    operation_id="burden",
)
def burden_of_tasks(request: HttpRequest) -> Any:
    """Taps, fields, facts asked twice, seconds, bytes and requests of each task, as a scripted browser counted them."""
    found = burden.report()
    return {
        "measured_on": found.measured_on,
        "version": found.version,
        "tasks": [
            {
                "code": one.task.code,
                "title": one.task.title,
                "role": str(one.task.role),
                "device": one.task.device,
                "met": one.met,
                "figures": [
                    {"name": figure.name, "value": figure.value, "aim": figure.aim, "met": figure.met}
                    for figure in one.figures.values()
                ],
            }
            for one in found.tasks
        ],
    }
