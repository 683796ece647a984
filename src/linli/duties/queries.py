"""Every read of the room that is worth a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from linli.duties import asked, standing, tasks
from linli.duties.models import (
    Admission,
    AdmissionState,
    ListEntry,
    Proof,
    ReportForm,
    Review,
    Sheet,
    Tier,
    Use,
)
from linli.duties.standing import Entry
from linli.duties.tasks import Kind, Task
from linli.kernel import time
from linli.kernel.db import district_of, in_subtree, within
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.people.queries import ancestors, department_of, organisation
from linli.people.snapshot import Snapshot
from linli.territory import queries as territory
from linli.territory.models import Level

STAMP = "duties"
OFFICE = "social_work"
"""The function whose organisation keeps the lists of a district (people's rules/departments.csv)."""
LATELY = timedelta(days=90)
PAGE = 50

Key = tuple[str, str, str]


class _Table:
    """Every entry that holds or held, by tier, kind and code."""

    def __init__(self) -> None:
        self.by_task: dict[Key, list[Entry]] = defaultdict(list)
        self.titles: dict[UUID, tuple[str, str, str]] = {}
        for row in ListEntry.objects.filter(superseded_at__isnull=True).order_by("valid_from"):
            self.by_task[row.tier, row.kind, row.code].append(entry_of(row))
            self.titles[row.id] = (row.title_zh, row.title_en, row.instead)


_table: Snapshot[_Table] = Snapshot(STAMP, _Table)


def entry_of(row: ListEntry) -> Entry:
    """An entry as the rule sees it."""
    return Entry(
        row.id, row.area_path, row.listing, row.valid_from, row.valid_to, row.department, row.amount, row.source, row.authority
    )  # fmt: skip


def standing_of(task: Task, *, area_path: str, tier: Tier = Tier.COMMUNITY, day: date | None = None) -> Entry | None:
    """The entry that holds for a task in an area on a day (today unless told); from memory. ``None``: it is on no list."""
    entries = _table.get().by_task.get((tier, task.kind, task.code), ())
    return standing.answer(entries, area_path=area_path, department=task.department, day=day or time.today())


def refusing(task: Task, *, area_path: str, tier: Tier, day: date) -> list[tuple[str, Entry]]:
    """Where in an area a task must not be sent on a day, each place with the entry that stands in the way; from memory."""
    entries = _table.get().by_task.get((tier, task.kind, task.code), [])
    return standing.refusing(entries, area_path=area_path, department=task.department, day=day)


def title_of(task: Task, entry: Entry | None = None) -> str:
    """How a task is called, in the reader's language."""
    name = tasks.known(task.kind).get(task.code)
    if name is not None:
        return name.called()
    zh, en, _instead = _table.get().titles.get(entry.id, ("", "", "")) if entry else ("", "", "")
    return tasks.Name(zh or task.code, en).called()


def matters(district: str) -> list[tuple[str, str]]:
    """The matters in words that stand on a list within a district or above it, today or later: code and name, by name."""
    rows = ListEntry.objects.filter(
        Q(area_path__in=ancestors(district)) | in_subtree("area_path", district),
        Q(valid_to__isnull=True) | Q(valid_to__gt=time.today()),
        kind=Kind.MATTER,
        superseded_at__isnull=True,
    ).order_by("valid_from")
    return sorted({row.code: row.called for row in rows}.items(), key=lambda one: (one[1], one[0]))


def matter_name(code: str) -> str:
    """How a matter in words is called; from memory. Empty for none."""
    if not code:
        return ""
    table = _table.get()
    held = [
        one for (_tier, kind, of), found in table.by_task.items() if kind == Kind.MATTER and of == code for one in found
    ]
    return title_of(Task(Kind.MATTER, code), held[-1]) if held else code


def instead_of(entry: Entry) -> str:
    """Who does what is on the negative list, in the words of the list."""
    return _table.get().titles.get(entry.id, ("", "", ""))[2]


def place(path: str) -> str:
    """An area in words; a city by its own name."""
    return territory.place_name(path, top=Level.DISTRICT if len(path) > standing.CITY_LENGTH else Level.CITY) or path


def office_of(path: str) -> UUID | None:
    """The organisation that keeps the lists of a place."""
    found = department_of(district_of(path), OFFICE)
    return found.id if found else None


def is_office(actor: Actor) -> bool:
    """Whether the actor's organisation keeps the lists where it works."""
    return bool(
        actor.organisation_id
        and policy.reach(actor, "duties.decide")
        and office_of(actor.area_path) == actor.organisation_id
    )


# --- lists -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A task as it stands in one area on one day."""

    row: ListEntry
    wider: bool
    """Whether the entry is of an area above."""


def lists(
    actor: Actor,
    *,
    area_path: str,
    tier: str = Tier.COMMUNITY,
    day: date | None = None,
    listing: str = "",
    words: str = "",
) -> list[Listed]:
    """Every task that stands on a list of an area on a day: the one entry that holds for each; for everybody.

    An entry that names a department is listed beside the one that names none: they are of two departments' tasks.

    Args:
        listing: only this list.
        words: only tasks whose title, basis or code holds them.
    """
    policy.require(actor, "duties.read")
    day = day or time.today()
    rows = ListEntry.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        area_path__in=ancestors(area_path),
        tier=tier,
        valid_from__lte=day,
        superseded_at__isnull=True,
    )
    best: dict[tuple[str, str, str], ListEntry] = {}
    for row in sorted(rows, key=lambda one: len(one.area_path)):
        best[row.kind, row.code, row.department] = row
    found = [
        Listed(row, wider=row.area_path != area_path)
        for row in best.values()
        if (not listing or row.listing == listing) and _has(words, row.title_zh, row.title_en, row.basis, row.code)
    ]
    order = {"negative": 0, "assist": 1, "work": 2}
    return sorted(found, key=lambda one: (order[one.row.listing], one.row.kind, one.row.code))


def _has(words: str, *texts: str) -> bool:
    plain = words.strip().lower()
    return not plain or any(plain in text.lower() for text in texts)


def changes(actor: Actor, *, area_path: str, limit: int = 20) -> list[ListEntry]:
    """What changed lately, or will, in an area, above it and below it, the newest first; for everybody."""
    policy.require(actor, "duties.read")
    since = time.today() - LATELY
    return list(
        ListEntry.objects.filter(
            _around(area_path), Q(valid_from__gte=since) | Q(recorded_at__gte=time.now() - LATELY),
            superseded_at__isnull=True, post_id__isnull=False,
        ).order_by("-valid_from", "-recorded_at")[:limit]
    )  # fmt: skip


def _around(area_path: str) -> Q:
    return Q(area_path__in=ancestors(area_path)) | in_subtree("area_path", area_path)


# --- admissions --------------------------------------------------------------------------------------------------------


def admissions(actor: Actor, *, state: str = "") -> QuerySet[Admission]:
    """The applications that a post may see: its department's, those that its office decides, those of its area; newest first."""
    policy.require(actor, "duties.view")
    found = Admission.objects.filter(_reach(actor)).select_related("organisation", "office")
    return (found.filter(state=state) if state else found).order_by("-applied_at", "id")


def _reach(actor: Actor) -> Q:
    reaches = policy.reach(actor, "duties.view")
    if "city" in reaches:
        return in_subtree("area_path", actor.area_path[: standing.CITY_LENGTH])
    if "org" in reaches:
        return Q(district=actor.district) & (
            Q(organisation_id=actor.organisation_id) | Q(office_id=actor.organisation_id)
        )
    return Q(district=actor.district) & _around(actor.area_path)


def admission(actor: Actor, admission_id: UUID) -> Admission:
    """One application.

    Raises:
        NotFound: there is none that this post may see.
    """
    found = admissions(actor).filter(id=admission_id).first()
    if found is None:
        raise NotFound("admission.none", _("There is no such application that you can see."))
    return found


def waiting(actor: Actor) -> int:
    """How many applications wait for this post's office."""
    if not is_office(actor):
        return 0
    return Admission.objects.filter(
        district=actor.district, office_id=actor.organisation_id, state=AdmissionState.WAITING
    ).count()


def decisions(actor: Actor, *, area_path: str, limit: int = PAGE) -> list[Admission]:
    """What has been decided around an area, with the reasons, the newest first; for everybody."""
    policy.require(actor, "duties.read")
    return list(
        Admission.objects.filter(_around(area_path), state__in=[AdmissionState.ADMITTED, AdmissionState.REFUSED])
        .select_related("organisation", "office")
        .order_by("-decided_at", "id")[:limit]
    )


def money(actor: Actor) -> list[ListEntry]:
    """The entries of the actor's own department, in force or to come, that may have money attached: its assist tasks."""
    policy.require(actor, "duties.fund")
    today = time.today()
    function = function_of(actor)
    rows = ListEntry.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        Q(area_path__in=ancestors(actor.area_path)) | in_subtree("area_path", actor.area_path),
        listing="assist", superseded_at__isnull=True, department=function,
    ).order_by("kind", "code", "area_path", "valid_from")  # fmt: skip
    return list(rows) if function else []


def function_of(actor: Actor) -> str:
    """What the actor's organisation answers for, as a function of the rules; ``""`` for none."""
    found = organisation(actor.organisation_id) if actor.organisation_id else None
    return found.function if found else ""


# --- forms -------------------------------------------------------------------------------------------------------------


def forms(actor: Actor) -> QuerySet[ReportForm]:
    """The forms that a post may see: its department's; all of its district for the office, the area's posts and the auditor."""
    policy.require(actor, "duties.view")
    reaches = policy.reach(actor, "duties.view")
    if "city" in reaches:
        condition = in_subtree("area_path", actor.area_path[: standing.CITY_LENGTH])
    elif "org" in reaches and not is_office(actor):
        condition = Q(district=actor.district, organisation_id=actor.organisation_id)
    else:
        condition = Q(district=actor.district)
    return ReportForm.objects.filter(condition).select_related("organisation").order_by("-registered_at", "id")


def form(actor: Actor, form_id: UUID) -> ReportForm:
    """One form.

    Raises:
        NotFound: there is none that this post may see.
    """
    found = forms(actor).filter(id=form_id).first()
    if found is None:
        raise NotFound("form.none", _("There is no such form that you can see."))
    return found


def sheets_of(found: ReportForm, *, limit: int = 200) -> list[Sheet]:
    """Where a form was sent, the newest first."""
    return list(found.sheets.filter(district=found.district).order_by("-sent_at", "area_path")[:limit])


def uses_of(found: ReportForm) -> list[Use]:
    """Who used the result of a form, the newest first."""
    return list(found.uses.filter(district=found.district).select_related("organisation").order_by("-used_on"))


def received(actor: Actor, *, open_only: bool = False) -> QuerySet[Sheet]:
    """The sheets of the communities in a post's area, what is due first first."""
    policy.require(actor, "duties.answer_form")
    found = Sheet.objects.filter(in_subtree("area_path", actor.area_path), district=actor.district)
    if open_only:
        found = found.filter(answered_at__isnull=True)
    return found.select_related("form__organisation").order_by(F("answered_at").desc(nulls_first=True), "due_on", "id")


def to_answer(actor: Actor) -> int:
    """How many sheets wait for a post's answer."""
    if not policy.reach(actor, "duties.answer_form"):
        return 0
    return received(actor, open_only=True).count()


def sheet(actor: Actor, sheet_id: UUID) -> Sheet:
    """One sheet of a community of the post's.

    Raises:
        NotFound: there is none that this post may see.
    """
    found = received(actor).filter(id=sheet_id).first()
    if found is None:
        raise NotFound("form.no_sheet", _("There is no such form to answer that you can see."))
    return found


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A form in the review of a year: what it cost the communities, and who used its result."""

    form: ReportForm
    sheets: int
    answered: int
    minutes: int
    uses: list[Use]
    outcome: Review | None

    @property
    def will_lapse(self) -> bool:
        """Whether it lapses at the year's end as it stands."""
        return not self.uses and self.outcome is None


def review(actor: Actor, *, year: int) -> list[Reviewed]:
    """Every form that was in force in a year, the dearest first (归零重置): minutes, and who used the result."""
    return reckon(list(forms(actor).filter(in_year(year))), year=year)


def _begins(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=time.LOCAL_ZONE)


def in_year(year: int) -> Q:
    """The forms that were in force on some day of a year."""
    return Q(valid_from__lt=date(year + 1, 1, 1)) & (Q(valid_to__isnull=True) | Q(valid_to__gt=date(year, 1, 1)))


def reckon(found: Sequence[ReportForm], *, year: int) -> list[Reviewed]:
    """The figures of a year for some forms: minutes are those said with the answer, or what the form was registered with."""
    known = [one.id for one in found]
    districts = {one.district for one in found}
    ours = Q(district__in=districts, form_id__in=known)
    minutes = {one.id: one.minutes for one in found}
    rows = (
        Sheet.objects.filter(ours, sent_at__gte=_begins(year), sent_at__lt=_begins(year + 1))
        .values("form_id")
        .annotate(
            all=Count("id"),
            answered=Count("id", filter=Q(answered_at__isnull=False)),
            said=Sum("minutes"),
            unsaid=Count("id", filter=Q(answered_at__isnull=False, minutes__isnull=True)),
        )
    )  # fmt: skip
    figures = {row["form_id"]: row for row in rows}
    uses: dict[UUID, list[Use]] = defaultdict(list)
    for use in Use.objects.filter(ours, used_on__year=year).select_related("organisation").order_by("used_on"):
        uses[use.form_id].append(use)
    outcomes = {row.form_id: row for row in Review.objects.filter(ours, year=year)}
    reviewed = []
    for one in found:
        row = figures.get(one.id)
        cost = (row["said"] or 0) + row["unsaid"] * minutes[one.id] if row else 0
        reviewed.append(
            Reviewed(
                one, row["all"] if row else 0, row["answered"] if row else 0, cost, uses[one.id], outcomes.get(one.id)
            )
        )
    return sorted(reviewed, key=lambda one: (-one.minutes, one.form.code))


def form_names() -> dict[str, tasks.Name]:
    """Every form as a task of the lists."""
    rows = ReportForm.objects.order_by("code").values_list("code", "title", "department")
    return {code: tasks.Name(title, "", department) for code, title, department in rows}


tasks.announce(Kind.FORM, form_names)


# --- proofs ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProofCount:
    """A proof with how often it was asked for in the year."""

    proof: Proof
    brought: int
    spared: int
    abolished: bool


def proofs(actor: Actor, *, area_path: str, year: int | None = None, words: str = "") -> list[ProofCount]:
    """Every proof of an area with its figures of a year (this one unless told), those that were abolished last; for everybody."""
    policy.require(actor, "duties.read")
    today = time.today()
    counts = asked.in_year(year or today.year, area_path)
    rows = Proof.objects.filter(area_path__in=ancestors(area_path)).order_by("code")
    found = []
    for row in rows:
        if not _has(words, row.name_zh, row.name_en, row.basis, row.issuer_zh, row.issuer_en):
            continue
        count = counts.get(row.kind, asked.Count()) if row.kind else asked.Count()
        gone = row.abolished_on is not None and row.abolished_on <= today
        found.append(ProofCount(row, count.brought, count.spared, gone))
    return sorted(found, key=lambda one: (one.abolished, one.proof.code))


# --- places ------------------------------------------------------------------------------------------------------------


def communities(area_path: str) -> list[str]:
    """The paths of the communities in an area."""
    return [one.path for one in territory.known_areas() if one.level == Level.COMMUNITY and within(one.path, area_path)]


def areas_of(district: str) -> list[tuple[str, str]]:
    """(path, words) of a district, its subdistricts and its communities, for a picker."""
    return [
        (one.path, place(one.path))
        for one in territory.known_areas()
        if within(one.path, district) and one.level in (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)
    ]


def paths_known(paths: Iterable[str]) -> Collection[str]:
    """Those of some paths that are areas down to the community."""
    known = {one.path for one in territory.known_areas()}
    return [one for one in paths if one in known]
