"""Every read worth a name. A person's account is read by that person; others read what waits for them, one entry at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, deadlines, time
from linli.kernel.db import DISTRICT_LENGTH, in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.models import Clock, Event
from linli.kernel.trust import Actor, policy
from linli.ledger import counting
from linli.ledger.models import (
    POINTS,
    Account,
    AccountKind,
    Claim,
    ClaimState,
    Entry,
    EntryKind,
    ExpiryNotice,
    Objection,
    ObjectionState,
    Redemption,
    RedemptionState,
    Reward,
    Rule,
    RuleSet,
    Suspension,
    SuspensionState,
)
from linli.ledger.rules import terms
from linli.people.models import Account as Person
from linli.people.models import Post

PAGE = 30
MINUTES_A_DAY = 8 * 60


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules that hold at a moment; number 0 and no rules when none were published."""

    number: int
    valid_from: datetime | None
    rules: Mapping[str, Rule]

    def get(self, code: str) -> Rule | None:
        """One rule of the book."""
        return self.rules.get(code)


def rules_at(moment: datetime | None = None) -> RuleBook:
    """The rules that held at ``moment`` (now)."""
    found = RuleSet.objects.filter(valid_from__lte=moment or time.now()).order_by("-valid_from").first()
    if found is None:
        return RuleBook(0, None, {})
    return _book(found)


class RuleBooks:
    """The sets of rules for many moments; each is read once."""

    def __init__(self) -> None:
        self._sets = list(RuleSet.objects.order_by("-valid_from"))
        self._books: dict[int, RuleBook] = {}

    def at(self, moment: datetime) -> RuleBook:
        """The rules that held at a moment."""
        found = next((one for one in self._sets if one.valid_from <= moment), None)
        if found is None:
            return RuleBook(0, None, {})
        if found.number not in self._books:
            self._books[found.number] = _book(found)
        return self._books[found.number]


def _book(found: RuleSet) -> RuleBook:
    return RuleBook(found.number, found.valid_from, {one.code: one for one in found.rules.all()})


def rule_sets() -> list[RuleSet]:
    """Every published set, the newest first."""
    return list(RuleSet.objects.order_by("-number"))


def rule_book(number: int) -> RuleBook:
    """The set of a number.

    Raises:
        NotFound: there is none.
    """
    found = RuleSet.objects.filter(number=number).first()
    if found is None:
        raise NotFound("points.no_rules", _("There is no such set of rules."))
    return _book(found)


COMPARED = (
    "name_zh",
    "name_en",
    "points",
    "per",
    "daily_cap",
    "monthly_cap",
    "confirmation",
    "confirmers",
    "note_zh",
    "note_en",
)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How one rule differs between two sets: ``before`` or ``after`` is missing when it was added or dropped."""

    code: str
    before: Rule | None
    after: Rule | None
    fields: tuple[str, ...]


def rule_changes(before: RuleBook, after: RuleBook) -> list[RuleChange]:
    """What is different in ``after``, in its order, dropped rules last."""
    found = []
    for code in dict.fromkeys((*after.rules, *before.rules)):
        old, new = before.get(code), after.get(code)
        fields = tuple(name for name in COMPARED if getattr(old, name, None) != getattr(new, name, None))
        if fields:
            found.append(RuleChange(code, old, new, fields))
    return found


# One's own.


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that expire on a day, by the rules."""

    on: date
    amount: int
    announced: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's points in one district."""

    account: Account | None
    district: str
    balance: int
    collecting: bool
    expiring: tuple[Expiring, ...]
    claims: tuple[Claim, ...]
    redemptions: tuple[Redemption, ...]
    suspension: Suspension | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of entries; ``next`` names the page after it."""

    entries: tuple[Entry, ...]
    next: str


def home_district(actor: Actor) -> str:
    """Where the actor's points are: the post's district, else that of the home; empty when neither is known."""
    if actor.post_id is not None and actor.district:
        return actor.district
    if actor.account_id is None:
        return actor.district
    home = Person.objects.filter(id=actor.account_id).values_list("home_path", flat=True).first()
    return (home or actor.district or "")[:DISTRICT_LENGTH]


def districts_of(actor: Actor) -> list[str]:
    """The districts in which the actor has points, the home first."""
    policy.require(actor, "points.mine")
    found = Account.objects.filter(kind=AccountKind.PERSON, owner_id=actor.account_id, unit=POINTS)
    home = home_district(actor)
    return list(
        dict.fromkeys((*([home] if home else ()), *found.order_by("district").values_list("district", flat=True)))
    )


def mine(actor: Actor, *, district: str = "") -> Mine:
    """One's own points: the balance, what expires when, what waits.

    Raises:
        SignInNeeded, Forbidden: nobody is signed in, or a post has no points.
    """
    policy.require(actor, "points.mine")
    where = district or next(iter(districts_of(actor)), "")
    account = account_of(actor, where)
    own = {"district": where, "owner_id": actor.account_id}
    return Mine(
        account=account,
        district=where,
        balance=account.balance or 0 if account else 0,
        collecting=bool(account and account.collecting),
        expiring=expiring_of(account) if account else (),
        claims=tuple(Claim.objects.filter(**own).exclude(state=ClaimState.GRANTED).order_by("-asked_at")[:PAGE]),
        redemptions=tuple(Redemption.objects.filter(**own).select_related("reward").order_by("-at")[:PAGE]),
        suspension=suspension_of(account) if account else None,
    )


def account_of(actor: Actor, district: str) -> Account | None:
    """The actor's own account in a district."""
    return Account.objects.filter(
        district=district, kind=AccountKind.PERSON, unit=POINTS, owner_id=actor.account_id
    ).first()


def entries_of(actor: Actor, *, district: str, after: str = "", size: int = PAGE) -> EntryPage:
    """One's own entries, the newest first."""
    policy.require(actor, "points.mine")
    found = Entry.objects.filter(
        district=district, account__owner_id=actor.account_id, account__kind=AccountKind.PERSON
    ).select_related("reverses")
    if after.isdigit() and len(after) < 10:
        found = found.filter(sequence__lt=int(after))
    rows = list(found.order_by("-sequence")[: size + 1])
    return EntryPage(tuple(rows[:size]), str(rows[size - 1].sequence) if len(rows) > size else "")


def entry(actor: Actor, entry_id: UUID) -> Entry:
    """One's own entry, or the one that an open objection asks this reviewer about.

    Raises:
        NotFound: there is none that the actor may see.
    """
    found = Entry.objects.select_related("account", "reverses").filter(id=entry_id).first()
    if found is None or not (_is_own(actor, found) or _reviews(actor, found)):
        raise missing()
    return found


def _is_own(actor: Actor, found: Entry) -> bool:
    own = actor.account_id is not None and found.account.owner_id == actor.account_id
    return own and bool(policy.reach(actor, "points.mine"))


def _reviews(actor: Actor, found: Entry) -> bool:
    objection = Objection.objects.filter(district=found.district, entry_id=found.id, state=ObjectionState.OPEN).first()
    return objection is not None and policy.allows(actor, "points.review", objection)


def missing() -> NotFound:
    """The answer about what does not exist or may not be seen: the same for both."""
    return NotFound("points.not_found", _("There is nothing here that you can see."))


def reversal_of(found: Entry) -> Entry | None:
    """The entry that took this one back."""
    return Entry.objects.filter(district=found.district, reverses_id=found.id).first()


def objection_to(found: Entry) -> Objection | None:
    """The objection to an entry; the caller has shown that the entry may be seen."""
    return Objection.objects.filter(district=found.district, entry_id=found.id).select_related("result").first()


def objection_until(found: Entry) -> datetime:
    """Until when the person may object to an entry."""
    return deadlines.compute(Clock.WORKING, terms().objection_days * MINUTES_A_DAY, found.at)[0]


def words_of(row: Claim | Objection | Suspension, name: str = "words") -> str:
    """Sealed words in clear, for whoever may see the row."""
    sealed = getattr(row, f"{name}_sealed")
    return crypto.open_(f"{row._meta.db_table}.{name}", row.id, sealed) if sealed else ""


def expiring_of(account: Account) -> tuple[Expiring, ...]:
    """What expires at the turn of this year and of the next ones, by the entries so far."""
    movements = [(one.at, one.signed) for one in account.entries.all()]
    this_year = time.now().astimezone(time.LOCAL_ZONE).year
    told = set(
        ExpiryNotice.objects.filter(district=account.district, account=account, done_at__isnull=True).values_list(
            "expires_on", flat=True
        )
    )
    found, before = [], 0
    for year in range(this_year + 1, this_year + 2 + terms().years_kept):
        total = counting.expiring(movements, date(year, 1, 1), years_kept=terms().years_kept)
        if total > before:
            found.append(Expiring(date(year, 1, 1), total - before, date(year, 1, 1) in told))
        before = max(before, total)
    return tuple(found)


# What waits for a post.


def claims_waiting(actor: Actor) -> list[Claim]:
    """The claims that this post may confirm, the oldest first; never one's own."""
    policy.require(actor, "points.confirm")
    if actor.account_id is None:
        return []
    named = Rule.objects.filter(confirmers__contains=[str(actor.role)]).values_list("code", flat=True)
    found = Claim.objects.filter(
        in_subtree("area_path", actor.area_path), state=ClaimState.WAITING, rule__in=set(named)
    ).exclude(owner_id=actor.account_id)
    book = rules_at()
    return [one for one in found.order_by("asked_at", "id")[:200] if may_confirm(actor, one, book)]


def may_confirm(actor: Actor, claim: Claim, book: RuleBook | None = None) -> bool:
    """Whether the rule of a claim names the post's role, and it is somebody else's claim."""
    rule = (book if book is not None and book.number == claim.rules_number else rule_book(claim.rules_number)).get(
        claim.rule
    )
    if rule is None or str(actor.role) not in rule.confirmers or not policy.allows(actor, "points.confirm", claim):
        return False
    if actor.account_id is None or actor.account_id == claim.owner_id:
        return False
    return not (claim.takes_away and actor.account_id == claim.asked_by)


def claim(actor: Actor, claim_id: UUID) -> Claim:
    """A claim that the actor may confirm, or one's own.

    Raises:
        NotFound: there is none.
    """
    found = Claim.objects.filter(id=claim_id).first()
    if found is None or not (policy.allows(actor, "points.confirm", found) or _own_claim(actor, found)):
        raise missing()
    return found


def _own_claim(actor: Actor, found: Claim) -> bool:
    return found.owner_id == actor.account_id and bool(policy.reach(actor, "points.mine"))


def objections_open(actor: Actor) -> list[Objection]:
    """The objections that this post may answer, what is due first first; none to what it had a hand in."""
    policy.require(actor, "points.review")
    found = (
        Objection.objects.filter(in_subtree("area_path", actor.area_path), state=ObjectionState.OPEN)
        .select_related("entry")
        .order_by("due_at", "id")
    )
    return [one for one in found[:200] if not had_a_hand(actor.account_id, one)]


def objection(actor: Actor, objection_id: UUID) -> Objection:
    """An objection that the actor may answer.

    Raises:
        NotFound: there is none.
    """
    found = Objection.objects.select_related("entry", "entry__account").filter(id=objection_id).first()
    if found is None or not policy.allows(actor, "points.review", found):
        raise missing()
    return found


def had_a_hand(account_id: UUID | None, one: Objection) -> bool:
    """Whether somebody is the person, wrote the entry, or asked for or confirmed what it came from."""
    if account_id is None or account_id in (one.owner_id, one.entry.by_account):
        return True
    origin = one.entry.reverses_id or one.entry_id
    rows = Claim.objects.filter(district=one.district, entry_id__in=[one.entry_id, origin])
    return any(account_id in pair for pair in rows.values_list("asked_by", "decided_by"))


def people_of(accounts: Iterable[UUID]) -> dict[UUID, str]:
    """The work names of people who act through posts, for those who decide about a claim of theirs; residents have none."""
    return dict(Person.objects.filter(id__in=set(accounts)).values_list("id", "work_name"))


def members_within(actor: Actor) -> list[tuple[UUID, str, str]]:
    """Grid members in the post's area (account, name, place), whom a host may name; one row a person."""
    today = time.today()
    rows = (
        Post.objects.filter(in_subtree("area_path", actor.area_path), role__in=["micro_grid_member", "grid_member"])
        .filter(starts_on__lte=today)
        .exclude(ends_on__lte=today)
        .order_by("area_path", "id")
        .values_list("account_id", "account__work_name", "area_path")
    )
    return list(
        {account: (account, name, path) for account, name, path in rows if account != actor.account_id}.values()
    )


# Suspensions.


def suspension_of(account: Account) -> Suspension | None:
    """The suspension of an account that holds now, the oldest of several."""
    return account.suspensions.filter(state=SuspensionState.IN_FORCE).order_by("begun_at", "id").first()


def suspended_at(account: Account, moment: datetime) -> bool:
    """Whether an account was suspended at a moment; a suspension that was taken back never was."""
    rows = account.suspensions.exclude(state=SuspensionState.UNDONE).filter(begun_at__lte=moment)
    return rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=moment)).exists()


def suspensions(actor: Actor) -> list[Suspension]:
    """The suspensions in force that this post may lift, the oldest first; never one's own."""
    policy.require(actor, "points.lift")
    rows = Suspension.objects.filter(in_subtree("area_path", actor.area_path), state=SuspensionState.IN_FORCE)
    return list(rows.exclude(owner_id=actor.account_id or UUID(int=0)).order_by("begun_at", "id")[:200])


def suspension(actor: Actor, suspension_id: UUID) -> Suspension:
    """A suspension that the actor may lift; never one's own.

    Raises:
        NotFound: there is none.
    """
    found = Suspension.objects.filter(id=suspension_id).first()
    if found is None or found.owner_id == actor.account_id or not policy.allows(actor, "points.lift", found):
        raise missing()
    return found


# Rewards.


def rewards(actor: Actor, *, district: str) -> list[Reward]:
    """What points of a district can be changed for now."""
    policy.require(actor, "points.redeem")
    return list(Reward.objects.filter(district=district, offered=True).order_by("price", "id"))


def rewards_kept(actor: Actor) -> list[Reward]:
    """The rewards that this post looks after, in the order of their areas."""
    policy.require(actor, "points.keep_rewards")
    return list(
        Reward.objects.filter(in_subtree("area_path", actor.area_path)).order_by("-offered", "area_path", "price")
    )


def redemption_by_code(actor: Actor, code: str) -> Redemption:
    """What somebody who shows this code has come to collect, in the post's area.

    Raises:
        NotFound: nothing waits under it here.
    """
    policy.require(actor, "points.hand_out")
    figures = "".join(ch for ch in code if ch.isdigit())
    found = (
        Redemption.objects.filter(
            in_subtree("area_path", actor.area_path), code_hash=code_hash(figures), state=RedemptionState.WAITING
        )
        .select_related("reward")
        .first()
        if len(figures) == 8
        else None
    )
    if found is None:
        raise NotFound(
            "points.code", _("Nothing waits under this code here."), field="code", mend=_("Check the eight figures.")
        )
    return found


def pick_up_code(district: str, redemption_id: UUID) -> str:
    """The eight figures with which a redemption is collected: made again from its id under the keyring, kept nowhere."""
    digest = crypto.lookup_hash("code", f"reward:{district}:{redemption_id}")
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def code_hash(code: str) -> bytes:
    """By what a redemption is found again."""
    return crypto.lookup_hash("code", f"reward-code:{code}")


# Where things come from.


def reports_of(district: str, cases: Sequence[UUID]) -> dict[UUID, Event]:
    """The event with which each case came in: by which post, in which role, and for residents by which account."""
    found = Event.objects.filter(district=district, subject_id__in=cases, sequence=1, kind="case.report")
    return {one.subject_id: one for one in found}


def owner_of_post(district: str, post_id: UUID) -> UUID | None:
    """The person who holds or held a post."""
    return Post.objects.filter(district=district, id=post_id).values_list("account_id", flat=True).first()


def finder_of(district: str, case_id: UUID) -> UUID | None:
    """The person who reported a case, when a post or an account stands behind the report."""
    told = reports_of(district, [case_id]).get(case_id)
    if told is None:
        return None
    if told.post_id is not None:
        return owner_of_post(district, told.post_id)
    return UUID(told.data["account"]) if told.data.get("account") else None


# Holding the book to itself.


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit in the book: the account, and what is wrong with it."""

    district: str
    account_id: UUID
    what: str


def recount(*, district: str = "") -> Iterator[Fault]:
    """Count every account again from its entries and follow its chain; what does not fit, one fault for each account."""
    from linli.ledger.book import GENESIS, hash_of

    accounts = Account.objects.filter(kind=AccountKind.PERSON)
    for account in (accounts.filter(district=district) if district else accounts).order_by("district", "id").iterator():
        balance, head, number = 0, GENESIS, 0
        fault = ""
        for one in account.entries.order_by("sequence").iterator():
            number += 1
            if one.sequence != number or bytes(one.prev_hash) != head:
                fault = fault or f"the chain breaks at entry {number}"
            if hash_of(one) != bytes(one.hash):
                fault = fault or f"entry {number} was changed"
            balance, head = balance + one.signed, bytes(one.hash)
        if not fault and (number != account.entries_count or head != bytes(account.head)):
            fault = "the account and its last entry do not fit"
        if not fault and balance != account.balance:
            fault = f"the balance is {account.balance}, its entries give {balance}"
        if fault:
            yield Fault(account.district, account.id, fault)


def house_balances(district: str) -> dict[str, int]:
    """What the house's accounts of a district come to; with the sum of all people's balances they make zero."""
    totals: dict[str, int] = dict.fromkeys((str(kind) for kind in AccountKind if kind != AccountKind.PERSON), 0)
    for side, sign in (("debit", -1), ("credit", 1)):
        rows = Entry.objects.filter(district=district).exclude(**{f"{side}__kind": AccountKind.PERSON})
        for kind, amount in _sums(rows, side):
            totals[kind] += sign * amount
    return totals


def _sums(rows: QuerySet[Entry], side: str) -> list[tuple[str, int]]:
    found = rows.values_list(f"{side}__kind").annotate(total=Sum("amount"))
    return [(kind, int(total)) for kind, total in found]


def awards_between(account: Account, rule: str, span: counting.Span) -> int:
    """What a rule gave an account in a span of time, without what was taken back."""
    rows = Entry.objects.filter(
        district=account.district, account=account, rule=rule, kind=EntryKind.AWARD, occurred_at__gte=span.start,
        occurred_at__lt=span.end, reversals__isnull=True,
    )  # fmt: skip
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def home_path(actor: Actor) -> str:
    """Where a resident lives, as far as the account says; else the district."""
    if actor.account_id is None:
        return actor.district
    path = Person.objects.filter(id=actor.account_id).values_list("home_path", flat=True).first()
    return path or home_district(actor)


def member_named(actor: Actor, login: str) -> UUID | None:
    """The account of somebody who holds a post in the actor's area, by the login that they sign in with."""
    rows = Post.objects.filter(in_subtree("area_path", actor.area_path), account__login__iexact=login.strip())
    return rows.values_list("account_id", flat=True).first()
