"""Every read of the room worth a name; each returns only what its actor may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import lru_cache
from statistics import fmean, median
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from linli.duties import guarding
from linli.duties import queries as duties
from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, in_subtree, subtree, within
from linli.kernel.errors import Conflict, Forbidden, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.operations import forms, holding, targets
from linli.operations.duties import task_of
from linli.operations.forms import Field, FieldKind
from linli.operations.models import (
    Operation,
    OperationState,
    OperationVersion,
    Problem,
    Progress,
    Task,
    TaskState,
    Template,
)  # fmt: skip
from linli.operations.targets import CITY_LENGTH, COMMUNITY_LENGTH, Target
from linli.territory import queries as territory

PAGE = 50
DAY = timedelta(hours=24)
VIEW = "operation.view"


def missing() -> NotFound:
    """The error for an operation that is not there, or not for this actor."""
    return NotFound("operation.none", _("There is no such operation that you can see."))


def require(actor: Actor, verb: str, found: Operation) -> None:
    """Refuse what the actor may not do with an operation that it sees; those from above are seen and not changed.

    Raises:
        Forbidden: the table does not let it.
    """
    if not policy.allows(actor, verb, found):
        raise Forbidden("not_allowed", _("Your post may not do this."), extra={"verb": verb})


def issuing(district: str) -> tuple[str, str]:
    """The districts whose operations reach one: itself and its city."""
    return (district, district[:CITY_LENGTH].ljust(DISTRICT_LENGTH, "0"))


def visible(actor: Actor) -> Q:
    """Which operations an actor sees: those within its area, and those sent from above that reach into it."""
    reaches = policy.reach(actor, VIEW)
    if "city" in reaches:
        return Q()
    if not reaches or not actor.area_path:
        return Q(pk__in=[])
    drafts = policy.reach(actor, "operation.compose")
    below = in_subtree("area_path", actor.area_path)
    if len(actor.area_path) >= DISTRICT_LENGTH:
        below &= Q(district__in=issuing(actor.district))
    if not drafts:
        below &= ~Q(state=OperationState.DRAFT)
    elif "area" not in drafts:
        below &= ~Q(state=OperationState.DRAFT) | Q(organisation_id=actor.organisation_id)
    above = Q(area_path__in=territory.ancestors(actor.area_path), district__in=issuing(actor.district))
    # A city's operation to some districts stands at the city, whether this one is among them or not.
    above &= ~Q(state=OperationState.DRAFT) & Q(districts__contains=[actor.district])
    return below | above


def operations(
    actor: Actor, view: str = "", *, words: str = "", before: datetime | None = None, limit: int = PAGE
) -> list[Operation]:
    """Operations, the newest first.

    Args:
        view: ``running``, ``drafts``, ``ended`` or empty for all.
        before: those made before then.
    """
    policy.require(actor, VIEW)
    rows = Operation.objects.filter(visible(actor))
    states = {
        "running": (OperationState.SENT,),
        "drafts": (OperationState.DRAFT,),
        "ended": (OperationState.STOPPED, OperationState.ENDED),
    }.get(view)
    if states:
        rows = rows.filter(state__in=states)
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(number=words))
    if before:
        rows = rows.filter(made_at__lt=before)
    return list(rows.order_by("-made_at", "-id")[:limit])


def operation(actor: Actor, number: str) -> Operation:
    """One operation by its number.

    Raises:
        NotFound: there is none that this post may see.
    """
    policy.require(actor, VIEW)
    found = Operation.objects.filter(visible(actor), district=number[:DISTRICT_LENGTH], number=number).first()
    if found is None:
        raise missing()
    return found


def by_id(actor: Actor, operation_id: UUID) -> Operation:
    """One operation by its id."""
    policy.require(actor, VIEW)
    found = Operation.objects.filter(visible(actor), id=operation_id).first()
    if found is None:
        raise missing()
    return found


def versions(found: Operation) -> list[OperationVersion]:
    """What it said at each version, the first sent first."""
    return list(OperationVersion.objects.filter(district=found.district, operation=found).order_by("version"))


def form_at(found: Operation, version: int) -> list[Field]:
    """The form as it stood at a version.

    Raises:
        Conflict: there is no such version.
    """
    if version == found.version:
        return forms.from_data(found.form)
    kept = _form_kept(found.district, found.id, version)
    if kept is None:
        raise Conflict("operation.version", _("There is no such version of the form."), mend=_("Look at it again."))
    return list(kept)


@lru_cache(maxsize=256)
def _form_kept(district: str, operation_id: UUID, version: int) -> tuple[Field, ...] | None:
    # A version is never edited, so what was read stays right; one that is not there is asked for again.
    kept = OperationVersion.objects.filter(district=district, operation_id=operation_id, version=version).first()
    return tuple(forms.from_data(kept.form)) if kept else None


def templates(actor: Actor) -> list[Template]:
    """Templates of the actor's area, by title."""
    policy.require(actor, "operation.compose")
    return list(Template.objects.filter(in_subtree("area_path", actor.area_path)).order_by("title", "id")[:200])


def template(actor: Actor, template_id: UUID) -> Template:
    """One template."""
    policy.require(actor, "operation.compose")
    found = Template.objects.filter(in_subtree("area_path", actor.area_path), id=template_id).first()
    if found is None:
        raise NotFound("operation.no_template", _("There is no such template that you can see."))
    return found


def evening(first_day: date, days: int) -> datetime:
    """Six in the evening, some days after a first day."""
    return datetime.combine(first_day + timedelta(days=days), clock(18), tzinfo=time.LOCAL_ZONE)


def point_of(area_path: str) -> tuple[float | None, float | None]:
    """Where a grid's name stands on the map: longitude and latitude in degrees."""
    area = territory.areas_at([area_path]).get(area_path)
    return (area.label_lng, area.label_lat) if area else (None, None)


# --- before sending ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaTargets:
    """Targets in an area: how many, and how many without anybody who holds them."""

    path: str
    name: str
    targets: int
    unheld: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What sending would do.

    Args:
        refusal: why the duty lists forbid it; ``None`` when they do not.
        minutes: in all; ``minutes_each`` for one.
        skipped: areas of the list that are no targets today, with why.
        filled: labels of the fields that the platform fills in.
    """

    areas: list[AreaTargets]
    targets: int
    unheld: int
    refusal: LinliError | None
    minutes_each: int
    minutes: int
    skipped: list[tuple[str, str]]
    filled: list[str]


def preview(actor: Actor, found: Operation) -> Preview:
    """Who would get a draft, at what cost, and whether the duty lists let it down."""
    require(actor, "operation.compose", found)
    target = Target.from_data(found.target)
    length = _below(found.area_path)
    selection, values = targets.selection(target)
    statement = f"""
        WITH held AS MATERIALIZED ({holding.HELD})
        SELECT left(t.area_path, %(length)s), count(*),
               count(*) FILTER (WHERE h.area_path IS NULL AND above.area_path IS NULL AND t.organisation_id IS NULL)
          FROM ({selection}) t
          LEFT JOIN held h ON h.area_path = t.area_path
          LEFT JOIN held above ON above.area_path = regexp_replace(t.area_path, '/[^/]+$', '')
         GROUP BY 1 ORDER BY 1
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"length": length, "members": [str(one) for one in holding.MEMBERS]})
        rows = cursor.fetchall()
    names = _names([path for path, _count, _unheld in rows])
    counted = sum(count for _path, count, _unheld in rows)
    refusal: LinliError | None = None
    for root in target.roots:
        try:
            guarding.require_may_send(task_of(found.kind, duties.function_of(actor)), area_path=root, field="target")
        except Conflict as error:
            refusal = error
            break
    wanted = target.listed or target.areas
    known = territory.areas_at(wanted)
    return Preview(
        [AreaTargets(path, names.get(path, path), count, unheld) for path, count, unheld in rows],
        counted, sum(unheld for _path, _count, unheld in rows), refusal, found.minutes_each, found.minutes_each * counted,
        [(path, _("There is no such area any more.")) for path in wanted if path not in known],
        [one.label for one in forms.from_data(found.form) if not one.is_asked],
    )  # fmt: skip


def _below(path: str) -> int:
    """The length of the paths one rung below a path; a community's is the last that is counted."""
    rungs = (CITY_LENGTH, DISTRICT_LENGTH, 10, COMMUNITY_LENGTH)
    return next((rung for rung in rungs if rung > len(path)), COMMUNITY_LENGTH)


def _names(paths: Sequence[str]) -> dict[str, str]:
    return {path: area.name for path, area in territory.areas_at(paths).items()}


# --- while it runs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaProgress:
    """How far an operation is in an area.

    Args:
        tasks: without what was withdrawn.
        late: not answered though it is due.
        within_day: first answered within 24 hours; ``counted`` is what the rate is a share of, and ``too_early`` what is not counted
            yet because its 24 hours are not over.
        problems: answers that count as one; ``cases`` became a case.
    """

    path: str
    name: str
    tasks: int
    answered: int
    late: int
    within_day: int
    counted: int
    too_early: int
    problems: int
    cases: int
    withdrawn: int
    as_of: datetime

    @property
    def day_rate(self) -> float | None:
        """The 24-hour response rate, 0 to 1; ``None`` while nothing is counted."""
        return self.within_day / self.counted if self.counted else None

    @property
    def share(self) -> float:
        """The share that is answered, 0 to 1."""
        return self.answered / self.tasks if self.tasks else 0.0


_COUNTS = ("tasks", "answered", "first_answered", "within_day", "problems", "cases", "withdrawn")


def progress(actor: Actor, found: Operation, area_path: str = "") -> list[AreaProgress]:
    """How far an operation is, one rung below an area that the actor reaches, by path."""
    place = _place(actor, found, area_path)
    length = _below(place)
    statement = f"""
        SELECT left(area_path, %s) AS place, {", ".join(f"sum({name})" for name in _COUNTS)} FROM operations_progress
         WHERE district = ANY(%s) AND operation_id = %s AND area_path >= %s AND area_path < %s GROUP BY 1 ORDER BY 1
    """
    low, high = subtree(place[:COMMUNITY_LENGTH])
    with connection.cursor() as cursor:
        cursor.execute(statement, [length, found.districts, found.id, low, high])
        rows = cursor.fetchall()
    names = _names([row[0] for row in rows])
    return [_progress(found, row[0], names.get(row[0], row[0]), row[1:]) for row in rows]


def whole(actor: Actor, found: Operation, area_path: str = "") -> AreaProgress:
    """How far an operation is in the whole of an area that the actor reaches."""
    place = _place(actor, found, area_path)
    rows = Progress.objects.filter(
        in_subtree("area_path", place[:COMMUNITY_LENGTH]), district__in=found.districts, operation_id=found.id
    ).aggregate(**{name: Sum(name, default=0) for name in _COUNTS})
    return _progress(found, place, _names([place]).get(place, place), [rows[name] for name in _COUNTS])


_UNDER_WAY = f"""
SELECT o.*, {", ".join(f"p.{name} AS in_area_{name}" for name in _COUNTS)}
  FROM operations_operation o CROSS JOIN LATERAL (
       SELECT {", ".join(f"sum(p.{name}) AS {name}" for name in _COUNTS)} FROM operations_progress p
        WHERE p.district IN (SELECT jsonb_array_elements_text(o.districts)) AND p.operation_id = o.id
          AND p.area_path >= %(low)s AND p.area_path < %(high)s) p
 WHERE o.state = 'sent' AND (cardinality(%(issuing)s::text[]) = 0 OR o.district = ANY(%(issuing)s)) AND p.tasks > 0
 ORDER BY o.due_at, o.id LIMIT %(limit)s
"""


def under_way(actor: Actor, area_path: str, *, limit: int = PAGE) -> list[tuple[Operation, AreaProgress]]:
    """The operations that run in an area and how far each is there, the soonest due first; one query.

    Raises:
        Forbidden, SignInNeeded: the actor does not see the area's operations.
    """
    policy.require(actor, VIEW, policy.Spot(area_path))
    low, high = subtree(area_path)
    known = list(issuing(area_path[:DISTRICT_LENGTH])) if len(area_path) >= DISTRICT_LENGTH else []
    rows: Any = Operation.objects.raw(_UNDER_WAY, {"low": low, "high": high, "issuing": known, "limit": limit})
    return [(one, _progress(one, area_path, "", [getattr(one, f"in_area_{name}") for name in _COUNTS])) for one in rows]


def _progress(found: Operation, path: str, name: str, counts: Sequence[Any]) -> AreaProgress:
    tasks, answered, first, in_a_day, problems, cases, withdrawn = (int(one) for one in counts)
    now = time.now()
    over = found.sent_at is not None and now > found.sent_at + DAY
    counted = tasks if over else min(first, tasks)
    return AreaProgress(
        path, name, tasks, answered, tasks - answered if now > found.due_at else 0, in_a_day, counted, tasks - counted,
        problems, cases, withdrawn, now,
    )  # fmt: skip


def _place(actor: Actor, found: Operation, area_path: str) -> str:
    """The area asked for, as far as the actor reaches."""
    reach = "" if "city" in policy.reach(actor, VIEW) else actor.area_path
    place = area_path or (reach if within(reach, found.area_path) else found.area_path)
    if not within(place, reach) and not (area_path == "" and within(reach, place)):
        raise missing()
    return place


def tasks_within(found: Operation, area_path: str) -> QuerySet[Task]:
    """The tasks of an operation in an area."""
    return Task.objects.filter(
        in_subtree("area_path", area_path), district__in=found.districts, operation_id=found.id
    ).order_by("area_path", "id")


def tasks(
    actor: Actor, found: Operation, area_path: str = "", state: str = "", after: str = "", limit: int = PAGE
) -> list[Task]:
    """The tasks of an operation in an area that the actor reaches, by path.

    Args:
        after: the path behind which to go on.
    """
    rows = tasks_within(found, _place(actor, found, area_path))
    if state:
        rows = rows.filter(state=state)
    if after:
        rows = rows.filter(area_path__gt=after)
    return list(rows[:limit])


def task(actor: Actor, task_id: UUID) -> Task:
    """One task.

    Raises:
        NotFound: there is none that this post may see.
    """
    policy.require(actor, VIEW)
    rows = Task.objects.filter(id=task_id)
    if "city" not in policy.reach(actor, VIEW):
        rows = rows.filter(in_subtree("area_path", actor.area_path)) if actor.area_path else rows.none()
    found = rows.first()
    if found is None:
        raise NotFound("operation.no_task", _("There is no such task that you can see."))
    return found


def operation_of(found: Task) -> Operation:
    """The operation of a task that the actor sees."""
    return Operation.objects.get(district__in=issuing(found.district), id=found.operation_id)


@dataclass(frozen=True, slots=True)
class Mine:
    """A task that is due from an actor."""

    task: Task
    number: str
    title: str
    due_at: datetime
    minutes_each: int
    version: int
    is_late: bool


_MINE = """
SELECT t.*, o.number, o.title AS operation_title, o.due_at, o.minutes_each, o.version AS operation_version
  FROM operations_task t JOIN operations_operation o ON o.id = t.operation_id AND o.district = ANY(%s) AND o.state = 'sent'
 WHERE t.district = %s AND t.state = 'open' AND t.area_path >= %s AND t.area_path < %s
 ORDER BY o.due_at, t.area_path, t.id LIMIT %s
"""


def mine(actor: Actor, *, limit: int = 100) -> list[Mine]:
    """What is due from the actor's post, the soonest due first; one query."""
    if not actor.area_path or not policy.reach(actor, "operation.answer"):
        return []
    low, high = subtree(actor.area_path)
    rows = Task.objects.raw(_MINE, [list(issuing(actor.district)), actor.district, low, high, limit])
    now = time.now()
    found: list[Mine] = []
    for row in rows:
        said: Any = row
        found.append(
            Mine(
                row, said.number, said.operation_title, said.due_at, said.minutes_each, said.operation_version,
                now > said.due_at,
            )
        )  # fmt: skip
    return found


def problems(actor: Actor, found: Operation, area_path: str = "", *, limit: int = 200) -> list[Problem]:
    """The problems that became cases, the newest first."""
    place = _place(actor, found, area_path)
    rows = Problem.objects.filter(in_subtree("area_path", place), district__in=found.districts, operation_id=found.id)
    return list(rows.order_by("-at", "id")[:limit])


def found_by(one: Task) -> list[str]:
    """The numbers of the cases that a task became, the first found first."""
    rows = Problem.objects.filter(district=one.district, task=one).order_by("at", "id")
    return list(rows.values_list("number", flat=True))


# --- what came of it ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldResult:
    """What was said to one question.

    Args:
        counts: of a choice or yes and no, answer to how often, in the order of the form.
        words: of a text, the first of them by path.
        photos: how many.
    """

    code: str
    label: str
    kind: FieldKind
    answered: int
    counts: dict[str, int] = field(default_factory=dict)
    sum: float | None = None
    mean: float | None = None
    median: float | None = None
    words: list[str] = field(default_factory=list)
    photos: int = 0


MOST_WORDS = 100


def results(actor: Actor, found: Operation, area_path: str = "") -> list[FieldResult]:
    """What was said in an area, question by question."""
    place = _place(actor, found, area_path)
    form = forms.from_data(found.form)
    said: dict[str, list[Any]] = {one.code: [] for one in form}
    rows = tasks_within(found, place).filter(first_at__isnull=False).values_list("answer", flat=True)
    for answer in rows.iterator(chunk_size=5_000):
        for code, values in said.items():
            if code in answer:
                values.append(answer[code])
    return [_result(one, said[one.code]) for one in form]


def _result(one: Field, values: list[Any]) -> FieldResult:
    found: dict[str, Any] = {"code": one.code, "label": one.label, "kind": one.kind, "answered": len(values)}
    match one.kind:
        case FieldKind.CHOICE | FieldKind.YES_NO:
            counted = Counter(values)
            order = [*(one.choices or (forms.YES, forms.NO))]
            return FieldResult(
                **found, counts={each: counted[each] for each in [*order, *(counted.keys() - set(order))]}
            )
        case FieldKind.NUMBER | FieldKind.FACT:
            if not values:
                return FieldResult(**found)
            return FieldResult(**found, sum=sum(values), mean=fmean(values), median=median(values))
        case FieldKind.PHOTO:
            return FieldResult(**found, photos=sum(len(each) for each in values))
    return FieldResult(**found, words=values[:MOST_WORDS])


def heads(found: Operation) -> list[str]:
    """The heads of the columns of :func:`rows`."""
    fixed = [_("Area"), _("Place"), _("State"), _("Answered at"), _("Version"), _("Problems found"), _("Cases")]
    return [*fixed, *(one.label for one in forms.from_data(found.form))]


def rows(actor: Actor, found: Operation, area_path: str = "") -> Iterator[list[Any]]:
    """Every task of an area with its answers, by path, for a file of rows under :func:`heads`."""
    place = _place(actor, found, area_path)
    form = forms.from_data(found.form)
    names = {area.path: area.name for area in territory.areas().filter(in_subtree("path", place))}
    for one in tasks_within(found, place).iterator(chunk_size=2_000):
        yield [
            one.area_path, names.get(one.area_path, ""), TaskState(one.state).label, one.answered_at,
            one.answered_version or "", one.problems, one.cases, *(_cell(one.answer.get(each.code)) for each in form),
        ]  # fmt: skip


def _cell(value: Any) -> Any:
    return "" if value is None else f"{len(value)}" if isinstance(value, list) else value
