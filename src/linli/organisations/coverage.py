"""Coverage: of the places that should have an organisation of a type, how many do; on any day, month by month, and which do not.

Everything follows from days: when organisations were founded and dissolved, when areas held. Each answer is one statement, whatever
the number of organisations; docs/algorithms/coverage.md says how. What a process has computed it keeps, for each district by itself, until
an organisation there, a rule or the ground changes: the stamp of each is asked for, never assumed. So after a change somewhere in a
city one district is counted anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of, subtree
from linli.kernel.trust import Actor
from linli.organisations import standing
from linli.organisations.models import Seat
from linli.organisations.standing import Rule
from linli.people import snapshot
from linli.territory import locating, reaching
from linli.territory import queries as territory

T = TypeVar("T")
MONTHS = 12
PAGE = 50
MOST_POINTS = 20_000
STAMP = "organisations"
_RUNGS = (6, 10, 14)
"""How long the paths of districts, subdistricts and communities are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many places should have one, and how many do."""

    should: int = 0
    covered: int = 0

    @property
    def missing(self) -> int:
        """Places without one."""
        return self.should - self.covered

    @property
    def percent(self) -> float | None:
        """The share covered, in per cent with one decimal, never 100 while one is missing; ``None`` without places."""
        if not self.should:
            return None
        return min(99.9, round(100 * self.covered / self.should, 1)) if self.missing else 100.0

    def __add__(self, other: Figure) -> Figure:
        return Figure(self.should + other.should, self.covered + other.covered)


@dataclass(frozen=True, slots=True)
class Part:
    """An area directly below the one that was asked for."""

    path: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of a type in an area on a day, and of the areas directly below."""

    code: str
    path: str
    name: str
    day: date
    rule: Rule | None
    whole: Figure
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Month:
    """The figure at the end of a month, or of today in the month that runs; ``None`` where nothing was expected."""

    day: date
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A place that lacks one."""

    place_id: UUID
    path: str
    name: str
    lng: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class _Tables:
    """The SQL of a kind of place: where places are, and what ties organisations to them."""

    places: str
    key: str
    path: str
    ties: str
    tie: str
    dated: bool


_PROFILE = "JOIN organisations_profile f ON f.district = o.district AND f.organisation_id = o.id"
_AREAS = _Tables("territory_area p", "p.path", "p.path", "people_organisation o", "o.area_path", dated=True)
_COMPOUNDS = _Tables(
    "territory_compound p", "p.id", "p.area_path", f"people_organisation o {_PROFILE}", "f.compound_id", dated=False
)
_BUILDINGS = _Tables(
    "territory_building p", "p.id", "p.area_path", f"people_organisation o {_PROFILE}", "f.building_id", dated=False
)


def _tables(seat: Seat) -> _Tables:
    return {Seat.COMPOUND: _COMPOUNDS, Seat.BUILDING: _BUILDINGS}.get(seat, _AREAS)


def _where_places(tables: _Tables) -> str:
    found = f"p.district = ANY(%(districts)s) AND {tables.path} >= %(low)s AND {tables.path} < %(high)s"
    return found + (" AND p.level = %(seat)s" if tables.dated else "")


def _where_ties(tables: _Tables) -> str:
    found = f"o.district = ANY(%(districts)s) AND o.type_id = ANY(%(types)s) AND {tables.tie} IS NOT NULL"
    # A tie to an area is its path; one to a compound holds wherever the organisation's own path points by now.
    return found + (" AND o.area_path >= %(low)s AND o.area_path < %(high)s" if tables.dated else "")


def _values(rule: Rule, path: str, districts: Sequence[str]) -> dict[str, Any]:
    low, high = subtree(path)
    return {"low": low, "high": high, "districts": list(districts), "seat": rule.seat.value, "types": list(rule.types)}


def _held(tables: _Tables) -> str:
    return (
        f"SELECT DISTINCT {tables.tie} AS key FROM {tables.ties} WHERE {_where_ties(tables)} "
        "AND o.starts_on <= %(day)s AND (o.ends_on IS NULL OR o.ends_on > %(day)s)"
    )


def _in_force(tables: _Tables) -> str:
    return "AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)" if tables.dated else ""


# --- whom it is shown to ---------------------------------------------------------------------------------------------------


def reach_of(actor: Actor) -> str:
    """The area that the actor's view of organisations begins with; ``""`` for everything.

    Raises:
        Forbidden, SignInNeeded: the post has no view of them.
    """
    return reaching.reach_of(actor, "organisation.view")


def place_of(actor: Actor, path: str) -> str:
    """The path that the actor asked for, their own area when they named none.

    Raises:
        NotFound: it lies outside their reach, or does not exist.
    """
    return reaching.place_of(actor, "organisation.view", path, code="organisation.no_area")


# --- answers that are kept -------------------------------------------------------------------------------------------------

_MOST_KEPT = 8_192
_kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_lock = threading.Lock()


def _each(key: tuple[Any, ...], path: str, make: Callable[[list[str]], Mapping[str, T]], none: T) -> dict[str, T]:
    """What was computed for this key in each district since anything that it follows from changed there, else computed now.

    Args:
        make: computes for some districts at once.
        none: stands for a district of which ``make`` says nothing.
    """
    tokens = snapshot.stamps(STAMP, standing.STAMP)
    always = (connection.settings_dict["NAME"], locating.version(), tokens.get(standing.STAMP), *key)
    keys = {district: (*always, district, tokens.get(district)) for district in _districts(path)}
    found: dict[str, T] = {}
    with _lock:
        for district, whole in keys.items():
            if whole in _kept:
                _kept.move_to_end(whole)
                found[district] = _kept[whole]
    stale = [district for district in keys if district not in found]
    made = make(stale) if stale else {}
    with _lock:
        for district in stale:
            found[district] = _kept[keys[district]] = made.get(district, none)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _districts(path: str) -> list[str]:
    """The codes of the districts below a path, those that ended and the city's own among them; its own below a district."""
    if len(path) >= DISTRICT_LENGTH:
        return [district_of(path)]
    key = (connection.settings_dict["NAME"], locating.version(), "districts", path)
    with _lock:
        kept: list[str] | None = _kept.get(key)
    if kept is None:
        kept = territory.districts_ever(path)
        with _lock:
            _kept[key] = kept
    return kept


def forget() -> None:
    """Compute everything anew at the next question."""
    with _lock:
        _kept.clear()


# --- figures ---------------------------------------------------------------------------------------------------------------


def coverage(actor: Actor, code: str, path: str = "", *, day: date | None = None) -> Covered:
    """The coverage of a type in an area, and of each area directly below it.

    Args:
        code: of a type of organisation.
        path: the actor's own area unless told.
        day: today unless told; the rule, the areas and the organisations are those of that day.

    Raises:
        Invalid: there is no such type.
        NotFound: the area lies outside the actor's reach.
    """
    chosen, on = place_of(actor, path), day or time.today()
    standing.type_of(code)
    rule = standing.rule_on(code, on)
    found = _parts(rule, chosen, on) if rule is not None and rule.expected else {}
    names = {} if _part_length(chosen) is None else dict(territory.choices(chosen))
    known = {child.path: child.name for child in territory.children(chosen)} if not names and found else names
    parts = [Part(one, known[one], figure) for one, figure in sorted(found.items()) if one in known and one != chosen]
    whole = sum(found.values(), Figure())
    rungs = territory.breadcrumb(chosen)
    return Covered(code, chosen, rungs[-1].name if rungs else chosen, on, rule, whole, parts)


def _part_length(path: str) -> int | None:
    """How long the paths directly below are, down to the communities; ``None`` below."""
    return next((length for length in _RUNGS if length > len(path)), None)


def _part(path: str, column: str) -> str:
    length = _part_length(path)
    if length is not None:
        return f"left({column}, {length})"
    return f"substring({column} from '^[^/]+(?:/[^/]+){{{path.count('/') + 1}}}')"


def _parts(rule: Rule, path: str, day: date) -> dict[str, Figure]:
    def make(districts: list[str]) -> dict[str, dict[str, Figure]]:
        found: dict[str, dict[str, Figure]] = {}
        with connection.cursor() as cursor:
            cursor.execute(_parts_sql(rule, path), _values(rule, path, districts) | {"day": day})
            for district, part, should, covered in cursor.fetchall():
                found.setdefault(district, {})[part or path] = Figure(should, covered)
        return found

    none: dict[str, Figure] = {}
    whole: dict[str, Figure] = defaultdict(Figure)
    for parts in _each(("parts", rule, path, day), path, make, none).values():
        for part, figure in parts.items():
            whole[part] += figure
    return whole


def _parts_sql(rule: Rule, path: str) -> str:
    tables = _tables(rule.seat)
    return (
        f"WITH held AS MATERIALIZED ({_held(tables)}) "
        f"SELECT p.district, {_part(path, tables.path)}, count(*), count(h.key) "
        f"FROM {tables.places} LEFT JOIN held h ON h.key = {tables.key} "
        f"WHERE {_where_places(tables)} {_in_force(tables)} GROUP BY 1, 2"
    )


def overview(actor: Actor, path: str = "", *, day: date | None = None) -> list[tuple[Rule, Figure]]:
    """The figure of every type that is expected somewhere, in one statement, in the order of the list."""
    chosen, on = place_of(actor, path), day or time.today()
    wanted = standing.expected(on)

    def make(districts: list[str]) -> dict[str, dict[str, Figure]]:
        statements: list[str] = []
        values: dict[str, Any] = {}
        for number, rule in enumerate(wanted):
            tables = _tables(rule.seat)
            text = (
                f"SELECT %(code)s::text, p.district, count(*), count(h.key) FROM {tables.places} "
                f"LEFT JOIN ({_held(tables)}) h ON h.key = {tables.key} "
                f"WHERE {_where_places(tables)} {_in_force(tables)} GROUP BY p.district"
            )
            own = _values(rule, chosen, districts) | {"day": on, "code": rule.code}
            statements.append(text.replace("%(", f"%(r{number}_"))
            values |= {f"r{number}_{name}": value for name, value in own.items()}
        found: dict[str, dict[str, Figure]] = {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), values)
            for code, district, should, covered in cursor.fetchall():
                found.setdefault(district, {})[code] = Figure(should, covered)
        return found

    if not wanted:
        return []
    none: dict[str, Figure] = {}
    by_district = _each(("overview", tuple(wanted), chosen, on), chosen, make, none).values()
    return [(rule, sum((figures.get(rule.code, Figure()) for figures in by_district), Figure())) for rule in wanted]


def month_ends(today: date, months: int = MONTHS) -> list[date]:
    """The last days of the months before, the oldest first, and today."""
    ends, first = [today], today.replace(day=1)
    for _month in range(months):
        last = first - timedelta(days=1)
        ends.append(last)
        first = last.replace(day=1)
    return ends[::-1]


def trend(actor: Actor, code: str, path: str = "", *, months: int = MONTHS) -> list[Month]:
    """The figure at the end of each of the last months and today: one statement for each kind of place that was ruled in that time."""
    chosen, days = place_of(actor, path), month_ends(time.today(), months)
    standing.type_of(code)
    by_rule: dict[tuple[Seat, tuple[str, ...]], list[date]] = defaultdict(list)
    sample: dict[tuple[Seat, tuple[str, ...]], Rule] = {}
    ruled = standing.rules(code)
    for day in days:
        rule = next((one for one in ruled if one.holds_on(day)), None)
        if rule is not None and rule.expected:
            by_rule[rule.seat, rule.types].append(day)
            sample[rule.seat, rule.types] = rule
    found: dict[date, Figure] = {}
    for key, some in by_rule.items():
        found |= _history(sample[key], chosen, some)
    return [Month(day, found.get(day)) for day in days]


def _history(rule: Rule, path: str, days: Sequence[date]) -> dict[date, Figure]:
    def make(districts: list[str]) -> dict[str, dict[int, Figure]]:
        found: dict[str, dict[int, Figure]] = {}
        with connection.cursor() as cursor:
            cursor.execute(_history_sql(rule), _values(rule, path, districts) | {"days": list(days)})
            for district, bucket, should, covered in cursor.fetchall():
                found.setdefault(district, {})[bucket] = Figure(int(should), int(covered))
        return found

    none: dict[int, Figure] = {}
    by_district = _each(("history", rule, path, tuple(days)), path, make, none).values()
    whole, found = Figure(), {}
    for number, day in enumerate(days):
        whole = sum((steps.get(number, Figure()) for steps in by_district), whole)
        found[day] = whole
    return found


def _history_sql(rule: Rule) -> str:
    """Each place and each stretch of days on which one is covered is +1 from its first day on and -1 from its end on, by month."""
    tables = _tables(rule.seat)
    since, until = ("p.valid_from", "p.valid_to") if tables.dated else ("DATE '-infinity'", "NULL::date")
    life = f"daterange({since}, {until})" if tables.dated else "daterange(NULL, NULL)"
    return f"""
    WITH spells AS (
        SELECT {tables.tie} AS key, range_agg(daterange(o.starts_on, o.ends_on)) AS held FROM {tables.ties}
        WHERE {_where_ties(tables)} AND o.starts_on <= (%(days)s::date[])[array_upper(%(days)s::date[], 1)]
        GROUP BY 1
    ), lives AS MATERIALIZED (
        SELECT p.district, {since} AS since, {until} AS until, s.held * datemultirange({life}) AS held
        FROM {tables.places} LEFT JOIN spells s ON s.key = {tables.key} WHERE {_where_places(tables)}
    ), spans AS (
        SELECT district, lower(r) AS since, upper(r) AS until FROM lives, unnest(held) AS r
    )
    SELECT district, bucket, sum(should), sum(covered) FROM (
        SELECT district, CASE WHEN isfinite(since) THEN width_bucket(since - 1, %(days)s::date[]) ELSE 0 END AS bucket,
               1 AS should, 0 AS covered
        FROM lives
        UNION ALL SELECT district, width_bucket(until - 1, %(days)s::date[]), -1, 0 FROM lives WHERE until IS NOT NULL
        UNION ALL SELECT district, width_bucket(since - 1, %(days)s::date[]), 0, 1 FROM spans
        UNION ALL SELECT district, width_bucket(until - 1, %(days)s::date[]), 0, -1 FROM spans WHERE until IS NOT NULL
    ) steps GROUP BY district, bucket
    """


# --- what is missing -------------------------------------------------------------------------------------------------------


def missing(
    actor: Actor, code: str, path: str = "", *, after: str = "", size: int = PAGE, day: date | None = None
) -> tuple[list[Missing], str]:
    """A page of the places that lack one, by path; and the cursor after which the next page begins, empty at the end.

    Args:
        after: the cursor of the page before.
        size: how many, 1 to 20,000.
    """
    chosen, on = place_of(actor, path), day or time.today()
    standing.type_of(code)
    rule = standing.rule_on(code, on)
    if rule is None or not rule.expected:
        return [], ""
    tables, count = _tables(rule.seat), max(1, min(size, MOST_POINTS))
    seen_path, seen_id = _cursor(after)
    districts = _districts(chosen)
    # A building says its compound; its number alone says little.
    name = "c.name || p.number" if rule.seat == Seat.BUILDING else "p.name"
    beside = (
        " JOIN territory_compound c ON c.district = p.district AND c.id = p.compound_id"
        if rule.seat == Seat.BUILDING
        else ""
    )
    lng, lat = ("p.label_lng", "p.label_lat") if tables.dated else ("p.lng", "p.lat")
    later = f"AND ({tables.path}, p.id) > (%(seen_path)s, %(seen_id)s::uuid)" if seen_id else ""
    statement = (
        f"WITH held AS MATERIALIZED ({_held(tables)}) "
        f"SELECT p.id, {tables.path}, {name}, {lng}, {lat} FROM {tables.places}{beside} "
        f"WHERE {_where_places(tables)} {_in_force(tables)} {later} "
        f"AND NOT EXISTS (SELECT 1 FROM held h WHERE h.key = {tables.key}) ORDER BY {tables.path}, p.id LIMIT %(size)s"
    )
    values = _values(rule, chosen, districts) | {
        "day": on,
        "size": count + 1,
        "seen_path": seen_path,
        "seen_id": seen_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = [Missing(*row) for row in cursor.fetchall()]
    found = rows[:count]
    return found, f"{found[-1].path}@{found[-1].place_id}" if len(rows) > count else ""


def _cursor(after: str) -> tuple[str, UUID | None]:
    path, _at, text = after.partition("@")
    try:
        return path, UUID(text)
    except ValueError:
        return "", None
