"""A file goes in: every bad row is named, the same file again changes nothing, killed half-way it goes on, nothing is overwritten."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import signal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from linli.households import carrying, files, identity
from linli.households.actions import deciding, importing
from linli.households.models import (
    DwellingStatus,
    Import,
    ImportPiece,
    ImportProblem,
    ImportState,
    Person,
    Proposal,
    Residency,
    Source,
)
from linli.households.queries import imports, people
from linli.kernel import crypto, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import SYSTEM, context
from linli.territory.models import Dwelling
from tests.households.conftest import NUMBER, Homes
from tests.world import HOME, WUHOU

COMMUNITY = f"{WUHOU}/012/003"
HEAD = [row["zh"] for row in files.columns()]
GOOD = [
    [HOME, "玉林小区", "3栋", "1单元", "1", "101", "自住", "周秀英", NUMBER, "13800000001", "产权人", "2020/5/1", ""],
    [HOME, "玉林小区", "3栋", "1单元", "1", "101", "自住", "王建国", "", "", "家庭成员", "", ""],
    [HOME, "玉林小区", "3", "2", "", "1203", "出租", "", "", "", "", "", ""],
    [HOME, "玉林小区", "9", "1", "1", "101", "空置", "周秀英", NUMBER, "13800000001", "业主", "", ""],
]
BAD = [
    ["", "没有的小区", "3", "1", "1", "101", "", "", "", "", "", "", ""],
    [HOME, "玉林小区", "3", "1", "1", "102", "闲着", "李", NUMBER[:-1] + "X", "电话", "亲戚", "2030-01-01", ""],
    [HOME, "玉林小区", "3", "1", "1", "102", "", "周小宝", "510107201805050023", "", "家属", "", ""],
    [HOME, "玉林小区", "3", "1", "1", "102", "", "别的名字", NUMBER, "", "租客", "", ""],
    ["", "玉东花园", "1", "1", "1", "111", "", "", "", "", "", "", ""],
]


def as_file(rows: list[list[str]]) -> bytes:
    kept = io.StringIO()
    csv.writer(kept).writerows([HEAD, *rows])
    return kept.getvalue().encode()


def on_disk(folder: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    path = folder / "dwellings.csv"
    path.write_bytes(as_file(rows).decode().encode(encoding))
    return path


def read(homes: Homes, path: Path, **more: Any) -> Import:
    one = importing.begin_file(homes.world.xiao_xu, path, area_path=COMMUNITY, source=Source.FILE)
    return importing.run(one, files.PathFeed(path), **more)


def state_of() -> tuple[list[Any], ...]:
    """Everything that an import writes."""
    with context.personal(SYSTEM):
        return (
            list(Dwelling.objects.order_by("id").values_list("id", "area_path", "floor", "number")),
            list(DwellingStatus.objects.order_by("id").values_list("id", "status", "valid_from", "valid_to")),
            list(Person.objects.order_by("id").values_list("id", "name_enc", "phone_enc", "number_enc")),
            list(Residency.objects.order_by("id").values_list("id", "person_id", "kind", "valid_from", "valid_to")),
            list(Proposal.objects.order_by("id").values_list("id", "state")),
        )


def test_what_is_new_comes_in_and_each_bad_row_is_named(homes: Homes, tmp_path: Path) -> None:
    one = read(homes, on_disk(tmp_path, GOOD + BAD, "gb18030"))
    assert (one.state, one.rows, one.bad) == (ImportState.DONE, 9, 5)
    assert one.counts == {"dwellings": 2, "statuses": 3, "people": 2, "residencies": 3, "proposals": 0}
    with context.personal(SYSTEM):
        wrong = list(ImportProblem.objects.order_by("row", "column").values_list("row", "column", "code"))
    assert wrong == [
        (6, "compound", "compound.unknown"),
        (7, "id_number", "cell.id_number"), (7, "kind", "cell.word"), (7, "phone", "cell.phone"), (7, "since", "cell.date"),
        (7, "status", "cell.word"),
        (8, "consent", "cell.consent"),
        (9, "name", "person.other_name"),
        (10, "compound", "compound.unknown"),
    ]  # fmt: skip
    file = people.file_of(homes.world.he_ming, homes["101"].id, purpose="verify")
    assert [(one.person.name, one.person.number[-1:], str(one.residency.kind)) for one in file.residents] == [
        ("周**", "9", "owner"), ("王**", "", "member")
    ]  # fmt: skip
    assert people.search(homes.world.xiao_xu, NUMBER, purpose="核对产权")[0].places.__len__() == 2
    with context.personal(SYSTEM):
        kept = b"".join(bytes(row) for row in ImportProblem.objects.values_list("cells_enc", flat=True))
    assert "周小宝".encode() not in kept


def test_the_same_file_again_changes_nothing_and_a_contradiction_is_a_proposal(homes: Homes, tmp_path: Path) -> None:
    read(homes, on_disk(tmp_path, GOOD))
    before = state_of()
    again = read(homes, on_disk(tmp_path, GOOD))
    assert state_of() == before
    assert set(again.counts.values()) == {0}
    other = [list(row) for row in GOOD]
    other[0][6], other[0][9], other[3][9] = "出租", "13900000002", "13900000002"
    other[1][6] = "出租"
    third = read(homes, on_disk(tmp_path, other))
    assert third.counts["proposals"] == 2
    assert state_of()[:4] == before[:4], "what is accepted is not overwritten"
    assert read(homes, on_disk(tmp_path, other)).counts["proposals"] == 0
    queue, _more = people.queue(homes.world.xiao_xu)
    assert sorted((str(one.proposal.change), one.now) for one in queue) == [
        ("phone", "owner_occupied"), ("status", "owner_occupied")
    ]  # fmt: skip
    for one in queue:
        deciding.accept(homes.world.xiao_xu, one.proposal.id)
    assert read(homes, on_disk(tmp_path, other)).counts["proposals"] == 0


def test_killed_half_way_it_goes_on(homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    path = on_disk(tmp_path, GOOD + BAD, "utf-8-sig")

    def die(one: Import) -> None:
        if one.rows == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(homes, path, progress=die)
    broken = importing.begin_file(homes.world.xiao_xu, path, area_path=COMMUNITY, source=Source.FILE)
    assert (broken.rows, broken.state) == (4, ImportState.RUNNING)
    one = importing.run(broken, files.PathFeed(path))
    assert (one.id, one.rows, one.bad) == (broken.id, 9, 5)
    assert one.counts == {"dwellings": 2, "statuses": 3, "people": 2, "residencies": 3, "proposals": 0}


@pytest.mark.django_db(transaction=True)  # a process that is killed takes back what it has not committed
def test_killed_with_minus_nine_within_a_chunk_it_goes_on_with_that_chunk(
    homes: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    path = on_disk(tmp_path, GOOD + BAD)
    connection.close()  # the child has a connection of its own
    child = os.fork()
    if not child:
        carried, carry = [], carrying.carry

        def killed(*args: Any, **values: Any) -> Any:
            done = carry(*args, **values)
            carried.append(done)
            if len(carried) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        with contextlib.suppress(BaseException):  # whatever happens, no second pytest goes on from here
            carrying.carry = killed
            read(homes, path)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    one = Import.objects.get()
    assert (one.rows, one.state) == (2, ImportState.RUNNING)
    with context.personal(SYSTEM):
        assert Residency.objects.count() == 2, "what the killed chunk had written is not there"
    one = read(homes, path)
    assert (Import.objects.count(), one.rows, one.bad, one.state) == (1, 9, 5, ImportState.DONE)
    assert one.counts == {"dwellings": 2, "statuses": 3, "people": 2, "residencies": 3, "proposals": 0}


def test_a_workbook_sent_to_the_desk_is_tried_then_read_by_the_worker(homes: Homes) -> None:
    import xlsxwriter

    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    sheet = book.add_worksheet()
    for down, row in enumerate([HEAD, *GOOD, *BAD]):
        for across, cell in enumerate(row):
            sheet.write(down, across, cell)
    book.close()
    before = state_of()
    world = homes.world
    given = {"area_path": COMMUNITY, "source": Source.PROPERTY}
    with pytest.raises(NotFound):
        importing.begin_upload(world.sibling_worker, kept.getvalue(), "a.xlsx", **given)
    tried = importing.begin_upload(world.xiao_xu, kept.getvalue(), "a.xlsx", dry_run=True, **given)
    sealed = b"".join(bytes(row) for row in ImportPiece.objects.values_list("body_enc", flat=True))
    assert "周秀英".encode() not in sealed
    while importing.read_waiting():
        pass
    tried.refresh_from_db()
    assert (tried.state, tried.rows, tried.bad, tried.counts["people"]) == (ImportState.DONE, 9, 5, 2)
    assert state_of() == before, "a dry run changes nothing"
    real = importing.begin_upload(world.xiao_xu, kept.getvalue(), "a.xlsx", **given)
    while importing.read_waiting():
        pass
    real.refresh_from_db()
    assert real.counts["residencies"] == 3
    assert not ImportPiece.objects.exists()
    for content in (b"\xff\xfe\x00\x81\xff", "小区,楼栋\n玉林,3\n".encode(), b"PK nothing"):
        with pytest.raises(Invalid):
            importing.begin_upload(world.xiao_xu, content, "b.csv", **given)


def test_rows_that_fail_wait_longer_and_longer_and_are_set_aside_until_the_sender_says_what_to_do(
    homes: Homes, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    monkeypatch.setattr(importing, "PIECE_LINES", 3)
    world, given = homes.world, {"area_path": COMMUNITY, "source": Source.FILE}
    broken = importing.begin_upload(world.xiao_xu, as_file(GOOD), "broken.csv", **given)
    other = importing.begin_upload(world.xiao_xu, as_file(GOOD[2:]), "other.csv", **given)
    carry, fails = carrying.carry, [True]

    def failing(lines: Any, **values: Any) -> Any:
        if fails[0] and values["values"]["import"] == broken.id and "\t1203\t" in "".join(lines):
            raise ValueError("周秀英")
        return carry(lines, **values)

    monkeypatch.setattr(carrying, "carry", failing)

    def work() -> Import:
        while importing.read_waiting():
            pass
        broken.refresh_from_db()
        return broken

    assert (work().rows, broken.tries, broken.problem, broken.state) == (2, 1, "import.failed", ImportState.RUNNING)
    other.refresh_from_db()
    assert other.state == ImportState.DONE, "another file does not wait for it"
    for tries, wait in enumerate(importing.PATIENCE, 2):
        assert broken.next_try_at == time.now() + wait
        clock.forward(seconds=wait.total_seconds())
        assert work().tries == tries
    assert (broken.state, broken.next_try_at) == (ImportState.ASIDE, None)
    clock.forward(days=2)
    assert work().tries == 5, "nothing is tried any more"
    with pytest.raises(NotFound):
        importing.go_on(world.sibling_worker, broken.id)
    importing.go_on(world.xiao_xu, broken.id)
    assert (work().tries, broken.state) == (1, ImportState.RUNNING)
    importing.go_on(world.xiao_xu, broken.id, leave_out=True)
    assert (work().state, broken.rows, broken.bad) == (ImportState.DONE, 4, 2)
    rows = imports.refused(world.xiao_xu, broken)
    assert [(one.row, one.cells[5], one.wrong) for one in rows] == [
        (4, "1203", [("", "row.left_out")]), (5, "101", [("", "row.left_out")])
    ]  # fmt: skip
    with pytest.raises(Conflict):
        importing.go_on(world.xiao_xu, broken.id)
    fails[0] = False
    with context.personal(SYSTEM):
        assert Residency.objects.count() == 3


ROWS = st.lists(st.lists(st.text(alphabet='a,"\r\n 周', max_size=6), min_size=1, max_size=4), max_size=12)


@given(ROWS)
def test_a_cell_over_several_lines_stays_one_cell(rows: list[list[str]]) -> None:
    kept = io.StringIO()
    csv.writer(kept, quoting=csv.QUOTE_ALL).writerows(rows)
    found = files.whole_rows(kept.getvalue().encode().splitlines(keepends=True))
    assert list(files.parsed([row.text for row in found], "utf-8")) == rows


@given(
    st.one_of(st.binary(max_size=120), st.text(alphabet='a,"\r\n周', max_size=120).map(str.encode)),
    st.integers(1, 5), st.integers(1, 5), st.sampled_from((3, 8, 1 << 14)),
)  # fmt: skip
def test_any_bytes_cut_anywhere_give_the_rows_of_the_whole(content: bytes, piece: int, most: int, longest: int) -> None:
    class Pieces(importing.PieceFeed):
        def __init__(self) -> None:
            self.begin = 0

        def _piece(self, position: int) -> list[bytes]:
            return lines[position * piece : (position + 1) * piece]

    lines = content.splitlines(keepends=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(importing, "PIECE_LINES", piece)
        patched.setattr(files, "LONGEST_ROW", longest)
        whole = list(files.whole_rows(lines))
        cells = [list(files.parsed([row.text], "utf-8")) for row in whole]
        feed, offset, found = Pieces(), 0, []
        while True:
            rows, offset = feed.rows(offset, most)
            if not rows:
                break
            found.append(list(files.parsed(rows, "utf-8")))
    assert [*chain.from_iterable(found)] == [*chain.from_iterable(cells)]
    assert (sum(row.size for row in whole), sum(row.lines for row in whole)) == (len(content), len(lines))


def test_the_register_says_they_left_the_file_says_they_are_there(homes: Homes, tmp_path: Path) -> None:
    read(homes, on_disk(tmp_path, GOOD))
    with context.personal(SYSTEM):
        row = Residency.objects.get(kind="member")
        Residency.objects.filter(id=row.id).update(valid_from="2026-01-01", valid_to=time.today())
    one = read(homes, on_disk(tmp_path, GOOD))
    assert one.counts == {"dwellings": 0, "statuses": 0, "people": 0, "residencies": 0, "proposals": 1}
    assert read(homes, on_disk(tmp_path, GOOD)).counts["proposals"] == 0
    (waiting,), _more = people.queue(homes.world.xiao_xu)
    deciding.accept(homes.world.xiao_xu, waiting.proposal.id)
    with context.personal(SYSTEM):
        assert Residency.objects.filter(person_id=row.person_id, valid_to__isnull=True).count() == 1


def test_nothing_of_a_file_stands_in_clear_in_the_database(homes: Homes, tmp_path: Path) -> None:
    read(homes, on_disk(tmp_path, GOOD + BAD))
    found = []
    with context.personal(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY(%s)", [[f"%{NUMBER}%", "%周秀英%"]])
            if cursor.fetchone()[0]:
                found.append(table)
    assert not found


@given(st.text(alphabet="0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_figure_is_always_found(figures: str, place: int, off: int) -> None:
    number = figures + identity.check_sign(figures)
    changed = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    assert identity.check_sign(changed[:17]) != changed[17]


@given(
    st.sampled_from(
        ["13800001234", "028-85551234", "+86 138 0000 1234", "周秀英", "欧阳 明", "Li Na", "51010719650312002X"]
    )
)
def test_the_fast_ways_of_the_keyring_give_what_the_slow_ones_give(value: str) -> None:
    ring = crypto.Keyring.for_tests()
    kind = "name" if not value[0].isdigit() and value[0] != "+" else "id_number" if value.endswith("X") else "phone"
    assert ring.hasher(kind)(value) == ring.lookup_hash(kind, value)
    key = "0192f0c1-2345-7abc-8def-0123456789ab"
    assert ring.open_("t.c", key, ring.sealer("t.c")(key, value.encode())) == value
