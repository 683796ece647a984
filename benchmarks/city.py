"""`./run bench city`: the whole city is loaded, and a web process that knows all of it answers.

``divisions`` is the seconds for the 20 districts, 261 subdistricts and 3,047 communities of the real list; ``ground`` those for the
14,000 grids, 119,000 micro-grids and 11,000 dedicated grids drawn below them (with ``--quick`` for three districts), with the same
rows copied inside the database as the ceiling of both. ``memory`` is what one web process holds (resident, MB) after it has taken in
reports all over the city, with the process before its first request as the ceiling; its proportional share is told beside it.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import _harness as harness

CITY = "510100"
QUICK_DISTRICTS = ("510107", "510104", "510105")
AIM_MB = 400
TABLES = {
    "divisions": ("territory_statisticaldivision",),
    "ground": (
        "territory_area",
        "territory_boundary",
        "territory_compound",
        "territory_building",
        "territory_entrance",
    ),
}
LEVELS = ("district", "subdistrict", "community", "general_grid", "micro_grid", "dedicated_grid")


def timed(work: Callable[[], Any]) -> float:
    """Seconds that something takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def copied(tables: tuple[str, ...]) -> float:
    """Seconds in which the database copies these tables within itself, indexes and all; then the copies are dropped."""
    import psycopg

    with psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        seconds = 0.0
        for table in tables:
            connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            seconds += timed(lambda table=table: connection.execute(f"INSERT INTO bench_{table} SELECT * FROM {table}"))  # type: ignore[misc]
            connection.execute(f"DROP TABLE bench_{table}")
    return seconds


def counts() -> dict[str, int]:
    """Areas of each level."""
    from django.db.models import Count

    from linli.territory.models import Area

    found = dict(Area.objects.values_list("level").annotate(n=Count("id")))
    return {level: found.get(level, 0) for level in LEVELS}


def memory(pid: int) -> tuple[float, float]:
    """What a process holds in MB: resident, and its proportional share."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    found = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if rest.split()}
    return found["Rss"] / 1024, found["Pss"] / 1024


def workers(leader: int) -> list[int]:
    """The web processes that answer requests: the largest of the family first, its first process left aside."""
    return sorted((pid for pid in harness.family(leader) if pid != leader), key=lambda pid: -memory(pid)[0])


def report_everywhere(port: int, points: list[tuple[float, float]]) -> None:
    """Reports and pages, over enough connections that every process takes its part."""
    for place, (lng, lat) in enumerate(points):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        body = {"category": "UT02", "description": f"第{place}号:路灯不亮", "lng": lng, "lat": lat}
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        connection.request("POST", "/api/v1/cases", json.dumps(body, ensure_ascii=False).encode(), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise SystemExit(f"a report was answered with {answer.status}: {text[:300]!r}")
        for path in ("/", "/report", "/api/v1/categories", "/map"):
            connection.request("GET", path)
            connection.getresponse().read()
        connection.close()


def spread(count: int) -> list[tuple[float, float]]:
    """Places all over the city."""
    import random

    from linli.territory.models import Area

    rows = list(Area.objects.filter(level="micro_grid", label_lng__isnull=False).values_list("label_lng", "label_lat"))
    return random.Random(3).sample(rows, count)


def main() -> None:
    """Load, draw, serve, look."""
    options = harness.arguments(__doc__ or "")
    where = [word for code in QUICK_DISTRICTS for word in ("--district", code)] if options.quick else ["--city", CITY]
    quiet = open(os.devnull, "w")  # noqa: SIM115 - closed with the process
    with harness.database():
        from django.core.management import call_command
        from django.db import connections

        from linli.people import staffing

        divisions = timed(lambda: call_command("import", "divisions", "chengdu", stdout=quiet))
        call_command("load_catalogue", stdout=quiet)
        ground = timed(lambda: call_command("generate", *where, "--dwellings", "none", stdout=quiet))
        harness.say(", ".join(f"{count:,} of level {level.replace('_', ' ')}" for level, count in counts().items()))
        staffing.staff_district(harness.DISTRICT)
        bare = {name: copied(tables) for name, tables in TABLES.items()}
        points = spread(100)
        connections.close_all()
        with harness.web_server() as (port, leader):
            before = memory(workers(leader)[0])[0]
            report_everywhere(port, points)
            held = [memory(pid) for pid in workers(leader)[: int(os.environ.get("LINLI_WEB_WORKERS", "2"))]]
        for resident, share in held:
            harness.say(
                f"a web process holds {resident:.0f} MB, its proportional share is {share:.0f} MB (aim: below {AIM_MB})"
            )
    resident = max(one[0] for one in held)
    harness.line("city", "divisions", divisions, "s", ceiling=bare["divisions"], ratio=bare["divisions"] / divisions)
    harness.line("city", "ground", ground, "s", ceiling=bare["ground"], ratio=bare["ground"] / ground)
    harness.line("city", "memory", resident, "MB", ceiling=before, ratio=resident / before)


if __name__ == "__main__":
    main()
