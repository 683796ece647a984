"""`./run bench intake`: acknowledged, durable reports over HTTP, against the same rows as one SQL statement by the raw driver.

Both write the same rows (remembered command, case, participant, log entry, deadline, event) to the same tables with the same
indexes, ``synchronous_commit`` on, from sixteen clients, one after the other in this run. ``reports`` is reports a second over HTTP,
with the raw statement's as its ceiling; ``cpu_ms_per_report`` is what the web processes and the database spent on a report, with
the database's share in the raw run as its ceiling (the least that anything in front of this database could spend).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import socket
import threading
import time
import uuid
from typing import Any

import _harness as harness

CLIENTS = 16
PROCESSES = 2
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")
CATEGORIES = ("UT02", "EN01", "EN03", "TR02", "PM07", "UT01")


def bodies(count: int) -> list[bytes]:
    """Reports as a phone would send them."""
    return [
        json.dumps(
            {
                "category": CATEGORIES[n % len(CATEGORIES)],
                "description": f"第{n}号:楼下路灯不亮,晚上看不清路,请尽快处理",
                "lng": lng,
                "lat": lat,
                "coordinates": "wgs84",
            },
            ensure_ascii=False,
        ).encode()
        for n, (lng, lat, _path) in enumerate(harness.points(count))
    ]


class Line:
    """A connection that is kept, and no more of HTTP than this needs: what the clients spend is taken from the server's own cores."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def send(self, body: bytes) -> int:
        """Send one report; gives the status of its answer, read to the end."""
        head = (
            "POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + body)
        answer = self.rest
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        length = int(LENGTH.search(answer, 0, end + 2)[1])  # type: ignore[index]
        while len(answer) < end + 4 + length:
            answer += self._more()
        self.rest = answer[end + 4 + length :]
        return int(answer[9:12])

    def _more(self) -> bytes:
        found = self.socket.recv(65_536)
        if not found:
            raise SystemExit("the server hung up")
        return found


def post(port: int, reports: list[bytes], until: float, done: Any) -> None:
    """One client process: several threads, each with a connection that it keeps."""
    threads = CLIENTS // PROCESSES
    counts = [0] * threads

    def client(place: int) -> None:
        line = Line(port)
        n = place
        while time.monotonic() < until:
            status = line.send(reports[n % len(reports)])
            if status != 201:
                raise SystemExit(f"a report was answered with {status}")
            counts[place] += 1
            n += threads

    workers = [threading.Thread(target=client, args=(place,)) for place in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done.put(sum(counts))


def over_http(port: int, seconds: float, reports: list[bytes]) -> tuple[int, float]:
    """Reports that were acknowledged, and the seconds that it took."""
    done: Any = multiprocessing.Queue()
    began = time.monotonic()
    clients = [
        multiprocessing.Process(target=post, args=(port, reports, began + seconds, done)) for _n in range(PROCESSES)
    ]
    for client in clients:
        client.start()
    total = sum(done.get() for _client in clients)
    for client in clients:
        client.join()
    return total, time.monotonic() - began


def rows(count: int) -> list[dict[str, Any]]:
    """The parameters of the statement, made before the clock starts."""
    from psycopg.types.json import Jsonb

    from linli.cases import placing
    from linli.cases.actions import intake
    from linli.kernel import commands, ids
    from linli.kernel.trust import ANONYMOUS

    made = []
    for body in bodies(count):
        said = json.loads(body)
        what = intake.Report(
            category=said["category"], description=said["description"], lng=said["lng"], lat=said["lat"], channel="api"
        )
        place = placing.find(lng=what.lng, lat=what.lat, coordinates="wgs84", address="", district="")
        row = intake._rows(ANONYMOUS, what, place)
        key = str(uuid.uuid4())
        row |= {
            "lock": commands.lock_number(ANONYMOUS.key, key),
            "command_id": ids.new_id(),
            "actor_key": ANONYMOUS.key,
            "key": key,
            "body_hash": commands.body_hash(body),
            "answer": Jsonb(row["answer"]),
        }
        made.append(row)
    return made


def insert(url: str, part: list[dict[str, Any]], start: Any, done: Any) -> None:
    """One client process of the raw run: threads that execute the statement and nothing else."""
    import psycopg

    from linli.cases.actions.intake import _STATEMENT

    threads = CLIENTS // PROCESSES
    ready = threading.Barrier(threads + 1)

    def client(mine: list[dict[str, Any]]) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.cursor()
            ready.wait()
            for row in mine:
                cursor.execute(_STATEMENT, row, prepare=True)
                cursor.fetchone()

    workers = [threading.Thread(target=client, args=(part[place::threads],)) for place in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    start.wait()
    began = time.monotonic()
    for worker in workers:
        worker.join()
    done.put(time.monotonic() - began)


def raw(count: int) -> float:
    """Seconds for ``count`` statements from as many clients."""
    from django.db import connections

    made = rows(count)
    connections.close_all()
    done: Any = multiprocessing.Queue()
    start = multiprocessing.Barrier(PROCESSES)
    clients = [
        multiprocessing.Process(
            target=insert, args=(os.environ["LINLI_DATABASE_URL"], made[place::PROCESSES], start, done)
        )
        for place in range(PROCESSES)
    ]
    for client in clients:
        client.start()
    seconds = max(done.get() for _client in clients)
    for client in clients:
        client.join()
    return seconds


def main() -> None:
    """Load, report, compare."""
    options = harness.arguments(__doc__ or "")
    seconds, count = (6.0, 6_000) if options.quick else (20.0, 30_000)
    multiprocessing.set_start_method("fork")
    with harness.database() as folder:
        harness.district()
        reports = bodies(2_000)
        server = harness.postmaster(folder)
        with harness.web_server() as (port, web):
            over_http(port, 2.0, reports)  # warm: connections, snapshots, the index of the ground
            before = harness.cpu_seconds(web, server)
            acknowledged, took = over_http(port, seconds, reports)
            spent = harness.cpu_seconds(web, server) - before
        rate = acknowledged / took
        raw(500)
        before = harness.cpu_seconds(server)
        ceiling = count / raw(count)
        least = (harness.cpu_seconds(server) - before) / count * 1000
        from linli.cases.models import Case

        harness.say(f"{acknowledged:,} reports acknowledged; {Case.objects.count():,} cases in the database")
    harness.line("intake", "reports", rate, "reports/s", ceiling=ceiling, ratio=rate / ceiling)
    cost = spent / acknowledged * 1000
    harness.line("intake", "cpu_ms_per_report", cost, "ms", ceiling=least, ratio=cost / least)


if __name__ == "__main__":
    main()
