"""Writes of the room: evidence is handed in, withdrawn, accepted, returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.indicators import proofs
from linli.indicators.models import Evidence, EvidenceFile, State
from linli.indicators.queries import VERB
from linli.indicators.sets import indicator_set
from linli.indicators.sources import EVIDENCE
from linli.kernel import events, ids, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Forbidden, Invalid
from linli.kernel.storage.intake import Original
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.trust.policy import Spot
from linli.territory import queries as territory

SUBMIT, REVIEW = "indicators.submit", "indicators.review"
MOST_FILES = 5
MOST_BACK = timedelta(days=1_100)
MOST_VALID = timedelta(days=1_100)
LEAST_TEXT, MOST_TEXT = 10, 2000


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What is handed in.

    Attributes:
        area_path: the community that it speaks of.
        value: the share that it claims, 0 to 1.
        dated: the day whose state it shows.
    """

    set_id: str
    indicator_id: str
    area_path: str
    text: str
    value: float
    dated: date


def submit(actor: Actor, facts: EvidenceFacts, *, key: UUID, originals: Sequence[Original] = ()) -> Evidence:
    """Hand evidence in for review. Once for the key.

    Args:
        originals: photos or scans that storage has taken in.

    Raises:
        Forbidden, NotFound: the post may not, or there is no such set or community.
        Invalid: a field is wrong, or the indicator takes no evidence.
    """
    policy.require(actor, SUBMIT)
    policy.require(actor, SUBMIT, Spot(facts.area_path), view=VERB)
    area = territory.area_at(facts.area_path)
    text = facts.text.replace("\r\n", "\n").strip()
    _check(facts, area.path, text, len(originals))
    if actor.account_id is None:
        raise Forbidden("indicators.no_account", _("Evidence is handed in by somebody."))
    district, now = district_of(area.path), time.now()
    with transaction.atomic():
        if (before := Evidence.objects.filter(district=district, id=key).first()) is not None:
            return before
        made = Evidence.objects.create(
            id=key, district=district, set_id=facts.set_id, indicator_id=facts.indicator_id, area_path=area.path, text=text,
            value=facts.value, dated=facts.dated, noted_at=now, noted_by=actor.account_id, noted_as=actor.name[:80],
            post_id=actor.post_id,
        )  # fmt: skip
        for original in {one.sha256: one for one in originals}.values():
            EvidenceFile.objects.create(
                id=ids.new_id(), district=district, evidence=made, original_key=original.key, size=original.bytes,
                sha256=bytes.fromhex(original.sha256), at=now, state=FileState.WAITING,
            )  # fmt: skip
        _told(actor, made, "evidence.submitted")
    return made


def withdraw(actor: Actor, evidence_id: UUID) -> Evidence:
    """Take back what one handed in and nobody has reviewed yet. Twice is once.

    Raises:
        NotFound, Forbidden: it is out of reach, or somebody else's.
        Conflict: it was reviewed meanwhile.
    """
    with _changing(actor, evidence_id, SUBMIT) as held:
        if held.noted_by != actor.account_id:
            raise Forbidden("indicators.not_yours", _("Only whoever handed it in can withdraw it."))
        if held.state == State.WITHDRAWN:
            return held
        _pending(held)
        held.state = State.WITHDRAWN
        _kept(actor, held, "evidence.withdrawn")
    return held


def accept(actor: Actor, evidence_id: UUID, *, value: float, valid_until: date) -> Evidence:
    """Accept evidence with the value that the review found; it counts until a day, that day among them.

    Raises:
        NotFound, Forbidden: it is out of reach, or one's own.
        Invalid: the value is no share, or the day lies before today or beyond three years.
        Conflict: it was reviewed or withdrawn meanwhile.
    """
    with _reviewing(actor, evidence_id) as held:
        _share(value)
        if not time.today() <= valid_until <= time.today() + MOST_VALID:
            raise Invalid(
                "indicators.valid_until", _("It holds until a day from today on, three years at most."), field="valid_until"
            )  # fmt: skip
        held.state, held.accepted_value, held.valid_until = State.ACCEPTED, value, valid_until
        _reviewed(actor, held, "evidence.accepted")
    return held


def send_back(actor: Actor, evidence_id: UUID, *, reason: str) -> Evidence:
    """Return evidence with the reason; another can be handed in.

    Raises:
        NotFound, Forbidden: it is out of reach, or one's own.
        Invalid: no reason is given.
        Conflict: it was reviewed or withdrawn meanwhile.
    """
    with _reviewing(actor, evidence_id) as held:
        said = " ".join(reason.split())
        if not said or len(said) > 500:
            raise Invalid(
                "indicators.reason", _("Please say what is missing, in 500 characters at most."), field="reason"
            )
        held.state, held.reason = State.RETURNED, said
        _reviewed(actor, held, "evidence.returned")
    return held


def _check(facts: EvidenceFacts, path: str, text: str, files: int) -> None:
    known = {one.id: one for one in indicator_set(facts.set_id).indicators}
    asked = known.get(facts.indicator_id)
    if not facts.set_id or asked is None or asked.source != EVIDENCE:
        raise Invalid("indicators.no_evidence", _("This indicator takes no evidence."), field="indicator")
    if path.count("/") != proofs.COMMUNITY:
        raise Invalid("indicators.community", _("Evidence speaks of one community."), field="area_path")
    if not LEAST_TEXT <= len(text) <= MOST_TEXT:
        raise Invalid("indicators.text", _("Say in 10 to 2,000 characters what it shows."), field="text")
    _share(facts.value)
    if not time.today() - MOST_BACK <= facts.dated <= time.today():
        raise Invalid("indicators.dated", _("The day lies within the last three years."), field="dated")
    if files > MOST_FILES:
        raise Invalid("indicators.files", _("Five photos are the most of one piece of evidence."), field="photos")


def _share(value: float) -> None:
    if not 0 <= value <= 1:
        raise Invalid("indicators.value", _("Give a percentage from 0 to 100."), field="value")


@contextmanager
def _changing(actor: Actor, evidence_id: UUID, verb: str) -> Iterator[Evidence]:
    found = proofs.one(actor, evidence_id)
    policy.require(actor, verb, Spot(found.area_path), view=VERB)
    with transaction.atomic():
        yield Evidence.objects.select_for_update().get(district=found.district, id=found.id)


@contextmanager
def _reviewing(actor: Actor, evidence_id: UUID) -> Iterator[Evidence]:
    with _changing(actor, evidence_id, REVIEW) as held:
        if actor.account_id is None or held.noted_by == actor.account_id:
            raise Forbidden("indicators.own", _("Somebody else reviews what you handed in."))
        _pending(held)
        yield held


def _pending(held: Evidence) -> None:
    if held.state != State.PENDING:
        raise Conflict(
            "indicators.decided", _("This was reviewed or withdrawn meanwhile."), mend=_("Look at the page again.")
        )


def _reviewed(actor: Actor, held: Evidence, what: str) -> None:
    held.reviewed_at, held.reviewed_by, held.reviewed_as = time.now(), actor.account_id, actor.name[:80]
    _kept(actor, held, what)
    audit.record(actor, what, subject_type="evidence", subject_id=held.id, district=held.district)


def _kept(actor: Actor, held: Evidence, what: str) -> None:
    held.version += 1
    held.save()
    _told(actor, held, what)


def _told(actor: Actor, held: Evidence, what: str) -> None:
    events.append(
        what, subject_type="evidence", subject_id=held.id, sequence=held.version, district=held.district, area_path=held.area_path,
        actor=actor, data={"set": held.set_id, "indicator": held.indicator_id},
    )  # fmt: skip
