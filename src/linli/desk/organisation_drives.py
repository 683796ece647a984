"""Drives at the desk: what is being built up where, and one place with its five steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.desk import organisations as register
from linli.desk.frame import actor_of, address, staff
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.organisations import coverage, queries, standing
from linli.organisations.actions import driving
from linli.organisations.actions.registering import New
from linli.organisations.models import STAGES, Build, DriveState, Stage, Step
from linli.organisations.queries import Progress
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.sent import day_in, id_in, version_of


def hints() -> dict[str, str]:
    """What each of the five steps is about."""
    return {
        Stage.FIND: _("Find the people who will carry it, and ask the place what it needs."),
        Stage.FOUND: _("Hold the founding meeting; the organisation comes into the register."),
        Stage.ARRANGE: _("Arrange who does what, and where one meets."),
        Stage.SERVE: _("Begin to serve: the first thing done for the neighbours."),
        Stage.ROOT: _("Take root: regular meetings, neighbours who know it."),
    }


def _drive_row(found: Progress) -> dict[str, Any]:
    drive = found.drive
    chinese = (get_language() or "zh").startswith("zh")
    ended = drive.state == DriveState.ENDED
    late = not ended and drive.until < time.today()
    tone, icon = ("quiet", "check-check") if ended else ("late", "clock-alert") if late else ("info", "play")
    return {
        "id": drive.id, "title": drive.title, "kind": drive.type.name_zh if chinese else drive.type.name_en,
        "place": territory.full_name(drive.area_path, top=Level.DISTRICT), "until": drive.until, "builds": found.builds,
        "founded": found.founded, "rooted": found.rooted, "overdue": found.overdue,
        "state": DriveState(drive.state).label if not late else _("past its day"), "tone": tone, "icon": icon,
        "href": address("organisation-drive", drive.id),
    }  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET"])
def drives(request: HttpRequest) -> HttpResponse:
    """The drives that concern the post, those under way first."""
    actor = actor_of(request)
    context: dict[str, Any] = {
        "rows": [_drive_row(one) for one in queries.drives(actor)],
        "new_href": address("organisation-drive-new") if policy.reach(actor, "organisation.build") else "",
    }
    return register.page(request, "drives", "organisation-drives", **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a drive for a type in an area."""
    actor = actor_of(request)
    policy.require(actor, "organisation.build")
    sent = request.POST if request.method == "POST" else request.GET
    area = sent.get("area", "")[:48] or (coverage.reach_of(actor) or actor.area_path)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            until = day_in(request.POST, "until")
            if until is None:
                raise Invalid("drive.until", _("Please give a day."), field="until")
            made = driving.begin(
                actor, kind=sent.get("type", ""), area_path=area, title=sent.get("title", ""), until=until,
                drive_id=id_in(sent.get("key", "")),
            )  # fmt: skip
            undo.done(request, _("The drive has begun."))
            return HttpResponseRedirect(address("organisation-drive", made.id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    own = coverage.reach_of(actor) or actor.area_path
    rungs = [area, own, *(path for path, _name in territory.choices(own))]
    context = {
        "types": [
            (rule.code, f"{standing.type_of(rule.code).called} ({_('%(n)d missing') % {'n': found.missing}})")
            for rule, found in coverage.overview(actor, area)
        ],
        "areas": [(path, territory.full_name(path, top=Level.DISTRICT) or path) for path in dict.fromkeys(rungs) if len(path) >= 6],
        "type": sent.get("type", ""),
        "area": area,
        "key": sent.get("key", "") or str(ids.new_id()),
    }  # fmt: skip
    return register.page(request, "drive_new", "organisation-drives", error=error, **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def drive(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """One drive: its places by what comes next, what is late first; whoever leads it ends it."""
    actor = actor_of(request)
    found = queries.drive(actor, drive_id)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            driving.end(
                actor, drive_id, district=found.drive.district, version=version_of(request.POST), reason=request.POST.get("reason", "")
            )  # fmt: skip
            undo.done(request, _("The drive has ended."))
            return HttpResponseRedirect(address("organisation-drive", drive_id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    stage, overdue = request.GET.get("stage", ""), request.GET.get("overdue") == "1"
    rows = queries.builds(actor, found.drive, stage=stage, overdue=overdue)
    shown = Paginator(rows, queries.PAGE).get_page(request.GET.get("page"))
    labels = [("", _("All"), found.builds)]
    labels += [(one.value, str(one.label), found.by_done[number]) for number, one in enumerate(STAGES)]
    labels.append(("done", _("All five done"), found.rooted))
    here = address("organisation-drive", drive_id, query={"stage": stage, "overdue": "1" if overdue else ""})
    context = {
        "drive": found.drive,
        "row": _drive_row(found),
        "chips": [
            {
                "label": label, "count": count, "current": value == stage and not overdue,
                "href": address("organisation-drive", drive_id, query={"stage": value}),
            }
            for value, label, count in labels
        ]
        + [
            {
                "label": _("Overdue"), "count": found.overdue, "current": overdue, "tone": "late",
                "href": address("organisation-drive", drive_id, query={"overdue": "1"}),
            }
        ],
        "builds": [_build_row(one) for one in shown],
        "found": shown,
        "base": f"{here}{'&' if '?' in here else '?'}page=",
        "may_end": found.drive.state == DriveState.OPEN and policy.allows(actor, "organisation.build", found.drive),
    }  # fmt: skip
    return register.page(request, "drive", "organisation-drives", error=error, **context)


def _build_row(one: Build) -> dict[str, Any]:
    stage = one.next_stage
    return {
        "name": one.place_name,
        "place": territory.place_name(one.area_path, top=Level.SUBDISTRICT),
        "done": one.done,
        "next": stage.label if stage else _("All five done"),
        "next_on": one.next_on,
        "late": stage is not None and one.next_on is not None and one.next_on < time.today(),
        "organisation": queries.called(one.organisation) if one.organisation else "",
        "href": address("organisation-build", one.id),
    }


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def build(request: HttpRequest, build_id: UUID) -> HttpResponse:
    """One place and its five steps: the next one is done here, the last one taken back."""
    actor = actor_of(request)
    found, steps = queries.build(actor, build_id)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            _do(request, actor, found)
            return HttpResponseRedirect(address("organisation-build", build_id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    stage = found.next_stage
    kept = {step.stage: step for step in steps if step.undone_at is None}
    may = found.drive.state == DriveState.OPEN and policy.allows(actor, "organisation.build", found)
    kind = standing.type_of(found.drive.type_id)
    context = {
        "build": found,
        "row": _build_row(found),
        "drive": found.drive,
        "kind": kind,
        "drive_href": address("organisation-drive", found.drive_id),
        "organisation_href": address("organisation", found.organisation_id) if found.organisation_id else "",
        "steps": [
            {"label": one.label, "hint": hints()[one], "step": kept.get(one), "next": one == stage} for one in STAGES
        ],
        "undone": [_undone(step) for step in steps if step.undone_at is not None],
        "stage": stage if may else None,
        "hint": hints()[stage] if stage else "",
        "last": STAGES[found.done - 1].label if found.done and may else "",
        "suggested": f"{found.place_name}{kind.name_zh}",
        "today": time.today().isoformat(),
    }
    return register.page(request, "build", "organisation-drives", error=error, **context)


def _undone(step: Step) -> dict[str, Any]:
    return {
        "label": Stage(step.stage).label, "at": step.undone_at, "by": step.undone_by, "reason": step.undo_reason, "note": step.note,
    }  # fmt: skip


def _do(request: HttpRequest, actor: Actor, found: Build) -> None:
    sent = request.POST
    known: dict[str, Any] = {"district": found.district, "version": version_of(request.POST)}
    if sent.get("what") == "undo":
        driving.undo(actor, found.id, reason=sent.get("reason", ""), **known)
        undo.done(request, _("The step is taken back."))
        return
    if sent.get("what") == "plan":
        driving.plan(actor, found.id, next_on=day_in(sent, "next_on"), **known)
        undo.done(request, _("The next date is kept."))
        return
    new = None
    if sent.get("stage") == Stage.FOUND:
        new = New(
            kind="", area_path="", name=sent.get("name", ""), public_phone=sent.get("public_phone", ""),
            description=sent.get("description", ""),
        )  # fmt: skip
    driving.step(
        actor, found.id, stage=sent.get("stage", ""), note=sent.get("note", ""), done_on=day_in(sent, "done_on"),
        next_on=day_in(sent, "next_on"), new=new, **known,
    )  # fmt: skip
    undo.done(request, _("The step is done."))
