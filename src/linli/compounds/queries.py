"""Reads of the room: lists and files for the posts that may see them, one's own compound for residents, rules for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from linli.compounds import running, standing
from linli.compounds.actions.filing import compound_of
from linli.compounds.models import (
    Check,
    Colour,
    Committee,
    CommitteeState,
    Contract,
    Dues,
    FundEntry,
    Kind,
    Photo,
    Record,
    Renovation,
    RuleChange,
    RuleSet,
    RunsOut,
    Standing,
    Vote,
)
from linli.compounds.running import Item
from linli.kernel import time
from linli.kernel.db import in_subtree, within
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot
from linli.people.actions.contacts import read_contact
from linli.people.models import Account, Post
from linli.people.queries.acting import in_force
from linli.people.queries.contacts import MaskedContact, PlainContact, masked_contact
from linli.territory.address_text import normalise
from linli.territory.models import Building, Compound

PAGE = 50
MOST_RUNNING = 500
MOST_OWN = 12
MOST_POSTS = 60
SORTS = ("colour", "name", "contract", "term")
_WORST = Case(
    When(colour="red", then=Value(0)),
    When(colour="yellow", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What narrows a list; empty means all."""

    words: str = ""
    colour: str = ""
    committee: str = ""
    kind: str = ""
    hit: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many compounds of an area there are, by what a list can be narrowed to; each over the words alone."""

    total: int
    colours: dict[str, int]
    committees: dict[str, int]
    kinds: dict[str, int]


def reach_path(actor: Actor, asked: str = "") -> str:
    """The area that a list is about: the one asked for where it lies in the post's own, else that.

    Raises:
        Forbidden, SignInNeeded: the post sees no files.
    """
    policy.require(actor, "compound.view")
    if "city" in policy.reach(actor, "compound.view"):
        return asked or actor.area_path
    return asked if asked and within(asked, actor.area_path) else actor.area_path


def standings(actor: Actor, *, area: str = "") -> QuerySet[Standing]:
    """The standings that the actor may see, in an area."""
    path = reach_path(actor, area)
    return Standing.objects.filter(in_subtree("compound__area_path", path)) if path else Standing.objects.none()


def _worded(rows: QuerySet[Standing], words: str) -> QuerySet[Standing]:
    plain = normalise(words)
    return rows.filter(Q(compound__search_key__contains=plain) | Q(company__icontains=words.strip())) if plain else rows


def listed(
    actor: Actor,
    *,
    area: str = "",
    narrowed: Narrowed | None = None,
    sort: str = "colour",
    after: int = 0,
    size: int = PAGE,
) -> tuple[list[Standing], bool]:
    """A page of compounds with their standings, and whether there are more; one query.

    Args:
        sort: one of :data:`SORTS`; the worst colour first unless told.
        after: how many to leave out.
    """
    by = narrowed or Narrowed()
    rows = _worded(standings(actor, area=area), by.words).select_related("compound")
    if by.colour:
        rows = rows.filter(colour=by.colour)
    if by.committee:
        rows = rows.filter(committee_state=by.committee)
    if by.kind:
        rows = rows.filter(kind=by.kind)
    if by.hit:
        rows = rows.filter(hits__contains=[{"code": by.hit}])
    order: list[Any] = {
        "name": ["compound__name"],
        "contract": ["contract_ends_on"],
        "term": ["term_ends_on"],
    }.get(sort, [_WORST, "compound__area_path"])
    found = list(rows.order_by(*order, "compound__name", "id")[after : after + size + 1])
    return found[:size], len(found) > size


def counted(actor: Actor, *, area: str = "", words: str = "") -> Counts:
    """What the list of an area could be narrowed to, with how many; one query."""
    names = {
        **{f"colour_{one}": Q(colour=one) for one in Colour.values},
        **{f"committee_{one}": Q(committee_state=one) for one in CommitteeState.values},
        **{f"kind_{one}": Q(kind=one) for one in Kind.values},
    }
    found = _worded(standings(actor, area=area), words).aggregate(
        total=Count("id"), **{name: Count("id", filter=condition) for name, condition in names.items()}
    )

    def of(prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): n for name, n in found.items() if name.startswith(prefix) and n}

    return Counts(found["total"], of("colour_"), of("committee_"), of("kind_"))


def running_out(actor: Actor, *, area: str = "", kind: str = "") -> list[Item]:
    """What runs out soon, or has run out, in an area, by day; at most :data:`MOST_RUNNING`. Two queries."""
    today = time.today()
    terms = standing.rules_on(today).terms
    rows = running.having_any(standings(actor, area=area), terms, today).select_related("compound")
    items = [item for row in rows[:MOST_RUNNING] for item in running.items_of(row, terms, today)]
    wanted = [item for item in items if not kind or item.kind == kind]
    return sorted(wanted, key=lambda item: (item.day, item.standing.compound.name, item.kind))


def running_counts(actor: Actor, *, area: str = "") -> dict[RunsOut, int]:
    """How much of each kind runs out in an area; two queries."""
    today = time.today()
    return running.count(standings(actor, area=area), standing.rules_on(today).terms, today)


@dataclass
class File:
    """Everything of one compound. Records that others replaced stand in ``history`` alone."""

    compound: Compound
    standing: Standing
    rules: RuleSet
    committee: Committee | None
    committees: list[Committee]
    contract: Contract | None
    contracts: list[Contract]
    fund: list[FundEntry]
    balance: int
    reversed_: set[UUID]
    renovations: list[Renovation]
    dues: list[Dues]
    votes: list[Vote]
    checks: list[Check]
    photos: list[Photo]
    chair: MaskedContact | None = None
    history: list[Record] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        """What runs out."""
        return running.items_of(self.standing, self.rules.terms, time.today())


def visible(actor: Actor, compound_id: UUID) -> Compound:
    """A compound whose file the actor may see.

    Raises:
        NotFound: there is none, or none that the actor may see.
    """
    found = compound_of(compound_id)
    policy.require(actor, "compound.view", Spot(found.area_path))
    return found


def file(actor: Actor, compound_id: UUID) -> File:
    """The file of a compound; as many queries for a long one as for an empty one.

    Raises:
        NotFound, Forbidden: the actor may not see it.
    """
    compound = visible(actor, compound_id)
    found = _file(compound)
    contact = found.committee.chair_contact_id if found.committee else None
    if contact is not None and policy.allows(actor, "compound.keep", Spot(compound.area_path)):
        found.chair = masked_contact(actor, contact, district=compound.district)
    return found


def _file(compound: Compound) -> File:
    today = time.today()
    here: dict[str, Any] = {"district": compound.district, "compound": compound}
    by = standing.rules_on(today)
    committees = list(Committee.objects.filter(**here).select_related("chair_post__account", "organisation"))
    contracts = list(Contract.objects.filter(**here).select_related("organisation"))
    fund = list(FundEntry.objects.filter(**here).order_by("-day", "-noted_at"))
    renovations, dues = list(Renovation.objects.filter(**here)), list(Dues.objects.filter(**here))
    votes, checks = list(Vote.objects.filter(**here)), list(Check.objects.filter(**here).select_related("rule_set"))
    history: list[Record] = [*committees, *contracts, *fund, *renovations, *dues, *votes, *checks]
    reversed_ = {row.replaces_id for row in fund if row.replaces_id}
    live = [row for row in fund if row.replaces_id is None and row.id not in reversed_]
    records = standing.Records(
        standing.holding(committees), standing.holding(contracts), standing.holding(renovations), standing.holding(dues),
        standing.holding(checks), sum(row.amount for row in fund), max((row.day for row in live), default=None),
    )  # fmt: skip
    # Made from the records that stand on the page, so that the colour and its reasons are always of today.
    now = standing.made(compound, records, on=today, by=by)
    return File(
        compound=compound, standing=now, rules=by,
        committee=standing.committee_on(records.committees, today),
        committees=sorted(records.committees, key=lambda row: row.holds_from, reverse=True),
        contract=standing.contract_on(records.contracts, today),
        contracts=sorted(records.contracts, key=lambda row: row.starts_on, reverse=True),
        fund=fund, balance=records.fund_balance, reversed_={one for one in reversed_ if one},
        renovations=sorted(records.renovations, key=lambda row: row.ends_on, reverse=True),
        dues=sorted(records.dues, key=lambda row: row.ends_on, reverse=True),
        votes=sorted(standing.holding(votes), key=lambda row: row.held_on, reverse=True),
        checks=sorted(records.checks, key=lambda row: row.year, reverse=True),
        photos=list(Photo.objects.filter(**here).order_by("-at", "id")),
        history=sorted(history, key=lambda row: (row.noted_at, row.id), reverse=True),
    )  # fmt: skip


def photo(actor: Actor, compound_id: UUID, photo_id: UUID) -> Photo:
    """A photo of a compound whose file the actor may see.

    Raises:
        NotFound: there is none.
    """
    compound = visible(actor, compound_id)
    found = Photo.objects.filter(district=compound.district, compound=compound, id=photo_id).first()
    if found is None:
        raise NotFound("photo.none", _("There is no such photo."))
    return found


def posts_around(compound: Compound) -> list[Post]:
    """The posts in the compound's community that a chair may hold, the nearest first."""
    community = "/".join(compound.area_path.split("/")[:3])
    rows = Post.objects.filter(in_force(), in_subtree("area_path", community), account__is_active=True)
    found = list(rows.select_related("account").order_by("area_path", "id")[:MOST_POSTS])
    return sorted(found, key=lambda one: not within(one.area_path, compound.area_path))


def chair(actor: Actor, compound_id: UUID, *, purpose: str) -> PlainContact:
    """Name and number of the committee's chair in clear; leaves an audit row.

    Raises:
        NotFound, Forbidden: the post may not, or there is none.
        Invalid: no purpose is given.
    """
    compound = visible(actor, compound_id)
    found = standing.committee_on(
        standing.holding(Committee.objects.filter(district=compound.district, compound=compound)), time.today()
    )
    if found is None or found.chair_contact_id is None:
        raise NotFound("compounds.no_chair", _("There is no contact of a chair."))
    return read_contact(
        actor, found.chair_contact_id, district=compound.district, purpose=purpose, matter=Spot(compound.area_path),
        verb="compound.read_contact", subject_type="compound", subject_id=compound.id,
    )  # fmt: skip


# --- residents and everybody ----------------------------------------------------------------------------------------------------------


def own(actor: Actor) -> list[Compound]:
    """The compounds that a resident may live in: those with a building in the micro-grid that they have set as their home.

    Raises:
        Forbidden, SignInNeeded: nobody who could have a home.
    """
    policy.require(actor, "compound.own")
    me = Account.objects.filter(id=actor.account_id).first() if actor.account_id else None
    home = me.home_path if me else ""
    if home.count("/") < 4:
        return []
    here = Q(area_path=home) | Q(
        Exists(Building.objects.filter(district=OuterRef("district"), compound_id=OuterRef("id"), area_path=home))
    )
    # One that spans several micro-grids and whose buildings are not known yet is named by the grid above.
    beside = Q(area_path=home.rpartition("/")[0]) & ~Exists(
        Building.objects.filter(district=OuterRef("district"), compound_id=OuterRef("id"))
    )
    return list(Compound.objects.filter(here | beside, district=home[:6]).order_by("name")[:MOST_OWN])


def own_file(actor: Actor, compound_id: UUID) -> File:
    """What a resident may see of their own compound: no photos, no history, nobody's name.

    Raises:
        NotFound: it is not theirs.
    """
    compound = next((one for one in own(actor) if one.id == compound_id), None)
    if compound is None:
        raise NotFound("compounds.not_own", _("This is not the compound that you live in."))
    found = _file(compound)
    found.photos, found.history = [], []
    for row in found.committees:
        row.chair_post, row.chair_contact_id = None, None
    return found


def rule_set(number: int = 0) -> RuleSet:
    """A published set of rules, the one in force today unless told.

    Raises:
        NotFound: there is none of this number.
    """
    if not number:
        return standing.rules_on(time.today())
    found = RuleSet.objects.filter(number=number).first()
    if found is None:
        raise NotFound("compounds.no_rule_set", _("There are no rules of this number."))
    return found


def rule_sets() -> Sequence[RuleSet]:
    """Every published set, the newest first."""
    return list(RuleSet.objects.order_by("-number"))


def changes(actor: Actor) -> list[RuleChange]:
    """Changes of the rules, those that wait first."""
    policy.require(actor, "compound.change_rules")
    rows = list(RuleChange.objects.select_related("base").order_by("-proposed_at")[:50])
    return sorted(rows, key=lambda one: one.state != "proposed")


def change(actor: Actor, change_id: UUID) -> RuleChange:
    """One change of the rules.

    Raises:
        NotFound: there is none.
    """
    policy.require(actor, "compound.change_rules")
    found = RuleChange.objects.filter(id=change_id).select_related("base").first()
    if found is None:
        raise NotFound("change.none", _("There is no such change."))
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a difference between two sets: what it is about, and its row before and after; ``None`` where there is none."""

    part: str
    code: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def differences(before: RuleSet | RuleChange, after: RuleSet | RuleChange) -> list[Difference]:
    """What differs between two sets, in the order of the later one; what is gone comes last."""
    found: list[Difference] = []
    for part in ("rules", "items"):
        old = {row["code"]: row for row in getattr(before, part)}
        new = {row["code"]: row for row in getattr(after, part)}
        found += [Difference(part, code, old.get(code), row) for code, row in new.items() if old.get(code) != row]
        found += [Difference(part, code, row, None) for code, row in old.items() if code not in new]
    found += [
        Difference("terms", name, {"days": before.terms.get(name)}, {"days": days})
        for name, days in after.terms.items()
        if before.terms.get(name) != days
    ]
    return found
