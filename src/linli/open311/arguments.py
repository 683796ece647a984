"""Reading a request's arguments: one that is empty counts as not sent, and lists are separated by commas or repeated."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,80})\](?:\[\])?\Z")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What came with a request, from its address and its form; the form goes first."""

    address: QueryDict
    form: QueryDict

    @classmethod
    def of(cls, request: HttpRequest) -> Arguments:
        """The arguments of a request."""
        return cls(request.GET, request.POST)

    def __getitem__(self, name: str) -> str:
        """An argument in words; ``""`` when it was not sent or is empty."""
        return clean(self.form.get(name) or self.address.get(name) or "")

    def all(self, name: str) -> list[str]:
        """Every value of an argument that may come more than once, also as ``name[]``."""
        found = [
            value
            for source in (self.form, self.address)
            for key in (name, f"{name}[]")
            for value in source.getlist(key)
        ]
        return [text for text in dict.fromkeys(map(clean, found)) if text]

    def listed(self, name: str) -> list[str]:
        """The members of a list."""
        parts = [part.strip() for text in self.all(name) for part in text.split(",")]
        return [part for part in dict.fromkeys(parts) if part]

    def attributes(self) -> dict[str, str]:
        """``attribute[code]=value`` by code; several values of one code are joined."""
        found: dict[str, list[str]] = {}
        for key in self.form:
            if named := _ATTRIBUTE.match(key):
                values = [text for text in map(clean, self.form.getlist(key)) if text]
                found.setdefault(clean(named[1]), []).extend(values)
        return {code: ", ".join(values) for code, values in found.items() if code and values}

    def is_set(self, name: str) -> bool:
        """Whether a flag is set."""
        return self[name].lower() in ("true", "1", "yes")

    def number(self, name: str, *, least: float, most: float) -> float | None:
        """A number within bounds; ``None`` when it was not sent.

        Raises:
            Invalid: it is none, or out of bounds.
        """
        text = self[name]
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise Invalid(
                "open311.number",
                _("%(field)s is not a number from %(least)s to %(most)s.")
                % {"field": name, "least": f"{least:g}", "most": f"{most:g}"},
                field=name,
            )
        return value

    def count(self, name: str, *, most: int) -> int | None:
        """A whole number from 1 on; ``None`` when it was not sent.

        Raises:
            Invalid: it is none, or more than ``most``.
        """
        value = self.number(name, least=1, most=most)
        if value is not None and value != int(value):
            raise Invalid("open311.number", _("%(field)s is not a whole number.") % {"field": name}, field=name)
        return None if value is None else int(value)


def clean(text: str) -> str:
    """A text without the control characters that no record and no XML takes."""
    return _CONTROL.sub("", text).strip()
