"""`./run bench consumer`: how fast the reader of events counts, and how far it is behind while reports come in.

``events`` is how many events of cases a second are read and counted (day figures, roll-ups, what is open, due days from the log), with
the very same events inserted by bare statements as its ceiling, one at a time as the city writes them, both on one connection;
``events_bulk`` has them inserted five hundred at a time by the database from a table of its own. ``cpu_ms_per_event`` is what
reading took, with the bare insert's as its ceiling.

``lag_ms`` is the 95th of a hundred ages of the oldest event that is not counted, while reports come in over HTTP at ten times the
city's mean (0.8 cases a second, 24,000,000 a year), with the worker's pause between two looks as its ceiling; ``flat_out_lag_ms`` is its
end while sixteen clients report as fast as the server answers, and ``caught_up`` the seconds until nothing is left after that, against
the seconds of reporting. At the end counters and log must agree, entry for entry.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Iterator

import _harness as harness
import _rows as rows
import intake
import live as living

CASES, QUICK_CASES = 20_000, 2_000
RATE = 8.0
"""Cases a second: ten times 24,000,000 a year."""
SECONDS, QUICK_SECONDS = 60.0, 10.0
AT_ONCE = 500
SERIALS = 5_000_000
"""Where the serial numbers of the cases that are laid begin: those of reports begin with one."""
IDLE_MS = 250.0
READER = "metrics.cases"

_TOLD = """
CREATE UNLOGGED TABLE bench_event AS
SELECT row_number() OVER (ORDER BY l.at, l.id) AS n, gen_random_uuid() AS id, l.district, l.at, 'case.' || l.kind AS kind,
    l.case_id AS subject_id, l.sequence, c.area_path, l.actor_role AS role,
    jsonb_build_object('from', coalesce(lag(l.to_state) OVER (PARTITION BY l.case_id ORDER BY l.sequence), ''), 'to', l.to_state,
        'category', c.category, 'severity', c.severity, 'level', '')
        || jsonb_strip_nulls(jsonb_build_object('passed', l.data->'passed', 'outcome', l.data->'outcome')) AS data
FROM cases_logentry l JOIN cases_case c ON c.district = l.district AND c.id = l.case_id;
CREATE UNIQUE INDEX ON bench_event (n);
CREATE TABLE bench_bare (LIKE kernel_event INCLUDING ALL);
ANALYZE bench_event;
"""
_INSERT = """
INSERT INTO {table} (id, district, at, kind, subject_type, subject_id, sequence, area_path, role, data)
SELECT id, district, at, kind, 'case', subject_id, sequence, area_path, role, data FROM bench_event WHERE n > %s AND n <= %s
"""
_PASSED = """
INSERT INTO kernel_cursor (consumer, district, xid, event_id)
SELECT n.consumer, k.district, k.xid, k.event_id FROM kernel_cursor k, unnest(%s::text[]) AS n (consumer) WHERE k.consumer = %s
ON CONFLICT (consumer, district) DO UPDATE SET xid = EXCLUDED.xid, event_id = EXCLUDED.event_id
"""
_OLDEST = """
SELECT extract(epoch FROM clock_timestamp() - min(e.at)) * 1000 FROM kernel_cursor k JOIN LATERAL (
    SELECT e.at FROM kernel_event e WHERE e.district = k.district AND (e.xid, e.id) > (k.xid, k.event_id)
    ORDER BY e.xid, e.id LIMIT 1) AS e ON true
WHERE k.consumer = %s
"""


def insert(table: str, count: int, portion: int = AT_ONCE) -> float:
    """Insert the events in portions, each a transaction; gives the seconds."""
    import psycopg

    with psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True) as connection:
        began = time.monotonic()
        for first in range(0, count, portion):
            connection.execute(_INSERT.format(table=table), [first, first + portion], prepare=True)
        return time.monotonic() - began


def throughput(server: int, cases: int) -> None:
    """Read many events at once, against inserting them."""
    from linli.kernel import events
    from linli.kernel import time as clock

    rows.OPEN_SHARE = 0.2
    rows.ground(clock.now())
    rows.add(SERIALS + 1, SERIALS + cases, clock.now())
    with rows._owner() as cursor:
        cursor.execute(_TOLD)
        cursor.execute("SELECT count(*) FROM bench_event")
        count = int(cursor.fetchone()[0])
    events.drain([READER])
    insert("kernel_event", count)
    before, began = harness.cpu_seconds(os.getpid(), server), time.monotonic()
    read = events.drain([READER])
    seconds, spent = time.monotonic() - began, harness.cpu_seconds(os.getpid(), server) - before
    if read != count:
        raise SystemExit(f"{read:,} of {count:,} events were read")
    bulk = insert("bench_bare", count)
    with rows._owner() as cursor:
        cursor.execute("TRUNCATE bench_bare")
    before = harness.cpu_seconds(os.getpid(), server)
    bare = insert("bench_bare", count, 1)
    least = harness.cpu_seconds(os.getpid(), server) - before
    with rows._owner() as cursor:
        cursor.execute(
            _PASSED, [[one.name for one in events.consumers()], READER]
        )  # the other readers need not tell anybody of them
    harness.say(f"{count:,} events of {cases:,} cases")
    harness.line("consumer", "events", count / seconds, "events/s", ceiling=count / bare, ratio=bare / seconds)
    harness.line("consumer", "events_bulk", count / seconds, "events/s", ceiling=count / bulk, ratio=bulk / seconds)
    harness.line(
        "consumer", "cpu_ms_per_event", spent / count * 1000, "ms", ceiling=least / count * 1000, ratio=spent / least
    )


@contextlib.contextmanager
def sampled() -> Iterator[list[float]]:
    """How old the oldest event is that is not counted, in milliseconds, twenty times a second."""
    import psycopg

    found: list[float] = []
    stop = threading.Event()

    def look() -> None:
        with psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True) as connection:
            while not stop.wait(0.05):
                row = connection.execute(_OLDEST, [READER]).fetchone()
                found.append(float(row[0] or 0) if row else 0.0)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def at_rate(port: int, seconds: float, reports: list[bytes]) -> int:
    """Report at a steady rate from one client; gives how many were acknowledged."""
    line, began, sent = intake.Line(port), time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        if sent / RATE > now:
            time.sleep(sent / RATE - now)
        if line.send(reports[sent % len(reports)]) != 201:
            raise SystemExit("a report was refused")
        sent += 1
    return sent


def behind(seconds: float) -> None:
    """The lag of the reader in a running installation."""
    reports = intake.bodies(2_000)
    with living.installation() as (port, _pids):
        at_rate(port, 2.0, reports)
        with sampled() as ages:
            sent = at_rate(port, seconds, reports)
        lag = statistics.quantiles(ages, n=20)[-1]
        harness.say(
            f"{sent:,} reports at {sent / seconds:.1f} a second; oldest event not counted: {max(ages):.0f} ms at most"
        )
        harness.line("consumer", "lag_ms", lag, "ms", ceiling=IDLE_MS, ratio=lag / IDLE_MS)
        with sampled() as ages:
            told, took = intake.over_http(port, seconds / 3, reports)
            last = ages[-1]
            began = time.monotonic()
            while ages[-1] > IDLE_MS * 4 and time.monotonic() - began < 600:
                time.sleep(0.1)
            after = time.monotonic() - began
        harness.say(f"flat out: {told:,} reports, {told / took:,.0f} a second")
        harness.line("consumer", "flat_out_lag_ms", last, "ms", ceiling=IDLE_MS, ratio=last / IDLE_MS)
        harness.line("consumer", "caught_up", after, "s", ceiling=took, ratio=after / took)


def main() -> None:
    """Read, report, compare."""
    options = harness.arguments(__doc__ or "")
    multiprocessing.set_start_method("fork")
    with harness.database() as folder:
        from linli.metrics.recounting import recount

        harness.district()
        throughput(harness.postmaster(folder), QUICK_CASES if options.quick else CASES)
        behind(QUICK_SECONDS if options.quick else SECONDS)
        found = recount(harness.DISTRICT, write=False)
        if found.differences:
            raise SystemExit(f"counters and log differ: {list(found.differences.items())[:3]}")
        harness.say(f"{found.entries:,} entries of the log and {found.counters:,} counters agree")


if __name__ == "__main__":
    main()
