"""Every read of the room that is worth a name: the moderators' queue, an author's own texts, and what the public reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.cases import public
from linli.cases.actions.talking import read_own
from linli.cases.loop import Ref as CaseRef
from linli.cases.loop import may_view, reason_of
from linli.cases.models import Case, LogEntry, Statement
from linli.cases.queries import Nearby, of_number
from linli.catalog.models import Sensitivity
from linli.kernel import crypto, ids
from linli.kernel.db import DISTRICT_LENGTH, in_subtree
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, audit, context, policy
from linli.moderation import texts
from linli.moderation.models import Decision, DecisionKind, Mode, Objection, Setting, Source, Text, TextState
from linli.moderation.texts import MODERATE, missing

PAGE = 50
COUNT_UP_TO = 1_000
BY_DEFAULT = (Source.REPORT, Source.JOIN, Source.RATE, Source.REOPEN)
"""Messages between a resident and the office are theirs, unless a district says otherwise."""


class View(StrEnum):
    """The views of the queue."""

    WAITING = "waiting"
    OBJECTIONS = "objections"
    PUBLISHED = "published"
    WITHHELD = "withheld"


LABELS = {
    View.WAITING: _("To look through"),
    View.OBJECTIONS: _("Objections"),
    View.PUBLISHED: _("Public"),
    View.WITHHELD: _("Not made public"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How words become public in a district."""

    mode: Mode
    sources: tuple[Source, ...]


def rule_of(district: str) -> Rule:
    """What a district has set; without that, each report, joining, rating and reopening waits for a person."""
    row = Setting.objects.filter(district=district).first()
    return Rule(Mode(row.mode), tuple(Source(one) for one in row.sources)) if row else Rule(Mode.DECIDED, BY_DEFAULT)


def settings() -> dict[str, Rule]:
    """What districts have set, by district."""
    return {row.district: Rule(Mode(row.mode), tuple(map(Source, row.sources))) for row in Setting.objects.all()}


# --- the moderators' queue ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view, and the cursor of the next when there is one."""

    texts: list[Text]
    next: str


def visible(actor: Actor) -> QuerySet[Text]:
    """The texts that the actor may look through."""
    reaches = policy.reach(actor, MODERATE)
    if "area" not in reaches or not actor.area_path:
        return Text.objects.none()
    return Text.objects.filter(in_subtree("area_path", actor.area_path), case__sensitivity=Sensitivity.NORMAL)


_OF_VIEW = {
    View.WAITING: Q(state=TextState.WAITING),
    View.OBJECTIONS: Q(objection=Objection.OPEN),
    View.PUBLISHED: Q(state=TextState.PUBLISHED),
    View.WITHHELD: Q(state=TextState.WITHHELD),
}


def queue(actor: Actor, view: View, *, after: str = "", size: int = PAGE) -> Page:
    """A page of a view; what has waited longest comes first, of what is decided the newest.

    Args:
        after: the cursor of the page before; ``""`` for the first.
        size: how many texts, 1 to 200.

    Raises:
        Invalid: the cursor is none.
    """
    count = max(1, min(size, 200))
    found = visible(actor).filter(_OF_VIEW[view]).select_related("case")
    column, side = ("said_at", "gt") if view in (View.WAITING, View.OBJECTIONS) else ("decided_at", "lt")
    found = found.order_by(column, "id") if side == "gt" else found.order_by(f"-{column}", "-id")
    if after:
        moment, last = _read_cursor(after)
        found = found.filter(Q(**{f"{column}__{side}": moment}) | Q(**{column: moment, f"id__{side}": last}))
    rows = list(found[: count + 1])
    more = _cursor(getattr(rows[count - 1], column), rows[count - 1].id) if len(rows) > count else ""
    return Page(rows[:count], more)


def counts(actor: Actor) -> dict[View, int]:
    """How many texts wait and how many objections are open, counted up to :data:`COUNT_UP_TO`."""
    return {
        view: visible(actor).filter(_OF_VIEW[view]).values("id")[:COUNT_UP_TO].aggregate(n=Count("id"))["n"]
        for view in (View.WAITING, View.OBJECTIONS)
    }


def ref(district: str, text_id: UUID) -> texts.Ref:
    """Names a text in the words of an address.

    Raises:
        NotFound: the district is no code.
    """
    if len(district) != DISTRICT_LENGTH or not district.isascii() or not district.isdigit():
        raise missing()
    return texts.Ref(district, text_id)


def get(actor: Actor, ref: texts.Ref) -> Text:
    """A text that the actor may look through.

    Raises:
        NotFound: there is none, or none for this post.
    """
    text = Text.objects.filter(district=ref.district, id=ref.id).select_related("case").first()
    if text is None or not texts.may_moderate(actor, text):
        raise missing()
    return text


def next_after(actor: Actor, text: Text) -> Text | None:
    """The text that has waited longest beside this one, for whoever goes through them one after another."""
    found = visible(actor).filter(_OF_VIEW[View.WAITING]).exclude(id=text.id)
    return found.select_related("case").order_by("said_at", "id").first()


def original(actor: Actor, text: Text, *, purpose: str) -> str:
    """What was written, word for word; where it is sealed, its author can read that it was read, by which post and why.

    Raises:
        Invalid: no purpose is given.
        NotFound: the actor may not look through it.
    """
    if not texts.may_moderate(actor, text):
        raise missing()
    if text.source == Source.REPORT:
        return text.case.description
    entry = LogEntry.objects.filter(district=text.district, case_id=text.case_id, sequence=text.sequence).get()
    why = reason_of(purpose, name="purpose", most=200)
    with context.personal(actor, purpose=why, reach=text.case.district):
        row = Statement.objects.get(district=text.district, id=entry.data["statement"])
        audit.record(
            actor, "statement.read", subject_type="case", subject_id=text.case_id, district=text.district,
            person_id=row.account_id, purpose=why, fields=("text",),
        )  # fmt: skip
    return crypto.open_("cases_statement", row.id, bytes(row.text_sealed))


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a text's log with its words in clear."""

    decision: Decision
    words: str


def log_of(text: Text) -> list[Step]:
    """Every decision on a text in order; the caller has shown the text."""
    rows = Decision.objects.filter(district=text.district, text_id=text.id).order_by("sequence")
    return [Step(row, texts.words_of(row)) for row in rows]


# --- the author's own ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Own:
    """A text as its author sees it: what was written, what is public of it, and what was answered to an objection."""

    text: Text
    original: str
    answer: str


def own(actor: Actor, case: Case) -> list[Own]:
    """What the actor wrote on a case and what became of it, in order; one's own needs no audit row.

    Raises:
        NotFound: the case is not the actor's.
    """
    rows = list(
        Text.objects.filter(district=case.district, case_id=case.id, account_id=actor.account_id)
        .exclude(account_id__isnull=True)
        .order_by("sequence")
    )
    if not rows:
        return []
    said = {str(one.id): one.text for one in read_own(actor, CaseRef(case.district, case.id))}
    entries = LogEntry.objects.filter(
        district=case.district, case_id=case.id, sequence__in=[one.sequence for one in rows]
    ).values_list("sequence", "data")
    written = {sequence: said.get(str(data.get("statement", "")), "") for sequence, data in entries}
    answers = Decision.objects.filter(
        district=case.district, text_id__in=[one.id for one in rows], kind=DecisionKind.DECIDE
    ).order_by("sequence")
    answered = {row.text_id: texts.words_of(row) for row in answers}
    return [
        Own(
            text,
            case.description if text.source == Source.REPORT else written[text.sequence],
            answered.get(text.id, ""),
        )
        for text in rows
    ]


def has_own(actor: Actor, case: Case) -> bool:
    """Whether the actor wrote something on a case that is, could be or could have been public."""
    if actor.account_id is None:
        return False
    return Text.objects.filter(district=case.district, case_id=case.id, account_id=actor.account_id).exists()


def get_own(actor: Actor, case: Case, text_id: UUID) -> Text:
    """One of the actor's texts on a case.

    Raises:
        NotFound: it is none of theirs.
    """
    text = Text.objects.filter(district=case.district, case_id=case.id, id=text_id).select_related("case").first()
    if text is None or not may_view(actor, case) or not texts.is_author(actor, text):
        raise missing()
    return text


# --- what the public reads -------------------------------------------------------------------------------------------------------


def _public() -> QuerySet[Text]:
    silent = Setting.objects.filter(mode=Mode.OFF).values("district")
    return Text.objects.filter(public.known(link="case"), state=TextState.PUBLISHED).exclude(district__in=silent)


def wordings(cases: Iterable[Case | Nearby]) -> dict[UUID, str]:
    """The public version of the reports of these cases, by case; those that have none are left out. One query."""
    shown = list(cases)
    if not shown:
        return {}
    rows = _public().filter(
        district__in={case.district for case in shown}, case_id__in=[case.id for case in shown], source=Source.REPORT
    )
    return dict(rows.values_list("case_id", "wording"))


def public_case(number: str) -> Case:
    """A case that everybody may know of, by its number.

    Raises:
        NotFound: there is none, or it is not shown any more.
    """
    written = ids.parse_ticket_number(number)
    found = Case.objects.filter(public.known()).exclude(state__in=public.HIDDEN)
    case = found.filter(of_number(written)).select_related("area").first() if written else None
    if case is None:
        raise NotFound("case.not_found", _("There is no such case, or none that you can see."))
    return case


@dataclass(frozen=True, slots=True)
class Said:
    """One public text of a case."""

    source: Source
    at: datetime
    wording: str


def public_texts(case: Case) -> list[Said]:
    """Everything that is public of what residents wrote on a case, in the order in which it was written."""
    rows = _public().filter(district=case.district, case_id=case.id).order_by("sequence")
    return [Said(Source(row.source), row.said_at, row.wording) for row in rows]


def _cursor(moment: datetime, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment.isoformat(), str(row_id)]).encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        moment, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return datetime.fromisoformat(moment), UUID(row_id)
    except (ValueError, TypeError):
        raise Invalid(
            "list.cursor", _("This page of the list is not known."), field="after", mend=_("Begin with the first page.")
        ) from None
