"""How long a certificate is good: a pure rule (docs/how-to/train-and-assess-members.md)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def expires(issued: date, months: int | None) -> date | None:
    """The first day on which a certificate is good no more: the same day so many months later, or that month's last one.

    Args:
        months: at least 1; ``None`` for a certificate that does not end.
    """
    if months is None:
        return None
    year, month = divmod(issued.month - 1 + months, 12)
    year, month = issued.year + year, month + 1
    return date(year, month, min(issued.day, monthrange(year, month)[1]))
