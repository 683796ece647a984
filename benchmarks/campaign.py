"""`./run bench campaign`: one operation to every micro-grid of a city, and the answers that come back.

The ground of the city is drawn (119,000 micro-grids; ``--quick``: two districts). ``fan_out`` is the seconds of ``actions.send`` (every
task, the progress of every community, event, audit row, version, the remembered command), its ceiling one bare
``INSERT … SELECT`` of the same tasks into the same table with its indexes, emptied, in the same run; medians of several.
``told`` is the seconds in which the readers of events then give each member who holds a task its notice (a post for each micro-grid), its
ceiling the same notices by one bare ``INSERT … SELECT``.
``answers`` is answers a second through ``actions.answer`` from two processes (50,000; ``--quick``: 1,000; ``--answers N``), with one
bare statement that updates the same task and its progress as its ceiling; ``client_cpu_ms_per_answer`` is what those processes spend on
one (without the database), beside the wall time of the bare statement. At ten moments while they come in the progress of the city is
compared with a recount in one snapshot; a difference ends the bench.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import _harness as harness

CITY, CITY_CODE = "5101", "510100"
PROCESSES = 2
MOMENTS = 10
ROUNDS, QUICK_ROUNDS = 5, 3
ANSWERS, QUICK_ANSWERS = 50_000, 1_000
_BARE_SEND = """
INSERT INTO operations_task (id, district, operation_id, area_path, community, organisation_id, state, sent_at, answered_version, answer,
    problems, cases, within_day, version)
SELECT (%(stem)s || substr(gen_random_uuid()::text, 16))::uuid, left(path, 6), %(operation)s, path, left(path, 14), NULL, 'open', now(), 0,
    '{}', 0, 0, false, 1
  FROM territory_area WHERE level = 'micro_grid' AND path >= '5101' AND path < '5102' AND valid_to IS NULL ORDER BY path
"""
_BARE_ANSWER = """
WITH done AS (
    UPDATE operations_task SET state = 'answered', answered_at = now(), first_at = now(), answered_version = 3, within_day = true,
        answer = '{"hose": "no", "shops": 2}', version = version + 1 WHERE district = %s AND id = %s AND state = 'open'
    RETURNING district, operation_id, community)
UPDATE operations_progress p SET answered = answered + 1, first_answered = first_answered + 1, within_day = within_day + 1
  FROM done WHERE p.district = done.district AND p.operation_id = done.operation_id AND p.area_path = done.community
"""


def overseer() -> Any:
    """Somebody at the city's operation centre who may send everywhere."""
    from linli.kernel.trust import Actor, Role

    return Actor(
        role=Role.SUPERVISOR, account_id=uuid4(), post_id=uuid4(), area_path=CITY, district=CITY_CODE, name="总览", request_id="bench"
    )  # fmt: skip


def composed(actor: Any) -> Any:
    """A draft to every micro-grid of the city."""
    from linli.kernel import time as clock
    from linli.operations import actions
    from linli.operations.forms import Field, FieldKind
    from linli.operations.targets import Target

    fields = (
        Field("软管是否老化", FieldKind.YES_NO, "hose", problem=("yes",)),
        Field("查了几家餐馆", FieldKind.NUMBER, "shops"),
    )
    draft = actions.Draft(
        "燃气安全排查", "入冬前排查餐馆用气安全", "gas", fields, Target((CITY,)), clock.now() + timedelta(days=7), 3
    )  # fmt: skip
    return actions.compose(actor, str(uuid4()), draft)


def sent(actor: Any) -> tuple[Any, float]:
    """Send it to everybody: the operation, and the seconds."""
    from linli.operations import actions

    made = composed(actor)
    began = time.perf_counter()
    operation = actions.send(actor, made.id, made.version, str(uuid4()))
    return operation, time.perf_counter() - began


def emptied() -> None:
    """Both tables as they were before anything was sent."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE operations_task, operations_problem, operations_progress")


def bare() -> float:
    """The same rows by one statement: seconds."""
    from django.db import connection

    from linli.kernel import ids

    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(_BARE_SEND, {"stem": str(ids.new_id())[:15], "operation": uuid4()})
        return time.perf_counter() - began


def told() -> tuple[int, float, float]:
    """Let the readers tell whoever holds tasks: how many notices, the seconds, and those of the same rows by one statement."""
    from django.db import connections

    from linli.kernel import events
    from linli.notices.models import Notice

    began = time.perf_counter()
    events.drain(["operations.telling", "notices.own"])
    seconds = time.perf_counter() - began
    count = Notice.objects.filter(kind="task_sent").count()
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_told AS SELECT * FROM notices_notice")
        cursor.execute("TRUNCATE notices_notice CASCADE")
        began = time.perf_counter()
        cursor.execute("INSERT INTO notices_notice SELECT * FROM bench_told")
        return count, seconds, time.perf_counter() - began


def staffed() -> None:
    """A member for each micro-grid of the city's drawn districts."""
    from linli.people import staffing
    from linli.territory.models import Area

    for code in sorted(set(Area.objects.filter(level="micro_grid").values_list("district", flat=True))):
        staffing.staff_district(code)


def answering(version: int, todo: list[Any], done: Any, count: Any) -> None:
    """One process: answer these tasks, each as a micro-grid member of its grid."""
    from django.db import connections

    from linli.kernel.trust import Actor, Role
    from linli.operations import actions

    connections.close_all()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for place, (task_id, district, path) in enumerate(todo):
        actor = Actor(
            role=Role.MICRO_GRID_MEMBER, account_id=uuid4(), post_id=uuid4(), area_path=path, district=district, request_id="bench"
        )  # fmt: skip
        values = {"hose": "yes" if place % 7 == 0 else "no", "shops": place % 5}
        actions.answer(actor, task_id, str(uuid4()), values, version)
        with count.get_lock():
            count.value += 1
    after = resource.getrusage(resource.RUSAGE_SELF)
    connections.close_all()
    done.put(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def answered_barely(todo: list[Any], done: Any) -> None:
    """One process: the same by one statement each, a transaction of its own."""
    from django.db import connection, connections

    connections.close_all()
    with connection.cursor() as cursor:
        for task_id, district, _path in todo:
            cursor.execute(_BARE_ANSWER, [district, task_id])
    connections.close_all()
    done.put(0.0)


def main() -> None:
    """Draw, send, answer while counting."""
    options = harness.arguments(__doc__ or "", answers=0)
    multiprocessing.set_start_method("fork", force=True)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    with harness.database():
        from django.core.management import call_command
        from django.db import connection, connections

        from linli.operations import counting
        from linli.operations.models import Task

        quiet = open(os.devnull, "w")  # noqa: SIM115 - closed with the process
        call_command("import", "divisions", "chengdu", stdout=quiet)
        call_command("load_catalogue", stdout=quiet)
        where = ["--district", "510107", "--district", "510104"] if options.quick else ["--city", CITY_CODE]
        call_command("generate", *where, "--dwellings", "none", stdout=quiet)
        staffed()
        actor = overseer()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        took, ceiling = [], []
        for _round in range(rounds):
            emptied()
            ceiling.append(bare())
            emptied()
            operation, seconds = sent(actor)
            took.append(seconds)
        value, least = statistics.median(took), statistics.median(ceiling)
        harness.say(f"{operation.tasks_count} tasks in {len(operation.districts)} districts")
        harness.line("campaign", "fan_out", value, "s", ceiling=least, ratio=value / least)

        count, seconds, least = told()
        harness.say(f"{count} notices")
        if count < operation.tasks_count * 0.9:
            raise SystemExit("not everybody was told")
        harness.line("campaign", "told", seconds, "s", ceiling=least, ratio=seconds / least)

        answers = options.answers or (QUICK_ANSWERS if options.quick else ANSWERS)
        wanted = min(answers, operation.tasks_count)
        todo = list(Task.objects.order_by("?").values_list("id", "district", "area_path")[:wanted])
        answered: Any = multiprocessing.Value("i", 0)
        connections.close_all()
        done: Any = multiprocessing.Queue()
        began = time.perf_counter()
        workers = [
            multiprocessing.Process(target=answering, args=(operation.version, todo[place::PROCESSES], done, answered))
            for place in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        for moment in range(1, MOMENTS + 1):
            while answered.value < wanted * moment // (MOMENTS + 1) and any(worker.is_alive() for worker in workers):
                time.sleep(0.02)
            wrong = counting.differences(operation)
            if wrong:
                raise SystemExit(
                    f"after {answered.value} answers the progress of {wrong[:5]} is not what a recount gives"
                )
        spent = sum(done.get() for _worker in workers)
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - began
        if Task.objects.filter(state="answered").count() != wanted or counting.differences(operation):
            raise SystemExit("an answer was lost or counted twice")

        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE operations_task SET state = 'open', first_at = NULL, answered_at = NULL, within_day = false;"
                "UPDATE operations_progress SET answered = 0, first_answered = 0, within_day = 0"
            )
        connections.close_all()
        began = time.perf_counter()
        workers = [
            multiprocessing.Process(target=answered_barely, args=(todo[place::PROCESSES], done))
            for place in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            done.get()
            worker.join()
        least = time.perf_counter() - began
        rate, most = wanted / seconds, wanted / least
        harness.line("campaign", "answers", rate, "1/s", ceiling=most, ratio=rate / most)
        cpu, bare_cpu = spent * 1000 / wanted, least * 1000 / wanted
        harness.line("campaign", "client_cpu_ms_per_answer", cpu, "ms", ceiling=bare_cpu, ratio=cpu / bare_cpu)


if __name__ == "__main__":
    main()
