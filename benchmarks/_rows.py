"""Many realistic cases at once, for the benches that ask what grows: the database makes them itself, no row passes through Python.

What pages read is as an installation has it: a twelfth of the cases open, in the states and hands that cases are in, on the
micro-grids of a real district, one to six log entries with their data, clocks, work orders, participants. What nobody reads here
is not: hashes are bytes without a meaning, and there are no events.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import _harness as harness

CATEGORIES = ("UT02", "EN01", "EN03", "TR02", "PM07", "UT01", "LV01", "PS02", "FS02", "PM05", "UT09", "EN05")
OPEN_SHARE = 0.08
HISTORY = "3 years"
OPEN_FOR = "10 days"
RESIDENTS = 20_000
OF_ONE_RESIDENT = 40
"""What the resident whose list is measured has reported: the same at every size."""

_GROUND = """
CREATE UNLOGGED TABLE bench_grid AS
SELECT row_number() OVER (ORDER BY a.path)::int AS n, a.id AS area, a.path, a.label_lng AS lng, a.label_lat AS lat,
    (SELECT o.id FROM people_organisation o WHERE o.district = a.district AND o.area_path = left(a.path, 14)
        AND o.function = 'community' LIMIT 1) AS committee,
    (SELECT o.id FROM people_organisation o WHERE o.district = a.district AND o.area_path = left(a.path, 10)
        AND o.function = 'subdistrict_office' LIMIT 1) AS office,
    (SELECT o.id FROM people_organisation o WHERE o.district = a.district AND o.area_path = a.district
        AND o.function = 'urban_management' LIMIT 1) AS department,
    (SELECT p.id FROM people_post p WHERE p.district = a.district AND p.area_path = a.path
        AND p.role = 'micro_grid_member' LIMIT 1) AS member,
    (SELECT p.id FROM people_post p WHERE p.district = a.district AND p.area_path = left(a.path, 14)
        AND p.role = 'community_worker' LIMIT 1) AS worker
FROM territory_area a WHERE a.district = %(district)s AND a.level = 'micro_grid' AND a.label_lng IS NOT NULL;
CREATE UNIQUE INDEX ON bench_grid (n);
CREATE UNLOGGED TABLE bench_kind (n int PRIMARY KEY, code text, version uuid, severity int, sensitivity text);
CREATE UNLOGGED TABLE bench_number (s int PRIMARY KEY, number text COLLATE "C");
CREATE UNLOGGED TABLE bench_step (state text, sequence int, kind text, from_state text, to_state text, share float);
INSERT INTO bench_step
SELECT state, row_number() OVER (PARTITION BY state ORDER BY share), kind, from_state, to_state, share
FROM (VALUES ('report', '', 'submitted', 0.0, 1), ('register', 'submitted', 'registered', 0.05, 2),
    ('dispatch', 'registered', 'dispatched', 0.06, 3), ('sign_in', 'dispatched', 'signed_in', 0.2, 4),
    ('start', 'signed_in', 'in_disposal', 0.3, 5), ('dispose', 'signed_in', 'disposed', 0.7, 5),
    ('verify', 'disposed', 'verified', 0.8, 6), ('close', 'verified', 'closed', 1.0, 7)) AS w (kind, from_state, to_state, share, rank)
JOIN (VALUES ('submitted', 1), ('registered', 2), ('dispatched', 3), ('signed_in', 4), ('in_disposal', 5), ('disposed', 5),
    ('verified', 6), ('closed', 7)) AS st (state, reached)
    ON w.rank <= st.reached AND (w.kind <> 'start' OR st.state = 'in_disposal') AND (w.kind <> 'dispose' OR st.state <> 'in_disposal')
    AND (w.kind <> 'verify' OR st.state = 'verified');
INSERT INTO people_account (password, id, login, work_name, home_path, language, text_size, theme, is_active, is_demo, date_joined,
    version)
SELECT '!', ('00000000-0000-7000-b000-' || lpad(to_hex(g), 12, '0'))::uuid, 'bench-' || g, '', '', 'zh-hans', 'normal', 'system',
    true, false, %(now)s, 1
FROM generate_series(1, %(residents)s) AS g;
"""

# Random numbers are drawn once per row in the innermost select: PostgreSQL would draw anew wherever an expression is repeated.
_CASES = """
CREATE UNLOGGED TABLE bench_new AS
SELECT y.*, (lpad(to_hex((extract(epoch FROM y.at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(y.s), 15, '0'))::uuid AS id,
    CASE WHEN y.state IN ('submitted', 'registered') THEN y.committee WHEN y.luck < 0.7 THEN y.committee
         WHEN y.luck < 0.9 THEN coalesce(y.office, y.committee) ELSE coalesce(y.department, y.committee) END AS holder,
    CASE WHEN y.state NOT IN ('submitted', 'registered') AND y.luck < 0.7
         THEN CASE WHEN y.luck < 0.4 THEN y.member ELSE y.worker END END AS handler,
    CASE WHEN NOT y.is_open THEN NULL WHEN y.late THEN %(now)s::timestamptz - y.chance * interval '3 days'
         ELSE %(now)s::timestamptz + y.chance * interval '8 days' END AS due
FROM (
    SELECT x.*, g.area, g.path, g.lng, g.lat, g.committee, g.office, g.department, g.member, g.worker,
        k.code, k.version, k.severity, k.sensitivity, m.number, x.at + interval '30 hours' * (0.3 + x.chance) AS ended,
        CASE WHEN NOT x.is_open THEN 'closed'
             WHEN x.dice < 0.16 THEN 'submitted' WHEN x.dice < 0.20 THEN 'registered' WHEN x.dice < 0.45 THEN 'dispatched'
             WHEN x.dice < 0.65 THEN 'signed_in' WHEN x.dice < 0.82 THEN 'in_disposal' WHEN x.dice < 0.92 THEN 'disposed'
             ELSE 'verified' END AS state
    FROM (
        SELECT w.*, %(now)s::timestamptz - CASE WHEN w.is_open THEN interval '1 hour' + w.age * w.age * %(open_for)s::interval
                                     ELSE %(open_for)s::interval + w.age * %(history)s::interval END AS at
        FROM (SELECT s, random() AS dice, random() AS luck, random() AS chance, random() AS age, random() < 0.15 AS late,
                  random() < %(open_share)s AS is_open, 1 + floor(power(random(), 1.3) * %(grids)s)::int AS grid,
                  1 + floor(power(random(), 1.6) * %(kinds)s)::int AS kind
              FROM generate_series(%(first)s, %(last)s) AS s) AS w
    ) AS x JOIN bench_grid g ON g.n = x.grid JOIN bench_kind k ON k.n = x.kind JOIN bench_number m ON m.s = x.s
) AS y;
INSERT INTO cases_case (id, district, number, state, is_open, round, resume_state, area_id, area_path, located, lng, lat,
    address_text, category, category_version_id, severity, sensitivity, description, channel, level, holder_id, handler_post_id,
    reported_at, registered_at, responded_at, disposed_at, closed_at, due_at, due_kind, due_from, is_late, returns, extensions, waits,
    failures, participants_count, feedback_outcome, outcome, log_length, log_head)
SELECT n.id, %(district)s, n.number, n.state, n.is_open, 1, '', n.area, n.path, 'inside', n.lng, n.lat,
    '测试路' || n.s %% 300 || '号' || n.s %% 40 || '栋楼下', n.code, n.version, n.severity, n.sensitivity,
    '第' || n.s || '号:楼下的路灯已经三天不亮,晚上看不清路,老人出门容易摔倒,请尽快派人来看看', 'portal', 'community', n.holder, n.handler,
    n.at, CASE WHEN n.state <> 'submitted' THEN n.at + interval '20 minutes' END,
    CASE WHEN n.state NOT IN ('submitted', 'registered', 'dispatched') THEN n.at + interval '1 hour' END,
    CASE WHEN n.state IN ('disposed', 'verified', 'closed') THEN n.ended END, CASE WHEN NOT n.is_open THEN n.ended END,
    n.due, CASE WHEN n.is_open THEN CASE n.state WHEN 'submitted' THEN 'response' WHEN 'disposed' THEN 'verification'
        WHEN 'verified' THEN 'feedback' ELSE 'resolution' END ELSE '' END, CASE WHEN n.is_open THEN n.at END, n.is_open AND n.late,
    0, 0, 0, 0, 1, '', CASE WHEN n.state IN ('disposed', 'verified', 'closed') THEN '已经更换灯泡,现场查看恢复正常' ELSE '' END,
    (SELECT count(*) FROM bench_step t WHERE t.state = n.state), decode(repeat('ab', 32), 'hex')
FROM bench_new n ORDER BY n.at;
INSERT INTO cases_logentry (id, district, case_id, sequence, kind, at, post_id, actor_role, from_state, to_state, data, prev_hash, hash)
SELECT (lpad(to_hex((extract(epoch FROM n.at) * 1000)::bigint), 12, '0') || '700' || t.sequence || '9' || lpad(to_hex(n.s), 15, '0'))::uuid,
    %(district)s, n.id, t.sequence, t.kind, n.at + (n.ended - n.at) * t.share, CASE WHEN t.sequence > 1 THEN n.worker END,
    CASE WHEN t.sequence = 1 THEN 'resident' ELSE 'community_worker' END, t.from_state, t.to_state,
    jsonb_build_object('set', jsonb_build_object('state', t.to_state, 'due_at', n.due, 'holder_id', n.holder, 'area_path', n.path,
        'handler_post_id', n.handler, 'category', n.code, 'due_kind', 'resolution'))
    || CASE t.kind WHEN 'report' THEN jsonb_build_object('number', n.number, 'channel', 'portal')
        WHEN 'dispatch' THEN jsonb_build_object('organisation', n.holder, 'handler', n.handler, 'level', 'community', 'task', '')
        WHEN 'dispose' THEN jsonb_build_object('outcome', '已经更换灯泡,现场查看恢复正常', 'met', jsonb_build_array('response'))
        WHEN 'verify' THEN jsonb_build_object('passed', true, 'words', '') ELSE '{}'::jsonb END,
    decode(repeat('cd', 32), 'hex'), decode(repeat('ef', 32), 'hex')
FROM bench_new n JOIN bench_step t ON t.state = n.state ORDER BY n.at;
INSERT INTO cases_participant (id, district, case_id, account_id, kind, joined_at)
SELECT (lpad(to_hex((extract(epoch FROM n.at) * 1000)::bigint), 12, '0') || '7009a' || lpad(to_hex(n.s), 15, '0'))::uuid,
    %(district)s, n.id,
    CASE WHEN n.s <= %(of_one)s THEN '00000000-0000-7000-b000-000000000001'::uuid WHEN n.luck < 0.8
         THEN ('00000000-0000-7000-b000-' || lpad(to_hex(2 + floor(n.chance * (%(residents)s - 1))::int), 12, '0'))::uuid END,
    'reporter', n.at
FROM bench_new n ORDER BY n.at;
INSERT INTO kernel_deadline (id, district, subject_type, subject_id, kind, area_path, clock, minutes, started_at, due_at, provisional,
    state, paused_at, ended_at, due_history)
SELECT (lpad(to_hex((extract(epoch FROM n.at) * 1000)::bigint), 12, '0') || '700' || d.place || 'b' || lpad(to_hex(n.s), 15, '0'))::uuid,
    %(district)s, 'case', n.id, d.kind, n.path, 'working', 480, n.at, coalesce(n.due, n.ended), false,
    CASE WHEN NOT n.is_open OR (d.kind = 'response' AND n.state <> 'submitted') THEN 'met'
         WHEN n.state IN ('disposed', 'verified') THEN 'paused' ELSE 'running' END,
    CASE WHEN n.is_open AND n.state IN ('disposed', 'verified') THEN n.ended END,
    CASE WHEN NOT n.is_open OR (d.kind = 'response' AND n.state <> 'submitted') THEN n.ended END, '[]'::jsonb
FROM bench_new n JOIN (VALUES (1, 'response'), (2, 'resolution')) AS d (place, kind)
    ON d.kind = 'response' OR n.state NOT IN ('submitted') ORDER BY n.at;
UPDATE kernel_deadline SET fired_at = due_at WHERE state = 'running' AND due_at <= %(now)s AND fired_at IS NULL;
INSERT INTO cases_workorder (id, district, case_id, kind, state, is_lead, organisation_id, post_id, task, result, sent_at, due_at)
SELECT (lpad(to_hex((extract(epoch FROM n.at) * 1000)::bigint), 12, '0') || '7008a' || lpad(to_hex(n.s), 15, '0'))::uuid,
    %(district)s, n.id, 'dispatch', CASE n.state WHEN 'dispatched' THEN 'sent' WHEN 'signed_in' THEN 'answered'
        WHEN 'in_disposal' THEN 'answered' ELSE 'finished' END, true, n.holder, n.handler, '', '', n.at, n.due
FROM bench_new n WHERE n.state NOT IN ('submitted', 'registered') ORDER BY n.at;
INSERT INTO cases_workorder (id, district, case_id, kind, state, is_lead, organisation_id, task, result, sent_at, due_at)
SELECT (lpad(to_hex((extract(epoch FROM n.at) * 1000)::bigint), 12, '0') || '7007a' || lpad(to_hex(n.s), 15, '0'))::uuid,
    %(district)s, n.id, 'call', 'sent', true, n.department, '请现场查看', '', n.at, n.due
FROM bench_new n WHERE n.state = 'in_disposal' AND n.luck < 0.2 AND n.department IS NOT NULL AND n.department <> n.holder;
DROP TABLE bench_new;
"""
TABLES = ("cases_case", "cases_logentry", "cases_participant", "cases_workorder", "kernel_deadline", "people_account")


def ground(now: datetime) -> None:
    """What the cases stand on: call once, after :func:`_harness.district`."""
    from linli.catalog import queries as catalog

    listed = catalog.current(district=harness.DISTRICT)
    with _owner() as cursor:
        cursor.execute(_GROUND, {"district": harness.DISTRICT, "now": now, "residents": RESIDENTS})
        for place, code in enumerate(CATEGORIES, start=1):
            entry = listed.get(code)
            assert entry is not None
            row = [place, code, entry.version_id, entry.severity, entry.sensitivity]
            cursor.execute("INSERT INTO bench_kind VALUES (%s, %s, %s, %s, %s)", row)


def add(first: int, last: int, now: datetime, *, open_share: float = OPEN_SHARE, open_for: str = OPEN_FOR) -> None:
    """Add the cases of serials ``first`` to ``last``, and let the database look at its statistics."""
    from linli.kernel import ids

    with _owner() as cursor:
        with cursor.copy("COPY bench_number FROM STDIN") as copy:
            for serial in range(first, last + 1):
                copy.write_row((serial, ids.ticket_number(harness.DISTRICT, serial)))
        cursor.execute("SELECT count(*) FROM bench_grid")
        values = {
            "district": harness.DISTRICT, "now": now, "first": first, "last": last, "open_share": open_share, "open_for": open_for,
            "history": HISTORY, "grids": cursor.fetchone()[0], "kinds": len(CATEGORIES), "residents": RESIDENTS,
            "of_one": OF_ONE_RESIDENT,
        }  # fmt: skip
        cursor.execute("SELECT setseed(0.5); SET work_mem = '256MB'; ANALYZE bench_grid; ANALYZE bench_number")
        cursor.execute(_CASES, values)
        cursor.execute("VACUUM (ANALYZE) " + ", ".join(TABLES))


def resident() -> UUID:
    """The account whose own list is measured."""
    return UUID("00000000-0000-7000-b000-000000000001")


def _owner() -> Any:
    """A cursor as the owner of the tables, whose statements take their values in the text (several statements at once)."""
    import os

    import psycopg

    connection = psycopg.connect(
        os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True, cursor_factory=psycopg.ClientCursor
    )
    return _Closing(connection)


class _Closing:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __enter__(self) -> Any:
        return self.connection.cursor()

    def __exit__(self, *_error: object) -> None:
        self.connection.close()
