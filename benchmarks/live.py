"""`./run bench live`: a thousand open cockpits of one web process while cases come in: CPU, memory, delay from commit to screen.

Viewers are what a browser is to the server: a stream of server-sent events from the live process, and a request for the panels when a
message is for their area, at the pace of the page (``data-live-pace``, with its moment of chance). A third looks at the city, a third
at the district, the rest at their communities; they share forty posts. A report is committed twice a second; the worker runs as it
does in an installation.

``delay_ms`` is the median from the commit of a report to the last byte of the panels that tell of it, at viewers who were not in the
middle of a pace (``late_delay_ms``: the 95th of a hundred, at all); ``heard_ms`` is to the message in the stream. Their ceiling is a bare
connection to the database that listens to the same channel. ``web_cpu`` and ``live_cpu`` are cores that the processes took, against
those of an idle minute without viewers; ``web_mb`` and ``live_mb`` their memory, against that before the first viewer came.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import _harness as harness
import pages as looking

VIEWERS, QUICK_VIEWERS = 1_000, 100
SECONDS, QUICK_SECONDS = 60.0, 12.0
EVERY = 0.5
"""Seconds between two reports."""
POSTS = 40
PACE, CHANCE, SETTLE = 10.0, 0.2, 1.0
"""As the page says and ``frontend/src/live.ts`` does it."""


class Viewer:
    """One open cockpit."""

    def __init__(self, address: str, stream: str, cookie: str, path: str, seen: dict[str, Any]) -> None:
        self.page, self.stream, self.cookie, self.path, self.seen = address, urlsplit(stream), cookie, path, seen
        self.ready = asyncio.Event()
        self.next_at = 0.0
        self.waiting = False
        self.asking: set[asyncio.Task[None]] = set()
        self.owed: list[tuple[float, bool]] = []
        self.bytes = 0
        self.fetches = 0

    async def watch(self) -> None:
        """Listen until cancelled."""
        reader, writer = await asyncio.open_connection(self.stream.hostname, self.stream.port)
        writer.write(
            f"GET {self.stream.path}?{self.stream.query} HTTP/1.1\r\nHost: {self.stream.netloc}\r\n\r\n".encode()
        )
        try:
            while line := await reader.readline():
                if line.startswith(b"retry:"):
                    self.ready.set()
                elif line.startswith(b"data:"):
                    self.hear(json.loads(line[5:])["topic"])
        finally:
            writer.close()

    def hear(self, topic: str) -> None:
        """A message came; of this area it means a request, now or at the end of the pace."""
        kind, _colon, path = topic.partition(":")
        if kind != "figures" or not path.startswith(self.path):
            return
        now = time.monotonic()
        committed = self.seen["last"]
        self.seen["heard"].append(now - committed)
        self.owed.append((committed, not self.waiting and now >= self.next_at))
        if not self.waiting:
            self.waiting = True
            at = max(self.next_at, now + SETTLE + random.random() * PACE * CHANCE)
            asking = asyncio.create_task(self.fetch(at - now))
            self.asking.add(asking)
            asking.add_done_callback(self.asking.discard)

    async def fetch(self, pause: float) -> None:
        """Ask for the panels."""
        await asyncio.sleep(pause)
        self.waiting = False
        self.next_at = time.monotonic() + PACE
        owed, self.owed = self.owed, []
        host = urlsplit(self.page)
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        writer.write(
            f"GET {host.path}?{host.query} HTTP/1.1\r\nHost: {host.netloc}\r\nCookie: {self.cookie}\r\nHX-Request: true\r\n"
            "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the panels were answered with {answer[:60]!r}")
        self.bytes += len(answer)
        self.fetches += 1
        arrived = time.monotonic()
        for committed, fresh in owed:
            self.seen["late"].append(arrived - committed)
            if fresh:
                self.seen["fresh"].append(arrived - committed)


@contextlib.contextmanager
def installation() -> Iterator[tuple[int, dict[str, int]]]:
    """One web process, the live process and the worker; gives the web's port and the processes' ids."""
    from linli.kernel.serve import processes

    port, live_port = harness.free_port(), harness.free_port()
    os.environ |= {"LINLI_WEB_WORKERS": "1", "LINLI_LIVE_PORT": str(live_port)}
    live = processes.live("127.0.0.1", live_port)
    assert live is not None
    started = {
        spec.name: subprocess.Popen(spec.command, start_new_session=True, env=os.environ | spec.environment)
        for spec in (processes.web("127.0.0.1", port), live, processes.worker())
    }
    try:
        for address in (f"http://127.0.0.1:{port}/healthz", f"http://127.0.0.1:{live_port}/healthz"):
            for _attempt in range(300):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(address, timeout=2).read()
                    break
                time.sleep(0.1)
        yield port, {name: process.pid for name, process in started.items()}
    finally:
        for process in started.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in started.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def memory_mb(leader: int) -> float:
    """What a process and its children hold, in MB: shared pages in equal parts."""
    total = 0
    for pid in harness.family(leader):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def sessions(port: int) -> list[tuple[str, str, str]]:
    """Forty posts as (cookie, stream's address, area): an auditor of the city, a supervisor of the district, workers of communities."""
    from linli.kernel import ids
    from linli.kernel import time as clock
    from linli.people.models import Account, Post
    from linli.territory.models import Area

    posts = Post.objects.filter(district=harness.DISTRICT).select_related("account")
    supervisor = posts.filter(role="supervisor", area_path=harness.DISTRICT).first()
    assert supervisor is not None
    workers = list(posts.filter(role="community_worker").order_by("area_path").distinct("area_path")[: POSTS - 2])
    auditor = Account.objects.create(id=ids.new_id(), login="bench-auditor", work_name="审计", date_joined=clock.now())
    city = Post.objects.create(
        id=ids.new_id(), district=harness.DISTRICT, account=auditor, organisation=supervisor.organisation, role="auditor",
        area=Area.objects.get(path=harness.DISTRICT), area_path=harness.DISTRICT, starts_on=supervisor.starts_on,
    )  # fmt: skip
    found = []
    for post, path in [(city, "5101"), (supervisor, harness.DISTRICT), *((one, one.area_path) for one in workers)]:
        cookie = "; ".join(f"{key}={one.value}" for key, one in looking.client_of(post.account, post).cookies.items())
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/live/token", headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=30) as answer:
            found.append((cookie, json.load(answer)["address"], path))
    return found


def committing(seen: dict[str, Any], stop: threading.Event, reports: list[tuple[float, float, str]]) -> None:
    """Report a case twice a second, and say when it was committed."""
    from django.db import connection

    from linli.cases.actions import intake
    from linli.kernel.trust import ANONYMOUS

    for lng, lat, _path in reports:
        if stop.wait(EVERY):
            break
        what = intake.Report(category="UT02", description="路灯不亮,晚上看不清路", lng=lng, lat=lat, channel="api")
        intake.report(ANONYMOUS, str(uuid.uuid4()), b"", what=what)
        seen["last"] = time.monotonic()
        seen["count"] += 1
    connection.close()


def listening(seen: dict[str, Any], stop: threading.Event) -> None:
    """The ceiling: a bare connection that listens to the same channel."""
    import psycopg

    with psycopg.connect(os.environ["LINLI_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("LISTEN linli_live")
        while not stop.is_set():
            for notice in connection.notifies(timeout=0.5, stop_after=1):
                if len(json.loads(notice.payload)[0]) == 1:  # figures were counted
                    seen["bare"].append(time.monotonic() - seen["last"])


async def view(viewers: list[Viewer], seconds: float, begun: Any) -> None:
    """Open all, then watch for so long."""
    watching = []
    for start in range(0, len(viewers), 50):
        some = viewers[start : start + 50]
        watching += [asyncio.create_task(one.watch()) for one in some]
        await asyncio.gather(*(asyncio.wait_for(one.ready.wait(), 60) for one in some))
    begun()
    await asyncio.sleep(seconds)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, *(task for one in viewers for task in one.asking), return_exceptions=True)


def main() -> None:
    """Open, report, watch."""
    options = harness.arguments(__doc__ or "", viewers=0)
    count = options.viewers or (QUICK_VIEWERS if options.quick else VIEWERS)
    seconds = QUICK_SECONDS if options.quick else SECONDS
    with harness.database() as folder:
        harness.district()
        reports = harness.points(2_000)
        server = harness.postmaster(folder)
        with installation() as (port, pids):
            ways = sessions(port)
            idle = {name: harness.cpu_seconds(pid) for name, pid in pids.items()}
            time.sleep(seconds / 4)
            idle = {name: (harness.cpu_seconds(pid) - idle[name]) / (seconds / 4) for name, pid in pids.items()}
            before = {name: memory_mb(pid) for name, pid in pids.items()}
            seen: dict[str, Any] = {"last": 0.0, "count": 0, "heard": [], "late": [], "fresh": [], "bare": []}
            thirds = [ways[0]] * (count // 3) + [ways[1]] * (count // 3)
            thirds += [ways[2 + n % (len(ways) - 2)] for n in range(count - len(thirds))]
            viewers = [
                Viewer(f"http://127.0.0.1:{port}/cockpit/{path}?part=live", stream, cookie, path, seen)
                for cookie, stream, path in thirds
            ]
            stop, spent = threading.Event(), {}
            threads = [
                threading.Thread(target=committing, args=(seen, stop, reports)),
                threading.Thread(target=listening, args=(seen, stop)),
            ]

            def begun() -> None:
                spent.update({name: harness.cpu_seconds(pid) for name, pid in (*pids.items(), ("database", server))})
                for thread in threads:
                    thread.start()

            asyncio.run(view(viewers, seconds, begun))
            spent = {
                name: (harness.cpu_seconds(pid) - spent[name]) / seconds
                for name, pid in (*pids.items(), ("database", server))
            }
            after = {name: memory_mb(pid) for name, pid in pids.items()}
            stop.set()
            for thread in threads:
                thread.join()
    fetches = sum(one.fetches for one in viewers)
    harness.say(
        f"{count:,} viewers, {seen['count']} reports, {len(seen['heard']):,} messages heard, {fetches:,} times panels fetched "
        f"({sum(one.bytes for one in viewers) / max(1, fetches) / 1024:.1f} KB each); cores: "
        + ", ".join(f"{name} {cores:.2f}" for name, cores in spent.items())
    )
    bare = statistics.median(seen["bare"]) * 1000
    late = statistics.quantiles(seen["late"], n=20)[-1] * 1000
    for figure, value in (
        ("delay_ms", statistics.median(seen["fresh"]) * 1000), ("late_delay_ms", late),
        ("heard_ms", statistics.median(seen["heard"]) * 1000),
    ):  # fmt: skip
        harness.line("live", figure, value, "ms", ceiling=bare, ratio=value / bare)
    for name in ("web", "live"):
        harness.line(
            "live",
            f"{name}_cpu",
            spent[name],
            "cores",
            ceiling=max(idle[name], 0.001),
            ratio=spent[name] / max(idle[name], 0.001),
        )
        harness.line("live", f"{name}_mb", after[name], "MB", ceiling=before[name], ratio=after[name] / before[name])
    harness.line("live", "cpu_ms_per_fetch", spent["web"] * seconds * 1000 / max(1, fetches), "ms", ceiling=1, ratio=1)


if __name__ == "__main__":
    sys.exit(main())
