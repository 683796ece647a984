"""How a text moves: lock, right, version, state, change, decision, event; one transaction.

Every action is written on :func:`changing`; what the block leaves on ``change`` becomes the text's new state, one decision and one event.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.cases import loop
from linli.catalog.models import Sensitivity
from linli.kernel import crypto, events, ids, time
from linli.kernel.errors import Conflict, NotFound, Stale
from linli.kernel.trust import Actor, Role, audit, policy
from linli.moderation.models import Decision, DecisionKind, Reason, Text, TextState

SUBJECT = "words"
MODERATE, OWN = "case.moderate", "case.own_words"
SEALED_PROPOSAL, SEALED_WORDS = "moderation_text.proposed", "moderation_decision.words"


@dataclass(frozen=True, slots=True)
class Ref:
    """Names a text: by its district and id, so that one shard answers."""

    district: str
    id: UUID


def ref_of(text: Text) -> Ref:
    """Names a text that is at hand."""
    return Ref(text.district, text.id)


@dataclass(slots=True)
class Change:
    """One step of a text in the making."""

    actor: Actor
    text: Text
    kind: DecisionKind
    now: datetime
    words: str = ""
    """What the decision keeps, sealed: the wording, the objection or the answer to it."""

    def to(self, state: TextState, *, wording: str = "", reason: Reason | str = "") -> None:
        """Move the text to ``state``; a wording is kept only while it is public, a reason only while it is withheld."""
        self.text.state, self.text.wording, self.text.reason = state, wording, str(reason)

    def decided(self) -> None:
        """Note who decided."""
        self.text.decided_by, self.text.decided_at = self.actor.account_id, self.now


def missing() -> NotFound:
    """The answer about a text that does not exist or may not be seen: the same for both."""
    return NotFound("words.not_found", _("There are no such words, or none that you can see."))


def may_moderate(actor: Actor, text: Text) -> bool:
    """Whether the actor looks through texts of this place; nobody does where the matter touches a household or a person."""
    return (
        text.case.sensitivity == Sensitivity.NORMAL
        and loop.may_view(actor, text.case)
        and policy.allows(actor, MODERATE, text.case)
    )


def is_author(actor: Actor, text: Text) -> bool:
    """Whether the actor wrote it: their account, or the participant whose code was shown."""
    return actor.role == Role.RESIDENT and policy.allows(actor, OWN, text)


def load(ref: Ref) -> Text:
    """The text that ``ref`` names with its case, locked for the transaction.

    Raises:
        NotFound: there is none.
    """
    found = Text.objects.select_for_update(of=("self",)).filter(district=ref.district, id=ref.id)
    text = found.select_related("case").first()
    if text is None:
        raise missing()
    return text


@contextmanager
def changing(
    actor: Actor, ref: Ref, kind: DecisionKind, *, by_author: bool, version: int | None = None
) -> Iterator[Change]:
    """Open one step of a text.

    Args:
        by_author: whether it is the author's step or a moderator's.
        version: the version that the actor saw; ``None`` only for steps of the author.

    Raises:
        NotFound: the actor may not see the text, or not do this with it.
        Stale: somebody else was quicker; ``extra`` holds its state and version.
    """
    with transaction.atomic():
        text = load(ref)
        if not (is_author(actor, text) if by_author else may_moderate(actor, text)):
            raise missing()
        check_version(text, version)
        change = Change(actor, text, kind, time.now())
        yield change
        finish(change)


def check_version(text: Text, version: int | None) -> None:
    """Refuse what was decided on an older version.

    Raises:
        Stale: with the current state and version.
    """
    if version is not None and version != text.version:
        raise Stale(
            "words.stale",
            _("Somebody else has decided on these words in the meantime."),
            mend=_("Look at what is new, then do it again if it still holds."),
            extra={"state": text.state, "version": text.version},
        )


def check_state(text: Text, *states: TextState) -> None:
    """Refuse what leads nowhere from where the text stands.

    Raises:
        Conflict: with the state.
    """
    if text.state not in states:
        raise Conflict(
            "words.state",
            _("This cannot be done with these words as they stand."),
            extra={"state": text.state, "version": text.version},
        )


def finish(change: Change) -> None:
    """Write what a change left: the text, its decision, its event, an audit row for what a post did."""
    text, actor = change.text, change.actor
    text.version += 1
    text.save()
    decision_of(change).save(force_insert=True)
    events.append(
        f"{SUBJECT}.{change.kind}",
        subject_type=SUBJECT,
        subject_id=text.id,
        sequence=text.version,
        district=text.district,
        area_path=text.area_path,
        actor=actor,
        data={"case": text.case.number, "source": text.source, "state": text.state, "reason": text.reason},
    )
    if actor.post_id is not None:
        audit.record(
            actor, f"{SUBJECT}.{change.kind}", subject_type="case", subject_id=text.case_id, district=text.district,
            detail={"source": text.source, "state": text.state, "reason": text.reason},
        )  # fmt: skip


def decision_of(change: Change) -> Decision:
    """The entry of the text's log that a change makes, not written yet."""
    row_id = ids.new_id()
    return Decision(
        id=row_id, district=change.text.district, text=change.text, sequence=change.text.version, kind=change.kind, at=change.now,
        account_id=change.actor.account_id, post_id=change.actor.post_id, actor_role=change.actor.role,
        to_state=change.text.state, reason=change.text.reason,
        words_sealed=crypto.seal(SEALED_WORDS, row_id, change.words) if change.words else b"",
    )  # fmt: skip


def proposal_of(text: Text) -> str:
    """What the first pass made of a text."""
    return crypto.open_(SEALED_PROPOSAL, text.id, bytes(text.proposed_sealed))


def words_of(decision: Decision) -> str:
    """What a decision kept; ``""`` when it kept nothing."""
    if not decision.words_sealed:
        return ""
    return crypto.open_(SEALED_WORDS, decision.id, bytes(decision.words_sealed))
