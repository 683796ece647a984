"""`./run bench cockpit`: what a panel of figures costs as the city and its history grow, at city, district and community level.

A year of cases with their logs is laid in some districts of the city by the fast path (``_rows``), a fortieth of them open, at three
sizes; the counters and their roll-ups are laid from those rows by SQL, as the reader of events keeps them (``tests/metrics`` proves
that reader and log agree). Each panel is one call of ``linli.metrics.queries`` by somebody who sees the whole city. CPU is the process's
and that of its database backend together.

``panel_cpu_ms`` is the dearest panel over thirty days at the largest size, ``year_cpu_ms`` the same over a year; ``growth`` is the CPU of
a panel at the largest size over that at the smallest, of the panel that grows most. ``behind_cpu_ms`` is the list of the cases that
the closings of a subdistrict over thirty days count, its ceiling the same cases found by one bare statement; the ceiling of all others
is their rows summed by one. ``queries`` are those of the panel that asks most. ``case_bytes`` is what a case takes in all tables,
``figure_bytes`` what of it the counters are.

``--cases 24000000 --districts 23`` is a year of a city like Beijing; sizes are a hundredth, a tenth and the whole.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import _harness as harness
import _rows as rows
import pages as looking

AIMS = {"panel_cpu_ms": 50.0, "growth": 1.5}
CITY = "5101"
CASES, QUICK_CASES = 1_000_000, 10_000
LEAST = 1_000
DISTRICTS = ("510107", "510104", "510105", "510106", "510108")
OPEN_SHARE = 0.025
HISTORY = "355 days"
ROUNDS, QUICK_ROUNDS = 40, 15
FIGURES = (
    "metrics_dayfigure", "metrics_areaday", "metrics_categoryday", "metrics_areamonth", "metrics_categorymonth", "metrics_standing",
)  # fmt: skip

_COUNT = """
TRUNCATE {tables};
INSERT INTO metrics_dayfigure (id, district, area_path, category, level, figure, day, count, minutes)
SELECT gen_random_uuid(), district, array_to_string((string_to_array(area_path, '/'))[1:3], '/'), category, level, figure,
    (at AT TIME ZONE 'Asia/Shanghai')::date, count(*), coalesce(sum(minutes), 0)
FROM (
    SELECT c.district, c.area_path, c.category, c.level, f.figure, l.at, NULL::bigint AS minutes
    FROM cases_logentry l JOIN cases_case c ON c.district = l.district AND c.id = l.case_id
    JOIN (VALUES ('report', 'reported'), ('register', 'registered'), ('dispatch', 'dispatched'), ('verify', 'verified'),
        ('close', 'closed'), ('close', 'not_asked'), ('close', 'closed_near')) AS f (kind, figure) ON f.kind = l.kind
    UNION ALL
    SELECT c.district, c.area_path, c.category, c.level,
        CASE WHEN d.state <> 'met' THEN CASE d.kind WHEN 'response' THEN 'response_owed' ELSE 'resolution_owed' END
             WHEN d.kind = 'response' THEN CASE WHEN d.ended_at > d.due_at THEN 'responded_late' ELSE 'responded_on_time' END
             ELSE CASE WHEN d.ended_at > d.due_at THEN 'resolved_late' ELSE 'resolved_on_time' END END,
        d.due_at, CASE WHEN d.state = 'met' THEN extract(epoch FROM d.ended_at - d.started_at) / 60 END
    FROM kernel_deadline d JOIN cases_case c ON c.district = d.district AND c.id = d.subject_id
    WHERE d.kind IN ('response', 'resolution') AND (d.state = 'met' OR d.due_at <= %(now)s)
    UNION ALL
    SELECT c.district, c.area_path, c.category, c.level, {took}, d.due_at, extract(epoch FROM d.ended_at - d.started_at) / 60
    FROM kernel_deadline d JOIN cases_case c ON c.district = d.district AND c.id = d.subject_id
    WHERE d.kind = 'resolution' AND d.state = 'met'
) AS v GROUP BY 2, 3, 4, 5, 6, 7;
INSERT INTO metrics_standing (id, district, area_path, state, count)
SELECT gen_random_uuid(), district, array_to_string((string_to_array(area_path, '/'))[1:depth], '/'), state, count(*)
FROM cases_case, generate_series(1, 3) AS depth WHERE is_open GROUP BY 2, 3, 4;
INSERT INTO kernel_cursor (consumer, district, xid, event_id)
SELECT 'metrics.cases', code, 0, '00000000-0000-0000-0000-000000000000' FROM unnest(%(districts)s::text[]) AS code ON CONFLICT DO NOTHING;
"""
_BARE = """
SELECT a.figure, sum(a.count) FROM metrics_areaday a
WHERE a.district = ANY(%s) AND a.area_path = ANY(%s) AND a.day BETWEEN %s AND %s GROUP BY 1
"""


_BARE_CASES = """
SELECT c.* FROM cases_case c WHERE c.district = %s AND c.area_path >= %s AND c.area_path < %s AND EXISTS (
    SELECT 1 FROM cases_logentry l WHERE l.district = c.district AND l.case_id = c.id AND l.kind = 'close' AND l.at >= %s)
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """A call that a panel makes, and the span that it is of."""

    name: str
    span: str
    work: Callable[[], Any]
    paths: list[str]
    period: Any


@dataclass(frozen=True, slots=True)
class Cost:
    """What a panel costs."""

    queries: int
    cpu_ms: float
    bare_ms: float


def panels(community: str) -> list[Panel]:
    """What a cockpit shows of the city, of a district and of a community, over a month and over a year."""
    from linli.kernel.trust import SYSTEM
    from linli.metrics import queries
    from linli.metrics.catalogue import Period, metrics

    found = []
    district = community[:6]
    for level, path in (("city", CITY), ("district", district), ("community", community)):
        for span, period in (("month", Period.month()), ("year", Period.year())):
            calls: dict[str, Callable[[], Any]] = {
                "values": lambda path=path, period=period: queries.values(SYSTEM, path, period, list(metrics())),
                "areas": lambda path=path, period=period: queries.by_area(SYSTEM, path, period, "resolution_on_time"),
                "days": lambda path=path, period=period: queries.series(SYSTEM, path, period, "resolution_on_time"),
                "categories": lambda path=path, period=period: queries.by_category(SYSTEM, path, period),
            }
            if span == "month":
                calls["states"] = lambda path=path: queries.states(SYSTEM, path)
            found += [
                Panel(f"{level} {name}", span, call, queries.rolled(path), period) for name, call in calls.items()
            ]
    return found


def cost(panel: Panel, rounds: int) -> Cost:
    """Ask again and again."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def bare() -> None:
        with connection.cursor() as cursor:
            districts = [path[:6] for path in panel.paths]
            cursor.execute(_BARE, [districts, panel.paths, panel.period.first, panel.period.last])
            cursor.fetchall()

    panel.work()
    with CaptureQueriesContext(connection) as captured:
        panel.work()
    return Cost(len(captured), looking.spent(panel.work, rounds), looking.spent(bare, rounds))


def grow(codes: list[str], there: int, size: int, now: Any) -> None:
    """Add cases until there are so many, in equal parts to the districts, and count them."""
    share = (size - there) // len(codes)
    for place, code in enumerate(codes):
        harness.DISTRICT = code
        if len(codes) > 1:
            stand_on(code)
        first = there + place * share + 1
        rows.add(first, first + share - 1, now, open_share=OPEN_SHARE)
    days, months = (
        importlib.import_module(f"linli.metrics.migrations.{name}") for name in ("0003_rollups", "0004_months")
    )
    with rows._owner() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute(
            _COUNT.format(tables=", ".join(FIGURES), took=range_of("d.ended_at - d.started_at")),
            {"now": now, "districts": codes},
        )
        for statement in (days.AREAS, days.CATEGORIES, months.AREAS, months.CATEGORIES):
            cursor.execute(statement)
        cursor.execute("VACUUM (ANALYZE) " + ", ".join(FIGURES))


def range_of(took: str) -> str:
    """SQL: the figure for how long a resolution took."""
    from linli.metrics.models import TOOK

    ranges = [
        f"WHEN {took} <= interval '{most} minutes' THEN '{one}'" for one, most in TOOK.items() if most is not None
    ]
    return f"CASE {' '.join(ranges)} ELSE 'took_longer' END"


def stand_on(code: str) -> None:
    """Let the next cases fall into the grids of this district."""
    create, index, *_rest = rows._GROUND.split(";")
    with rows._owner() as cursor:
        cursor.execute("DROP TABLE bench_grid")
        cursor.execute(create, {"district": code})
        cursor.execute(index)


def size_of(tables: tuple[str, ...]) -> int:
    """Bytes of tables with their indexes."""
    with rows._owner() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(t::regclass))::bigint FROM unnest(%s::text[]) AS t", [list(tables)]
        )
        return int(cursor.fetchone()[0])


def main() -> None:
    """Load, ask, load more, ask again."""
    options = harness.arguments(__doc__ or "", cases=0, districts=0)
    whole = options.cases or (QUICK_CASES if options.quick else CASES)
    sizes = sorted({max(LEAST, whole // 100), max(LEAST, whole // 10), whole})
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    rows.HISTORY = HISTORY
    with harness.database():
        from linli.kernel import time as clock
        from linli.people import staffing
        from linli.territory import queries as territory

        harness.district()
        everywhere = [harness.DISTRICT, *(code for code, _name in territory.choices(CITY, level="district"))]
        codes = list(dict.fromkeys([*DISTRICTS, *everywhere]))[: options.districts or (1 if options.quick else 3)]
        for code in codes[1:]:
            lay_district(code, staffing)
        now = clock.now()
        rows.ground(now)
        looking.keep_connection()
        community = busiest(codes[0])
        found: dict[int, list[Cost]] = {}
        there = 0
        for size in sizes:
            began = time.monotonic()
            grow(codes, there, size, now)
            there = size
            kept, all_of = size_of(FIGURES), size_of((*FIGURES, *rows.TABLES))
            harness.say(
                f"{size:,} cases in {len(codes)} districts, {all_of / size:,.0f} bytes each, {kept / size:,.0f} of them figures "
                f"({time.monotonic() - began:.0f} s to lay)"
            )
            found[size] = []
            for panel in panels(community):
                one = cost(panel, rounds)
                found[size].append(one)
                harness.say(
                    f"  {panel.name:22} {panel.span:6} {one.queries:2} queries {one.cpu_ms:7.2f} ms CPU (bare {one.bare_ms:.2f} ms)"
                )
            below = behind_figure("/".join(community.split("/")[:2]), rounds)
            harness.say(
                f"  the cases behind a figure: {below.queries} queries {below.cpu_ms:7.2f} ms CPU (bare {below.bare_ms:.2f} ms)"
            )
        tell(panels(community), found[sizes[0]], found[sizes[-1]])
        ratio = below.cpu_ms / below.bare_ms
        harness.line("cockpit", "behind_cpu_ms", below.cpu_ms, "ms", ceiling=below.bare_ms, ratio=ratio)
        harness.line("cockpit", "case_bytes", all_of / whole, "bytes", ceiling=all_of / whole, ratio=1)
        harness.line("cockpit", "figure_bytes", kept / whole, "bytes", ceiling=all_of / whole, ratio=kept / all_of)


def behind_figure(subdistrict: str, rounds: int) -> Cost:
    """The cases that a month's closings count."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from linli.kernel.db import subtree
    from linli.kernel.trust import SYSTEM
    from linli.metrics.behind import behind
    from linli.metrics.catalogue import Period
    from linli.metrics.queries import midnight

    period = Period.month()

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BARE_CASES, [subdistrict[:6], *subtree(subdistrict), midnight(period.first)])
            cursor.fetchall()

    with CaptureQueriesContext(connection) as captured:
        found = behind(SYSTEM, "closed", subdistrict, period)
    if found.value.numerator != len(found.cases) + found.unseen and not found.areas:
        raise SystemExit("the cases do not add up to their figure")
    harness.say(f"  {len(found.cases)} cases behind {found.value.numerator} closings of {subdistrict}")
    return Cost(
        len(captured),
        looking.spent(lambda: behind(SYSTEM, "closed", subdistrict, period), rounds),
        looking.spent(bare, rounds),
    )


def lay_district(code: str, staffing: Any) -> None:
    """The grids and the people of another district."""
    import os

    from django.core.management import call_command

    with open(os.devnull, "w") as quiet:
        call_command("generate", district=[code], dwellings="none", stdout=quiet)
    staffing.staff_district(code)


def busiest(code: str) -> str:
    """The community of the first grids of a district: where the load is densest."""
    from linli.territory.models import Area

    path = (
        Area.objects.filter(district=code, level="micro_grid").order_by("path").values_list("path", flat=True).first()
    )
    assert path is not None
    return "/".join(path.split("/")[:3])


def tell(asked: list[Panel], small: list[Cost], large: list[Cost]) -> None:
    """The figures."""
    spans = [panel.span for panel in asked]
    for figure, span in (("panel_cpu_ms", "month"), ("year_cpu_ms", "year")):
        dearest = max((one for one, of in zip(large, spans, strict=True) if of == span), key=lambda one: one.cpu_ms)
        harness.line(
            "cockpit", figure, dearest.cpu_ms, "ms", ceiling=dearest.bare_ms, ratio=dearest.cpu_ms / dearest.bare_ms
        )
    for figure, span in (("growth", "month"), ("year_growth", "year")):
        pairs = [(a, b) for a, b, of in zip(small, large, spans, strict=True) if of == span]
        a, b = max(pairs, key=lambda pair: pair[1].cpu_ms / pair[0].cpu_ms)
        harness.line(
            "cockpit", figure, b.cpu_ms / a.cpu_ms, "times", ceiling=b.bare_ms / a.bare_ms, ratio=b.cpu_ms / a.cpu_ms
        )
    queries = max(one.queries for one in large)
    harness.line("cockpit", "queries", queries, "queries", ceiling=1, ratio=queries)


if __name__ == "__main__":
    main()
