"""Whoever sees a name leaves a trace, and nothing that is written down beside the register holds one: no log line, error, event, figure."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from linli.households.actions import importing
from linli.households.models import Import, Person, Proposal, Source
from linli.households.sealed import Told
from linli.kernel import ids
from linli.kernel.models import AuditEntry
from linli.kernel.observe import views as watching
from linli.kernel.trust import SYSTEM, context
from tests.api.conftest import API, token_of
from tests.households.conftest import NUMBER, Homes
from tests.households.test_changes import settle
from tests.households.test_importing import BAD, GOOD, as_file

NAME, PHONE, CHILD = "周秀英", "13800000001", "周小宝"
MASKED = ("周**", "138****0001")
SECRETS = (NAME, PHONE, NUMBER, CHILD)
"""What must stand nowhere but in the answer to whoever asked for it with a purpose."""


def words_of(answer: Any) -> str:
    """An answer as people read it."""
    if "json" in answer.get("Content-Type", ""):
        return json.dumps(answer.json(), ensure_ascii=False)
    return str(answer.content.decode("utf-8", errors="ignore"))


def personal(answer: Any) -> bool:
    """Whether an answer shows somebody, masked or in clear."""
    text = words_of(answer)
    workbook = answer.get("Content-Type", "").endswith("sheet") and "template" not in answer.request["PATH_INFO"]
    return workbook or any(value in text for value in (*MASKED, *SECRETS))


def test_every_view_and_export_leaves_a_row_and_nothing_else_holds_a_name(
    homes: Homes, visit: Callable[[str], Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    person = settle(homes, "101")
    settle(homes, "101", Told(NAME, PHONE), "member")
    desk, phone = visit("xiao_xu"), visit("he_ming")
    machine = Client(headers={"Authorization": f"Bearer {token_of(homes.world.xiao_xu)}"})
    at, door = f"/desk/dwellings/{homes['101'].id}", f"/field/dwellings/{homes['101'].id}"
    sheet = {"purpose": "核对水费名单"}
    why = {"purpose": "电话核实产权"}
    moved = {"change": "moved_in", "name": NAME, "kind": "tenant", "phone": PHONE, "effective_on": "2026-11-01"}
    phone.post(f"/field/dwellings/{homes['102'].id}/do/change", moved | {"key": str(ids.new_id())})
    wrong = [
        phone.post(f"{door}/do/change", moved | {"number": NUMBER[:-1] + "8", "key": str(ids.new_id())}),
        desk.post("/desk/dwellings", {"person": NAME, "purpose": ""}),
        _api(machine, f"dwellings/{homes['101'].id}/proposals", moved | {"number": NUMBER, "kind": "nobody"}),
        _api(
            machine,
            f"dwellings/{homes['101'].id}/proposals",
            moved | {"name": NAME, "phone": "电话", "source": "office"},
        ),
        _api(machine, f"dwellings/{homes['101'].id}/proposals", moved | {"effective_on": "2031-01-01"}),
    ]
    for answer in wrong[2:]:
        assert answer.status_code == 422
        assert not any(value in words_of(answer) for value in SECRETS), "an error does not repeat what was sent"
    one = importing.begin_upload(
        homes.world.xiao_xu, as_file(GOOD + BAD), "a.csv", area_path=homes.world.xiao_xu.area_path, source=Source.FILE
    )
    while importing.read_waiting():
        pass
    looks: list[Callable[[], Any]] = [
        lambda: desk.get(at),
        lambda: phone.get(door),
        lambda: desk.post("/desk/dwellings", {"person": NAME, **why}),
        lambda: desk.get("/desk/dwellings/proposals"),
        lambda: desk.get("/desk/dwellings/alike"),
        lambda: desk.post(f"/desk/dwellings/people/{person.id}?at={homes['101'].id}", why),
        lambda: phone.post(f"{door}/people/{person.id}", why),
        lambda: desk.post("/desk/dwellings/sheet", sheet),
        lambda: desk.post("/desk/dwellings/sheet", sheet | {"clear": "on"}),
        lambda: desk.get(f"/desk/dwellings/files/{one.id}/problems"),
        lambda: machine.get(f"{API}/households/dwellings/{homes['101'].id}", why),
        lambda: machine.get(f"{API}/households/proposals"),
        lambda: _api(machine, f"people/{person.id}/read", why),
        lambda: machine.get(f"{API}/households/imports/{one.id}/problems.xlsx"),
    ]
    for number, look in enumerate(looks):
        before = AuditEntry.objects.count()
        answer = look()
        assert (answer.status_code, personal(answer)) == (200, True), (
            f"look {number} shows nobody: {answer.status_code}"
        )
        assert AuditEntry.objects.count() > before, f"look {number} left no row"
    quiet: list[Callable[[], Any]] = [
        lambda: phone.get("/field/dwellings"),
        lambda: desk.get("/desk/dwellings?q=玉林 3-1-101"),
        lambda: desk.get("/desk/dwellings/verification"),
        lambda: desk.get(f"/desk/dwellings/files/{one.id}"),
        lambda: machine.get(f"{API}/households/walk"),
        lambda: machine.get(f"{API}/households/dwellings"),
        lambda: machine.get(f"{API}/households/imports/{one.id}/problems"),
    ]
    for number, look in enumerate(quiet):
        assert not personal(look()), f"page {number} needs no purpose, so it shows nobody"
    lines = "\n".join(f"{row.getMessage()} {row.__dict__}" for row in caplog.records)
    figures = watching.exposition().decode()
    assert not [value for value in SECRETS if value in lines + figures]
    assert _tables_with(SECRETS) == []
    with context.personal(SYSTEM):
        assert Person.objects.exists()
        assert Proposal.objects.exists()
    assert Import.objects.get().bad == 5


def _api(machine: Client, path: str, body: dict[str, str]) -> Any:
    return machine.post(
        f"{API}/households/{path}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": str(ids.new_id())},
    )


def _tables_with(values: tuple[str, ...]) -> list[str]:
    """The tables in which one of the values stands in clear: events, audit, commands and all others."""
    found = []
    with context.personal(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY(%s)", [[f"%{one}%" for one in values]]
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found
