"""`./run bench search`: finding cases by Chinese words among 1,000,000 of one district (`--quick`: 100,000), a twelfth open.

Words of one, two, and three and more characters, from what every third case says to what none says. A search is the first fifty
of a list as the desk asks for it, of all that is open and of all that has ended, as a dispatcher who sees the whole district;
``counts_…`` is what the filters beside it cost, each choice of which is counted over the first thousand.
CPU is that of this process and its database backend together; the ceiling is the same list by PostgreSQL's own trigram search
(``pg_trgm``, ``LIKE``) in the same run, each index alone. ``index_cpu_ms`` is what the event consumer spends on one case, against
the bare rows without any index; ``insert_cpu_ms`` what the pairs cost in the database, against the trigrams.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

import _harness as harness
import _rows as rows

WORDS = {
    "one": ("灯", "漏", "井", "猫", "鹤"),
    "two": ("路灯", "井盖", "渗水", "噪音", "流浪", "白鹤", "围墙"),
    "more": ("下水道", "电动车", "占道经营", "路灯不亮", "三栋二单元", "白鹤受伤", "测试路29号", "广告牌松动"),
}
ROUNDS = 12
QUICK_ROUNDS = 5
FRESH = 5_000

# Every case says something: what, since when, and a wish; now and then something that few say.
_TEXTS = """
UPDATE cases_case SET description = (ARRAY['楼下的路灯不亮','小区门口井盖破损','楼道墙面渗水','半夜施工噪音很大','电动车乱停堵住通道',
    '下水道堵了往外冒污水','夜市占道经营','绿化带里垃圾成堆','消防通道被私家车占用','健身器材坏了'])[1 + h % 10]
    || ',' || (ARRAY['已经三天','从上周开始','昨晚','一直这样','刚刚发现','下雨以后'])[1 + (h / 10) % 6]
    || ',' || (h / 60) % 40 || '号楼' || (ARRAY['老人出门容易摔倒','孩子上学要绕路','邻居们都受影响','物业说不归他们管',
        '打过电话没有人来','希望尽快处理'])[1 + (h / 2400) % 6]
    || CASE WHEN h % 97 = 3 THEN ',旁边还有流浪猫' ELSE '' END || CASE WHEN h % 503 = 5 THEN ',在三栋二单元门口' ELSE '' END
    || CASE WHEN h % 2003 = 7 THEN ',广告牌松动' ELSE '' END || CASE WHEN h % 20011 = 9 THEN ',湖边有一只白鹤受伤' ELSE '' END
FROM (SELECT id AS one, abs(hashint8(('x' || right(id::text, 8))::bit(32)::bigint)) AS h FROM cases_case) AS hashed
WHERE cases_case.id = hashed.one;
"""
_FILL = """
INSERT INTO cases_searchable (id, district, case_id, words)
SELECT c.id, c.district, c.id, lower(c.number || E'\n' || v.name_zh || E'\n' || c.address_text || E'\n' || c.description)
FROM cases_case c JOIN catalog_categoryversion v ON v.id = c.category_version_id
"""
PAIRS = "CREATE INDEX cases_searchable_pairs ON cases_searchable USING gin (pairs)"
TRIGRAMS = "CREATE INDEX bench_trigrams ON cases_searchable USING gin (words gin_trgm_ops)"


def actor() -> Any:
    """A dispatcher, who may list the whole district."""
    from linli.kernel.trust import Actor, Role
    from linli.people.models import Post

    post = Post.objects.filter(district=harness.DISTRICT, role="dispatcher", area_path=harness.DISTRICT).first()
    assert post is not None
    return Actor(
        role=Role.DISPATCHER, account_id=post.account_id, post_id=post.id, organisation_id=post.organisation_id,
        area_path=harness.DISTRICT, district=harness.DISTRICT,
    )  # fmt: skip


def trigrams_only(cases: Any, text: str, **_first: int) -> Any:
    """What :func:`linli.cases.searching.having` would be with PostgreSQL's own trigram search."""
    from django.db.models import Exists, OuterRef

    from linli.cases.models import Searchable

    found = Searchable.objects.filter(district=OuterRef("district"), case_id=OuterRef("id"), words__contains=text)
    return cases.filter(Exists(found))


def backend() -> int:
    """The process that serves our connection to the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu(pid: int) -> float:
    """CPU seconds of this process and of its database backend (whose clock in ``schedstat`` counts nanoseconds)."""
    return time.process_time() + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


Ask = Callable[[Any, Any, Any], Any]


def measured(who: Any, word: str, ask: Ask, rounds: int) -> list[float]:
    """CPU milliseconds of each search for a word, in what is open and in what has ended."""
    from linli.cases.queries import Filters, View

    pid, found = backend(), []
    for view in (View.OPEN, View.CLOSED):
        ask(who, view, Filters(words=word))
        for _round in range(rounds):
            began = cpu(pid)
            ask(who, view, Filters(words=word))
            found.append((cpu(pid) - began) * 1000)
    return found


def searches(who: Any, rounds: int, name: str) -> dict[str, list[float]]:
    """All words, by their length; under ``counts`` what the filters cost."""
    from linli.cases import queries

    found: dict[str, list[float]] = {}
    for length, words in WORDS.items():
        for word in words:
            listed = measured(who, word, lambda who, view, filters: queries.inbox(who, view, filters=filters), rounds)
            counted = measured(who, word, lambda who, view, filters: queries.facets(who, view, filters=filters), 2)
            half = len(listed) // 2
            middle = [sorted(part)[len(part) // 2] for part in (listed[:half], listed[half:], counted)]
            harness.say(
                f"  {name:9} {word:8} open {middle[0]:7.1f} ms, ended {middle[1]:7.1f} ms, counts {middle[2]:7.1f} ms"
            )
            found.setdefault(length, []).extend(listed)
            found.setdefault("counts", []).extend(counted)
    return found


def tell(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> None:
    """Two lines for each length of word."""
    for length in ours:
        for place, figure in ((49, "p50"), (98, "p99")):
            value, ceiling = (quantiles(times[length], n=100, method="inclusive")[place] for times in (ours, theirs))
            harness.line("search", f"{length}_{figure}_cpu_ms", value, "ms", ceiling=ceiling, ratio=value / ceiling)


def insert_cost(owner: Any, pid: Callable[[], int]) -> float:
    """CPU milliseconds of one more row in the table, as it stands with its indexes; taken back."""
    owner.execute("BEGIN")
    began = _ticks(pid())
    owner.execute(
        "INSERT INTO cases_searchable (id, district, case_id, words) SELECT gen_random_uuid(), '999999', gen_random_uuid(), words "
        f"FROM cases_searchable ORDER BY id LIMIT {FRESH}"
    )
    cost = (_ticks(pid()) - began) / FRESH * 1000
    owner.execute("ROLLBACK")
    return cost


def _ticks(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main() -> None:
    """Load, index, search; then the same with the other index."""
    options = harness.arguments(__doc__ or "", cases=0)
    size = options.cases or (100_000 if options.quick else 1_000_000)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    with harness.database():
        import psycopg

        from linli.cases import searching
        from linli.cases.models import Case
        from linli.kernel import time as clock

        harness.district()
        now = clock.now()
        rows.ground(now)
        began = time.monotonic()
        rows.add(1, size, now)
        with psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True) as owner:
            # What is loaded in bulk is indexed afterwards.
            owner.execute("ALTER TABLE cases_searchable DROP CONSTRAINT cases_searchable_once")
            owner.execute("DROP INDEX cases_searchable_pairs")
            owner.execute("SET maintenance_work_mem = '512MB'")
            owner.execute(_TEXTS)
            owner.execute(_FILL)
            owner.execute(
                "ALTER TABLE cases_searchable ADD CONSTRAINT cases_searchable_once UNIQUE (district, case_id)"
            )
            harness.say(f"{size:,} cases ({time.monotonic() - began:.0f} s to load)")
            bare = insert_cost(owner, lambda: owner.info.backend_pid)

            began = time.monotonic()
            owner.execute(PAIRS)
            owner.execute("VACUUM (ANALYZE) cases_searchable")
            owner.execute("VACUUM (ANALYZE) cases_case")
            harness.say(f"pairs: {time.monotonic() - began:.0f} s to index, {_size(owner, 'cases_searchable_pairs')}")
            pairs = insert_cost(owner, lambda: owner.info.backend_pid)
            ours = searches(actor(), rounds, "pairs")

            ids = list(
                Case.objects.filter(district=harness.DISTRICT).order_by("id").values_list("id", flat=True)[:FRESH]
            )
            pid = backend()
            spent = cpu(pid)
            for first in range(0, len(ids), 500):
                searching.index(harness.DISTRICT, ids[first : first + 500])
            consumer = (cpu(pid) - spent) / len(ids) * 1000

            owner.execute("DROP INDEX cases_searchable_pairs")
            began = time.monotonic()
            owner.execute(TRIGRAMS)
            owner.execute("VACUUM (ANALYZE) cases_searchable")
            harness.say(f"trigrams: {time.monotonic() - began:.0f} s to index, {_size(owner, 'bench_trigrams')}")
            trigrams = insert_cost(owner, lambda: owner.info.backend_pid)
            searching.having, kept = trigrams_only, searching.having
            theirs = searches(actor(), rounds, "trigrams")
            searching.having = kept
        tell(ours, theirs)
        harness.line("search", "index_cpu_ms", consumer, "ms", ceiling=bare, ratio=consumer / bare)
        harness.line("search", "insert_cpu_ms", pairs, "ms", ceiling=trigrams, ratio=pairs / trigrams)


def _size(owner: Any, index: str) -> str:
    return str(owner.execute("SELECT pg_size_pretty(pg_relation_size(%s))", [index]).fetchone()[0])


if __name__ == "__main__":
    main()
