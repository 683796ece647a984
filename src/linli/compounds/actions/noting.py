"""Noting records: the committee, who looks after the compound, renovations, dues, votes, the yearly check. One function for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.compounds import rules, standing, voting
from linli.compounds.actions.filing import Filing, Origin, filing, words
from linli.compounds.models import (
    KINDS,
    RECORDED,
    Check,
    Committee,
    CommitteeState,
    Contract,
    Dues,
    Kind,
    Renovation,
    RenovationState,
    Vote,
    Work,
)
from linli.compounds.voting import Ballot, Subject
from linli.kernel import time
from linli.kernel.db import within
from linli.kernel.errors import Invalid
from linli.kernel.trust import SYSTEM, Actor, context
from linli.people.actions.contacts import store_contact
from linli.people.models import Contact, Organisation, Post
from linli.people.queries.acting import in_force

MOST_MEMBERS = 99
LONGEST_TERM = 366 * 6
MOST_HOUSEHOLDS = 100_000
MOST_FEN = 10**13
MOST_AREA = 10**12
EARLIEST = date(1980, 1, 1)
AHEAD = timedelta(days=366 * 30)


@dataclass(frozen=True, slots=True)
class CommitteeFacts:
    """What is noted of a committee.

    Args:
        holds_from: the day from which it is so; of an elected one the day of the election.
        term_ends_on: the first day on which the term is over.
        chair_post: a post of the house that the chair holds; or name and number of the chair, which are kept sealed.
    """

    state: CommitteeState | str
    holds_from: date
    term_ends_on: date | None = None
    members: int | None = None
    chair_post: UUID | None = None
    chair_name: str = ""
    chair_phone: str = ""
    organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """Who looks after the compound; ``ends_on`` is the first day on which the contract holds no more, ``fee_fen`` a m² and month."""

    kind: Kind | str
    starts_on: date
    company: str = ""
    ends_on: date | None = None
    fee_fen: int | None = None
    organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class RenovationFacts:
    """A renovation; both days are in it, and ``cost_fen`` may not be known yet."""

    title: str
    state: RenovationState | str
    starts_on: date
    ends_on: date
    works: Sequence[str] = ()
    cost_fen: int | None = None


def committee(
    actor: Actor, compound_id: UUID, facts: CommitteeFacts, *, origin: Origin, key: UUID, replaces: UUID | None = None
) -> Committee:
    """Note the owners' committee; once for the key. The contact of the chair of an earlier record is deleted.

    Raises:
        NotFound, Forbidden: the post may not, or there is nothing to replace.
        Conflict: what it replaces was replaced before.
        Invalid: a field is wrong.
    """
    _day(facts.holds_from, "holds_from", ahead=timedelta(days=366))
    if facts.state not in RECORDED:
        raise Invalid("compounds.state", _("Choose one of the states."), field="state")
    elected = facts.state == CommitteeState.ELECTED
    if elected:
        if facts.term_ends_on is None or not 0 < (facts.term_ends_on - facts.holds_from).days <= LONGEST_TERM:
            raise Invalid(
                "compounds.term", _("The term ends after the election, within six years."), field="term_ends_on"
            )
        if facts.members is None or not 1 <= facts.members <= MOST_MEMBERS:
            raise Invalid("compounds.members", _("Give the number of members, 1 to 99."), field="members")
    with filing(actor, compound_id, "committee") as open_:
        if (before := open_.first(Committee, key)) is not None:
            return before
        old = open_.replaced(Committee, replaces)
        compound, contact = open_.compound, None
        if elected and facts.chair_post is not None:
            _known_post(open_, facts.chair_post)
        elif elected and (facts.chair_name.strip() or facts.chair_phone.strip()):
            contact = store_contact(
                district=compound.district, area_path=compound.area_path, name=facts.chair_name, phone=facts.chair_phone
            )
        _forget_chairs(open_)
        made = Committee.objects.create(
            id=key, **open_.record(origin), replaces=old, state=str(facts.state), holds_from=facts.holds_from,
            elected_on=facts.holds_from if elected else None, term_ends_on=facts.term_ends_on if elected else None,
            members=facts.members if elected else None, chair_post_id=facts.chair_post if elected else None, chair_contact_id=contact,
            organisation_id=_known_organisation(open_, facts.organisation),
        )  # fmt: skip
        open_.told = {"state": made.state}
    return made


def _known_post(open_: Filing, post_id: UUID) -> None:
    found = Post.objects.filter(in_force(), district=open_.compound.district, id=post_id).first()
    near = found is not None and (
        within(open_.compound.area_path, found.area_path) or within(found.area_path, open_.compound.area_path)
    )
    if not near:
        raise Invalid("compounds.chair", _("There is no such post here."), field="chair_post")


def _known_organisation(open_: Filing, organisation_id: UUID | None) -> UUID | None:
    if organisation_id is None:
        return None
    if not Organisation.objects.filter(district=open_.compound.district, id=organisation_id).exists():
        raise Invalid(
            "compounds.organisation", _("There is no such organisation in this district."), field="organisation"
        )
    return organisation_id


def _forget_chairs(open_: Filing) -> None:
    """Delete the contacts of earlier chairs: nobody rings them for this compound any more."""
    rows = Committee.objects.filter(
        district=open_.compound.district, compound=open_.compound, chair_contact_id__isnull=False
    )
    old = [one for one in rows.values_list("chair_contact_id", flat=True) if one is not None]
    if old:
        with context.personal(SYSTEM, purpose="another committee is noted"):
            Contact.objects.filter(district=open_.compound.district, id__in=old).delete()


def contract(
    actor: Actor, compound_id: UUID, facts: ContractFacts, *, origin: Origin, key: UUID, replaces: UUID | None = None
) -> Contract:
    """Note who looks after the compound, from when until when, and for what fee; once for the key.

    Raises:
        NotFound, Forbidden, Conflict: as :func:`committee`.
        Invalid: a field is wrong; a company's contract names it and has an end.
    """
    if facts.kind not in KINDS:
        raise Invalid("compounds.kind", _("Choose who looks after it."), field="kind")
    _day(facts.starts_on, "starts_on", ahead=timedelta(days=366))
    company = " ".join(facts.company.split())[:120]
    if facts.kind == Kind.PROFESSIONAL and len(company) < 2:
        raise Invalid("compounds.company", _("Name the property company."), field="company")
    if facts.kind == Kind.PROFESSIONAL and facts.ends_on is None:
        raise Invalid("compounds.ends", _("A contract has an end."), field="ends_on")
    if facts.ends_on is not None:
        if facts.ends_on <= facts.starts_on:
            raise Invalid("compounds.days", _("It ends after it begins."), field="ends_on")
        _day(facts.ends_on, "ends_on", ahead=AHEAD)
    if facts.fee_fen is not None and not 0 <= facts.fee_fen <= 100_000:
        raise Invalid("compounds.fee", _("Give the fee in yuan, 0 to 1,000."), field="fee")
    with filing(actor, compound_id, "contract") as open_:
        if (before := open_.first(Contract, key)) is not None:
            return before
        made = Contract.objects.create(
            id=key, **open_.record(origin), replaces=open_.replaced(Contract, replaces), kind=str(facts.kind), company=company,
            organisation_id=_known_organisation(open_, facts.organisation), starts_on=facts.starts_on, ends_on=facts.ends_on,
            fee_fen=facts.fee_fen,
        )  # fmt: skip
        open_.told = {"kind": made.kind}
    return made


def renovation(
    actor: Actor, compound_id: UUID, facts: RenovationFacts, *, origin: Origin, key: UUID, replaces: UUID | None = None
) -> Renovation:
    """Note a renovation, or with ``replaces`` how far it is now; once for the key.

    Raises:
        NotFound, Forbidden, Conflict: as :func:`committee`.
        Invalid: a field is wrong, or it is done on a day that has not come.
    """
    title = words(facts.title, field="title")
    if facts.state not in RenovationState.values:
        raise Invalid("compounds.state", _("Choose one of the states."), field="state")
    if unknown := set(facts.works) - set(Work.values):
        raise Invalid(
            "compounds.works", _("Choose works that there are."), field="works", extra={"unknown": sorted(unknown)}
        )
    _day(facts.starts_on, "starts_on", ahead=AHEAD)
    _day(facts.ends_on, "ends_on", ahead=timedelta(0) if facts.state == RenovationState.DONE else AHEAD)
    if facts.ends_on < facts.starts_on:
        raise Invalid("compounds.days", _("It ends after it begins."), field="ends_on")
    if facts.cost_fen is not None and not 0 <= facts.cost_fen <= MOST_FEN:
        raise Invalid("compounds.cost", _("Give the cost in yuan, not less than nothing."), field="cost")
    with filing(actor, compound_id, "renovation") as open_:
        if (before := open_.first(Renovation, key)) is not None:
            return before
        made = Renovation.objects.create(
            id=key, **open_.record(origin), replaces=open_.replaced(Renovation, replaces), title=title, state=str(facts.state),
            works=sorted(set(facts.works)), starts_on=facts.starts_on, ends_on=facts.ends_on, cost_fen=facts.cost_fen,
        )  # fmt: skip
        open_.told = {"state": made.state}
    return made


def dues(
    actor: Actor,
    compound_id: UUID,
    *,
    starts_on: date,
    ends_on: date,
    billed: int,
    paid: int,
    origin: Origin,
    key: UUID,
    replaces: UUID | None = None,
) -> Dues:
    """Note how many households were billed for a period and how many paid; once for the key.

    Args:
        starts_on, ends_on: of the period, both in it; a year and a month at the most.

    Raises:
        NotFound, Forbidden, Conflict: as :func:`committee`.
        Invalid: a field is wrong.
    """
    _day(starts_on, "starts_on", ahead=timedelta(days=31))
    if not 0 <= (ends_on - starts_on).days <= 397:
        raise Invalid("compounds.period", _("The period ends after it begins, within a year."), field="ends_on")
    if not 1 <= billed <= MOST_HOUSEHOLDS:
        raise Invalid("compounds.billed", _("Give the number of households."), field="billed")
    if not 0 <= paid <= billed:
        raise Invalid("compounds.paid", _("Not more can have paid than were billed."), field="paid")
    with filing(actor, compound_id, "dues") as open_:
        if (before := open_.first(Dues, key)) is not None:
            return before
        made = Dues.objects.create(
            id=key, **open_.record(origin), replaces=open_.replaced(Dues, replaces), starts_on=starts_on, ends_on=ends_on, billed=billed,
            paid=paid,
        )  # fmt: skip
        open_.told = {"share": made.share}
    return made


def vote(
    actor: Actor,
    compound_id: UUID,
    *,
    subject: Subject | str,
    title: str,
    held_on: date,
    ballot: Ballot,
    origin: Origin,
    key: UUID,
    replaces: UUID | None = None,
) -> Vote:
    """Note a vote of the owners in counts; its result is computed, not typed. Once for the key.

    Args:
        ballot: areas in square decimetres.

    Raises:
        NotFound, Forbidden, Conflict: as :func:`committee`.
        Invalid: such counts cannot be.
    """
    if subject not in Subject.values:
        raise Invalid("compounds.subject", _("Choose what was voted on."), field="subject")
    _day(held_on, "held_on", ahead=timedelta(0))
    name = words(title, field="title")
    if ballot.heads > MOST_HOUSEHOLDS or ballot.area > MOST_AREA or not ballot.is_possible:
        field = "heads" if ballot.heads < 1 or ballot.present_heads > ballot.heads else "area"
        raise Invalid(
            "compounds.ballot",
            _("These counts cannot be: more took part than there are, or a number is missing."),
            field=field,
            mend=_("Count heads and areas of all owners, and of those who took part."),
        )
    with filing(actor, compound_id, "vote") as open_:
        if (before := open_.first(Vote, key)) is not None:
            return before
        made = Vote.objects.create(
            id=key, **open_.record(origin), replaces=open_.replaced(Vote, replaces), subject=str(subject), title=name, held_on=held_on,
            heads=ballot.heads, area=ballot.area, yes_heads=ballot.yes_heads, yes_area=ballot.yes_area, no_heads=ballot.no_heads,
            no_area=ballot.no_area, abstain_heads=ballot.abstain_heads, abstain_area=ballot.abstain_area,
            result=str(voting.result(subject, ballot)),
        )  # fmt: skip
        open_.told = {"subject": made.subject, "result": made.result}
    return made


def check(
    actor: Actor,
    compound_id: UUID,
    *,
    year: int,
    answers: Mapping[str, str],
    origin: Origin,
    key: UUID,
    replaces: UUID | None = None,
) -> Check:
    """Note the yearly check: an answer to every item of the rules that hold today; the points follow. Once for the key.

    Raises:
        NotFound, Forbidden, Conflict: as :func:`committee`.
        Invalid: an item has no answer, or the year is none.
    """
    today = time.today()
    if not EARLIEST.year <= year <= today.year:
        raise Invalid("compounds.year", _("Give a year, this one or an earlier one."), field="year")
    by = standing.rules_on(today)
    points, most = rules.points(by.items, answers)
    if by.number == 0:
        raise Invalid("compounds.no_rules", _("No rules are published yet."), field="year")
    with filing(actor, compound_id, "check") as open_:
        if (before := open_.first(Check, key)) is not None:
            return before
        made = Check.objects.create(
            id=key, **open_.record(origin), replaces=open_.replaced(Check, replaces), year=year, rule_set=by, answers=dict(answers),
            points=points, most=most,
        )  # fmt: skip
        open_.told = {"year": year, "points": points}
    return made


def _day(day: date, field: str, *, ahead: timedelta) -> None:
    if not EARLIEST <= day <= time.today() + ahead:
        raise Invalid("compounds.day", _("This day is too early or too late."), field=field)
