"""`./run bench deadlines`: a day stood still; one million clocks are open, a hundred thousand of them have run out.

``sweep`` is how many clocks a second the sweep fires (each marked, each told as an event), with the same rows marked by one bare
UPDATE as its ceiling. ``acted`` is the seconds until the loop has acted on all of them (a log entry on each case, chained; the late flag,
the next clock, an event), with the seconds in which one bare INSERT and UPDATE write as many rows as its ceiling. Then the database is
asked: none twice, none missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import _harness as harness
import _rows as rows

_OTHERS = """
INSERT INTO kernel_deadline (id, district, subject_type, subject_id, kind, area_path, clock, minutes, started_at, due_at, provisional,
    state, due_history)
SELECT (lpad(to_hex((extract(epoch FROM %(now)s::timestamptz) * 1000)::bigint), 12, '0') || '7cce8' || lpad(to_hex(s), 15, '0'))::uuid,
    %(district)s, 'case', gen_random_uuid(), 'resolution', %(district)s || '/001/001/01/001', 'working', 480, %(now)s,
    %(now)s::timestamptz + interval '2 days' + random() * interval '20 days', false, 'running', '[]'::jsonb
FROM generate_series(1, %(count)s) AS s;
"""
# Every case of the loading has two clocks at most; one of each runs out within the day that stood still.
_RUN_OUT = """
UPDATE kernel_deadline d SET state = 'running', paused_at = NULL, ended_at = NULL, fired_at = NULL, due_at = %(now)s::timestamptz + (
        ('x' || right(d.id::text, 4))::bit(16)::int / 65536.0) * interval '23 hours' + interval '30 minutes'
FROM cases_case c
WHERE c.district = d.district AND c.id = d.subject_id AND d.kind = CASE c.state WHEN 'submitted' THEN 'response' ELSE 'resolution' END;
UPDATE kernel_deadline SET state = 'met', fired_at = NULL WHERE kind = 'response' AND state = 'met';
UPDATE cases_case c SET due_at = d.due_at, due_kind = d.kind, due_from = d.started_at, is_late = false FROM kernel_deadline d
WHERE d.district = c.district AND d.subject_id = c.id AND d.state = 'running';
"""
_BARE_SWEEP = "UPDATE kernel_deadline SET fired_at = %s WHERE district = %s AND state = 'running' AND fired_at IS NULL AND due_at <= %s"
_BARE_ACT = """
WITH entries AS (
    INSERT INTO cases_logentry (id, district, case_id, sequence, kind, at, actor_role, from_state, to_state, data, prev_hash, hash)
    SELECT gen_random_uuid(), c.district, c.id, c.log_length + 1, 'late', %(at)s, 'system', c.state, c.state,
        '{"set": {"is_late": true}, "level": "community", "due_at": "2026-11-22T00:00:00.000000Z", "deadline": "resolution"}',
        c.log_head, c.log_head
    FROM cases_case c JOIN kernel_deadline d ON d.district = c.district AND d.subject_id = c.id AND d.fired_at IS NOT NULL
), told AS (
    INSERT INTO kernel_event (id, district, at, kind, subject_type, subject_id, sequence, area_path, role, data)
    SELECT gen_random_uuid(), c.district, %(at)s, 'case.late', 'case', c.id, c.log_length + 1, c.area_path, 'system',
        jsonb_build_object('from', c.state, 'to', c.state, 'category', c.category, 'severity', c.severity, 'level', c.level)
    FROM cases_case c JOIN kernel_deadline d ON d.district = c.district AND d.subject_id = c.id AND d.fired_at IS NOT NULL
)
UPDATE cases_case c SET is_late = true, log_length = log_length + 1 FROM kernel_deadline d
WHERE d.district = c.district AND d.subject_id = c.id AND d.fired_at IS NOT NULL
"""
_WRONG = {
    "missed by the sweep": "SELECT count(*) FROM kernel_deadline WHERE state = 'running' AND fired_at IS NULL AND due_at <= %(at)s",
    "fired too early": "SELECT count(*) FROM kernel_deadline WHERE fired_at IS NOT NULL AND due_at > %(at)s",
    "not told exactly once": """
        SELECT count(*) FROM (SELECT d.id FROM kernel_deadline d LEFT JOIN kernel_event e ON e.district = d.district AND e.subject_id = d.id
            AND e.kind = 'deadline.passed' WHERE d.fired_at IS NOT NULL GROUP BY d.id HAVING count(e.id) <> 1) AS w""",
    "not noted exactly once": """
        SELECT count(*) FROM (SELECT d.id FROM kernel_deadline d LEFT JOIN cases_logentry l ON l.district = d.district
            AND l.case_id = d.subject_id AND l.kind = 'late' WHERE d.fired_at IS NOT NULL GROUP BY d.id HAVING count(l.id) <> 1) AS w""",
    "without its event": """
        SELECT count(*) FROM cases_logentry l LEFT JOIN kernel_event e ON e.district = l.district AND e.subject_id = l.case_id
            AND e.sequence = l.sequence AND e.kind = 'case.late' WHERE l.kind = 'late' AND e.id IS NULL""",
    "whose case does not say so": """
        SELECT count(*) FROM kernel_deadline d JOIN cases_case c ON c.district = d.district AND c.id = d.subject_id
            WHERE d.fired_at IS NOT NULL AND NOT c.is_late""",
}


def timed(work: Callable[[], Any]) -> float:
    """Seconds that something takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def taken_back(statement: str, values: Any) -> float:
    """Seconds of a bare statement with its commit; then everything is as before."""
    import os

    import psycopg

    with psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"]) as connection:
        seconds = timed(lambda: connection.execute(statement, values))
        connection.rollback()
    return seconds


def main() -> None:
    """Load, let a day go by, sweep, act, ask."""
    options = harness.arguments(__doc__ or "")
    total, due = (200_000, 20_000) if options.quick else (1_000_000, 100_000)
    with harness.database():
        from django.db import connection

        from linli.kernel import deadlines, events
        from linli.kernel import time as clock

        harness.district()
        now = clock.now()
        rows.ground(now)
        rows.add(1, due, now, open_share=1.0)
        with rows._owner() as cursor:
            cursor.execute(_OTHERS, {"now": now, "district": harness.DISTRICT, "count": total - due})
            cursor.execute(_RUN_OUT, {"now": now, "district": harness.DISTRICT})
            cursor.execute("VACUUM (ANALYZE) kernel_deadline, cases_case")
        events.drain()
        harness.say(f"{total:,} clocks are open; {due:,} run out within the next day, in which nobody looks")
        later = now + timedelta(days=1)
        bare = taken_back(_BARE_SWEEP, [later, harness.DISTRICT, later])
        with clock.at(later):
            swept = timed(deadlines.sweep_all)
            bare_act = taken_back(_BARE_ACT, {"at": later})
            busy = time.process_time()
            acted = timed(lambda: events.drain(["cases.deadlines"]))
            busy = time.process_time() - busy
            again = deadlines.sweep_all() + events.drain(["cases.deadlines"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_deadline WHERE fired_at IS NOT NULL")
            fired = cursor.fetchone()[0]
            wrong = dict.fromkeys(_WRONG, 0)
            for name, sql in _WRONG.items():
                cursor.execute(sql, {"at": later})
                wrong[name] = cursor.fetchone()[0]
        harness.say(
            f"{fired:,} fired in {swept:.1f} s, acted on in {acted:.1f} s ({busy:.1f} s of our CPU); a second look found {again}"
        )
        harness.say(", ".join(f"{name}: {count}" for name, count in wrong.items()))
        if fired != due or again or any(wrong.values()):
            raise SystemExit("some were missed or done twice")
    harness.line("deadlines", "sweep", due / swept, "deadlines/s", ceiling=due / bare, ratio=bare / swept)
    harness.line("deadlines", "acted", acted, "s", ceiling=bare_act, ratio=bare_act / acted)


if __name__ == "__main__":
    main()
