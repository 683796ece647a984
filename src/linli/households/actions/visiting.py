"""At the door: as it was, a change proposed, nobody met; and campaigns, in which every dwelling of a community is verified."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.duties import guarding
from linli.households.actions.facts import check_day, open_residencies
from linli.households.duties import CAMPAIGN
from linli.households.models import Campaign, Change, Kind, Outcome, Proposal, Source, Status, Visit
from linli.households.place import dwelling_for
from linli.households.sealed import Told, checked, fill_proposal
from linli.kernel import events, ids, time
from linli.kernel.db import district_of, within
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor, audit, context, policy
from linli.territory.models import Dwelling

NEXT_TRY = timedelta(days=3)
LATEST_TRY = timedelta(days=60)
TAKE_BACK_WITHIN = timedelta(hours=12)
VERIFYING = "verify who lives here"
"""The purpose under which a dwelling's page is shown at the door."""


def verify(
    actor: Actor, dwelling_id: UUID, *, outcome: Outcome, next_try_on: date | None = None, at: datetime | None = None
) -> Visit:
    """Record a visit at which nothing is proposed: as it was, or nobody was met.

    Args:
        next_try_on: when to try again; three days on unless told. Only where nobody was met.
        at: when the member stood there, if that was before now (a phone without a signal).

    Raises:
        NotFound, Forbidden: the post may not verify there.
        Invalid: the next try is not within sixty days.
    """
    if outcome == Outcome.CHANGED:
        raise Invalid("visit.outcome", _("Say what has changed."), field="change")
    with transaction.atomic():
        dwelling = _locked(actor, dwelling_id, "household.verify")
        planned = None
        if outcome == Outcome.NOT_MET:
            today = time.today()
            planned = next_try_on or today + NEXT_TRY
            if not today <= planned <= today + LATEST_TRY:
                raise Invalid("visit.next_try", _("Plan the next try within sixty days."), field="next_try_on")
        return _record(actor, dwelling, outcome, next_try_on=planned, at=at)


def _locked(actor: Actor, dwelling_id: UUID, verb: str) -> Dwelling:
    dwelling = dwelling_for(actor, dwelling_id, verb)
    # One visit at a time: the events of a dwelling are numbered.
    Dwelling.objects.select_for_update().filter(district=dwelling.district, id=dwelling.id).first()
    return dwelling


def _record(
    actor: Actor,
    dwelling: Dwelling,
    outcome: Outcome,
    *,
    next_try_on: date | None = None,
    at: datetime | None = None,
) -> Visit:
    now = time.now()
    before = Visit.objects.filter(district=dwelling.district, dwelling_id=dwelling.id).count()
    visit = Visit.objects.create(
        id=ids.new_id(), district=dwelling.district, dwelling_id=dwelling.id, area_path=dwelling.area_path, outcome=outcome,
        next_try_on=next_try_on, at=min(at or now, now), recorded_at=now, post_id=actor.post_id,
    )  # fmt: skip
    campaign = campaign_of(dwelling.area_path)
    events.append(
        "dwelling.verified",
        subject_type="dwelling",
        subject_id=dwelling.id,
        sequence=before + 1,
        district=dwelling.district,
        area_path=dwelling.area_path,
        actor=actor,
        data={
            "visit": str(visit.id),
            "outcome": str(outcome),
            "at": visit.at.isoformat(),
            "campaign": str(campaign.id) if campaign else None,
        },
    )
    return visit


def campaign_of(path: str) -> Campaign | None:
    """The campaign that runs today in an area, or in one above it; the smallest area goes first."""
    today = time.today()
    rows = Campaign.objects.filter(district=district_of(path), starts_on__lte=today, ends_on__gte=today)
    return max((one for one in rows if within(path, one.area_path)), key=lambda one: len(one.area_path), default=None)


def take_back(actor: Actor, visit_id: UUID) -> Visit:
    """Take one's own visit back, within the day, as long as it proposed nothing.

    Raises:
        NotFound: there is no such visit of this post.
        Conflict: it is too late, or it proposed a change.
    """
    with transaction.atomic():
        visit = (
            Visit.objects.select_for_update()
            .filter(district=actor.district, id=visit_id, post_id=actor.post_id, undone_at__isnull=True)
            .first()
        )
        if visit is None or actor.post_id is None:
            raise NotFound("visit.none", _("There is no such visit of yours."))
        policy.require(actor, "household.verify", policy.Spot(visit.area_path), view="household.view")
        if visit.outcome == Outcome.CHANGED or time.now() - visit.recorded_at > TAKE_BACK_WITHIN:
            raise Conflict("visit.kept", _("This visit can no longer be taken back."))
        visit.undone_at = time.now()
        visit.save(update_fields=["undone_at"])
    return visit


def propose(
    actor: Actor,
    dwelling_id: UUID,
    *,
    change: str,
    status: str = "",
    kind: str = "",
    person_id: UUID | None = None,
    told: Told | None = None,
    note: str = "",
    effective_on: date | None = None,
    source: Source = Source.VISIT,
    at: datetime | None = None,
) -> Proposal:
    """Say what has changed at a dwelling. Nothing changes before a community worker has accepted it.

    Args:
        change: a value of :class:`Change`.
        status: the new use, for a change of use.
        kind: what the person is to the dwelling, for somebody who moved in.
        person_id: whom it is about, for somebody who moved out or has another number.
        told: name and numbers, for somebody who moved in or has another number.
        note: a few words for whoever decides; sealed.
        effective_on: from when it holds; today unless told.
        source: where it is from; what is said at the door counts as a visit too.
        at: when the member stood there, if that was before now.

    Raises:
        NotFound, Forbidden: the post may not propose anything there.
        Invalid: something that the change needs is missing or wrong.
    """
    told = told or Told()
    day = check_day(effective_on or time.today())
    with transaction.atomic():
        dwelling = _locked(actor, dwelling_id, "household.propose")
        proposal = Proposal(
            id=ids.new_id(), district=dwelling.district, dwelling_id=dwelling.id, area_path=dwelling.area_path, change=change,
            effective_on=day, source=source, post_id=actor.post_id,
        )  # fmt: skip
        match change:
            case Change.STATUS:
                if status not in Status.values:
                    raise Invalid("proposal.status", _("Please choose how the dwelling is used."), field="status")
                proposal.status = status
                told = Told()
            case Change.MOVED_IN:
                if kind not in Kind.values:
                    raise Invalid("proposal.kind", _("Please choose what the person is to the dwelling."), field="kind")
                proposal.kind = kind
                told = checked(told)
            case Change.MOVED_OUT | Change.PHONE:
                proposal.person_id = _resident(actor, dwelling, person_id)
                told = Told() if change == Change.MOVED_OUT else checked(Told(phone=told.phone), name_needed=False)
                if change == Change.PHONE and not told.phone:
                    raise Invalid("proposal.phone", _("Please give the new number."), field="phone")
            case _:
                raise Invalid("proposal.change", _("Please choose what has changed."), field="change")
        fill_proposal(proposal, told, note)
        proposal.save(force_insert=True)
        if source == Source.VISIT:
            _record(actor, dwelling, Outcome.CHANGED, at=at)
    return proposal


def _resident(actor: Actor, dwelling: Dwelling, person_id: UUID | None) -> UUID:
    with context.personal(actor, purpose=VERIFYING):
        if person_id and open_residencies(dwelling.district, dwelling_id=dwelling.id, person_id=person_id).exists():
            return person_id
    raise Invalid("proposal.person", _("Please choose who it is about."), field="person")


def begin_campaign(actor: Actor, *, area_path: str, title: str, starts_on: date, ends_on: date) -> Campaign:
    """Ask that every dwelling of an area be verified within a term.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: no title, or a term that ends before it begins, has passed or is longer than a year.
        Conflict: a campaign runs there in that time, or the duty lists forbid it there.
    """
    title = " ".join(title.split())[:80]
    policy.require(actor, "household.campaign", policy.Spot(area_path), view="household.progress")
    if not title:
        raise Invalid("campaign.title", _("Please give the campaign a name."), field="title")
    if not time.today() <= ends_on or not starts_on <= ends_on <= starts_on + timedelta(days=366):
        raise Invalid(
            "campaign.term", _("The term ends after it begins, not before today, and within a year."), field="ends_on"
        )
    guarding.require_may_send(CAMPAIGN, area_path=area_path, day=max(starts_on, time.today()), field="title")
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                id=ids.new_id(), district=district_of(area_path), area_path=area_path, title=title, starts_on=starts_on,
                ends_on=ends_on, post_id=actor.post_id,
            )  # fmt: skip
            audit.record(
                actor, "household.campaign", subject_type="campaign", subject_id=campaign.id, district=campaign.district,
                detail={"area": area_path, "from": starts_on.isoformat(), "to": ends_on.isoformat()},
            )  # fmt: skip
            events.append(
                "campaign.begun", subject_type="campaign", subject_id=campaign.id, sequence=1, district=campaign.district,
                area_path=area_path, actor=actor, data={"from": starts_on.isoformat(), "to": ends_on.isoformat()},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("campaign.twice", _("A campaign runs here in that time already."), field="starts_on") from None
    return campaign
