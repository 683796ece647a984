"""Where values come from.

``metric:<id>`` is a rate of the catalogue of metrics; ``organisations:<type>``, ``roster`` and ``compounds:<what>`` are registers;
``life_circle:<kind>`` is who reaches a kind of place within fifteen minutes on foot; ``evidence`` is what the community hands in and
somebody else has reviewed (:mod:`linli.indicators.proofs`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from linli.compounds import queries as compounds
from linli.compounds.models import Colour, CommitteeState
from linli.kernel import time
from linli.kernel.trust import Actor
from linli.lifecircle import queries as life_circle
from linli.lifecircle.kinds import kinds
from linli.metrics import catalogue
from linli.metrics import queries as metrics
from linli.metrics.catalogue import Kind, Period
from linli.organisations import coverage, standing
from linli.workforce import roster

EVIDENCE = "evidence"


class Unknown(StrEnum):
    """Why a value is not known."""

    NOTHING = "nothing"
    FEW = "few"
    NOT_EXPECTED = "not_expected"
    NOT_RECKONED = "not_reckoned"
    NO_PROOF = "no_evidence"
    WAITING = "evidence_waits"
    EXPIRED = "evidence_expired"
    FEW_PROOFS = "evidence_of_few"


@dataclass(frozen=True, slots=True)
class Value:
    """A share of an area: so many of so many.

    Attributes:
        value: 0 to 1; ``None`` where it is not known.
        numerator: ``None`` where the group is hidden.
        why: why it is not known; empty where it is.
        as_of: the moment that it was counted at.
    """

    value: float | None
    numerator: int | None
    denominator: int
    why: str
    as_of: datetime


def known(source: str) -> bool:
    """Whether there is such a source."""
    kind, _colon, name = source.partition(":")
    if kind == "metric":
        found = catalogue.metrics().get(name)
        return found is not None and found.kind == Kind.RATE
    if kind == "organisations":
        # Types are an administrator's to add, so which there are is only known of a running city: an unknown one has no value.
        return bool(name)
    if kind == "life_circle":
        return name in kinds()
    return source in ("roster", EVIDENCE) or (kind == "compounds" and name in _COMPOUNDS)


def values(actor: Actor, area_path: str, sources: Collection[str], *, days: int) -> dict[str, Value]:
    """Values of an area by their source, all but evidence, which is an indicator's own.

    Args:
        days: the stretch up to today that metrics are read over.

    Raises:
        Forbidden: the actor's post sees none of a source.
        Invalid: the area lies below the community.
    """
    found: dict[str, Value] = {}
    ids = [one.removeprefix("metric:") for one in sources if one.startswith("metric:")]
    for name, value in metrics.values(actor, area_path, Period.of_days(days), ids).items():
        why = Unknown.FEW if value.hidden else Unknown.NOTHING if value.value is None else ""
        found[f"metric:{name}"] = Value(
            None if value.value is None else float(value.value), value.numerator, value.denominator, why, value.as_of
        )
    now = time.now()
    if "roster" in sources:
        held = roster.coverage(actor, area_path)
        found["roster"] = _share(held.whole.held, held.whole.grids, held.counted_at or now)
    types = standing.types()
    for one in sources:
        kind, _colon, name = one.partition(":")
        if kind == "organisations":
            figure = coverage.coverage(actor, name, area_path).whole if name in types else coverage.Figure()
            found[one] = _share(figure.covered, figure.should, now, none=Unknown.NOT_EXPECTED)
        elif kind == "life_circle":
            reached = life_circle.coverage(area_path, name)
            found[one] = _share(*reached) if reached else _share(0, 0, now, none=Unknown.NOT_RECKONED)
    wanted = [one for one in sources if one.startswith("compounds:")]
    if wanted:
        counts = compounds.counted(actor, area=area_path)
        for one in wanted:
            found[one] = _share(_COMPOUNDS[one.removeprefix("compounds:")](counts), counts.total, now)
    return found


def _share(part: int, whole: int, at: datetime, *, none: Unknown = Unknown.NOTHING) -> Value:
    return Value(part / whole, part, whole, "", at) if whole else Value(None, None, 0, none, at)


_COMPOUNDS: Mapping[str, Callable[[compounds.Counts], int]] = {
    "not_red": lambda counts: counts.total - counts.colours.get(Colour.RED, 0),
    "green": lambda counts: counts.colours.get(Colour.GREEN, 0),
    "committee": lambda counts: counts.committees.get(CommitteeState.ELECTED, 0),
}
