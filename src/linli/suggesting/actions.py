"""Every write of the room: asking for a training, carrying it out, forgetting corrections."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.catalog import queries as catalog
from linli.kernel import ids, time
from linli.kernel.errors import Conflict
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.people.snapshot import changed
from linli.suggesting import learning, rules
from linli.suggesting.learning import Figures, Words
from linli.suggesting.models import KEPT, Because, Correction, ModelVersion, VersionState
from linli.suggesting.predictor import Predictor, load
from linli.suggesting.rules import Text

STAMP = "suggesting"
ENOUGH = 20
"""So many new corrections are worth a training."""
AT_MOST_EVERY = timedelta(days=1)
SLACK = 0.002
"""By how much a share may be lower and still count as not worse: five of 2,511 texts."""
CONTENTS_KEPT = 3
"""So many versions keep their weights; of older ones the figures stay."""
PURGE_BATCH = 1_000

Learn = Callable[[Sequence[Text], Sequence[Words]], tuple[Predictor, Figures]]


def ask_for_training(actor: Actor, *, because: Because = Because.BY_HAND) -> ModelVersion:
    """Ask the worker to train a new version.

    Raises:
        Conflict: one waits already.
    """
    policy.require(actor, "suggestion.train")
    try:
        with transaction.atomic():
            last = ModelVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0
            version = ModelVersion.objects.create(
                id=ids.new_id(), number=last + 1, because=because, asked_by=actor.account_id, asked_at=time.now()
            )
            if actor is not SYSTEM:
                audit.record(
                    actor, "suggestion.train", subject_type="model_version", subject_id=version.id, detail={"number": last + 1}
                )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(
            "suggestion.waiting",
            _("A training is waiting already."),
            mend=_("It is done within a minute; look again then."),
        ) from error
    return version


def ask_when_due() -> ModelVersion | None:
    """Ask for a training where there is none yet, where enough was corrected, or where the catalogue's words changed."""
    if ModelVersion.objects.filter(state=VersionState.ASKED).exists():
        return None
    last = ModelVersion.objects.exclude(trained_at=None).order_by("-number").defer("content", "figures").first()
    if last is None:
        reason = Because.FIRST if len(catalog.current()) else None
    elif last.trained_at is not None and time.now() - last.trained_at < AT_MOST_EVERY:
        reason = None
    elif Correction.objects.filter(at__gt=last.trained_at).exclude(words="").count() >= ENOUGH:
        reason = Because.CORRECTIONS
    else:
        reason = Because.CATALOGUE if last.catalogue != _digest(_catalogue_words()) else None
    if reason is None:
        return None
    try:
        return ask_for_training(SYSTEM, because=reason)
    except Conflict:
        return None


def train(*, learn: Learn = learning.learn) -> ModelVersion | None:
    """Carry out the training that is asked for.

    It is learnt outside of any transaction, for one that stays open would hold back every reader of events. Where two workers do
    it at once, the first to end is taken, and the other finds nothing left to do. The new version is taken when neither of its
    shares is worse by more than :data:`SLACK` than that of the version in use, on the same texts; else it is listed as refused.

    Args:
        learn: trains and measures; the worker has it done in a process of its own.

    Returns:
        The version, or ``None`` when nothing waits.
    """
    asked = ModelVersion.objects.filter(state=VersionState.ASKED).values_list("id", flat=True).first()
    known = frozenset(entry.code for entry in catalog.current().all())
    texts = [one for one in rules.texts() if one.code in known]
    if asked is None or not texts:
        return None
    words, corrections = _catalogue_words(), _corrections(known)
    before = ModelVersion.objects.filter(state=VersionState.CURRENT).first()
    fresh = _fresh(before)
    began = time.monotonic()
    model, figures = learn(texts, [*words, *corrections])
    seconds = round(time.monotonic() - began, 2)
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().filter(id=asked, state=VersionState.ASKED).first()
        if version is None:
            return None
        current = ModelVersion.objects.select_for_update().filter(state=VersionState.CURRENT).first()
        version.trained_at, version.seconds = time.now(), seconds
        version.texts, version.corrections = len(texts), len(corrections)
        version.top1, version.top3, version.threshold = figures.top1, figures.top3, model.threshold
        version.figures, version.content, version.fresh = asdict(figures), model.dump(), fresh
        version.measured_on, version.catalogue = _digest(texts), _digest(words)
        version.learnt_from = _digest([*texts, *words, *corrections])
        if current is not None and not _not_worse(version, current):
            version.state = VersionState.REFUSED
        else:
            if current is not None:
                current.state = VersionState.BEFORE
                current.save(update_fields=["state"])
            version.state = VersionState.CURRENT
        version.save()
        old = ModelVersion.objects.exclude(state=VersionState.CURRENT).order_by("-number")[CONTENTS_KEPT - 1 :]
        ModelVersion.objects.filter(id__in=list(old.values_list("id", flat=True))).update(content=b"")
        changed(STAMP)
    return version


def _not_worse(new: ModelVersion, current: ModelVersion) -> bool:
    # Shares on other texts cannot be compared: whoever changed the texts meant to.
    if new.measured_on != current.measured_on:
        return True
    return new.top1 >= current.top1 - SLACK and new.top3 >= current.top3 - SLACK


def _catalogue_words() -> list[Words]:
    return [
        Words(entry.code, word)
        for entry in sorted(catalog.current().all(), key=lambda entry: entry.code)
        for word in (entry.name_zh, entry.name_en, *entry.keywords_zh, *entry.keywords_en)
    ]


def _corrections(known: frozenset[str]) -> list[Words]:
    rows = Correction.objects.exclude(words="").filter(after__in=known).order_by("id").values_list("after", "words")
    return [Words(code, words) for code, words in rows]


def _fresh(current: ModelVersion | None) -> dict[str, float]:
    """How the version in use fares on what was corrected since it was trained: texts that it cannot have seen."""
    if current is None or not current.content:
        return {}
    rows = Correction.objects.exclude(words="").filter(at__gt=current.trained_at).values_list("after", "words")
    model = load(bytes(current.content))
    said = [(code, [one.code for one in model.guess(words)]) for code, words in rows]
    if not said:
        return {}
    return {
        "texts": len(said),
        "top1": round(sum(code == codes[0] for code, codes in said if codes) / len(said), 4),
        "top3": round(sum(code in codes for code, codes in said) / len(said), 4),
    }


def _digest(rows: Iterable[Text | Words]) -> str:
    told = [list(row) if isinstance(row, tuple) else [row.code, row.words] for row in rows]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def forget_corrections() -> int:
    """Delete corrections that are older than :data:`~linli.suggesting.models.KEPT`; returns how many."""
    old = Correction.objects.filter(at__lt=time.now() - KEPT).order_by("at").values_list("id", flat=True)[:PURGE_BATCH]
    return Correction.objects.filter(id__in=list(old)).delete()[0]
