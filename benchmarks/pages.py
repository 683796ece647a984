"""`./run bench pages`: what a page costs as the history grows: 10,000, 100,000 and 1,000,000 cases of one district, a twelfth open.

Whole pages are rendered through the whole chain of middlewares with the sessions of real posts: the inbox of fifty of a dispatcher
(who sees the whole district) and of a community worker, the case page of the desk, a resident's list. CPU is the process's and
that of its database backend together. ``…_queries`` and ``…_cpu_ms`` are those of the largest size, of whichever post or view is
the dearest; ``…_growth`` is the CPU at the largest size over that at 10,000, of the lists that are full at both (a community has
not fifty cases among 10,000 of a district: its page is shorter there, and would seem to grow). The ceiling of each is the same rows
fetched by one bare SQL statement in the same run: nothing that shows them could do with less.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _harness as harness
import _rows as rows

AIMS = {"queries": 8, "cpu_ms": 25.0, "growth": 1.5}
ROUNDS = 60
QUICK_ROUNDS = 30
RUNS = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request costs."""

    queries: int
    rows: int
    cpu_ms: float
    bare_ms: float
    yard_ms: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page, who looks at it, and the bare statement that fetches what it lists."""

    kind: str
    name: str
    client: Any
    address: str
    statement: str
    values: dict[str, Any]


_LIST = """
SELECT c.*, a.name, o.name FROM cases_case c JOIN territory_area a ON a.district = c.district AND a.id = c.area_id
LEFT JOIN people_organisation o ON o.district = c.district AND o.id = c.holder_id
WHERE c.district = %(district)s AND c.is_open AND c.area_path >= %(path)s AND c.area_path < %(path)s || '0'
ORDER BY c.due_at LIMIT 51
"""
_CASE = """
SELECT c.*, (SELECT jsonb_agg(l ORDER BY l.sequence) FROM cases_logentry l WHERE l.district = c.district AND l.case_id = c.id),
    (SELECT jsonb_agg(w) FROM cases_workorder w WHERE w.district = c.district AND w.case_id = c.id),
    (SELECT jsonb_agg(d) FROM kernel_deadline d WHERE d.district = c.district AND d.subject_id = c.id
        AND d.state IN ('running', 'paused'))
FROM cases_case c WHERE c.district = %(district)s AND c.number = %(number)s
"""
_MINE = """
SELECT c.* FROM cases_participant p JOIN cases_case c ON c.district = p.district AND c.id = p.case_id
WHERE p.account_id = %(account)s ORDER BY p.joined_at DESC LIMIT 21
"""


def client_of(account: Any, post: Any = None) -> Any:
    """A browser in which somebody is signed in, acting through a post or as a resident."""
    from django.test import Client

    from linli.kernel import time as clock
    from linli.people import sessions

    browser = Client()
    browser.force_login(account, backend=sessions.BACKEND)
    session = browser.session
    session[sessions.SEEN_KEY] = clock.now().timestamp()
    if post is not None:
        session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    return browser


def pages() -> list[Page]:
    """What is looked at, by whom."""
    from linli.cases.models import Case
    from linli.people.models import Account, Post

    code = harness.DISTRICT
    posts = Post.objects.filter(district=code).select_related("account")
    dispatcher = posts.filter(role="dispatcher", area_path=code).first()
    # The community of the first grids: where the load is densest.
    worker = posts.filter(role="community_worker", area_path__isnull=False).order_by("area_path").first()
    case = Case.objects.filter(district=code, state="in_disposal", holder_id__isnull=False).order_by("id").first()
    assert dispatcher is not None
    assert worker is not None
    assert case is not None
    for_all, for_one = client_of(dispatcher.account, dispatcher), client_of(worker.account, worker)
    district, community = {"district": code, "path": code}, {"district": code, "path": worker.area_path}
    one = {"district": code, "number": case.number}
    account = Account.objects.get(id=rows.resident())
    return [
        Page("inbox", "dispatcher, to take up", for_all, "/desk/", _LIST, district),
        Page("inbox", "dispatcher, all open", for_all, "/desk/?view=open", _LIST, district),
        Page("inbox", "dispatcher, late", for_all, "/desk/?view=late", _LIST, district),
        Page("inbox", "dispatcher, ended", for_all, "/desk/?view=closed", _LIST, district),
        Page("inbox", "worker, to take up", for_one, "/desk/", _LIST, community),
        Page("inbox", "worker, all open", for_one, "/desk/?view=open", _LIST, community),
        Page("case", "dispatcher", for_all, f"/desk/case/{case.number}", _CASE, one),
        Page("mine", "resident", client_of(account), "/my", _MINE, {"account": account.id}),
    ]


def backend() -> int:
    """The process that serves our connection to the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu(pid: int) -> float:
    """CPU seconds of this process and of its database backend (whose clock in ``schedstat`` counts nanoseconds)."""
    return time.process_time() + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def spent(work: Callable[[], Any], rounds: int) -> float:
    """CPU milliseconds of one call: of some runs the least, for what a neighbour on the machine takes is not the page's."""
    work()
    pid = backend()
    found = []
    for _run in range(RUNS):
        began = cpu(pid)
        for _round in range(rounds // RUNS):
            work()
        found.append((cpu(pid) - began) / (rounds // RUNS) * 1000)
    return min(found)


def yard() -> None:
    """A fixed piece of work of the kind that pages are: how fast the machine is at this moment."""
    rows = [{"n": n, "title": f"第{n}件", "words": ["路灯", "不亮"] * 3} for n in range(400)]
    assert len(json.loads(json.dumps(sorted(rows, key=lambda row: str(row["title"]))))) == 400


def cost(page: Page, rounds: int) -> Cost:
    """Look at a page again and again."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from linli.kernel.serve.settled import settle

    def look() -> int:
        answer = page.client.get(page.address)
        assert answer.status_code == 200, f"{page.address}: {answer.status_code}"
        return int(answer.content.count(b'class="row"'))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(page.statement, page.values)
            cursor.fetchall()

    look()
    look()
    settle()  # as a web process does at its start
    with CaptureQueriesContext(connection) as captured:
        shown = look()
    if os.environ.get("BENCH_SHOW") == page.name:
        for query in captured.captured_queries:
            harness.say(f"{query['time']} {query['sql'][:1500]}")
    return Cost(len(captured), shown, spent(look, rounds), spent(bare, rounds), spent(yard, rounds))


def keep_connection() -> None:
    """Let the test client's requests share one connection, as the requests of a web thread do."""
    from django.core import signals
    from django.db import close_old_connections

    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)


def main() -> None:
    """Load, look, load more, look again."""
    options = harness.arguments(__doc__ or "")
    sizes = (10_000, 100_000) if options.quick else (10_000, 100_000, 1_000_000)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    with harness.database():
        from linli.kernel import time as clock

        harness.district()
        now = clock.now()
        rows.ground(now)
        keep_connection()
        found: dict[int, dict[str, list[Cost]]] = {}
        there = 0
        for size in sizes:
            began = time.monotonic()
            rows.add(there + 1, size, now)
            harness.say(f"{size:,} cases ({time.monotonic() - began:.0f} s to load)")
            there = size
            found[size] = {}
            for page in pages():
                one = cost(page, rounds)
                found[size].setdefault(page.kind, []).append(one)
                figures = f"{one.cpu_ms:7.1f} ms CPU  (bare {one.bare_ms:.2f} ms, yardstick {one.yard_ms:.2f} ms)"
                harness.say(f"  {page.kind:6} {page.name:24} {one.queries:3} queries, {one.rows:2} rows {figures}")
        for kind in ("inbox", "case", "mine"):
            tell(kind, found[sizes[0]][kind], found[sizes[-1]][kind])


def tell(kind: str, small: list[Cost], large: list[Cost]) -> None:
    """The three figures of a kind of page, of its dearest."""
    queries, dearest = max(one.queries for one in large), max(large, key=lambda one: one.cpu_ms)
    harness.line("pages", f"{kind}_queries", queries, "queries", ceiling=1, ratio=queries)
    harness.line(
        "pages", f"{kind}_cpu_ms", dearest.cpu_ms, "ms", ceiling=dearest.bare_ms, ratio=dearest.cpu_ms / dearest.bare_ms
    )
    pairs = [(a, b) for a, b in zip(small, large, strict=True) if a.rows == b.rows]
    growth, place = max((b.cpu_ms / a.cpu_ms, n) for n, (a, b) in enumerate(pairs))
    bare = pairs[place][1].bare_ms / pairs[place][0].bare_ms
    harness.line("pages", f"{kind}_growth", growth, "times", ceiling=bare, ratio=growth)
    # On a shared machine an hour is not like the next: the same, with each page measured against the yardstick of its moment.
    steady = max((b.cpu_ms / b.yard_ms) / (a.cpu_ms / a.yard_ms) for a, b in pairs)
    harness.line("pages", f"{kind}_growth_by_yardstick", steady, "times", ceiling=bare, ratio=steady)


if __name__ == "__main__":
    main()
