"""After the storm: hold the database to what was acknowledged, and to itself.

Run as a program with ``LINLI_DATA`` set: ``python -m tests.chaos.check ACKNOWLEDGED``; prints findings and figures as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from linli.kernel.embedded import Server
from linli.kernel.embedded.environment import data_folder, publish

Findings = dict[str, list[str]]

LOG_WITHOUT_EVENT = """
SELECT l.case_id, l.sequence, l.kind, count(e.id) FROM cases_logentry l
LEFT JOIN kernel_event e ON e.district = l.district AND e.subject_id = l.case_id AND e.sequence = l.sequence
     AND e.kind = 'case.' || l.kind
GROUP BY 1, 2, 3 HAVING count(e.id) <> 1
"""
EVENT_WITHOUT_LOG = """
SELECT e.subject_id, e.sequence, e.kind FROM kernel_event e
LEFT JOIN cases_logentry l ON e.district = l.district AND e.subject_id = l.case_id AND e.sequence = l.sequence
WHERE e.subject_type = 'case' AND l.id IS NULL
"""
CLOCK_NOT_TOLD_ONCE = """
SELECT d.id, d.kind, count(e.id) FROM kernel_deadline d
LEFT JOIN kernel_event e ON e.district = d.district AND e.subject_id = d.id AND e.kind = 'deadline.passed'
WHERE d.fired_at IS NOT NULL GROUP BY 1, 2 HAVING count(e.id) <> 1
"""
CLOCK_NOT_NOTED_ONCE = """
SELECT d.subject_id, d.kind, count(l.id) FROM kernel_deadline d
LEFT JOIN cases_logentry l ON l.district = d.district AND l.case_id = d.subject_id AND l.kind = 'late'
     AND l.data->>'deadline' = d.kind
WHERE d.fired_at IS NOT NULL GROUP BY 1, 2 HAVING count(l.id) <> 1
"""
CLOCK_MISSED = """
SELECT id, kind, due_at FROM kernel_deadline
WHERE state = 'running' AND fired_at IS NULL AND due_at < (SELECT max(at) FROM kernel_event) - interval '30 seconds'
"""
BEHIND = """
SELECT k.consumer, k.district, count(*) FROM kernel_cursor k
JOIN kernel_event e ON e.district = k.district AND (e.xid, e.id) > (k.xid, k.event_id) GROUP BY 1, 2
"""
PARKED = "SELECT consumer, event_id, error FROM kernel_parkedevent"
WITHOUT_ROWS = """
SELECT c.id, 'no participant' FROM cases_case c
LEFT JOIN cases_participant p ON p.district = c.district AND p.case_id = c.id WHERE p.id IS NULL
UNION ALL
SELECT c.id, 'no command' FROM cases_case c
LEFT JOIN kernel_command k ON k.district = c.district AND k.answer->>'id' = c.id::text WHERE k.id IS NULL
UNION ALL
SELECT c.id, 'no response clock' FROM cases_case c LEFT JOIN kernel_deadline d ON d.district = c.district
     AND d.subject_id = c.id AND d.kind = 'response' WHERE d.id IS NULL
"""
OF_THE_DATABASE = {
    "a step without exactly one event": LOG_WITHOUT_EVENT,
    "an event without a step": EVENT_WITHOUT_LOG,
    "a clock that fired and was not told exactly once": CLOCK_NOT_TOLD_ONCE,
    "a clock that fired and was not noted exactly once": CLOCK_NOT_NOTED_ONCE,
    "a clock that ran out and did not fire": CLOCK_MISSED,
    "a consumer behind": BEHIND,
    "a parked event": PARKED,
    "a case without one of its rows": WITHOUT_ROWS,
}


def _rows(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def against_the_file(path: Path) -> tuple[Findings, Counter[str]]:
    """Every acknowledged command is there exactly once; nothing that was sent is there twice."""
    found: Findings = {}
    counts: Counter[str] = Counter()
    cases = _rows(
        "SELECT split_part(description, ' ', 2), count(*), min(id::text), min(log_length) FROM cases_case"
        " WHERE description LIKE 'chaos %%' GROUP BY 1"
    )
    by_key = {key: (count, case_id, length) for key, count, case_id, length in cases}
    by_id = {case_id: length for _count, case_id, length in by_key.values()}
    steps = {
        (str(case), kind): n
        for case, kind, n in _rows("SELECT case_id, kind, count(*) FROM cases_logentry GROUP BY 1, 2")
    }
    for line in path.read_text("utf-8").splitlines():
        said = json.loads(line)
        counts[said["what"]] += 1
        match said["what"]:
            case "report":
                if by_key.get(said["key"], (0, ""))[1] != said["id"]:
                    found.setdefault("lost", []).append(f"report {said['key']} ({said['number']})")
            case "verb":
                times = steps.get((said["id"], said["verb"]), 0)
                if times == 0 or by_id.get(said["id"], 0) < said["version"]:
                    found.setdefault("lost", []).append(f"{said['verb']} of {said['id']}")
                elif times > 1:
                    found.setdefault("doubled", []).append(f"{said['verb']} of {said['id']}, {times} times")
            case other:
                found.setdefault(other, []).append(line)
    for key, (count, _id, _length) in by_key.items():
        if count > 1:
            found.setdefault("doubled", []).append(f"report {key}, {count} times")
    return found, counts


def against_itself() -> Findings:
    """Log, rows, events, clocks, counters and chains agree with each other."""
    from django.apps import apps

    from linli.cases.rebuilding import rebuild

    found: Findings = {}
    for name, sql in OF_THE_DATABASE.items():
        if rows := _rows(sql):
            found[name] = [" ".join(map(str, row)) for row in rows]
    districts = [row[0] for row in _rows("SELECT DISTINCT district FROM cases_case")]
    for district in districts:
        if differences := rebuild(district=district, write=False).differences:
            found.setdefault("a row that its log does not tell", []).extend(map(str, differences))
        if apps.is_installed("linli.metrics"):
            from linli.metrics.recounting import recount

            if wrong := recount(district, write=False).differences:
                found.setdefault("a counter that the log does not tell", []).extend(map(str, wrong.items()))
    done = subprocess.run(
        [sys.executable, "-m", "linli_verify", "--database", os.environ["LINLI_DATABASE_URL"]],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        found["the verifier's findings"] = (done.stdout + done.stderr).splitlines()[-20:]
    return found


def figures() -> dict[str, int]:
    """What is there, for the verdict."""
    names = {"cases": "cases_case", "steps": "cases_logentry", "events": "kernel_event", "commands": "kernel_command"}
    found = {name: int(_rows(f"SELECT count(*) FROM {table}")[0][0]) for name, table in names.items()}
    found["clocks fired"] = int(_rows("SELECT count(*) FROM kernel_deadline WHERE fired_at IS NOT NULL")[0][0])
    return found


def main() -> None:
    """Check the data folder that the environment names."""
    with Server(Path(data_folder())) as server:
        publish(server.addresses())
        os.environ["DJANGO_SETTINGS_MODULE"] = "linli.settings"
        import django

        django.setup()
        from linli.kernel import events

        events.drain()  # what came in between the worker's last look and its end
        found, counts = against_the_file(Path(sys.argv[1]))
        print(json.dumps({"findings": found | against_itself(), "acknowledged": counts, "figures": figures()}))
        from django.db import connections

        connections.close_all()


if __name__ == "__main__":
    main()
