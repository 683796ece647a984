"""`./run bench coverage`: coverage of organisations and the roster of a whole synthetic city.

The ground of the city is drawn (14,000 grids, its compounds and buildings), first with organisations and posts in one district,
then in all (``--quick``: a city of two districts). Pages are rendered through the whole chain of middlewares for a post that sees
the whole: the table of all types, one type with parts and trend, the roster. ``coverage_cpu_ms`` is the dearest at the largest size
when the register of one district has changed since the last look; ``coverage_kept_cpu_ms`` when nothing has; ``coverage_cold_cpu_ms``
a process's first look of the day, when it remembers nothing. ``..._growth`` is the CPU at the largest size over that at the smallest,
``..._queries`` the statements of a first look. The ceiling of each is the same aggregate by one raw statement in the same run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import _harness as harness
import pages as looking

CITY = "5101"
CITY_CODE = "510100"
TYPE = "grid_party_branch"
ROUNDS = 20
QUICK_ROUNDS = 10

_BARE_ONE = """
SELECT left(p.path, 6), count(*), count(h.key) FROM territory_area p LEFT JOIN (
    SELECT DISTINCT o.area_path AS key FROM people_organisation o
    WHERE o.type_id = %(type)s AND o.starts_on <= current_date AND (o.ends_on IS NULL OR o.ends_on > current_date)
) h ON h.key = p.path
WHERE p.level = 'general_grid' AND p.valid_from <= current_date AND (p.valid_to IS NULL OR p.valid_to > current_date)
GROUP BY 1
"""
_BARE_ROSTER = """
SELECT left(area_path, 6), level, sum(grids), sum(held), sum(full_time), sum(part_time), min(counted_at)
FROM workforce_coverage GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one look costs, and the same aggregate by a raw statement."""

    queries: int
    cpu_ms: float
    cold_ms: float
    kept_ms: float
    bare_ms: float


Step = Callable[[], None]


def measured(client: Any, address: str, forget: Step, change: Step, bare: Step, rounds: int) -> Cost:
    """Look again and again: after a change in one district, with nothing remembered, as it comes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def look() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"

    def anew() -> None:
        forget()
        look()

    def later() -> None:
        change()
        look()

    look()
    forget()
    with CaptureQueriesContext(connection) as caught:
        look()
    queries = len(caught)  # what is kept of them goes with the next thousands
    if os.environ.get("BENCH_SHOW"):
        for query in caught.captured_queries:
            harness.say(f"{query['time']} {query['sql'][:300]}")
    spent = [looking.spent(one, rounds) for one in (later, anew, look, bare)]
    return Cost(queries, *spent)


def raw(statement: str) -> Callable[[], None]:
    """A raw statement, fetched to its end."""

    def run() -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, {"type": TYPE})
            cursor.fetchall()

    return run


def overseer(district: str) -> Any:
    """A browser of somebody at the operation centre who sees everything."""
    from linli.kernel import time as clock
    from linli.people.models import Account, Organisation, Post
    from linli.territory.models import Area

    area = Area.objects.get(path=CITY, valid_to__isnull=True)
    centre = Organisation.objects.filter(district=CITY_CODE).first()
    assert centre is not None
    account = Account.objects.create(login="overseer", work_name="总览", date_joined=clock.now())
    post = Post.objects.create(
        district=CITY_CODE, account=account, role="supervisor", organisation=centre, area=area, area_path=CITY,
        starts_on=clock.today(),
    )  # fmt: skip
    return looking.client_of(account, post)


def lay(districts: list[str]) -> None:
    """Organisations of every type and posts on every grid of these districts, counted."""
    from linli.kernel import time as clock
    from linli.people import staffing
    from linli.simulation import networking
    from linli.workforce import counting

    for code in districts:
        staffing.staff_district(code)
        networking.lay(code, today=clock.today())
        counting.count(code)


def main() -> None:
    """Draw, lay a little, look, lay the rest, look again."""
    options = harness.arguments(__doc__ or "")
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    quick = ["510107", "510104"]
    with harness.database():
        from django.core.management import call_command

        from linli.organisations import coverage
        from linli.organisations.actions import ruling
        from linli.people import snapshot, staffing
        from linli.people.models import Organisation, Post
        from linli.territory.models import Area

        quiet = open(os.devnull, "w")  # noqa: SIM115 - closed with the process
        call_command("import", "divisions", "chengdu", stdout=quiet)
        call_command("load_catalogue", stdout=quiet)
        where = [word for code in quick for word in ("--district", code)] if options.quick else ["--city", CITY_CODE]
        call_command("generate", *where, "--dwellings", "none", stdout=quiet)
        districts = sorted(
            Area.objects.filter(level="general_grid").values_list("district", flat=True).distinct().order_by("district")
        )
        staffing.staff_city(CITY_CODE)
        ruling.load_base()
        looking.keep_connection()
        client = overseer(districts[0])
        pages = {
            "coverage": [
                ("every type", "/desk/organisations/coverage"),
                ("one type, its parts and its trend", f"/desk/organisations/coverage?type={TYPE}"),
            ],
            "roster": [("the city", "/desk/team")],
        }

        def change() -> None:
            snapshot.changed("organisations", district=districts[0])

        bare = {"coverage": raw(_BARE_ONE), "roster": raw(_BARE_ROSTER)}
        found: list[dict[str, list[Cost]]] = []
        for some in (districts[:1], districts[1:]):
            began = time.monotonic()
            lay(some)
            with_rows = f"{Organisation.objects.count():,} organisations, {Post.objects.count():,} posts"
            harness.say(f"{with_rows} ({time.monotonic() - began:.0f} s to lay)")
            analyse()
            found.append({})
            for name, some_pages in pages.items():
                for label, address in some_pages:
                    one = measured(client, address, coverage.forget, change, bare[name], rounds)
                    found[-1].setdefault(name, []).append(one)
                    harness.say(
                        f"  {name:9} {label:36} {one.queries:3} queries {one.cpu_ms:7.1f} ms CPU, {one.cold_ms:.1f} cold, "
                        f"{one.kept_ms:.1f} kept (bare {one.bare_ms:.2f} ms)"
                    )
        for name in pages:
            tell(name, found[0][name], found[-1][name])


def analyse() -> None:
    """Let the planner know what is there, as autovacuum does within a minute of a load."""
    import psycopg

    with psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("ANALYZE")


def tell(name: str, small: list[Cost], large: list[Cost]) -> None:
    """The figures of a kind of page, of its dearest."""
    for figure, most in (
        ("", lambda one: one.cpu_ms),
        ("cold_", lambda one: one.cold_ms),
        ("kept_", lambda one: one.kept_ms),
    ):
        dearest = max(large, key=most)
        value, ceiling = most(dearest), dearest.bare_ms
        harness.line("coverage", f"{name}_{figure}cpu_ms", value, "ms", ceiling=ceiling, ratio=value / ceiling)
    queries = max(one.queries for one in large)
    harness.line("coverage", f"{name}_queries", queries, "queries", ceiling=1, ratio=queries)
    growths = (
        ("growth", lambda one: one.cpu_ms),
        ("cold_growth", lambda one: one.cold_ms),
        ("kept_growth", lambda one: one.kept_ms),
    )
    for figure, of in growths:
        growth, bare = max((of(b) / of(a), b.bare_ms / a.bare_ms) for a, b in zip(small, large, strict=True))
        harness.line("coverage", f"{name}_{figure}", growth, "times", ceiling=bare, ratio=growth)


if __name__ == "__main__":
    main()
