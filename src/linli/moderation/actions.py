"""Every write of the room: what a moderator decides, what an author may say to it, what a district sets.

Those of a moderator take the ``version`` that was seen; all return the text as it stands afterwards. They raise what
:func:`linli.moderation.texts.changing` raises, ``Conflict`` where the text's state does not allow it, and ``Invalid`` for an input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.cases.loop import reason_of
from linli.kernel import ids, time
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import Conflict, Invalid, LinliError
from linli.kernel.trust import Actor, audit, policy
from linli.moderation import texts
from linli.moderation.models import (
    DecisionKind,
    Mode,
    Objection,
    Reason,
    Setting,
    Source,
    Text,
    TextState,
)
from linli.moderation.texts import Change, Ref, changing, check_state
from linli.territory import queries as territory

MOST_WORDS = 6_000
MOST_AT_ONCE = 200
CONFIGURE = "moderation.configure"
BY_RULE = UUID(int=0)
"""Stands for who decided where no person did."""


def publish(actor: Actor, ref: Ref, *, version: int, wording: str | None = None) -> Text:
    """Make a text public.

    Args:
        wording: as the moderator has put it; ``None`` for the proposal.
    """
    with changing(actor, ref, DecisionKind.PUBLISH, by_author=False, version=version) as change:
        check_state(change.text, TextState.WAITING, TextState.WITHHELD, TextState.PUBLISHED)
        _not_settled(change)
        _publish(change, wording)
        change.decided()
    return change.text


def _publish(change: Change, wording: str | None) -> None:
    shown = texts.proposal_of(change.text) if wording is None else wording.replace("\r\n", "\n").strip()
    if not shown:
        raise Invalid("field.needed", _("There is nothing to show."), field="wording", mend=_("Withhold it instead."))
    if len(shown) > MOST_WORDS:
        raise Invalid("field.too_long", _("This is too long."), field="wording")
    change.words = shown
    change.to(TextState.PUBLISHED, wording=shown)


def withhold(actor: Actor, ref: Ref, *, version: int, reason: str) -> Text:
    """Keep a text out of the public, for a reason of the fixed list that its author is told.

    Raises:
        Invalid: the reason is none that a moderator may give.
    """
    with changing(actor, ref, DecisionKind.WITHHOLD, by_author=False, version=version) as change:
        check_state(change.text, TextState.WAITING, TextState.PUBLISHED, TextState.WITHHELD)
        _not_settled(change)
        change.to(TextState.WITHHELD, reason=_given(reason))
        change.decided()
    return change.text


def reasons() -> list[Reason]:
    """The reasons that a moderator may give; an objection is not theirs to name."""
    return [one for one in Reason if one != Reason.OBJECTION]


def _given(reason: str) -> Reason:
    if reason not in reasons():
        raise Invalid("words.reason", _("Please choose a reason from the list."), field="reason")
    return Reason(reason)


def _not_settled(change: Change) -> None:
    """Refuse to overrule by the back door what was decided on an objection, or to decide before it is."""
    if change.text.objection != Objection.NONE:
        raise Conflict(
            "words.objection",
            _("Its author objected: what holds is what another person decides on that."),
            mend=_("You find it under “Objections”."),
        )


def take_back(actor: Actor, ref: Ref, *, version: int) -> Text:
    """Take a decision back: the text waits again, and what was public is not any more."""
    with changing(actor, ref, DecisionKind.TAKE_BACK, by_author=False, version=version) as change:
        check_state(change.text, TextState.PUBLISHED, TextState.WITHHELD)
        _not_settled(change)
        change.to(TextState.WAITING)
        change.text.decided_by = change.text.decided_at = None
    return change.text


@dataclass(frozen=True, slots=True)
class Chosen:
    """One text of many, as its user saw it."""

    ref: Ref
    version: int


@dataclass(frozen=True, slots=True)
class Many:
    """What became of many texts: those that are done as they stand now, and how many were refused."""

    done: list[Text]
    refused: int


def publish_many(actor: Actor, chosen: Iterable[Chosen]) -> Many:
    """Make texts public as they were proposed, each by itself: one that somebody else decided on meanwhile stays as it is.

    Raises:
        Invalid: none is chosen, or more than may be at once.
    """
    return _many(chosen, lambda one: publish(actor, one.ref, version=one.version))


def take_back_many(actor: Actor, chosen: Iterable[Chosen]) -> Many:
    """Take back what was decided at once; what has gone on since stays."""
    return _many(chosen, lambda one: take_back(actor, one.ref, version=one.version))


def _many(chosen: Iterable[Chosen], do: Callable[[Chosen], Text]) -> Many:
    wanted = list(chosen)
    if not wanted:
        raise Invalid("words.nothing", _("Tick at least one text."), mend=_("The box stands before each row."))
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid("words.too_many", _("Two hundred are the most at once."))
    done, refused = [], 0
    for one in wanted:
        try:
            done.append(do(one))
        except LinliError:
            refused += 1
    return Many(done, refused)


def keep_private(actor: Actor, ref: Ref) -> Text:
    """The author does not want these words public: at any time, without a reason; keeping it twice is keeping it once."""
    with transaction.atomic():
        text = texts.load(ref)
        if texts.is_author(actor, text) and text.state == TextState.PRIVATE:
            return text
        with changing(actor, ref, DecisionKind.KEEP_PRIVATE, by_author=True) as change:
            change.to(TextState.PRIVATE)
            if change.text.objection == Objection.OPEN:
                change.text.objection = Objection.NONE
    return change.text


def allow(actor: Actor, ref: Ref) -> Text:
    """The author lets words that were kept private be looked through again."""
    with changing(actor, ref, DecisionKind.ALLOW, by_author=True) as change:
        check_state(change.text, TextState.PRIVATE)
        change.to(TextState.WAITING)
        change.text.decided_by = change.text.decided_at = None
        change.text.objection = Objection.NONE
    return change.text


def object_to(actor: Actor, ref: Ref, *, words: str) -> Text:
    """The author objects, once, to what was decided on these words; until another person decides, it stays as it is.

    Raises:
        Conflict: there is nothing to object to, or it was done before.
    """
    said = reason_of(words, name="words", least=4)
    with changing(actor, ref, DecisionKind.OBJECT, by_author=True) as change:
        check_state(change.text, TextState.PUBLISHED, TextState.WITHHELD)
        if change.text.objection_against is not None or change.text.objection != Objection.NONE:
            raise Conflict("words.objected", _("You have objected to this once already."))
        change.text.objection, change.text.objection_against = Objection.OPEN, change.text.decided_by or BY_RULE
        change.words = said
    return change.text


def decide(actor: Actor, ref: Ref, *, version: int, agree: bool, words: str, wording: str | None = None) -> Text:
    """Decide on an author's objection; never whoever decided on the words.

    Agreed, public words are taken out of the public, and withheld ones are made public; otherwise all stays as it is.

    Args:
        words: why, for the author.
        wording: what becomes public where withheld words do; ``None`` for the proposal.

    Raises:
        Conflict: nobody objected, or it was the actor's own decision.
    """
    said = reason_of(words, name="words")
    with changing(actor, ref, DecisionKind.DECIDE, by_author=False, version=version) as change:
        text = change.text
        if text.objection != Objection.OPEN:
            raise Conflict("words.no_objection", _("Nobody objected, or it has been decided."))
        if actor.account_id is None or actor.account_id == text.objection_against:
            raise Conflict(
                "words.second_person",
                _("Somebody else has to decide this."),
                mend=_("Ask a colleague: it takes two people."),
            )
        if agree and text.state == TextState.PUBLISHED:
            change.to(TextState.WITHHELD, reason=Reason.OBJECTION)
        elif agree:
            _publish(change, wording)
        change.words = said
        text.objection = Objection.UPHELD if agree else Objection.REFUSED
        text.objection_by, text.decided_at = actor.account_id, change.now
    return change.text


def configure(actor: Actor, *, district: str, mode: str, sources: Iterable[str]) -> Setting:
    """Set which texts of a district can become public, and how; what is public already follows at once where the mode is ``off``.

    Raises:
        Forbidden: the post may not.
        Invalid: the district, the mode or a source is none.
    """
    policy.require(actor, CONFIGURE)
    if len(district) != DISTRICT_LENGTH or not territory.place_name(district):
        raise Invalid("words.district", _("There is no such district."), field="district")
    chosen = list(dict.fromkeys(sources))
    if mode not in set(Mode) or not set(chosen) <= set(Source):
        raise Invalid("words.setting", _("Please choose from the list."), field="mode")
    with transaction.atomic():
        found, _made = Setting.objects.update_or_create(
            district=district,
            defaults={"mode": mode, "sources": chosen, "changed_by": actor.account_id, "changed_at": time.now()},
            create_defaults={
                "id": ids.new_id(), "mode": mode, "sources": chosen, "changed_by": actor.account_id, "changed_at": time.now(),
            },
        )  # fmt: skip
        audit.record(
            actor, CONFIGURE, subject_type="district", subject_id=district, district=district,
            detail={"mode": mode, "sources": chosen},
        )  # fmt: skip
    return found
