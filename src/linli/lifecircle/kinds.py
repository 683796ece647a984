"""Kinds of places as data (``data/kinds.csv``): add one by a row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place: its id and its names."""

    id: str
    zh: str
    en: str

    @property
    def name(self) -> str:
        """What it is called, in the reader's language."""
        return self.en if (get_language() or "zh").startswith("en") else self.zh


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Every kind by its id, in the order of the file.

    Raises:
        ValueError: a kind stands in the file twice.
    """
    text = resources.files("linli.lifecircle").joinpath("data/kinds.csv").read_text("utf-8")
    rows = [Kind(row["kind"], row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())]
    found = {one.id: one for one in rows}
    if len(found) != len(rows):
        raise ValueError("kinds.csv names a kind twice")
    return found


def name_of(kind: str) -> str:
    """What a kind is called; its id when the file has it no more."""
    found = kinds().get(kind)
    return found.name if found else kind


def kind_named(text: str) -> str:
    """The id of a kind that is given by its id or by its name in either language.

    Raises:
        Invalid: there is none.
    """
    plain = "".join(text.split()).lower()
    for one in kinds().values():
        if plain in {one.id, one.zh, "".join(one.en.split()).lower()}:
            return one.id
    raise Invalid(
        "lifecircle.kind",
        _("There is no such kind of place."),
        field="kind",
        mend=_("One of: %(words)s") % {"words": ", ".join(one.name for one in kinds().values())},
    )
