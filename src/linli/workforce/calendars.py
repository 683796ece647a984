"""Duty as a calendar file (RFC 5545), for the calendar app of one's phone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from linli.kernel import time
from linli.territory import queries as territory
from linli.workforce.models import Shift, ShiftKind

LINE = 74
"""Octets of a line without its end (RFC 5545 §3.1 allows 75)."""


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line broken before the 75th octet, never within a character."""
    parts, current, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LINE:
            parts.append(current)
            current, size = " ", 1
        current += sign
        size += octets
    return "\r\n".join([*parts, current])


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def of(shifts: Iterable[Shift]) -> str:
    """The shifts as one calendar, in the language of the reader; nothing of anybody else in it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Linli//Duty//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(_('My duty'))}",
    ]
    for shift in shifts:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{shift.id}@linli",
            f"DTSTAMP:{_stamp(time.now())}",
            f"SEQUENCE:{shift.version}",
            f"DTSTART:{_stamp(shift.starts_at)}",
            f"DTEND:{_stamp(shift.ends_at)}",
            f"SUMMARY:{_escaped(_('On duty: %(kind)s') % {'kind': ShiftKind(shift.kind).label})}",
            f"LOCATION:{_escaped(territory.place_name(shift.area_path))}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "\r\n".join(_folded(line) for line in lines) + "\r\n"
