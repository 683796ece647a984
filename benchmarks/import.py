"""A city's dwellings and residents from files, by the fast path: checked, sealed, hashed, matched and carried into the register.

Generated: 1,000,000 dwellings and 2,500,000 residencies in the compounds of a real district, 2 % of the rows bad in one of six ways
(`--quick`: 20,000 and 50,000; or any `--dwellings` and `--residencies`). Names and numbers are made up. The ceiling is a bare COPY of the
same finished rows, sealed values and all, from a file into tables with the same columns, keys and indexes (exclusion constraints among
them) but nothing else.

Told: rows a second against that, and CPU time a row (of the process and the database), which other work on the machine changes less;
rows against a COPY of the raw text into a table without any index, for scale; the second run, which must change nothing; how much of
the second file was in when its process was killed half-way, after which the rest must come in; what the process holds in memory after
a tenth of the rest, half of it and all. Every bad row must be named by its number, and no good one.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import _harness as harness

BAD = 0.02
PER_ENTRANCE, PER_FLOOR, ENTRANCES = 44, 4, 4
TABLES = (
    "territory_building", "territory_entrance", "territory_dwelling", "households_dwellingstatus", "households_person",
    "households_residency",
)  # fmt: skip
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文志国海燕春梅"
_HEAD = [
    "微网格编码",
    "小区",
    "楼栋",
    "单元",
    "楼层",
    "房号",
    "房屋状态",
    "姓名",
    "证件号码",
    "电话",
    "人房关系",
    "起始日期",
]


def dwellings(count: int, sites: list[tuple[str, str]]) -> Iterator[tuple[list[str], int]]:
    """Addresses (grid, compound, building, entrance, floor, number) in the order in which one walks."""
    for n in range(count):
        entrance, door = divmod(n, PER_ENTRANCE)
        building, entrance = divmod(entrance, ENTRANCES)
        number, (grid, compound) = building // len(sites) + 1, sites[building % len(sites)]
        floor, place = divmod(door, PER_FLOOR)
        yield [grid, compound, f"B{number}", str(entrance + 1), str(floor + 1), f"{floor + 1}{place + 1:02d}"], n


def person(n: int, drawn: random.Random) -> list[str]:
    """A made-up name, identity number (with its check sign) and telephone number."""
    from linli.households.identity import check_sign

    name = drawn.choice(_SURNAMES) + drawn.choice(_GIVEN) + drawn.choice(_GIVEN)
    day = drawn.randrange(1, 29)
    first = f"{510101 + n // 720_000:06d}{1940 + n % 60}{n // 60 % 12 + 1:02d}{day:02d}{n // 720 % 1000:03d}"
    return [name, first + check_sign(first), f"13{drawn.randrange(10**9):09d}"]


def spoil(row: list[str], drawn: random.Random) -> list[str]:
    """The same row with one of six mistakes."""
    row = list(row)
    match drawn.randrange(6):
        case 0:
            row[1] = "无此小区"
        case 1:
            row[5] = ""
        case 2:
            row[6] = "闲着"
        case 3:
            row[11] = "2031-02-30"
        case 4:
            row[4] = "顶楼"
        case _:
            row[0] = "510107/999/999/99/999"
    return row


def write(
    folder: Path, count: int, residencies: int, sites: list[tuple[str, str]]
) -> tuple[list[Path], int, set[tuple[str, int]]]:
    """The two files; returns them with the number of rows, and the file and number of each bad one."""
    drawn = random.Random(11)
    bad: set[tuple[str, int]] = set()
    files = [folder / "dwellings.csv", folder / "residents.csv"]
    statuses = ("自住", "出租", "空置", "长期外出")
    with files[0].open("w", newline="") as one, files[1].open("w", newline="") as two:
        places, people = csv.writer(one), csv.writer(two)
        places.writerow(_HEAD)
        people.writerow(_HEAD)
        made = 0
        for address, n in dwellings(count, sites):
            row = [*address, statuses[n % 4], "", "", "", "", "2026-01-01"]
            if drawn.random() < BAD:
                row = spoil(row, drawn)
                bad.add((files[0].name, n + 2))
            places.writerow(row)
            while made * count < residencies * (n + 1):
                kind = "业主" if made % 5 < 2 else "家属" if made % 5 < 4 else "租客"
                row = [*address, "", *person(made, drawn), kind, "2020-06-01"]
                if drawn.random() < BAD:
                    row = spoil(row, drawn) if drawn.random() < 0.5 else [*row[:8], row[8][:-1] + "?", *row[9:]]
                    bad.add((files[1].name, made + 2))
                people.writerow(row)
                made += 1
    return files, count + made, bad


def owner() -> Any:
    """A connection as the tables' owner: row-level security does not allow COPY to anybody else."""
    import psycopg

    return psycopg.connect(os.environ["LINLI_OWNER_DATABASE_URL"], autocommit=True)


def read(path: Path, progress: Callable[[Any], None] | None = None) -> float:
    """Read a file to its end; seconds."""
    from linli.households.actions import importing
    from linli.households.files import PathFeed
    from linli.households.models import Source
    from linli.kernel.trust import SYSTEM

    began = time.monotonic()
    one = importing.begin_file(SYSTEM, path, area_path=harness.DISTRICT, source=Source.FILE)
    importing.run(one, PathFeed(path), progress=progress)
    return time.monotonic() - began


def resident() -> float:
    """Megabytes of memory that this process holds at this moment."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def named() -> set[tuple[str, int]]:
    """File and number of each row that was refused."""
    with owner() as connection:
        rows = connection.execute(
            "SELECT DISTINCT i.name, p.row FROM households_importproblem p JOIN households_import i ON i.id = p.of_id"
        )
        return {(name, int(row)) for name, row in rows}


def spent(folder: Path) -> float:
    """CPU seconds that this process and the database have used so far."""
    return time.process_time() + harness.cpu_seconds(harness.postmaster(folder))


def bare_copy(folder: Path) -> tuple[float, float]:
    """Seconds, and CPU seconds, of COPY of the finished rows into copies of the tables with their keys and indexes."""
    seconds = cpu = 0.0
    with owner() as connection:
        for table in TABLES:
            kept = folder / f"{table}.copy"
            with kept.open("wb") as file, connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as out:
                for block in out:
                    file.write(block)
            connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            began, used = time.monotonic(), spent(folder)
            with (
                kept.open("rb") as file,
                connection.cursor().copy(f"COPY bench_{table} FROM STDIN (FORMAT binary)") as into,
            ):
                while block := file.read(1 << 20):
                    into.write(block)
            seconds, cpu = seconds + time.monotonic() - began, cpu + spent(folder) - used
            connection.execute(f"DROP TABLE bench_{table}")
            kept.unlink()
    return seconds, cpu


def raw_copy(files: list[Path]) -> float:
    """Seconds of COPY of the text as it is into a table of text without a key."""
    with owner() as connection:
        connection.execute(f"CREATE TABLE bench_raw ({', '.join(f'c{n} text' for n in range(len(_HEAD)))})")
        began = time.monotonic()
        for path in files:
            with path.open("rb") as file, connection.cursor().copy("COPY bench_raw FROM STDIN (FORMAT csv)") as into:
                while block := file.read(1 << 20):
                    into.write(block)
        seconds = time.monotonic() - began
        connection.execute("DROP TABLE bench_raw")
    return seconds


def counted() -> dict[str, int]:
    """Rows of each table."""
    with owner() as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def killed(path: Path, rows: int) -> int:
    """Read a file in a process of its own and kill that half-way, within a chunk; returns how many rows were in."""
    from linli.households.files import CHUNK
    from linli.households.models import Import

    command = [sys.executable, "-m", "linli", "import", "dwellings", str(path), "--area", harness.DISTRICT]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        one = Import.objects.filter(name=path.name).order_by("-started_at").first()
        if one is not None and one.rows >= min(rows // 2, rows - CHUNK) // CHUNK * CHUNK:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.02)
    return Import.objects.filter(name=path.name).order_by("-started_at").first().rows  # type: ignore[union-attr]


def main() -> None:
    """Generate, read (one file killed half-way), count, read again, and copy the same rows barely."""
    options = harness.arguments(__doc__ or "", dwellings=1_000_000, residencies=2_500_000)
    count, residencies = (20_000, 50_000) if options.quick else (options.dwellings, options.residencies)
    with harness.database() as folder:
        harness.district()
        from linli.territory.models import Compound

        sites = sorted(
            Compound.objects.filter(district=harness.DISTRICT, area__level="micro_grid")
            .distinct("name").order_by("name").values_list("area_path", "name")
        )  # fmt: skip
        began = time.monotonic()
        files, rows, bad = write(folder, count, residencies, sites)
        harness.say(
            f"{rows:,} rows in {len(sites):,} compounds, {len(bad):,} of them bad, written in {time.monotonic() - began:.0f} s"
        )
        used = spent(folder)
        seconds, cpu = read(files[0]), spent(folder) - used
        broken = killed(files[1], residencies)
        held: list[tuple[int, float]] = []
        used = spent(folder)
        seconds += read(files[1], lambda one: held.append((one.rows - broken, resident())))
        cpu += spent(folder) - used
        own, rest = count + residencies - broken, residencies - broken
        early, middle, late = (next(size for done, size in held if done >= share * rest) for share in (0.1, 0.5, 1.0))
        harness.say(f"killed after {broken:,} rows of the second file, went on to {broken + held[-1][0]:,} in all")
        harness.say(f"memory after 10 %, 50 %, 100 % of the rest: {early:.0f}, {middle:.0f}, {late:.0f} MB")
        before, refused = counted(), named()
        harness.say(", ".join(f"{name.partition('_')[2]}: {number:,}" for name, number in before.items()))
        repeat = sum(map(read, files))
        wrong = [
            name
            for name, right in {
                "killed half-way": 0 < broken < residencies,
                "every row was read": broken + held[-1][0] == residencies,
                "every bad row is named": bad <= refused,
                "no good row is refused": refused <= bad,
                "a second run changes nothing": counted() == before,
                "a residency for each good row": before["households_residency"]
                == residencies - sum(name == files[1].name for name, _row in bad),
            }.items()
            if not right
        ]
        (bare, bare_cpu), raw = bare_copy(folder), raw_copy(files)
        speed, ceiling = own / seconds, rows / bare
        harness.line("import", "dwellings", speed, "rows/s", ceiling=ceiling, ratio=speed / ceiling)
        harness.line(
            "import",
            "cpu",
            cpu / own * 1e6,
            "us/row",
            ceiling=bare_cpu / rows * 1e6,
            ratio=bare_cpu / rows / (cpu / own),
        )
        harness.line("import", "text", speed, "rows/s", ceiling=rows / raw, ratio=speed / (rows / raw))
        harness.line("import", "again", rows / repeat, "rows/s", ceiling=ceiling, ratio=rows / repeat / ceiling)
        harness.line("import", "memory", late, "MB", ceiling=early, ratio=early / late)
        harness.line("import", "resumed", rest, "rows", ceiling=residencies, ratio=(broken + held[-1][0]) / residencies)
        if wrong:
            raise SystemExit("not so: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
