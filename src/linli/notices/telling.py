"""Whom an event concerns and what they are told: a pure rule, so that it can be read and tried by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from linli.notices.models import Kind


class Side(StrEnum):
    """Who is told."""

    REPORTERS = "reporters"  # whoever reported the case or joined it
    HANDLER = "handler"  # the post that has it in hand, else those who work in the organisation that holds it
    CALLED = "called"  # those who work in the organisations that the event calls
    DECIDERS = "deciders"  # who decides on a return: the subdistrict's officers
    NAMED = "named"  # the posts that the note names


@dataclass(frozen=True, slots=True)
class Told:
    """One side is told one thing."""

    side: Side
    kind: Kind


_ALWAYS: dict[str, tuple[Told, ...]] = {
    "case.register": (Told(Side.REPORTERS, Kind.TAKEN_UP),),
    "case.dispatch": (Told(Side.HANDLER, Kind.ASSIGNED),),
    "case.decide_return": (Told(Side.HANDLER, Kind.ASSIGNED),),
    "case.call": (Told(Side.REPORTERS, Kind.CALLED), Told(Side.CALLED, Kind.CALLED_ON)),
    "case.request_return": (Told(Side.DECIDERS, Kind.RETURNED),),
    "case.late": (Told(Side.REPORTERS, Kind.LATE), Told(Side.HANDLER, Kind.OVERDUE)),
    "case.wait_resident": (Told(Side.REPORTERS, Kind.QUESTION),),
    "case.dispose": (Told(Side.REPORTERS, Kind.DONE),),
    "case.close": (Told(Side.REPORTERS, Kind.CLOSED),),
    "case.reopen": (Told(Side.HANDLER, Kind.REOPENED),),
    "case.comment": (Told(Side.NAMED, Kind.MENTIONED),),
    "case.supervise": (Told(Side.HANDLER, Kind.SUPERVISED),),
    "case.remind": (Told(Side.HANDLER, Kind.REMINDED),),
}
PREFIXES = (*_ALWAYS, "case.report", "case.confirm_rejection", "case.decide_extension", "case.verify", "case.message")
"""The kinds of events that tell somebody something."""


def told(kind: str, data: Mapping[str, Any]) -> tuple[Told, ...]:
    """What an event tells, and to which sides.

    Args:
        kind: of the event: ``case.close``.
        data: of the event.
    """
    match kind:
        case "case.report":
            return (Told(Side.HANDLER, Kind.ASSIGNED),) if data.get("holder") else ()
        case "case.confirm_rejection":
            return (Told(Side.REPORTERS, Kind.NOT_TAKEN_UP),) if data.get("to") == "rejected" else ()
        case "case.decide_extension":
            return (Told(Side.REPORTERS, Kind.EXTENDED),) if data.get("to") == "extended" else ()
        case "case.verify":
            return () if data.get("passed") else (Told(Side.HANDLER, Kind.FAILED),)
        case "case.message":
            mine = data.get("side") == "reporter"
            return (Told(Side.HANDLER, Kind.ANSWERED) if mine else Told(Side.REPORTERS, Kind.MESSAGE),)
        case _:
            return _ALWAYS.get(kind, ())


MOST_URGENT = 1
"""The severity that quiet hours and the daily digest do not hold back."""


def due(local: datetime, *, quiet_from: time, quiet_to: time, severity: int, digest_at: time | None = None) -> datetime:
    """When a message that came up at ``local`` may go out.

    Args:
        local: an aware moment in the place's own time.
        quiet_from, quiet_to: the quiet hours, over midnight when the first is the later one; equal means none.
        severity: of the case; what is most urgent goes at once.
        digest_at: for who wants everything once a day, when.
    """
    if severity <= MOST_URGENT:
        return local
    if digest_at is not None:
        today = local.replace(hour=digest_at.hour, minute=digest_at.minute, second=0, microsecond=0)
        return today if today >= local else today + timedelta(days=1)
    now = local.timetz().replace(tzinfo=None)
    over_midnight = quiet_from > quiet_to
    quiet = now >= quiet_from or now < quiet_to if over_midnight else quiet_from <= now < quiet_to
    if not quiet:
        return local
    until = local.replace(hour=quiet_to.hour, minute=quiet_to.minute, second=0, microsecond=0)
    return until if until > local else until + timedelta(days=1)
