"""Sets of indicators as data: a file of ``data/sets`` each, checked when it is read (``docs/how-to/add-an-indicator-set.md``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.indicators import sources
from linli.indicators.scoring import Direction
from linli.kernel.errors import Invalid, NotFound

LONGEST_DAYS = 1_100


@dataclass(frozen=True, slots=True)
class Indicator:
    """One criterion.

    Attributes:
        weight: among the others of its set, above 0.
        target: the value from which it is met, in the unit of its source.
        floor: the value from which points begin; ``None``: met or not.
        source: where the value comes from (:mod:`linli.indicators.sources`).
        own: whether a community can change it itself.
    """

    id: str
    names: Mapping[str, str]
    groups: Mapping[str, str]
    steps: Mapping[str, str]
    weight: float
    target: float
    floor: float | None
    direction: Direction
    source: str
    own: bool

    @property
    def name(self) -> str:
        """What it is called, in the reader's language."""
        return _in(self.names)

    @property
    def group(self) -> str:
        """What it belongs to."""
        return _in(self.groups)

    @property
    def step(self) -> str:
        """What to do when it falls short."""
        return _in(self.steps)


@dataclass(frozen=True, slots=True)
class IndicatorSet:
    """A programme's indicators; ``days`` is the stretch up to today that metrics are read over."""

    id: str
    names: Mapping[str, str]
    sentences: Mapping[str, str]
    days: int
    indicators: tuple[Indicator, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return _in(self.names)

    @property
    def about(self) -> str:
        """What it is for, in one sentence."""
        return _in(self.sentences)


def _in(texts: Mapping[str, str]) -> str:
    return texts["en" if (get_language() or "zh").startswith("en") else "zh"]


def sets() -> Mapping[str, IndicatorSet]:
    """Every set by its id, in the order of their files.

    Raises:
        Invalid: as :func:`read`.
    """
    with resources.as_file(resources.files("linli.indicators").joinpath("data/sets")) as folder:
        return read(folder)


def indicator_set(set_id: str = "") -> IndicatorSet:
    """A set; the first one unless told.

    Raises:
        NotFound: there is none of this id, or none at all.
    """
    every = sets()
    found = every.get(set_id) if set_id else next(iter(every.values()), None)
    if found is None:
        raise NotFound(
            "indicators.no_set",
            _("There is no such set of indicators."),
            field="set",
            mend=_("The list of sets has all of them."),
        )
    return found


@lru_cache(maxsize=4)
def read(folder: Path) -> Mapping[str, IndicatorSet]:
    """The sets of a folder.

    Raises:
        Invalid: a file does not read; ``field`` names the file, the indicator and what is wrong in it.
    """
    found: dict[str, IndicatorSet] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise _wrong(path.name, _("This is not a TOML file in UTF-8.")) from error
        one = _set(data, path.name)
        if one.id in found:
            raise _wrong(f"{path.name}: id", _("Another set has this id."))
        found[one.id] = one
    return found


def _wrong(field: str, mend: Any) -> Invalid:
    return Invalid(
        "indicators.bad_set", _("The set of indicators does not read: %(where)s.") % {"where": field}, field=field, mend=mend
    )  # fmt: skip


def _set(data: Mapping[str, Any], where: str) -> IndicatorSet:
    days = data.get("days")
    if type(days) is not int or not 1 <= days <= LONGEST_DAYS:
        raise _wrong(f"{where}: days", _("Give whole days, 1 to %(most)d.") % {"most": LONGEST_DAYS})
    rows = data.get("indicator")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _wrong(f"{where}: indicator", _("Give at least one [[indicator]]."))
    indicators = tuple(_indicator(row, where) for row in rows)
    known: set[str] = set()
    for one in indicators:
        if one.id in known:
            raise _wrong(f"{where}: {one.id}: id", _("Another indicator of the set has this id."))
        known.add(one.id)
    return IndicatorSet(
        _text(data, "id", where), _texts(data, "", where), _texts(data, "about_", where), days, indicators
    )


def _indicator(row: Mapping[str, Any], where: str) -> Indicator:
    named = _text(row, "id", where)
    where = f"{where}: {named}"
    weight, target = _number(row, "weight", where), _number(row, "target", where)
    floor = _number(row, "floor", where) if "floor" in row else None
    direction = row.get("direction")
    if direction not in list(Direction):
        raise _wrong(f"{where}: direction", _("Say more or less."))
    if weight <= 0:
        raise _wrong(f"{where}: weight", _("Give a number above 0."))
    if floor is not None and not (floor < target if direction == Direction.MORE else floor > target):
        raise _wrong(f"{where}: floor", _("The floor is the worse of the two: below the target where more is better."))
    source = _text(row, "source", where)
    if not sources.known(source):
        raise _wrong(f"{where}: source", _("Name a metric of the catalogue or a register that is kept."))
    if not isinstance(row.get("own"), bool):
        raise _wrong(f"{where}: own", _("Say true or false."))
    return Indicator(
        named, _texts(row, "", where), _texts(row, "group_", where), _texts(row, "step_", where), weight, target, floor,
        Direction(direction), source, row["own"],
    )  # fmt: skip


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not found.strip():
        raise _wrong(f"{where}: {name}", _("Give a text that is not empty."))
    return found.strip()


def _texts(row: Mapping[str, Any], prefix: str, where: str) -> dict[str, str]:
    return {language: _text(row, f"{prefix}{language}", where) for language in ("zh", "en")}


def _number(row: Mapping[str, Any], name: str, where: str) -> float:
    found = row.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < float("inf"):
        raise _wrong(f"{where}: {name}", _("Give a number."))
    return float(found)
