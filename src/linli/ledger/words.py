"""Checks of what people type, alike for every action of the room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Invalid

MOST = 500


def said(text: str, *, field: str = "words", least: int = 2, most: int = MOST) -> str:
    """Somebody's words, trimmed.

    Raises:
        Invalid: too short or too long.
    """
    found = " ".join(text.split())
    if len(found) < least:
        raise Invalid("field.needed", _("This needs words."), field=field, mend=_("Say it in a sentence."))
    if len(found) > most:
        raise Invalid(
            "field.too_long",
            _("This is too long."),
            field=field,
            mend=_("Use at most %(most)d characters.") % {"most": most},
        )
    return found


def number(value: int | str, *, field: str, least: int = 1, most: int = 100_000) -> int:
    """A whole number within its bounds.

    Raises:
        Invalid: it is none, or out of bounds.
    """
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise Invalid(
            "field.number",
            _("This is not a number that fits."),
            field=field,
            mend=_("Write a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
        )
    return int(text)
