"""Dates and times as the W3C note on ISO 8601 has them: always with their zone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.errors import Invalid

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LOST_PLUS = re.compile(r" (\d{2}:\d{2})\Z")
"""A ``+`` that a client did not escape arrives as a blank."""


def written(moment: datetime | None) -> str | None:
    """A moment in the city's own time with its offset: ``2026-11-18T10:00:00+08:00``."""
    return moment.astimezone(time.LOCAL_ZONE).isoformat(timespec="seconds") if moment else None


def read(text: str, *, field: str, ends: bool = False) -> datetime | None:
    """The moment that an argument names; ``None`` for an empty one.

    Args:
        text: a moment with its zone, or a day, which is the city's.
        ends: whether a day means its end.

    Raises:
        Invalid: it is none, or has no zone.
    """
    text = _LOST_PLUS.sub(r"+\1", text.strip())
    if not text:
        return None
    try:
        if _DAY.match(text):
            day = date.fromisoformat(text) + timedelta(days=1 if ends else 0)
            return datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment.astimezone(time.LOCAL_ZONE)
    except (ValueError, OverflowError):
        raise Invalid(
            "open311.moment",
            _("%(field)s is not a date and time with its zone.") % {"field": field},
            field=field,
            mend=_("Write it like 2026-11-18T10:00:00+08:00 or 2026-11-18T02:00:00Z."),
        ) from None
