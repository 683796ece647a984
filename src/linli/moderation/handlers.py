"""What residents wrote becomes a text with its proposal, when the loop's events say so; a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from linli.cases.models import Case, Channel, LogEntry, Participant, ParticipantKind, Statement
from linli.catalog.models import Sensitivity
from linli.kernel import crypto, events, ids, time
from linli.kernel.events import Happened
from linli.kernel.trust import SYSTEM, Role, context
from linli.moderation import masking, texts
from linli.moderation.models import Decision, DecisionKind, Mode, Reason, Source, Text, TextState
from linli.moderation.queries import Rule, rule_of
from linli.moderation.texts import SEALED_PROPOSAL, Change

NAME = "moderation.words"
KINDS = tuple(f"case.{one}" for one in Source)
RESIDENTS = (Role.RESIDENT, Role.ANONYMOUS)


@events.consumer(NAME, *KINDS, "case.reclassify", "case.relocate")
def on_words(batch: Sequence[Happened]) -> None:
    """Take in what was written; follow a case that moved; take out what must not be public any more."""
    district = batch[0].district
    wanted = Q(pk__in=[])
    for event in batch:
        if event.kind in KINDS:
            wanted |= Q(case_id=event.subject_id, sequence=event.sequence)
        elif event.kind == "case.relocate":
            Text.objects.filter(district=district, case_id=event.subject_id).update(area_path=event.area_path)
    changed = {event.subject_id for event in batch if event.kind == "case.reclassify"}
    for case in Case.objects.filter(district=district, id__in=changed):
        if case.sensitivity == Sensitivity.NORMAL:
            wanted |= Q(case_id=case.id, kind__in=list(Source))
        else:
            _take_out(case)
    take_in(district, LogEntry.objects.filter(wanted, district=district).order_by("at", "id"))


def _take_out(case: Case) -> None:
    """The case touches a household or a person now: none of its words stays public or waits to become so."""
    open_ones = Text.objects.select_for_update().filter(
        district=case.district, case_id=case.id, state__in=[TextState.WAITING, TextState.PUBLISHED]
    )
    for text in open_ones:
        change = Change(SYSTEM, text, DecisionKind.WITHHOLD, time.now())
        change.to(TextState.WITHHELD, reason=Reason.SENSITIVE)
        change.decided()
        texts.finish(change)


def take_in(district: str, entries: Iterable[LogEntry]) -> int:
    """Make texts of what residents wrote on these steps; says how many are new. Those that are known stay as they are."""
    said = [entry for entry in entries if entry.kind in set(Source)]
    cases = {
        case.id: case
        for case in Case.objects.filter(
            district=district, id__in={entry.case_id for entry in said}, sensitivity=Sensitivity.NORMAL
        )
    }
    known = set(Text.objects.filter(district=district, case_id__in=cases).values_list("case_id", "sequence"))
    said = [
        entry
        for entry in said
        if entry.case_id in cases
        and (entry.case_id, entry.sequence) not in known
        and _by_resident(entry, cases[entry.case_id])
    ]
    if not said:
        return 0
    rule, speakers, reporters = rule_of(district), _statements(district, said), _reporters(district, cases)
    made: list[Change] = []
    for entry in said:
        case = cases[entry.case_id]
        words, author = speakers.get(str(entry.data.get("statement", "")), ("", None))
        if entry.kind == Source.REPORT:
            words, author = case.description, reporters.get(case.id)
        if words.strip() and (entry.kind in rule.sources or entry.data.get("keep_private")):
            made.append(_text(case, entry, words, author, rule))
    Text.objects.bulk_create([change.text for change in made])
    Decision.objects.bulk_create([texts.decision_of(change) for change in made])
    events.append_all([_event(change) for change in made if change.kind == DecisionKind.PUBLISH])
    return len(made)


def _by_resident(entry: LogEntry, case: Case) -> bool:
    if entry.actor_role in RESIDENTS:
        return True
    return entry.kind == Source.REPORT and case.channel == Channel.OPEN311


def _statements(district: str, entries: Iterable[LogEntry]) -> dict[str, tuple[str, UUID | None]]:
    """Sealed words with whose they are, by the statement's id."""
    wanted = [entry.data["statement"] for entry in entries if entry.data.get("statement")]
    if not wanted:
        return {}
    with context.personal(SYSTEM):
        rows = list(Statement.objects.filter(district=district, id__in=wanted))
    return {
        str(row.id): (crypto.open_("cases_statement", row.id, bytes(row.text_sealed)), row.account_id) for row in rows
    }


def _reporters(district: str, cases: Iterable[UUID]) -> dict[UUID, UUID]:
    rows = Participant.objects.filter(district=district, case_id__in=list(cases)).exclude(kind=ParticipantKind.JOINED)
    found: dict[UUID, UUID] = {}
    for person in rows.order_by("joined_at", "id"):
        found.setdefault(person.case_id, person.account_id or person.id)
    return found


def _text(case: Case, entry: LogEntry, words: str, author: UUID | None, rule: Rule) -> Change:
    proposed = masking.propose(words)
    row_id = ids.new_id()
    text = Text(
        id=row_id, district=case.district, case=case, area_path=case.area_path, sequence=entry.sequence, source=entry.kind,
        account_id=author, said_at=entry.at, proposed_sealed=crypto.seal(SEALED_PROPOSAL, row_id, proposed.text),
        found=[str(kind) for kind in proposed.found], version=1,
    )  # fmt: skip
    change = Change(SYSTEM, text, DecisionKind.PROPOSE, time.now())
    if entry.data.get("keep_private"):
        change.to(TextState.PRIVATE)
    elif rule.mode == Mode.CLEAN and not proposed.found:
        change.kind, change.words = DecisionKind.PUBLISH, proposed.text
        change.to(TextState.PUBLISHED, wording=proposed.text)
        change.decided()
    return change


def _event(change: Change) -> events.Event:
    text = change.text
    return events.make(
        f"{texts.SUBJECT}.{change.kind}", subject_type=texts.SUBJECT, subject_id=text.id, sequence=text.version,
        district=text.district, area_path=text.area_path, actor=SYSTEM,
        data={"case": text.case.number, "source": text.source, "state": text.state, "reason": ""},
    )  # fmt: skip
