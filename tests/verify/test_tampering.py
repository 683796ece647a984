"""Somebody with the database's password bends the log; the verifier, who has last week's roots, says where.

Every kind of the issue's tenth point: an edited, a deleted and a reordered entry, a cut tail, a vanished case, and what a
careful forger does next: recompute the hashes, or bend the roots too.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from linli.kernel import chain, sealing
from linli.kernel.crypto import Keyring
from linli.kernel.sealing import SealError, seal_day, seal_up_to
from linli_verify.__main__ import main
from tests.conftest import Clock
from tests.verify import story
from tests.verify.story import DRAIN, JINJIANG, LAMP, NOISE, TREE, WUHOU

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

TABLE = "verify_story"
RING = Keyring.for_tests()
DAYS = [date(2026, 11, day) for day in (18, 19, 20)]
CREATE = f"""
CREATE TABLE {TABLE} (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), district varchar(6) COLLATE "C" NOT NULL, case_id uuid NOT NULL,
    sequence integer NOT NULL, kind text NOT NULL, at timestamptz NOT NULL, post_id uuid, actor_role text NOT NULL,
    from_state text NOT NULL, to_state text NOT NULL, data jsonb NOT NULL, prev_hash bytea NOT NULL, hash bytea NOT NULL
)
"""


class Log:
    """The bent log, its roots, and the verifier's answer."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.keys = folder.parent / "keys-kept-elsewhere.json"

    def run(self, sql: str, *values: Any) -> None:
        """What the intruder does."""
        with connections["owner"].cursor() as cursor:
            cursor.execute(sql.replace("LOG", TABLE), values)

    def add(self, entries: list[dict[str, Any]]) -> None:
        """Write entries as the application would."""
        with connections["owner"].cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} (case_id, district, sequence, kind, at, post_id, actor_role, from_state, to_state, "
                "data, prev_hash, hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    [json.dumps(value) if name == "data" else value for name, value in entry.items()]
                    for entry in entries
                ],
            )

    def verify(self, *options: str, keys: bool = True) -> tuple[int, dict[str, Any]]:
        """Status and report of ``linli-verify``."""
        parameters = connection.get_connection_params()
        known = {
            name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters
        }
        arguments = ["--database", make_conninfo(**known), "--table", TABLE, "--json", "--roots", str(self.folder)]
        status = main([*arguments, *(["--keys", str(self.keys)] if keys else []), *options])
        return status, json.loads(self.capsys.readouterr().out)

    def findings(self) -> set[tuple[str, str, int | None]]:
        """Kind, case and sequence of all that is wrong; asserts that the status says so too."""
        status, report = self.verify()
        assert status == (1 if report["findings"] else 0)
        return {(each["break"], each.get("case", ""), each.get("sequence")) for each in report["findings"]}


@pytest.fixture
def log(tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """The story's log with three days sealed."""
    log = Log(tmp_path / "roots", capsys)
    log.run(f"DROP TABLE IF EXISTS {TABLE}")
    log.run(CREATE)
    log.run(f"GRANT SELECT ON {TABLE} TO PUBLIC")
    log.add(list(story.rows()))
    clock.set(datetime(2026, 11, 22, tzinfo=UTC))
    for day in DAYS:
        seal_up_to(day, table=TABLE, folder=log.folder, ring=RING)
    log.keys.write_text(json.dumps({name: b64encode(key).decode() for name, key in RING.public_keys().items()}))
    yield log
    log.run(f"DROP TABLE {TABLE}")


def test_an_untouched_log_is_sound(log: Log) -> None:
    status, report = log.verify()
    assert (status, report["verdict"], report["findings"], report["notes"]) == (0, "sound", [], [])
    assert (report["cases"], report["entries"], report["days"], report["unsealed_cases"]) == (4, 28, 6, 0)


def test_an_edited_entry(log: Log) -> None:
    log.run(
        "UPDATE LOG SET data = jsonb_set(data, '{words}', '\"all fine\"') WHERE case_id = %s AND sequence = 4", NOISE
    )
    assert log.findings() == {("edited", str(NOISE), 4)}


def test_an_edited_instant_of_one_microsecond(log: Log) -> None:
    log.run("UPDATE LOG SET at = at + interval '1 microsecond' WHERE case_id = %s AND sequence = 1", LAMP)
    assert log.findings() == {("edited", str(LAMP), 1)}


def test_a_deleted_entry(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s AND sequence = 3", NOISE)
    assert log.findings() == {("deleted", str(NOISE), 3)}


def test_deleted_first_entries(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s AND sequence < 3", TREE)
    status, report = log.verify()
    assert status == 1
    assert [(each["break"], each["detail"]) for each in report["findings"]] == [("deleted", "1 to 2 missing")]


def test_a_deleted_entry_with_the_rest_moved_up(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s AND sequence = 3", NOISE)
    log.run("UPDATE LOG SET sequence = sequence - 1 WHERE case_id = %s AND sequence > 3", NOISE)
    found = log.findings()
    assert ("reordered", str(NOISE), 3) in found
    assert ("cut_tail", str(NOISE), 7) in found
    assert {case for _, case, _ in found} == {str(NOISE)}


def test_reordered_entries(log: Log) -> None:
    log.run("UPDATE LOG SET sequence = 9 - sequence WHERE case_id = %s AND sequence IN (4, 5)", NOISE)
    found = log.findings()
    assert {("reordered", str(NOISE), 4), ("reordered", str(NOISE), 5)} <= found
    assert {case for _, case, _ in found} == {str(NOISE)}


def test_a_doubled_entry(log: Log) -> None:
    columns = "district, case_id, sequence, kind, at, post_id, actor_role, from_state, to_state, data, prev_hash, hash"
    log.run(f"INSERT INTO LOG ({columns}) SELECT {columns} FROM LOG WHERE case_id = %s AND sequence = 2", LAMP)
    assert ("doubled", str(LAMP), 2) in log.findings()


def test_a_cut_tail(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s AND sequence > 5", LAMP)
    assert log.findings() == {("cut_tail", str(LAMP), 6)}


def test_a_vanished_case(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s", DRAIN)
    assert log.findings() == {("vanished_case", str(DRAIN), None)}


def test_every_case_vanished(log: Log) -> None:
    log.run("DELETE FROM LOG")
    assert log.findings() == {("vanished_case", str(case), None) for case in story.CASES}


def test_a_case_moved_to_another_district(log: Log) -> None:
    log.run("UPDATE LOG SET district = %s WHERE case_id = %s", JINJIANG, LAMP)
    found = log.findings()
    assert ("vanished_case", str(LAMP), None) in found
    assert ("edited", str(LAMP), 1) in found


def test_a_chain_rewritten_with_fitting_hashes(log: Log) -> None:
    """The careful forger: edit entry 3 and recompute every hash from there on. Each chain is consistent in itself."""
    entries = [row for row in story.rows() if row["case"] == NOISE]
    prev = entries[1]["hash"]
    log.run("DELETE FROM LOG WHERE case_id = %s", NOISE)
    for entry in entries[2:]:
        body = {name: value for name, value in entry.items() if name not in ("prev_hash", "hash")}
        body["data"] = {"words": "all fine"}
        entry |= body | {"prev_hash": prev, "hash": chain.entry_hash(prev, body)}
        prev = entry["hash"]
    log.add(entries)
    found = log.findings()
    assert {kind for kind, _, _ in found} == {"rewritten"}
    assert {case for _, case, _ in found} == {str(NOISE)}
    without_roots = main(["--export", str(story.write(log.folder.parent / "log.jsonl", entries))])
    assert without_roots == 0, "which is why there are roots"


def test_a_tail_cut_since_the_last_seal_shows_in_the_case_s_own_row(log: Log) -> None:
    log.run("CREATE TABLE LOG_cases AS SELECT DISTINCT ON (case_id) case_id AS id, district, sequence AS log_length, "
            "hash AS log_head FROM LOG ORDER BY case_id, sequence DESC")  # fmt: skip
    log.run("GRANT SELECT ON LOG_cases TO PUBLIC")
    try:
        empty = log.folder.parent / "no-roots"
        empty.mkdir()
        (empty / "roots.jsonl").touch()
        assert log.verify("--cases", f"{TABLE}_cases", "--roots", str(empty))[0] == 0
        log.run("DELETE FROM LOG WHERE case_id = %s AND sequence = 7", LAMP)
        log.run("DELETE FROM LOG WHERE case_id = %s", DRAIN)
        assert log.verify("--roots", str(empty))[0] == 0, "neither the chains nor the roots can know"
        status, report = log.verify("--cases", f"{TABLE}_cases", "--roots", str(empty))
        assert (status, report["breaks"]) == (1, {"case_row": 2})
        assert [(each["case"], each["sequence"]) for each in report["findings"]] == [(str(DRAIN), 7), (str(LAMP), 7)]
        assert "ends at nothing" in report["findings"][0]["detail"]
    finally:
        log.run("DROP TABLE LOG_cases")


def test_one_broken_case_does_not_hide_another(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s", DRAIN)
    log.run("DELETE FROM LOG WHERE case_id = %s AND sequence = 7", LAMP)
    log.run("UPDATE LOG SET actor_role = 'system' WHERE case_id = %s AND sequence = 2", TREE)
    assert log.findings() == {
        ("vanished_case", str(DRAIN), None), ("cut_tail", str(LAMP), 7), ("edited", str(TREE), 2),
    }  # fmt: skip


def test_only_one_district(log: Log) -> None:
    log.run("DELETE FROM LOG WHERE case_id = %s", DRAIN)
    assert log.verify("--district", WUHOU)[0] == 0
    assert log.verify("--district", JINJIANG)[0] == 1


# --- bending the roots -------------------------------------------------------------------------------------------------


def records(log: Log) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (log.folder / "roots.jsonl").read_text().splitlines()]


def bend(log: Log, lines: list[dict[str, Any]]) -> list[str]:
    (log.folder / "roots.jsonl").write_bytes(b"".join(chain.canonical_json(line) + b"\n" for line in lines))
    status, report = log.verify()
    assert status == 1
    return sorted(report["breaks"])


def test_a_changed_record(log: Log) -> None:
    lines = records(log)
    lines[0]["count"] = 0
    assert bend(log, lines) == ["heads_changed", "root_chain", "root_signature"]


def test_a_removed_record(log: Log) -> None:
    assert bend(log, records(log)[2:]) == ["root_chain"]


def test_a_record_signed_with_a_stranger_s_key(log: Log) -> None:
    lines = records(log)
    stranger = Keyring.generate("demo-test")
    body = {name: value for name, value in lines[-1].items() if name != "signature"}
    _, signature = stranger.sign_root(chain.ROOT_DOMAIN + chain.canonical_json(body))
    lines[-1]["signature"] = b64encode(signature).decode()
    assert bend(log, lines) == ["root_signature"]
    lines[-1]["key_id"] = "stranger"
    assert bend(log, lines) == ["root_key_unknown"]


def test_bent_and_missing_lists_of_heads(log: Log) -> None:
    path = log.folder / "heads" / WUHOU / "2026-11-19.txt"
    text = path.read_text()
    for bent, kind in (
        (text[66:], "heads_changed"),
        (text.replace(" ", " 1", 1), "heads_changed"),
        ("x\n", "heads_changed"),
    ):
        path.write_text(bent)
        status, report = log.verify()
        assert (status, list(report["breaks"])) == (1, [kind])
    path.unlink()
    assert list(log.verify()[1]["breaks"]) == ["heads_missing"]


def test_a_cut_line(log: Log) -> None:
    path = log.folder / "roots.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    status, report = log.verify()
    assert (status, list(report["breaks"])) == (1, ["root_unreadable"])


def test_keys_from_the_roots_own_folder_are_said_to_be_weaker(log: Log) -> None:
    status, report = log.verify(keys=False)
    assert status == 0
    assert "kept elsewhere" in report["notes"][0]


# --- sealing -----------------------------------------------------------------------------------------------------------


def test_each_seal_covers_what_moved_since_the_one_before(log: Log) -> None:
    wuhou = [line for line in records(log) if line["district"] == WUHOU]
    assert [(line["date"], line["count"], line["since"]) for line in wuhou] == [
        ("2026-11-18", 3, None),
        ("2026-11-19", 3, "2026-11-18T15:00:00.000000Z"),
        ("2026-11-20", 3, "2026-11-19T15:00:00.000000Z"),
    ]
    heads = [line.split() for line in (log.folder / "heads" / WUHOU / "2026-11-18.txt").read_text().splitlines()]
    assert [(case, sequence) for case, sequence, _ in heads] == [(case.hex, "2") for case in (LAMP, NOISE, TREE)]


def test_a_sealed_day_stays_as_it_is(log: Log) -> None:
    before = (log.folder / "roots.jsonl").read_bytes()
    again = seal_day(WUHOU, DAYS[1], table=TABLE, folder=log.folder, ring=RING)
    assert again.date == "2026-11-19"
    assert (log.folder / "roots.jsonl").read_bytes() == before


def test_days_left_out_are_made_up_for_and_quiet_days_are_sealed_too(log: Log) -> None:
    late = {**list(story.rows())[-1], "case": (case := LAMP), "district": WUHOU, "sequence": 8}
    body = {name: value for name, value in late.items() if name not in ("prev_hash", "hash")}
    body |= {"at": datetime(2026, 11, 21, 3, tzinfo=UTC)}
    prev = next(row["hash"] for row in story.rows() if row["case"] == case and row["sequence"] == 7)
    log.add([body | {"prev_hash": prev, "hash": chain.entry_hash(prev, body)}])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing.time, "now", lambda: datetime(2026, 11, 30, tzinfo=UTC))
        assert seal_day(WUHOU, date(2026, 11, 24), table=TABLE, folder=log.folder, ring=RING).count == 1
        assert seal_day(WUHOU, date(2026, 11, 25), table=TABLE, folder=log.folder, ring=RING).count == 0
        with pytest.raises(SealError, match="can no longer"):
            seal_day(WUHOU, date(2026, 11, 23), table=TABLE, folder=log.folder, ring=RING)
    assert log.verify()[0] == 0
    log.run("DELETE FROM LOG WHERE sequence = 8")
    assert log.findings() == {("cut_tail", str(LAMP), 8)}


def test_a_day_is_not_sealed_before_it_is_over(log: Log, clock: Clock) -> None:
    day = date(2026, 11, 22)
    clock.set(sealing.day_end(day) + timedelta(minutes=9))
    with pytest.raises(SealError, match="not over"):
        seal_day(WUHOU, day, table=TABLE, folder=log.folder, ring=RING)
    clock.forward(minutes=1)
    assert seal_day(WUHOU, day, table=TABLE, folder=log.folder, ring=RING).count == 0


def test_a_record_half_written_when_the_power_failed_is_replaced(log: Log, clock: Clock) -> None:
    path = log.folder / "roots.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"count":3,"da')
    seal_day(WUHOU, date(2026, 11, 21), table=TABLE, folder=log.folder, ring=RING)
    assert path.read_bytes().startswith(whole + b'{"count":0,')
    assert log.verify()[0] == 0


def test_nothing_is_sealed_on_top_of_damage(log: Log) -> None:
    path = log.folder / "roots.jsonl"
    path.write_bytes(b"x" + path.read_bytes())
    with pytest.raises(SealError, match="line 1"):
        seal_day(WUHOU, date(2026, 11, 21), table=TABLE, folder=log.folder, ring=RING)


def test_a_new_signing_key_is_published_beside_the_old(log: Log) -> None:
    new = Keyring.generate("k2027")
    seal_day(WUHOU, date(2026, 11, 21), table=TABLE, folder=log.folder, ring=new)
    assert log.verify(keys=False)[0] == 0
    assert list(log.verify()[1]["breaks"]) == ["root_key_unknown"], "until the verifier is given the new public key"
    with pytest.raises(SealError, match="another key"):
        seal_day(JINJIANG, date(2026, 11, 21), table=TABLE, folder=log.folder, ring=Keyring.generate("k2027"))


def test_entries_written_after_the_fact_are_noted(log: Log) -> None:
    new = {**next(story.rows()), "case": story.POST}
    body = {name: value for name, value in new.items() if name not in ("prev_hash", "hash")}
    log.add([body | {"prev_hash": chain.GENESIS, "hash": chain.entry_hash(chain.GENESIS, body)}])
    status, report = log.verify()
    assert (status, report["written_late"], report["unsealed_cases"]) == (0, 1, 1)
    assert "written late" in report["notes"][-1]


def test_names_are_checked_before_they_reach_sql(log: Log) -> None:
    with pytest.raises(SealError, match="no table"):
        seal_up_to(DAYS[0], table="x; drop", folder=log.folder, ring=RING)
    with pytest.raises(SealError, match="no district"):
        seal_day("../etc", DAYS[0], table=TABLE, folder=log.folder, ring=RING)


def test_an_export_of_the_database_says_the_same(log: Log) -> None:
    log.run("UPDATE LOG SET actor_role = 'system' WHERE case_id = %s AND sequence = 2", TREE)
    path = log.folder.parent / "export.jsonl"
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters}
    assert main(["--database", make_conninfo(**known), "--table", TABLE, "--write-export", str(path)]) == 0
    log.capsys.readouterr()
    assert main(["--export", str(path), "--roots", str(log.folder), "--keys", str(log.keys), "--json"]) == 1
    assert json.loads(log.capsys.readouterr().out)["findings"] == log.verify()[1]["findings"]


def test_the_command_seals_the_last_day_that_is_over(log: Log, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing.seal_up_to, "__kwdefaults__", {**sealing.seal_up_to.__kwdefaults__, "table": TABLE})
    monkeypatch.setattr(sealing, "keyring", lambda: RING)
    monkeypatch.setenv("LINLI_ROOTS_DIR", str(log.folder))
    clock.set(datetime(2026, 11, 22, 16, 9, tzinfo=UTC))  # nine minutes past midnight of the 23rd
    out = StringIO()
    call_command("seal_log", stdout=out)
    assert "510107 2026-11-21: 0 chains" in out.getvalue()
    clock.forward(minutes=1)
    call_command("seal_log", stdout=out)
    assert "510104 2026-11-22: 0 chains" in out.getvalue()
    with pytest.raises(CommandError, match="not over"):
        call_command("seal_log", "2026-11-23")
    assert log.verify()[0] == 0
