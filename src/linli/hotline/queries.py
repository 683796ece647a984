"""Every read of the hotline: who calls, what rings, what is known, what waits to be rung back, and the figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Aggregate, Count, FloatField, Q
from django.utils.translation import gettext as _

from linli.cases import queries as cases
from linli.cases.loop import may_view
from linli.cases.models import Approval, ApprovalKind, ApprovalState, Case, Participant, ParticipantKind
from linli.catalog import words as texts
from linli.hotline import rules
from linli.hotline.models import NOBODY, ArticleVersion, Call, CallState, Further, Outcome, Try, VersionState
from linli.kernel import masking, time
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, audit, context, policy
from linli.metrics import queries as metrics
from linli.metrics.queries import midnight
from linli.people.actions.contacts import phone_hash
from linli.people.models import Account, Contact
from linli.people.queries.contacts import open_field, opened
from linli.people.snapshot import Snapshot

STAMP = "hotline.articles"
MOST_CONTACTS = 200
MOST_CASES = 12
MOST_CALLS = 6
MOST_NEAR = 5


# --- who calls ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls, masked, with what they reported and when they called before.

    Attributes:
        name: masked, as it was left last, or the account's; ``""`` when it never was.
        phone: masked.
        open: cases that are under way, the newest first; ``ended``: those that are over.
        calls: earlier calls, the newest first.
    """

    name: str
    phone: str
    open: list[Case] = field(default_factory=list)
    ended: list[Case] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether anything is known of this number."""
        return bool(self.name or self.open or self.ended or self.calls)


def caller(actor: Actor, call: Call) -> Caller | None:
    """The history of the number of a call that the actor has on the line; ``None`` when the number is withheld.

    Each look is an audit row with its purpose, which a caller with an account can read.
    """
    policy.require(actor, "call.take")
    if call.contact_id is None or call.post_id != actor.post_id:
        return None
    purpose = _("Answer their call")
    with context.personal(actor, purpose=purpose):
        own = Contact.objects.filter(district=call.district, id=call.contact_id).first()
        if own is None or own.phone_hash is None:
            return None
        wanted = bytes(own.phone_hash)
        contacts = list(
            Contact.objects.filter(in_subtree("area_path", actor.area_path), phone_hash=wanted).order_by("-created_at")[
                :MOST_CONTACTS
            ]
        )
        people = list(Account.objects.filter(phone_hash=wanted, is_active=True).only("id", "name_enc"))
        accounts = [one.id for one in people]
        for person in [*accounts, *([] if accounts else [None])]:
            audit.record(
                actor, "caller.read", subject_type="call", subject_id=call.id, district=call.district, person_id=person,
                purpose=purpose, fields=("history", "name"),
            )  # fmt: skip
        name = _left_last(contacts, people)
        phone = opened(own).phone
    known = [one.id for one in contacts]
    taking_part = (
        Participant.objects.filter(
            Q(contact_id__in=known) | Q(account_id__in=accounts), in_subtree("case__area_path", actor.area_path)
        )
        .select_related("case")
        .order_by("-joined_at")[: MOST_CASES * 2]
    )
    found = list({one.case_id: one.case for one in taking_part if may_view(actor, one.case)}.values())
    earlier = (
        Call.objects.filter(in_subtree("area_path", actor.area_path), contact_id__in=known, state=CallState.ENDED)
        .exclude(id=call.id)
        .order_by("-ended_at")
    )
    return Caller(
        name=masking.mask_name(name),
        phone=masking.mask_phone(phone),
        open=[case for case in found if case.is_open][:MOST_CASES],
        ended=[case for case in found if not case.is_open][:MOST_CASES],
        calls=list(earlier[:MOST_CALLS]),
    )


def _left_last(contacts: Iterable[Contact], people: Iterable[Account]) -> str:
    """The name that was left last with a number, else that of the account that it belongs to."""
    left = (opened(one).name for one in contacts)
    held = (open_field("people_account.name", one.id, one.name_enc) for one in people)
    return next((name for name in (*left, *held) if name), "")


def name_in_clear(call: Call) -> str:
    """The name that is held of whoever calls, so that it need not be asked; for this room's actions alone."""
    if call.contact is None or call.contact.phone_hash is None:
        return ""
    wanted = bytes(call.contact.phone_hash)
    contacts = Contact.objects.filter(in_subtree("area_path", call.area_path), phone_hash=wanted)
    people = Account.objects.filter(phone_hash=wanted, is_active=True).only("id", "name_enc")
    return _left_last(contacts.order_by("-created_at")[:MOST_CONTACTS], people)


def reporters_name_in_clear(call: Call) -> str:
    """The name that was left with a call's first case, of a caller without a number; for this room's actions alone."""
    case = cases.by_number(call.case_number)
    if case is None:
        return ""
    people = Participant.objects.filter(district=case.district, case_id=case.id, contact__isnull=False)
    first = people.exclude(kind=ParticipantKind.JOINED).select_related("contact").order_by("joined_at", "id").first()
    return opened(first.contact).name if first is not None and first.contact is not None else ""


def number_in_clear(contact: Contact) -> str:
    """The number of a contact that row-level security has let through; for this room's actions alone."""
    return opened(contact).phone


def has_number(phone: str) -> bool:
    """Whether what was typed is a telephone number.

    Raises:
        Invalid: it is none; what is empty is simply no number.
    """
    return bool(phone.strip()) and bool(phone_hash(phone))


def call_of(actor: Actor, call_id: UUID) -> Call:
    """A call that rings for the actor or is the actor's.

    Raises:
        NotFound: there is none.
    """
    found = Call.objects.filter(_mine_or_free(actor), district=actor.district, id=call_id).first()
    if found is None:
        raise NotFound("call.none", _("There is no such call."))
    return found


NOBODY_TO_ASK = (Outcome.WRONG_NUMBER, Outcome.ABANDONED)


def may_go_on(call: Call) -> bool:
    """Whether a further matter of a call may be registered now."""
    if call.ended_at is None or call.outcome in NOBODY_TO_ASK:
        return False
    return time.now() - call.ended_at <= timedelta(minutes=rules.callbacks().further_minutes)


def further(call: Call) -> list[Further]:
    """The further matters of a call, in their order."""
    return list(Further.objects.filter(district=call.district, call=call).order_by("number"))


def place_of(actor: Actor, call: Call) -> Case | None:
    """The last case of a call, for its place, as far as the actor may see it."""
    numbers = [one.case_number for one in further(call)] or [call.case_number]
    case = cases.by_number(numbers[-1]) if numbers[-1] else None
    return case if case is not None and may_view(actor, case) else None


def together(actor: Actor, numbers: Iterable[str]) -> dict[str, list[str]]:
    """The cases that were left with the hotline in the same call as each of some, by number, in their order.

    Returns:
        Only for those of several; what the actor may open is asked elsewhere.
    """
    wanted = set(numbers)
    own = {
        *Call.objects.filter(_left(), district=actor.district, case_number__in=wanted).values_list("id", flat=True),
        *Further.objects.filter(district=actor.district, case_number__in=wanted).values_list("call_id", flat=True),
    }
    left: dict[UUID, list[str]] = {
        one.id: [one.case_number] for one in Call.objects.filter(_left(), district=actor.district, id__in=own)
    }
    for one in Further.objects.filter(district=actor.district, call_id__in=own).order_by("call_id", "number"):
        left.setdefault(one.call_id, []).append(one.case_number)
    found: dict[str, list[str]] = {}
    for several in left.values():
        for number in wanted.intersection(several):
            others = [one for one in several if one != number]
            found[number] = list(dict.fromkeys([*found.get(number, ()), *others]))
    return {number: others for number, others in found.items() if others}


def _left() -> Q:
    """Calls whose own case was left in them; what somebody was only told of is another matter."""
    return Q(outcome__in=[str(Outcome.REGISTERED), str(Outcome.JOINED)])


def ringing(actor: Actor) -> list[Call]:
    """What rings for the actor, or for everybody, the longest first."""
    since = time.now() - timedelta(minutes=rules.callbacks().ringing_minutes)
    found = Call.objects.filter(
        _mine_or_free(actor), district=actor.district, state=CallState.RINGING, rang_at__gte=since
    )
    return list(found.order_by("rang_at")[:6])


def unfinished(actor: Actor) -> list[Call]:
    """The actor's calls that were begun and not ended: a screen was closed on them."""
    return list(
        Call.objects.filter(district=actor.district, post_id=actor.post_id or NOBODY, state=CallState.OPEN).order_by(
            "began_at"
        )[:6]
    )


def _mine_or_free(actor: Actor) -> Q:
    return Q(post_id=actor.post_id) | Q(post_id__isnull=True)


# --- what is near ---------------------------------------------------------------------------------------------------------------


def near(
    *, district: str, categories: Iterable[str], lng: float | None, lat: float | None, area_path: str, words: str
) -> list[cases.Nearby]:
    """Open cases near a place, of any of some categories, in the categories' order."""
    found: dict[str, cases.Nearby] = {}
    for category in categories:
        for one in cases.near(
            district=district, category=category, lng=lng, lat=lat, area_path=area_path, words=words, limit=MOST_NEAR
        ):
            found.setdefault(one.number, one)
    return list(found.values())[:MOST_NEAR]


# --- what is known --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """An article in force."""

    code: str
    number: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    words: tuple[str, ...]
    categories: tuple[str, ...]
    since: datetime
    look_again_on: date | None

    def title(self, language: str) -> str:
        """Its title in a language of the interface."""
        return self.title_zh if language.startswith("zh") else self.title_en

    def body(self, language: str) -> str:
        """What to say, in a language of the interface."""
        return self.body_zh if language.startswith("zh") else self.body_en

    def is_old(self, today: date) -> bool:
        """Whether the day has come on which somebody should read it again."""
        return self.look_again_on is not None and self.look_again_on <= today


class _Shelf:
    def __init__(self) -> None:
        rows = ArticleVersion.objects.filter(state=VersionState.CURRENT).order_by("article_id")
        self.pieces = {row.article_id: _piece(row) for row in rows}
        self.index = texts.Index(
            {
                code: texts.Document(names=(one.title_zh, one.title_en), keywords=one.words, weight=0)
                for code, one in self.pieces.items()
            }
        )


def _piece(row: ArticleVersion) -> Piece:
    assert row.decided_at is not None  # what is in force was let through
    return Piece(
        row.article_id, row.number, row.title_zh, row.title_en, row.body_zh, row.body_en, tuple(row.words),
        tuple(row.categories), row.decided_at, row.look_again_on,
    )  # fmt: skip


_shelf: Snapshot[_Shelf] = Snapshot(STAMP, _Shelf)


def knowledge(actor: Actor, words: str, *, category: str = "", limit: int = 4) -> list[Piece]:
    """Articles for what a caller says: those that words and category share first, then by words, then by category."""
    policy.require(actor, "article.view")
    shelf = _shelf.get()
    by_words = shelf.index.search(words)
    of_category = [code for code, one in shelf.pieces.items() if category and category in one.categories]
    both = [code for code in by_words if code in of_category]
    ordered = dict.fromkeys([*both, *by_words, *of_category])
    return [shelf.pieces[code] for code in ordered][:limit]


def articles(actor: Actor, words: str = "") -> list[Piece]:
    """The articles in force that have all of some words anywhere, else those that are like them; all without words."""
    policy.require(actor, "article.view")
    shelf = _shelf.get()
    if not (parts := texts.plain(words).split()):
        return list(shelf.pieces.values())
    rows = ArticleVersion.objects.filter(state=VersionState.CURRENT)
    for part in parts:
        rows = rows.filter(search_text__contains=part)
    exact = set(rows.values_list("article_id", flat=True))
    ordered = dict.fromkeys([*(code for code in shelf.index.search(words) if code in exact), *sorted(exact)])
    if not ordered:
        ordered = dict.fromkeys(shelf.index.search(words))
    return [shelf.pieces[code] for code in ordered if code in shelf.pieces]


def article(actor: Actor, code: str) -> list[ArticleVersion]:
    """The versions of an article, the newest first.

    Raises:
        NotFound: there is none.
    """
    policy.require(actor, "article.view")
    found = list(ArticleVersion.objects.filter(article_id=code).order_by("-number"))
    if not found:
        raise NotFound("article.none", _("There is no such article."))
    return found


def waiting(actor: Actor) -> list[ArticleVersion]:
    """Versions that wait for a second person."""
    policy.require(actor, "article.view")
    return list(ArticleVersion.objects.filter(state=VersionState.WAITING).order_by("written_at", "article_id"))


def known(codes: Iterable[str]) -> list[str]:
    """Those of the codes that stand for an article in force, each once."""
    there = _shelf.get().pieces
    return [code for code in dict.fromkeys(codes) if code in there]


# --- what waits to be rung back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToRing:
    """A verified case that waits for its reporter's word, with the tries of this round."""

    case: Case
    tries: list[Try]

    @property
    def next_at(self) -> datetime | None:
        """From when the next try counts; empty when one may be made now, and after the last."""
        return self.tries[-1].next_at if self.tries else None


def to_ring(actor: Actor, *, after: str = "") -> tuple[list[ToRing], str]:
    """A page of the cases that wait for their reporter's word: those that may be rung now come first, then by their clock.

    Returns:
        The cases, and the cursor of the next page or ``""``. What the actor handled is left to colleagues.
    """
    policy.require(actor, "case.feedback")
    page = cases.inbox(actor, cases.View.TO_CALL_BACK, filters=cases.Filters(state="verified"), after=after)
    found = [
        ToRing(case, [one for one in tries_of(page.cases) if one.case_id == case.id and one.round == case.round])
        for case in page.cases
        if case.disposed_by is None or case.disposed_by != actor.account_id
    ]
    now = time.now()
    return sorted(found, key=lambda one: one.next_at is not None and one.next_at > now), page.next


def may_ring(actor: Actor, found: Iterable[Case]) -> list[ToRing]:
    """Of some cases those whose reporter the actor may ask for a word now."""
    rows = [
        case
        for case in found
        if case.state == "verified"
        and (case.disposed_by is None or case.disposed_by != actor.account_id)
        and policy.allows(actor, "case.feedback", case)
    ]
    tries, now = tries_of(rows), time.now()
    waiting = [
        ToRing(case, [one for one in tries if one.case_id == case.id and one.round == case.round]) for case in rows
    ]
    return [one for one in waiting if one.next_at is None or one.next_at <= now]


def tries_of(found: Iterable[Case]) -> list[Try]:
    """The tries of some cases, in their order."""
    rows = list(found)
    tries = Try.objects.filter(district__in={one.district for one in rows}, case_id__in=[one.id for one in rows])
    return list(tries.order_by("case_id", "round", "number"))


# --- figures --------------------------------------------------------------------------------------------------------------------


class Median(Aggregate):
    """The middle of a column's values, by PostgreSQL's ``percentile_cont``."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Figures:
    """What the hotline did in a stretch of days.

    Attributes:
        calls: ended calls by outcome, each call once; every outcome is there.
        further: further matters of these calls by outcome, registered or joined.
        median_seconds: from the beginning of a call to its case, the middle of all registered; ``None`` of none.
        within_a_minute: of the registered calls that were timed, how many took at most sixty seconds; ``None`` of none.
        from_knowledge: answered calls in which an article was told.
        satisfaction: the metrics room's figures of the area; ``None`` when the post may not see them.
    """

    calls: dict[str, int]
    further: dict[str, int]
    median_seconds: float | None
    within_a_minute: float | None
    from_knowledge: int
    satisfaction: metrics.Figures | None

    @property
    def total(self) -> int:
        """All ended calls."""
        return sum(self.calls.values())

    @property
    def cases(self) -> int:
        """Cases that these calls became, those of further matters among them."""
        return self.calls[Outcome.REGISTERED] + self.further[Outcome.REGISTERED]

    @property
    def spoken(self) -> int:
        """Calls in which somebody wanted something: neither a wrong number nor abandoned."""
        return self.total - self.calls[Outcome.WRONG_NUMBER] - self.calls[Outcome.ABANDONED]

    @property
    def answered_from_knowledge(self) -> float | None:
        """Of the calls in which somebody wanted something, how many an article answered; ``None`` of none."""
        return self.from_knowledge / self.spoken if self.spoken else None


def figures(actor: Actor, *, since: date, until: date) -> Figures:
    """The figures of the hotline in the actor's area, by the day on which a call ended.

    Args:
        since: the first day.
        until: the day after the last.

    Raises:
        Forbidden: the post may not see them.
    """
    policy.require(actor, "call.figures")
    ended = Call.objects.filter(
        in_subtree("area_path", actor.area_path),
        state=CallState.ENDED,
        ended_at__gte=midnight(since),
        ended_at__lt=midnight(until),
    )
    counts = dict.fromkeys(Outcome.values, 0) | dict(
        ended.values_list("outcome").annotate(n=Count("id")).order_by("outcome")
    )
    timed = ended.filter(seconds_to_register__isnull=False).aggregate(
        n=Count("id"), quick=Count("id", filter=Q(seconds_to_register__lte=60)), median=Median("seconds_to_register")
    )
    told = ended.filter(outcome=Outcome.ANSWERED).exclude(articles=[]).count()
    matters = Further.objects.filter(
        in_subtree("area_path", actor.area_path), at__gte=midnight(since), at__lt=midnight(until)
    )
    counted = dict.fromkeys((Outcome.REGISTERED, Outcome.JOINED), 0) | dict(
        matters.values_list("outcome").annotate(n=Count("id")).order_by("outcome")
    )
    may = policy.allows(actor, "figures.view")
    return Figures(
        calls=counts,
        further={str(name): count for name, count in counted.items()},
        median_seconds=timed["median"],
        within_a_minute=timed["quick"] / timed["n"] if timed["n"] else None,
        from_knowledge=told,
        satisfaction=metrics.figures(actor, actor.area_path, since=since, until=until) if may else None,
    )


def own_today(actor: Actor) -> tuple[int, float | None]:
    """The actor's calls of today, and the median of their seconds to register."""
    since = midnight(time.today())
    found = Call.objects.filter(
        district=actor.district, post_id=actor.post_id or NOBODY, state=CallState.ENDED, ended_at__gte=since
    ).aggregate(n=Count("id"), median=Median("seconds_to_register"))
    return found["n"], found["median"]


def exclusions_asked(actor: Actor) -> list[Approval]:
    """Requests to leave a case out of the figures that the actor may decide on, the oldest first."""
    if "area" not in policy.reach(actor, "case.decide_exclusion"):
        return []
    asked = Approval.objects.filter(
        in_subtree("case__area_path", actor.area_path), kind=ApprovalKind.EXCLUSION, state=ApprovalState.ASKED
    )
    return list(asked.exclude(asked_by=actor.account_id or NOBODY).select_related("case").order_by("asked_at")[:50])
