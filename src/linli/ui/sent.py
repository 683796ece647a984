"""What a form sent, read: days, ids, versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid


def day_of(sent: Mapping[str, str], name: str) -> date:
    """A day that was sent.

    Raises:
        Invalid: there is none, or it is no day.
    """
    try:
        return date.fromisoformat(sent.get(name, "").strip())
    except ValueError:
        raise Invalid("field.day", _("Please give a day."), field=name) from None


def day_in(sent: Mapping[str, str], name: str) -> date | None:
    """A day that was sent; none when the field was left empty.

    Raises:
        Invalid: it is no day.
    """
    return day_of(sent, name) if sent.get(name, "").strip() else None


def id_in(text: str) -> UUID | None:
    """An id that a page carries; none when it is no id."""
    try:
        return UUID(text)
    except ValueError:
        return None


def version_of(sent: Mapping[str, str]) -> int:
    """The version that the page showed; 0 for none."""
    text = sent.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
