"""Drives: the plan to build what is missing, step by step, with undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.trust.policy import Spot
from linli.organisations import coverage, standing
from linli.organisations.actions import registering
from linli.organisations.actions.registering import New
from linli.organisations.models import STAGES, Build, Drive, DriveState, Seat, Stage, Step
from linli.people.models import Organisation
from linli.territory.models import Building
from linli.territory.queries import area_at, areas_at

VERB = "organisation.build"
MOST_BUILDS = 500
LONGEST = timedelta(days=3 * 366)


def begin(actor: Actor, *, kind: str, area_path: str, title: str, until: date, drive_id: UUID | None = None) -> Drive:
    """Begin a drive: every place of the area that lacks one today becomes a build.

    Args:
        kind: a type of organisation that is expected somewhere.
        drive_id: made by whoever asks, so that asking twice begins one.

    Raises:
        Invalid: nothing is expected of the type, nothing is missing, more than 500 places are, or the day does not fit.
        NotFound: the area lies outside the actor's reach.
    """
    policy.require(actor, VERB, Spot(area_path), view="organisation.view")
    standing.type_of(kind, field="kind")
    rule = standing.rule_on(kind)
    if rule is None or not rule.expected:
        raise Invalid("drive.unexpected", _("Nothing says where organisations of this type should be."), field="kind")
    if len(title.strip()) < 2:
        raise Invalid("drive.title", _("Please give a title."), field="title")
    if not time.today() <= until <= time.today() + LONGEST:
        raise Invalid("drive.until", _("Give a day from today to three years from now."), field="until")
    if len(area_path) < DISTRICT_LENGTH:
        raise Invalid(
            "drive.many", _("A drive stays within one district."), field="area_path", mend=_("Choose a smaller area.")
        )
    with transaction.atomic():
        area = area_at(area_path)
        if drive_id is not None and (made := Drive.objects.filter(district=area.district, id=drive_id).first()):
            return made
        places, more = coverage.missing(actor, kind, area_path, size=MOST_BUILDS)
        if more:
            raise Invalid(
                "drive.many",
                _("More than %(most)d places lack one.") % {"most": MOST_BUILDS},
                field="area_path",
                mend=_("Choose a smaller area."),
            )
        if not places:
            raise Invalid("drive.nothing", _("Nothing is missing there."), field="area_path")
        drive = Drive.objects.create(
            id=drive_id or ids.new_id(), district=area.district, type_id=kind, area=area, area_path=area.path,
            title=title.strip()[:80], until=until, begun_at=time.now(), begun_by=actor.account_id, post_id=actor.post_id,
        )  # fmt: skip
        areas = areas_at({place.path for place in places})
        compounds: dict[UUID, UUID] = {}
        if rule.seat == Seat.BUILDING:
            rows = Building.objects.filter(district=area.district, id__in=[place.place_id for place in places])
            compounds = dict(rows.values_list("id", "compound_id"))
        elif rule.seat == Seat.COMPOUND:
            compounds = {place.place_id: place.place_id for place in places}
        Build.objects.bulk_create(
            Build(
                id=ids.new_id(), district=drive.district, drive=drive, area=areas[place.path], area_path=place.path,
                place_id=place.place_id, compound_id=compounds.get(place.place_id),
                building_id=place.place_id if rule.seat == Seat.BUILDING else None, place_name=place.name[:160],
            )
            for place in places
            if place.path in areas
        )  # fmt: skip
        audit.record(
            actor, "organisation.drive", subject_type="drive", subject_id=drive.id, district=drive.district,
            detail={"type": kind, "places": len(places)},
        )  # fmt: skip
        _tell(actor, "organisation.drive_begun", drive)
    return drive


def end(actor: Actor, drive_id: UUID, *, district: str, version: int, reason: str = "") -> Drive:
    """End a drive; what is not built yet needs a reason.

    Raises:
        Invalid: builds are open and no reason is given.
        Conflict: it has ended.
        NotFound: there is none within reach.
        Stale: it changed since.
    """
    with transaction.atomic():
        drive = Drive.objects.select_for_update().filter(district=district, id=drive_id).first()
        if drive is None:
            raise NotFound("drive.none", _("There is no such drive."))
        policy.require(actor, VERB, drive, view="organisation.view")
        if drive.version != version:
            raise _stale(drive.version)
        if drive.state == DriveState.ENDED:
            raise Conflict("drive.ended", _("The drive has ended."))
        if not reason.strip() and drive.builds.filter(done__lt=len(STAGES)).exists():
            raise Invalid("drive.reason", _("Not every place is done: please give a reason."), field="reason")
        drive.state, drive.ended_at, drive.end_reason = DriveState.ENDED, time.now(), reason.strip()[:200]
        drive.version += 1
        drive.save(update_fields=["state", "ended_at", "end_reason", "version"])
        audit.record(
            actor, "organisation.drive_end", subject_type="drive", subject_id=drive.id, district=drive.district,
            purpose=drive.end_reason,
        )  # fmt: skip
        _tell(actor, "organisation.drive_ended", drive)
    return drive


def step(
    actor: Actor,
    build_id: UUID,
    *,
    district: str,
    version: int,
    stage: str,
    note: str = "",
    done_on: date | None = None,
    next_on: date | None = None,
    new: New | None = None,
) -> Build:
    """Do the next step of a build; with *found* the organisation comes into being at its place.

    Args:
        version: of the build, as the actor saw it.
        stage: the step that is done; the one that comes next.
        done_on: today unless told; not after today, not before the step before.
        next_on: until when the step after it should be done.
        new: for *found*: its name and what else is known; type and place are those of the build.

    Raises:
        Invalid: a day or the new organisation does not fit.
        Conflict: another step comes next, or the drive has ended.
        NotFound: there is none within reach.
        Stale: it changed since.
    """
    day = done_on or time.today()
    with transaction.atomic():
        build = _locked(actor, build_id, district, version)
        if build.next_stage != stage:
            raise Conflict("build.order", _("Another step comes next."), field="stage")
        last = build.steps.filter(undone_at__isnull=True).order_by("-at").first()
        if day > time.today() or (last is not None and day < last.done_on):
            raise Invalid("build.day", _("Give a day between the step before and today."), field="done_on")
        if next_on is not None and next_on < day:
            raise Invalid("build.next", _("The next date comes after this step."), field="next_on")
        if stage == Stage.FOUND:
            build.organisation = _founded(actor, build, new, day)
        Step.objects.create(
            id=ids.new_id(), district=build.district, build=build, stage=stage, done_on=day, at=time.now(),
            account_id=actor.account_id, post_id=actor.post_id, role=actor.role, name=actor.name, note=note.strip()[:400],
            next_on=next_on,
        )  # fmt: skip
        build.done += 1
        build.next_on = next_on if build.next_stage is not None else None
        build.version += 1
        build.save(update_fields=["organisation", "done", "next_on", "version"])
        _tell_build(actor, "organisation.step_done", build, stage)
    return build


def _founded(actor: Actor, build: Build, new: New | None, day: date) -> Organisation:
    if new is None or not new.name.strip():
        raise Invalid("organisation.name", _("Please give a name."), field="name")
    return registering.found(
        actor,
        replace(
            new, kind=build.drive.type_id, area_path=build.area_path, compound_id=build.compound_id,
            building_id=build.building_id, starts_on=day,
        ),
    )  # fmt: skip


def undo(actor: Actor, build_id: UUID, *, district: str, version: int, reason: str) -> Build:
    """Take the last step of a build back; taking *found* back dissolves the organisation as of the day it was founded.

    Raises:
        Invalid: no reason is given.
        Conflict: nothing is done yet, the drive has ended, or posts are held in the organisation by now.
        NotFound: there is none within reach.
        Stale: it changed since.
    """
    if not reason.strip():
        raise Invalid("build.reason", _("Please give a reason."), field="reason")
    with transaction.atomic():
        build = _locked(actor, build_id, district, version)
        if not build.done:
            raise Conflict("build.nothing", _("No step is done yet."))
        stage = STAGES[build.done - 1]
        last = build.steps.select_for_update().get(stage=stage, undone_at__isnull=True)
        last.undone_at, last.undone_by, last.undo_reason = time.now(), actor.name, reason.strip()[:200]
        last.save(update_fields=["undone_at", "undone_by", "undo_reason"])
        if stage == Stage.FOUND and build.organisation is not None:
            one = build.organisation
            if one.ends_on is None:
                registering.dissolve(
                    actor, one.id, district=one.district, version=one.version, reason=reason, ends_on=one.starts_on
                )
            build.organisation = None
        build.done -= 1
        before = build.steps.filter(undone_at__isnull=True).order_by("-at").first()
        build.next_on = before.next_on if before is not None else None
        build.version += 1
        build.save(update_fields=["organisation", "done", "next_on", "version"])
        audit.record(
            actor, "organisation.step_undo", subject_type="build", subject_id=build.id, district=build.district,
            purpose=reason.strip()[:200], detail={"stage": stage.value},
        )  # fmt: skip
        _tell_build(actor, "organisation.step_undone", build, stage)
    return build


def plan(actor: Actor, build_id: UUID, *, district: str, version: int, next_on: date | None) -> Build:
    """Set until when the next step of a build should be done.

    Raises:
        Invalid: the day has passed.
        Conflict: all steps are done, or the drive has ended.
        NotFound, Stale: as :func:`step`.
    """
    if next_on is not None and next_on < time.today():
        raise Invalid("build.next", _("Give a day from today on."), field="next_on")
    with transaction.atomic():
        build = _locked(actor, build_id, district, version)
        if build.next_stage is None:
            raise Conflict("build.done", _("All five steps are done."))
        build.next_on = next_on
        build.version += 1
        build.save(update_fields=["next_on", "version"])
        _tell_build(actor, "organisation.step_planned", build, build.next_stage)
    return build


def _locked(actor: Actor, build_id: UUID, district: str, version: int) -> Build:
    build = Build.objects.select_for_update(of=("self",)).filter(district=district, id=build_id).first()
    if build is None:
        raise NotFound("build.none", _("There is no such place in a drive."))
    policy.require(actor, VERB, build, view="organisation.view")
    if build.version != version:
        raise _stale(build.version)
    if build.drive.state == DriveState.ENDED:
        raise Conflict("drive.ended", _("The drive has ended."))
    return build


def _stale(version: int) -> Stale:
    return Stale(
        "build.stale",
        _("It has changed since you opened it."),
        mend=_("Look at it as it is now, then try again."),
        extra={"version": version},
    )


def _tell(actor: Actor, kind: str, drive: Drive) -> None:
    events.append(
        kind, subject_type="drive", subject_id=drive.id, sequence=drive.version, district=drive.district,
        area_path=drive.area_path, actor=actor, data={"type": drive.type_id},
    )  # fmt: skip


def _tell_build(actor: Actor, kind: str, build: Build, stage: str) -> None:
    events.append(
        kind, subject_type="build", subject_id=build.id, sequence=build.version, district=build.district,
        area_path=build.area_path, actor=actor,
        data={"type": build.drive.type_id, "stage": str(stage), "organisation": str(build.organisation_id or "")},
    )  # fmt: skip
