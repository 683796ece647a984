"""Every read of the room that is worth a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from linli.catalog import queries as catalog
from linli.catalog.snapshot import Entry
from linli.kernel.trust import Actor, policy
from linli.people.snapshot import Snapshot
from linli.suggesting.actions import STAMP
from linli.suggesting.models import Correction, ModelVersion, VersionState
from linli.suggesting.predictor import Predictor, load


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category for a text, its chance from 0 to 1, and the words of the text that spoke for it."""

    entry: Entry
    chance: float
    words: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The chance in whole percent, never none."""
        return max(1, round(self.chance * 100))


def _build() -> tuple[Predictor | None]:
    content = ModelVersion.objects.filter(state=VersionState.CURRENT).values_list("content", flat=True).first()
    return (load(bytes(content)) if content else None,)


# Read at the first question and again when another version was taken: within two seconds, without a restart. In a tuple, so that
# "there is none yet" is kept too.
_model: Snapshot[tuple[Predictor | None]] = Snapshot(STAMP, _build)


def suggest(text: str, *, district: str = "", residents: bool = False) -> list[Suggestion]:
    """At most three categories for what somebody wrote, the likeliest first; none when nothing is likely enough.

    The text is neither kept nor logged. A category that may not be reported here is left out, and the others' chances stay what
    they are.

    Args:
        district: whose version of the catalogue counts; ``""`` for the city's.
        residents: only what a resident may report.
    """
    (model,) = _model.get()
    if model is None or not text.strip():
        return []
    catalogue = catalog.current(district=district)
    found = []
    for one in model.suggest(text):
        entry = catalogue.get(one.code)
        if entry is not None and (entry.resident_reportable or not residents):
            found.append(Suggestion(entry, one.chance, one.words))
    return found


def attempt(actor: Actor, text: str) -> list[Suggestion]:
    """What the model makes of a text, also where it would say nothing: for whoever looks after it."""
    policy.require(actor, "suggestion.view")
    (model,) = _model.get()
    if model is None:
        return []
    catalogue = catalog.current()
    guessed = [(catalogue.get(one.code), one) for one in model.guess(text)]
    return [Suggestion(entry, one.chance, one.words) for entry, one in guessed if entry is not None]


def versions(actor: Actor) -> list[ModelVersion]:
    """Every version, the newest first, without its weights."""
    policy.require(actor, "suggestion.view")
    return list(ModelVersion.objects.defer("content"))


@dataclass(frozen=True, slots=True)
class Learnt:
    """How much was corrected, how much of it may be learnt from, and the commonest corrections: (before, after, times)."""

    corrections: int
    with_words: int
    commonest: list[tuple[str, str, int]]


def learnt(actor: Actor, *, limit: int = 10) -> Learnt:
    """What the desk corrected in the time that corrections are kept; counts only, never a word."""
    policy.require(actor, "suggestion.view")
    rows: Any = (
        Correction.objects.values_list("before", "after")
        .annotate(times=Count("id"))
        .order_by("-times", "before", "after")
    )
    return Learnt(
        corrections=Correction.objects.count(),
        with_words=Correction.objects.exclude(words="").count(),
        commonest=[(before, after, times) for before, after, times in rows[:limit]],
    )
