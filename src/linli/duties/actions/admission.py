"""Admission (准入): a department applies, the social work department decides, the list changes on a day."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.duties import queries, tasks
from linli.duties.actions import lists
from linli.duties.actions.lists import Money, Place, words
from linli.duties.models import Admission, AdmissionState, ListEntry, Listing, Tier
from linli.duties.tasks import Kind
from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.trust import Actor, audit, policy

MOST_MINUTES = 100_000
"""A month of one community; nobody has more."""


def apply(
    actor: Actor,
    *,
    kind: Kind,
    code: str = "",
    title: str = "",
    area_path: str,
    tier: Tier = Tier.COMMUNITY,
    listing: Listing,
    why: str,
    basis: str,
    minutes: int,
    money: Money | None = None,
    starts_on: date,
    ends_on: date | None = None,
) -> Admission:
    """Apply for a task to be put on the work or the assist list of an area, for one's own department's asking.

    Args:
        code: of the task; a matter in words has none yet and gets one.
        title: of a matter in words.
        minutes: what it costs a community in a month.
        money: needed for the assist list.

    Raises:
        Invalid: something is missing or wrong.
        Conflict: the same is applied for already, or the district has no social work department.
    """
    policy.require(actor, "duties.apply")
    department = queries.function_of(actor)
    if actor.organisation_id is None or not department:
        raise Forbidden("admission.department", _("Only a department can apply."))
    if listing not in (Listing.WORK, Listing.ASSIST):
        raise Invalid("admission.list", _("Choose the work list or the assist list."), field="listing")
    if kind == Kind.MATTER:
        title = words(title, field="title", most=120)
        code = code or ids.new_id().hex[-10:].upper()
    lists.checked_place(Place(kind, code, tier, area_path, department))
    if not area_path.startswith(actor.district):
        raise Invalid(
            "duties.area", _("There is no such area."), field="area_path", mend=_("Choose one from the list.")
        )
    if not 0 < minutes <= MOST_MINUTES:
        raise Invalid("admission.minutes", _("Say how many minutes it costs a community in a month."), field="minutes")
    kept = lists.checked_money(money or Money(), needed=listing == Listing.ASSIST)
    starts_on, ends_on = lists.checked_days(starts_on, ends_on)
    office = queries.office_of(area_path)
    if office is None:
        raise Conflict(
            "admission.no_office",
            _("The district has no social work department that could decide."),
            mend=_("Let an administrator set it up under Organisations."),
        )
    name = tasks.known(kind).get(code)
    try:
        with transaction.atomic():
            found = Admission.objects.create(
                id=ids.new_id(), district=actor.district, area_path=area_path, tier=tier, kind=kind, code=code,
                title_zh=name.zh if name else title, title_en=name.en if name else "", organisation_id=actor.organisation_id,
                office_id=office, department=department, listing=listing, why=words(why, field="why", most=500, least=4),
                basis=words(basis, field="basis", most=200, least=4), minutes=minutes, amount=kept.amount, source=kept.source,
                authority=kept.authority, starts_on=starts_on, ends_on=ends_on, applied_at=time.now(), post_id=actor.post_id,
            )  # fmt: skip
            _told(
                actor, found, "duty.applied", {"list": str(listing), "from": starts_on.isoformat(), "minutes": minutes}
            )
    except IntegrityError:
        raise Conflict(
            "admission.twice", _("Your department has applied for this already."), mend=_("Wait for the decision.")
        ) from None
    return found


def _told(actor: Actor, found: Admission, kind: str, data: dict[str, object]) -> None:
    events.append(
        kind, subject_type="admission", subject_id=found.id, sequence=found.version, district=found.district,
        area_path=found.area_path, actor=actor, data={"kind": found.kind, "code": found.code, **data},
    )  # fmt: skip
    audit.record(
        actor, kind, subject_type="admission", subject_id=found.id, district=found.district,
        detail={"task": f"{found.kind}:{found.code}", "area": found.area_path, **data},
    )  # fmt: skip


def _locked(actor: Actor, admission_id: UUID, version: int) -> Admission:
    queries.admission(actor, admission_id)
    found = Admission.objects.select_for_update().get(district=actor.district, id=admission_id)
    if found.version != version:
        raise Stale(
            "admission.stale", _("Somebody has changed this meanwhile."), extra={"version": found.version, "state": found.state},
            mend=_("Look at it again."),
        )  # fmt: skip
    if found.state != AdmissionState.WAITING:
        raise Conflict("admission.decided", _("This has been decided already."))
    return found


def withdraw(actor: Actor, admission_id: UUID, *, version: int) -> Admission:
    """Take one's own department's application back before it is decided."""
    with transaction.atomic():
        found = _locked(actor, admission_id, version)
        policy.require(actor, "duties.apply", found, view="duties.view")
        if found.organisation_id != actor.organisation_id:
            raise NotFound("admission.none", _("There is no such application that you can see."))
        found.state, found.decided_at, found.decided_by = AdmissionState.WITHDRAWN, time.now(), actor.post_id
        found.version += 1
        found.save()
        _told(actor, found, "duty.withdrawn", {})
    return found


def decide(
    actor: Actor, admission_id: UUID, *, version: int, admit: bool, reason: str, holds_from: date | None = None
) -> Admission:
    """Decide on an application; admitted, the list changes from ``holds_from`` on. Everybody reads the reason.

    Args:
        holds_from: the day on which the list changes: the one applied for unless told, tomorrow at the earliest.

    Raises:
        Forbidden: the post's organisation is not the office, or applied itself.
        Invalid: there is no reason, or the day is past.
    """
    why = words(reason, field="reason", most=500, least=4)
    with transaction.atomic():
        found = _locked(actor, admission_id, version)
        if actor.organisation_id != found.office_id:
            raise Forbidden("admission.office", _("The social work department of the district decides on this."))
        policy.require(actor, "duties.decide", found, view="duties.view")
        if actor.organisation_id == found.organisation_id:
            raise Forbidden("admission.own", _("Whoever applied does not decide."))
        found.state = AdmissionState.ADMITTED if admit else AdmissionState.REFUSED
        found.reason, found.decided_at, found.decided_by = why, time.now(), actor.post_id
        found.version += 1
        data: dict[str, object] = {"admit": admit, "reason": why}
        if admit:
            first = holds_from or max(found.starts_on, time.today() + timedelta(days=1))
            lists.checked_days(first, found.ends_on, field="holds_from")
            found.holds_from = first
            data["from"] = first.isoformat()
        found.save()
        if found.holds_from is not None:
            entry = ListEntry(
                area_path=found.area_path, tier=found.tier, kind=found.kind, code=found.code, department=found.department,
                listing=found.listing, title_zh=found.title_zh, title_en=found.title_en, basis=found.basis, minutes=found.minutes,
                amount=found.amount, source=found.source, authority=found.authority, valid_from=found.holds_from,
                valid_to=found.ends_on, admission_id=found.id, is_demo=found.is_demo,
            )  # fmt: skip
            lists.lay(actor, entry)
        _told(actor, found, "duty.decided", data)
    return found
