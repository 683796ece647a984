"""Every write of the room. Each locks the operation first, then tasks, then their progress."""

from __future__ import annotations

import json
import logging
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.cases.actions import intake, photographed
from linli.cases.models import Channel
from linli.duties import guarding
from linli.duties.queries import function_of
from linli.kernel import commands, events, ids, time
from linli.kernel.commands import Answer
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import Conflict, Invalid, LinliError, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.operations import forms, queries, targets
from linli.operations.duties import kinds, task_of
from linli.operations.forms import Field
from linli.operations.models import (
    Operation,
    OperationState,
    OperationVersion,
    Problem,
    Season,
    Task,
    TaskState,
    Template,
)  # fmt: skip
from linli.operations.targets import COMMUNITY_LENGTH, Target
from linli.people.models import Post
from linli.people.queries.acting import actor_of_post, in_force

log = logging.getLogger(__name__)

MOST_MINUTES = 480
LATEST = timedelta(days=366)
UNDO = timedelta(minutes=10)
DAY = timedelta(hours=24)
COMPOSE, SEND, VIEW, ANSWER = "operation.compose", "operation.send", "operation.view", "operation.answer"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operation says.

    Args:
        kind: code of ``rules/kinds.csv``, which the duty lists know it by.
        due_at: when answers are due.
        minutes_each: what one answer costs, in minutes.
    """

    title: str
    purpose: str
    kind: str
    fields: Sequence[Field]
    target: Target
    due_at: datetime
    minutes_each: int


# --- composing ---------------------------------------------------------------------------------------------------------


def compose(actor: Actor, key: str, draft: Draft) -> Operation:
    """Begin an operation as a draft, once for each key.

    Raises:
        Invalid: a field is wrong; it says which and how to mend it.
    """
    policy.require(actor, COMPOSE)
    kept = _checked(actor, draft)
    answer = commands.run(
        actor, key, _body("compose", kept), district=actor.district, action=lambda: (201, _made(actor, kept).number)
    )
    return Operation.objects.get(district=actor.district, number=answer.body)


def _body(verb: str, said: Any) -> bytes:
    return json.dumps([verb, said], sort_keys=True, default=str).encode()


def _checked(actor: Actor, draft: Draft) -> dict[str, Any]:
    if draft.kind not in kinds():
        raise Invalid("operation.kind", _("Choose what kind of operation it is."), field="kind")
    if not 0 < draft.minutes_each <= MOST_MINUTES:
        raise Invalid("operation.minutes", _("Say how many minutes one answer takes."), field="minutes_each")
    target = targets.checked(draft.target, reach=actor.area_path)
    return {
        "title": _words(draft.title, field="title", most=80),
        "purpose": _words(draft.purpose, field="purpose", most=1000, least=4),
        "kind": draft.kind,
        "form": forms.to_data(forms.checked(draft.fields)),
        "target": target.to_data(),
        "due_at": _due(draft.due_at),
        "minutes_each": draft.minutes_each,
        "area_path": target.top,
    }


def _words(text: str, *, field: str, most: int, least: int = 2) -> str:
    found = " ".join(text.split())
    if not least <= len(found) <= most:
        raise Invalid(
            f"operation.{field}",
            _("Please say it in %(least)s to %(most)s characters.") % {"least": least, "most": most},
            field=field,
        )
    return found


def _due(due_at: datetime) -> datetime:
    if not time.now() < due_at <= time.now() + LATEST:
        raise Invalid("operation.due", _("Give a time within a year, after now."), field="due_at")
    return due_at


def _made(actor: Actor, kept: Mapping[str, Any], **more: Any) -> Operation:
    district = actor.district
    with connection.cursor() as cursor:
        # One number at a time in a district.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"operations:{district}"])
    stem = f"{district}-{time.today():%y}"
    last = (
        Operation.objects.filter(district=district, number__startswith=stem)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    serial = int(last[len(stem) :]) + 1 if last else 1
    return Operation.objects.create(
        id=ids.new_id(), district=district, number=f"{stem}{serial:04d}", organisation_id=actor.organisation_id,
        post_id=actor.post_id, issued_as=actor.name[:80], made_at=time.now(), **kept, **more,
    )  # fmt: skip


def edit(actor: Actor, operation_id: UUID, version: int, draft: Draft) -> Operation:
    """Change a draft.

    Raises:
        Stale: somebody changed it meanwhile.
        Conflict: it was sent already.
    """
    kept = _checked(actor, draft)
    with transaction.atomic():
        found = _locked(actor, operation_id, version, COMPOSE)
        _require(found, OperationState.DRAFT)
        for name, value in kept.items():
            setattr(found, name, value)
        found.version += 1
        found.save()
    return found


def discard(actor: Actor, operation_id: UUID, version: int) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        found = _locked(actor, operation_id, version, COMPOSE)
        _require(found, OperationState.DRAFT)
        found.delete()


def _locked(actor: Actor, operation_id: UUID, version: int, verb: str) -> Operation:
    rows = Operation.objects.select_for_update(no_key=True)
    found = rows.filter(queries.visible(actor), id=operation_id).first()
    if found is None:
        raise queries.missing()
    queries.require(actor, verb, found)
    if found.version != version:
        raise Stale(
            "operation.stale", _("Somebody has changed this meanwhile."), mend=_("Look at it again."),
            extra={"version": found.version, "state": found.state},
        )  # fmt: skip
    return found


def _require(found: Operation, state: OperationState) -> None:
    if found.state != state:
        raise Conflict(
            "operation.state",
            _("This cannot be done with an operation that is %(state)s.") % {"state": found.get_state_display()},
            extra={"state": found.state},
        )


# --- sending -----------------------------------------------------------------------------------------------------------

# In the order of the paths, so that the indexes grow page by page.
_SEND = """
WITH made AS (
    INSERT INTO operations_task (id, district, operation_id, area_path, community, organisation_id, state, sent_at, answered_version,
        answer, problems, cases, within_day, version)
    SELECT (%(stem)s || substr(gen_random_uuid()::text, 16))::uuid, left(t.area_path, {district}), %(operation)s, t.area_path,
           left(t.area_path, {community}), t.organisation_id, 'open', %(now)s, 0, '{{}}', 0, 0, false, 1
      FROM ({selection}) t ORDER BY t.area_path
    RETURNING district, community
)
INSERT INTO operations_progress (id, district, operation_id, area_path, tasks, answered, first_answered, within_day, problems, cases,
    withdrawn, changed_at)
SELECT (%(stem)s || substr(gen_random_uuid()::text, 16))::uuid, district, %(operation)s, community, count(*), 0, 0, 0, 0, 0, 0, %(now)s
  FROM made GROUP BY district, community
RETURNING district, tasks
"""


def send(actor: Actor, operation_id: UUID, version: int, key: str) -> Operation:
    """Send a draft to all of its targets: one statement makes every task, in one transaction with their progress and the event.

    Raises:
        Conflict: ``duties.negative`` or ``duties.unfunded``: the duty list forbids it; ``operation.nobody``: there is no target.
        Stale: somebody changed it meanwhile.
    """

    def action() -> tuple[int, Any]:
        found = _locked(actor, operation_id, version, SEND)
        _require(found, OperationState.DRAFT)
        target = Target.from_data(found.target)
        _due(found.due_at)
        require_may_send(actor, found)
        now = time.now()
        selection, values = targets.selection(target)
        with connection.cursor() as cursor:
            cursor.execute(
                _SEND.format(selection=selection, district=DISTRICT_LENGTH, community=COMMUNITY_LENGTH),
                values | {"stem": str(ids.new_id())[:15], "operation": found.id, "now": now},
            )
            made = cursor.fetchall()
        if not made:
            raise Conflict("operation.nobody", _("Nobody is a target of this."), mend=_("Choose other areas."))
        found.state, found.sent_at, found.tasks_count = (
            OperationState.SENT,
            now,
            sum(tasks for _district, tasks in made),
        )
        found.districts = sorted({district for district, _tasks in made})
        found.organisation_id, found.post_id, found.issued_as = actor.organisation_id, actor.post_id, actor.name[:80]
        _next(actor, found, "sent", {"tasks": found.tasks_count, "due": found.due_at.isoformat()})
        return 200, str(found.id)

    commands.run(actor, key, _body("send", [str(operation_id), version]), district=actor.district, action=action)
    return Operation.objects.get(queries.visible(actor), id=operation_id)


def require_may_send(actor: Actor, found: Operation) -> None:
    """Refuse an operation that the duty lists do not let down to its areas."""
    task = task_of(found.kind, function_of(actor))
    for root in Target.from_data(found.target).roots:
        guarding.require_may_send(task, area_path=root, field="target")


def _next(actor: Actor, found: Operation, verb: str, data: dict[str, Any], reason: str = "") -> None:
    """The next version of an operation, kept for ever, with its event and audit row."""
    found.version += 1
    found.save()
    OperationVersion.objects.create(
        id=ids.new_id(), district=found.district, operation=found, version=found.version, verb=verb, title=found.title,
        purpose=found.purpose, form=found.form, due_at=found.due_at, reason=reason, at=time.now(), post_id=actor.post_id,
        name=actor.name[:80],
    )  # fmt: skip
    kind = f"operation.{verb}"
    _event(actor, found, kind, data)
    audit.record(
        actor, kind, subject_type="operation", subject_id=found.id, district=found.district,
        detail={"number": found.number, "area": found.area_path, **data, **({"reason": reason} if reason else {})},
    )  # fmt: skip


def _event(actor: Actor, found: Operation, kind: str, data: dict[str, Any]) -> None:
    events.append(
        kind, subject_type="operation", subject_id=found.id, sequence=found.version, district=found.district,
        area_path=found.area_path, actor=actor, data={"number": found.number, **data},
    )  # fmt: skip


# --- while it runs -----------------------------------------------------------------------------------------------------

_REOPEN = """
WITH changed AS (
    UPDATE operations_task SET state = 'open', version = version + 1
     WHERE district = ANY(%(districts)s) AND operation_id = %(operation)s AND state = 'answered'
       AND NOT jsonb_exists_all(answer, %(codes)s)
    RETURNING district, community
)
SELECT district, community, count(*) FROM changed GROUP BY 1, 2 ORDER BY 1, 2
"""
_CLOSE = """
WITH changed AS (
    UPDATE operations_task SET state = CASE WHEN first_at IS NULL THEN %(state)s ELSE 'answered' END, version = version + 1
     WHERE district = ANY(%(districts)s) AND operation_id = %(operation)s AND state = 'open'
    RETURNING district, community, first_at IS NULL AS silent
)
SELECT district, community, count(*) FILTER (WHERE silent), count(*) FILTER (WHERE NOT silent) FROM changed GROUP BY 1, 2 ORDER BY 1, 2
"""


def amend(actor: Actor, operation_id: UUID, version: int, draft: Draft, reason: str) -> Operation:
    """Change purpose, form or deadline of an operation that runs. Answers stay; tasks whose answers lack a required question that
    was added are open again, with what was said kept.

    Raises:
        Conflict: it does not run; ``operation.target_fixed``: its targets or kind would change.
        Stale: somebody changed it meanwhile.
    """
    kept = _checked(actor, draft)
    why = _words(reason, field="reason", most=400, least=4)
    with transaction.atomic():
        found = _locked(actor, operation_id, version, SEND)
        _require(found, OperationState.SENT)
        if kept["target"] != found.target or kept["kind"] != found.kind:
            raise Conflict(
                "operation.target_fixed",
                _("Whom it went to and what kind it is stay as they were sent."),
                field="target",
                mend=_("Stop it and send another, or send one more."),
            )
        before = {one["code"] for one in found.form}
        for name in ("title", "purpose", "form", "due_at", "minutes_each"):
            setattr(found, name, kept[name])
        added = [
            one.code for one in forms.from_data(found.form) if one.is_asked and one.required and one.code not in before
        ]
        again = 0
        if added:
            counted = _counted(_REOPEN, found, codes=added)
            again = sum(count for _district, _community, count in counted)
            _move(found, [(district, community, {"answered": -count}) for district, community, count in counted])
        _next(actor, found, "amended", {"asked_again": again, "due": found.due_at.isoformat()}, why)
    return found


def extend(actor: Actor, operation_id: UUID, version: int, due_at: datetime, reason: str) -> Operation:
    """Give more time."""
    why = _words(reason, field="reason", most=400, least=4)
    with transaction.atomic():
        found = _locked(actor, operation_id, version, SEND)
        _require(found, OperationState.SENT)
        if due_at <= found.due_at:
            raise Invalid("operation.due", _("Give a time after the one that stands."), field="due_at")
        found.due_at = _due(due_at)
        _next(actor, found, "extended", {"due": found.due_at.isoformat()}, why)
    return found


def stop(actor: Actor, operation_id: UUID, version: int, reason: str) -> Operation:
    """Stop an operation: what nobody answered is withdrawn, what was answered stays."""
    why = _words(reason, field="reason", most=400, least=4)
    with transaction.atomic():
        found = _locked(actor, operation_id, version, SEND)
        _require(found, OperationState.SENT)
        silent = _close(found, TaskState.WITHDRAWN)
        found.state, found.ended_at = OperationState.STOPPED, time.now()
        _next(actor, found, "stopped", {"withdrawn": silent}, why)
    return found


def end(found_id: UUID, district: str) -> bool:
    """End an operation whose answers are all in, or whose deadline is long past; what nobody answered counts as missed for good."""
    with transaction.atomic():
        rows = Operation.objects.select_for_update(no_key=True)
        found = rows.filter(district=district, id=found_id, state=OperationState.SENT).first()
        if found is None:
            return False
        missed = _close(found, TaskState.MISSED)
        found.state, found.ended_at = OperationState.ENDED, time.now()
        _next(SYSTEM, found, "ended", {"missed": missed})
    return True


def _close(found: Operation, state: TaskState) -> int:
    counted = _counted(_CLOSE, found, state=str(state))
    _move(
        found,
        [
            (
                district,
                community,
                {"answered": spoken}
                | ({"tasks": -silent, "withdrawn": silent} if state == TaskState.WITHDRAWN else {}),
            )
            for district, community, silent, spoken in counted
        ],
    )
    return sum(silent for _district, _community, silent, _spoken in counted)


def _counted(statement: str, found: Operation, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"districts": found.districts, "operation": found.id, **values})
        return cursor.fetchall()


COUNTS = ("tasks", "answered", "first_answered", "within_day", "problems", "cases", "withdrawn")
_MOVE = f"""
UPDATE operations_progress p SET {", ".join(f"{name} = p.{name} + v.{name}" for name in COUNTS)}, changed_at = %s
  FROM unnest(%s::text[], %s::text[], {", ".join("%s::int[]" for _name in COUNTS)}) AS v (district, area_path, {", ".join(COUNTS)})
 WHERE p.district = v.district AND p.operation_id = %s AND p.area_path = v.area_path
"""


def _move(found: Operation | Task, moves: Sequence[tuple[str, str, Mapping[str, int]]]) -> None:
    """Add to the progress of communities."""
    if not moves:
        return
    operation_id = found.operation_id if isinstance(found, Task) else found.id
    columns = [[step.get(name, 0) for _district, _community, step in moves] for name in COUNTS]
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            [time.now(), [one[0] for one in moves], [one[1] for one in moves], *columns, operation_id],
        )


def remind(actor: Actor, operation_id: UUID, area_path: str | None = None) -> int:
    """Mark the open tasks of an area as reminded of, at most once a day each, and say so as an event.

    Returns:
        How many tasks were marked.
    """
    with transaction.atomic():
        found = queries.by_id(actor, operation_id)
        queries.require(actor, SEND, found)
        _require(found, OperationState.SENT)
        place = area_path or found.area_path
        rows = queries.tasks_within(found, place).filter(state=TaskState.OPEN).exclude(reminded_on=time.today())
        count = rows.update(reminded_on=time.today())
        if count:
            event = events.append(
                "operation.reminded", subject_type="operation_reminder", subject_id=ids.new_id(), sequence=1,
                district=found.district, area_path=place, actor=actor,
                data={"number": found.number, "operation": str(found.id), "tasks": count},
            )  # fmt: skip
            audit.record(
                actor, event.kind, subject_type="operation", subject_id=found.id, district=found.district,
                detail={"number": found.number, "area": place, "tasks": count},
            )  # fmt: skip
    return count


# --- answering ---------------------------------------------------------------------------------------------------------


def answer(actor: Actor, task_id: UUID, key: str, values: Mapping[str, Any], version: int) -> Task:
    """Answer a task, once for each key.

    An answer to an older version of the form counts, and says so; it leaves the task open where the form asks more by now.

    Args:
        values: code of the field to answer; what the platform knows is filled in by itself.
        version: of the operation, as whoever answers saw it.

    Raises:
        Invalid: a question has no answer or a wrong one; ``field`` is its code.
        Conflict: ``operation.answered``, ``operation.withdrawn``.
    """

    def action() -> tuple[int, Any]:
        _answered(actor, task_id, values, version)
        return 200, str(task_id)

    said = _body("answer", [str(task_id), version, dict(values)])
    commands.run(actor, key, said, district=actor.district, action=action)
    return Task.objects.get(district=actor.district, id=task_id)


def _task(actor: Actor, task_id: UUID) -> tuple[Operation, Task]:
    """A task and its operation, locked: the operation against change, the task for this one."""
    seen = queries.task(actor, task_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM operations_operation WHERE district = ANY(%s) AND id = %s FOR SHARE",
            [list(queries.issuing(seen.district)), seen.operation_id],
        )
    operation = Operation.objects.get(district__in=queries.issuing(seen.district), id=seen.operation_id)
    found = Task.objects.select_for_update().get(district=seen.district, id=seen.id)
    policy.require(actor, ANSWER, found, view=VIEW)
    return operation, found


def _answered(actor: Actor, task_id: UUID, values: Mapping[str, Any], version: int) -> None:
    operation, found = _task(actor, task_id)
    if found.state == TaskState.ANSWERED:
        raise Conflict(
            "operation.answered", _("This was answered already."), mend=_("Take the answer back within ten minutes.")
        )
    if found.state != TaskState.OPEN:
        raise Conflict("operation.withdrawn", _("This operation was stopped; no answer is needed any more."))
    form = queries.form_at(operation, version)
    said, problems = forms.read(form, values)
    now_asked = queries.form_at(operation, operation.version)
    lacking = any(one.is_asked and one.required and one.code not in said | found.answer for one in now_asked)
    now = time.now()
    first = found.first_at is None
    in_a_day = first and now <= found.sent_at + DAY
    move = {
        "answered": 0 if lacking else 1, "first_answered": int(first), "within_day": int(in_a_day),
        "problems": problems - found.problems,
    }  # fmt: skip
    found.before = None if first else _kept(found)
    found.answer = found.answer | said | forms.filled(form, found.area_path)
    found.answered_version, found.answered_at, found.post_id = version, now, actor.post_id
    found.problems, found.first_at = problems, found.first_at or now
    found.within_day = found.within_day or in_a_day
    found.state = TaskState.OPEN if lacking else TaskState.ANSWERED
    found.version += 1
    found.save()
    _move(found, [(found.district, found.community, move)])
    _task_event(
        actor, found, "task.answered", {"problems": problems, "version": version, "within_day": found.within_day}
    )


def _kept(found: Task) -> dict[str, Any]:
    return {
        "answer": found.answer,
        "answered_version": found.answered_version,
        "answered_at": found.answered_at.isoformat() if found.answered_at else None,
        "problems": found.problems,
        "post_id": str(found.post_id) if found.post_id else None,
    }


def _task_event(actor: Actor, found: Task, kind: str, data: dict[str, Any]) -> None:
    events.append(
        kind, subject_type="task", subject_id=found.id, sequence=found.version, district=found.district,
        area_path=found.area_path, actor=actor, data={"operation": str(found.operation_id), **data},
    )  # fmt: skip


def take_back(actor: Actor, task_id: UUID) -> Task:
    """Take an answer back within ten minutes; what stood before it stands again.

    Raises:
        Conflict: nothing was answered, it is longer ago, or the operation does not run any more.
    """
    with transaction.atomic():
        operation, found = _task(actor, task_id)
        _require(operation, OperationState.SENT)
        if found.answered_at is None or found.answered_at < time.now() - UNDO:
            raise Conflict("operation.too_late", _("An answer can be taken back within ten minutes."))
        if found.post_id != actor.post_id:
            raise Conflict("operation.not_yours", _("Whoever answered takes it back."))
        was, first = found.before, found.before is None
        move = {
            "answered": -int(found.state == TaskState.ANSWERED), "first_answered": -int(first),
            "within_day": -int(first and found.within_day), "problems": (was["problems"] if was else 0) - found.problems,
        }  # fmt: skip
        found.answer = was["answer"] if was else {}
        found.answered_version = was["answered_version"] if was else 0
        found.answered_at = datetime.fromisoformat(was["answered_at"]) if was and was["answered_at"] else None
        found.post_id = UUID(was["post_id"]) if was and was["post_id"] else None
        found.problems = was["problems"] if was else 0
        if first:
            found.first_at, found.within_day = None, False
        found.before, found.state = None, TaskState.OPEN
        found.version += 1
        found.save()
        _move(found, [(found.district, found.community, move)])
        _task_event(actor, found, "task.taken_back", {})
    return found


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that a task found.

    Args:
        category: code of the catalogue.
        lng: longitude in degrees, WGS 84; with ``lat`` or not at all: then the target is the place.
        photos: ids of the actor's own uploads.
    """

    category: str
    words: str = ""
    lng: float | None = None
    lat: float | None = None
    address: str = ""
    photos: tuple[UUID, ...] = ()
    found_at: datetime | None = None


def found(actor: Actor, task_id: UUID, key: str, finding: Finding) -> Answer:
    """Make a case of a problem that a task found, tied to the task, once for each key.

    Returns:
        As :func:`linli.cases.actions.intake.report`.
    """
    with transaction.atomic():
        operation, task = _task(actor, task_id)
        lng, lat = finding.lng, finding.lat
        if lng is None or lat is None:
            lng, lat = queries.point_of(task.area_path)
        words = finding.words or operation.title
        report = intake.Report(
            category=finding.category, description=words, lng=lng, lat=lat, address=finding.address, district=task.district,
            channel=Channel.FIELD, found_at=finding.found_at,
        )  # fmt: skip
        body = _body("found", [str(task_id), finding.category, words, lng, lat, finding.address, list(finding.photos)])
        answer = photographed.report(actor, key, body, what=report, photos=finding.photos)
        made, new = Problem.objects.get_or_create(
            district=task.district, task=task, case_id=UUID(answer.body["id"]),
            defaults={
                "id": ids.new_id(), "operation_id": task.operation_id, "area_path": task.area_path,
                "number": answer.body["number"], "at": time.now(), "post_id": actor.post_id,
            },
        )  # fmt: skip
        if new:
            task.cases += 1
            task.version += 1
            task.save(update_fields=["cases", "version"])
            _move(task, [(task.district, task.community, {"cases": 1})])
            _task_event(actor, task, "task.found", {"case": answer.body["id"], "number": made.number})
    return answer


# --- templates ---------------------------------------------------------------------------------------------------------


def keep_as_template(
    actor: Actor, operation_id: UUID, *, title: str = "", season: Season = Season.NONE, next_on: date | None = None,
    ahead: int = 7,
) -> Template:  # fmt: skip
    """Keep an operation for the next season; a title that is there already is kept anew.

    Args:
        next_on: first day of the next season, for one that comes again.
        ahead: days before it on which the draft is prepared.
    """
    operation = queries.by_id(actor, operation_id)
    queries.require(actor, COMPOSE, operation)
    if (season == Season.NONE) != (next_on is None) or (next_on is not None and next_on <= time.today()):
        raise Invalid("operation.season", _("Give the first day of the next season, after today."), field="next_on")
    if not 0 <= ahead <= 60:
        raise Invalid("operation.ahead", _("Prepare it at most sixty days ahead."), field="ahead")
    began = operation.sent_at or operation.made_at
    with transaction.atomic():
        kept, _new = Template.objects.update_or_create(
            district=actor.district, area_path=actor.area_path,
            title=_words(title or operation.title, field="title", most=80),
            defaults={
                "purpose": operation.purpose, "kind": operation.kind, "form": operation.form, "target": operation.target,
                "minutes_each": operation.minutes_each, "days": max(1, (operation.due_at - began).days), "season": season,
                "next_on": next_on, "ahead": ahead, "organisation_id": actor.organisation_id, "post_id": actor.post_id,
                "kept_at": time.now(),
            },
        )  # fmt: skip
    return kept


def from_template(actor: Actor, template_id: UUID, first_day: date, key: str) -> Operation:
    """A draft from a template, due as many days after its first day as the operation that it was kept from.

    Raises:
        Invalid: as :func:`compose`; the ground may have changed since it was kept.
    """
    kept = queries.template(actor, template_id)
    policy.require(actor, COMPOSE, kept, view=VIEW)
    return compose(actor, key, draft_of(kept, first_day))


def draft_of(kept: Template, first_day: date) -> Draft:
    """What a template says for a season that begins on a day."""
    due = queries.evening(first_day, kept.days)
    return Draft(
        kept.title,
        kept.purpose,
        kept.kind,
        forms.from_data(kept.form),
        Target.from_data(kept.target),
        due,
        kept.minutes_each,
    )


MONTHS = {Season.YEARLY: 12, Season.QUARTERLY: 3, Season.MONTHLY: 1}


def prepare_due() -> int:
    """Prepare the drafts of the seasons that come soon, in the name of the post that kept the template; nothing is sent.

    Returns:
        How many drafts were made. A season gets one, however often this runs.
    """
    made = 0
    soon = time.today() + timedelta(days=60)
    for found in Template.objects.filter(next_on__isnull=False, next_on__lte=soon).order_by("next_on")[:200]:
        if found.next_on and found.next_on - timedelta(days=found.ahead) <= time.today():
            made += _prepared(found.district, found.id)
    return made


def _prepared(district: str, template_id: UUID) -> bool:
    with transaction.atomic():
        kept = Template.objects.select_for_update(skip_locked=True).filter(district=district, id=template_id).first()
        if kept is None or kept.next_on is None:
            return False
        posts = Post.objects.filter(in_force(), district=district, id__in=[kept.post_id] if kept.post_id else [])
        post = posts.select_related("account").first()
        season, kept.next_on = kept.next_on, _following(kept.next_on, Season(kept.season))
        kept.save(update_fields=["next_on"])
        if post is None:
            log.warning("nobody holds the post that keeps template %s; its season passes without a draft", kept.id)
            return False
        actor = actor_of_post(post)
        try:
            draft = _checked(actor, draft_of(kept, max(season, time.today())))
        except LinliError as error:
            log.warning("template %s does not fit the ground any more: %s", kept.id, error.code)
            return False
        found = _made(actor, draft, template=kept, season_on=season)
        _event(actor, found, "operation.prepared", {"season": season.isoformat()})
    return True


def _following(day: date, season: Season) -> date | None:
    months = MONTHS.get(season)
    if not months:
        return None
    year, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + year, month + 1)[1]
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, last))
