"""Every writing statement of intake, dispatch, disposal and closing fails once: nothing of the step stays, and it can be done again.

A trigger that only these tests have counts the writing statements of a session, the parts of the one big statement of intake among
them, and lets the n-th fail, as a full disk would. So n goes up from one until the step succeeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, connections
from django.test import Client
from psycopg.conninfo import make_conninfo

from linli.cases.actions import accepting, calling, closing, dispatching, disposal, intake
from linli.cases.models import Case, Channel
from tests.api.conftest import token_of
from tests.world import POINT, World, fresh, ref, report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TRIGGER = """
CREATE FUNCTION fail_at() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n int := coalesce(nullif(current_setting('linli.statements', true), ''), '0')::int + 1;
BEGIN
    PERFORM set_config('linli.statements', n::text, false);
    IF n::text = current_setting('linli.fail_at', true) THEN
        RAISE EXCEPTION 'made to fail: % %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
END $$;
"""
PHONE, NAME = "13812345678", "周桂芳"


class Saboteur:
    """Lets the n-th writing statement fail, and tells what is in the database."""

    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        self.owner = owner
        rows = owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(cases|kernel|people)_' ORDER BY 1"
        )
        self.tables = [row[0] for row in rows]

    def arm(self, place: int) -> None:
        """Let the statement of this place fail; 0 for none."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('linli.statements', '0', false), set_config('linli.fail_at', %s, false)",
                [str(place)],
            )

    def everything(self) -> dict[str, Any]:
        """A digest of each table, as its owner sees it."""
        parts = (
            f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t"
            for table in self.tables
        )
        return {
            name: (count, digest) for name, count, digest in self.owner.execute(" UNION ALL ".join(parts)).fetchall()
        }


@pytest.fixture
def saboteur(world: World) -> Iterator[Saboteur]:
    """Triggers on every table that a step may write."""
    known = connections["owner"].get_connection_params()
    address = {name: known[name] for name in ("dbname", "user", "password", "host", "port") if known.get(name)}
    with psycopg.connect(make_conninfo(**address), autocommit=True) as owner:
        found = Saboteur(owner)
        owner.execute(TRIGGER)
        for table in found.tables:
            owner.execute(
                f"CREATE TRIGGER fail_at BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION fail_at()"
            )
        try:
            yield found
        finally:
            found.arm(0)
            owner.execute("DROP FUNCTION fail_at CASCADE")


def fail_each(
    saboteur: Saboteur, attempt: Callable[[], Any], failed: Callable[[Any, DatabaseError | None], str]
) -> tuple[Any, list[str]]:
    """Let one statement after the other fail until none is left; after each, nothing may have changed.

    Returns:
        What the step gave when it succeeded at last, and the statements that were made to fail.
    """
    seen: list[str] = []
    for place in range(1, 60):
        before = saboteur.everything()
        saboteur.arm(place)
        try:
            answer, error = attempt(), None
        except DatabaseError as caught:
            answer, error = None, caught
        words = failed(answer, error)
        if not words:
            return answer, seen
        seen.append(words)
        changed = {table for table, digest in saboteur.everything().items() if digest != before[table]}
        assert not changed, f"statement {place} ({words}) failed and left something in {changed}"
    raise AssertionError("the step never succeeded")


def raised(answer: Any, error: DatabaseError | None) -> str:
    """Of a step that is called directly: the statement that failed."""
    return str(error).splitlines()[0].removeprefix("made to fail: ") if error is not None else ""


def test_intake_leaves_nothing_behind(world: World, saboteur: Saboteur) -> None:
    what = intake.Report(
        category="UT02", description="楼下路灯不亮", lng=POINT[0], lat=POINT[1], channel=Channel.PORTAL,
        reporter=intake.Reporter(name=NAME, phone=PHONE),
    )  # fmt: skip
    answer, failed = fail_each(saboteur, lambda: intake.report(world.zhou, "key-1", b"body", what=what), raised)
    assert set(failed) >= {
        "INSERT kernel_command", "INSERT cases_case", "INSERT people_contact", "INSERT cases_participant",
        "INSERT cases_logentry", "INSERT kernel_deadline", "INSERT kernel_event",
    }  # fmt: skip
    assert (answer.status, answer.replayed) == (201, False)
    assert Case.objects.count() == 1


def test_a_sealed_statement_leaves_nothing_behind(world: World, saboteur: Saboteur) -> None:
    what = intake.Report(
        category="DS01", description="楼上邻居吵架", lng=POINT[0], lat=POINT[1], channel=Channel.PORTAL
    )
    _answer, failed = fail_each(saboteur, lambda: intake.report(world.zhou, "key-1", b"body", what=what), raised)
    assert "INSERT cases_statement" in failed


def test_dispatch_disposal_and_closing_leave_nothing_behind(world: World, saboteur: Saboteur, clock: Any) -> None:
    case = report(world.zhou, category="LV06")
    seen: dict[str, list[str]] = {}

    def step(name: str, action: Callable[..., Case], actor: Any, **said: Any) -> None:
        nonlocal case
        clock.forward(minutes=5)
        version = case.version
        _answer, seen[name] = fail_each(saboteur, lambda: action(actor, ref(case), version=version, **said), raised)
        case = fresh(case)

    step("register", accepting.register, world.xiao_xu, route=accepting.Route.NONE)
    step("dispatch", dispatching.dispatch, world.xiao_xu)
    step("sign_in", dispatching.sign_in, world.xiao_xu)
    step("call", calling.call, world.xiao_xu, task="请街道协调")
    step("join_call", calling.join_call, world.liu)
    step("finish_call", calling.finish_call, world.liu, result="已经协调")
    step("dispose", disposal.dispose, world.liu, outcome="已经答复居民")
    step("verify", closing.verify, world.lao_zheng, passed=True)
    step("feedback", closing.feedback, world.xiao_tian, outcome=closing.Outcome.CONTENT)
    step("close", closing.close, world.sun)
    assert case.state == "closed"
    for name, failed in seen.items():
        # The step itself, its event and its row: every one of them failed once, whatever else there was.
        assert {"INSERT cases_logentry", "INSERT kernel_event", "UPDATE cases_case"} <= set(failed), name
    assert {"INSERT cases_workorder", "INSERT kernel_deadline"} <= set(seen["dispatch"])
    assert {"UPDATE kernel_deadline", "UPDATE cases_workorder"} <= set(seen["dispose"])


@pytest.mark.logs_errors
def test_over_http_the_answer_is_plain_and_the_same_command_succeeds(world: World, saboteur: Saboteur) -> None:
    tokens = {name: token_of(world.actors[name]) for name in ("xiao_xu", "lao_zheng", "xiao_tian", "sun")}
    for (
        token
    ) in tokens.values():  # when a key was last used stands there to ten minutes, whatever becomes of the request
        assert Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code == 200

    def send(path: str, body: dict[str, Any], *, who: str = "") -> dict[str, Any]:
        key, raw = str(uuid4()), json.dumps(body, ensure_ascii=False)
        headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {tokens[who]}"} if who else {})

        def failed(answer: Any, error: DatabaseError | None) -> str:
            assert error is None
            if answer.status_code < 400:
                return ""
            assert answer.status_code == 503
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert answer.headers["Retry-After"]
            words = answer.content.decode()
            assert json.loads(words)["code"] == "server.database"
            assert not any(secret in words for secret in (PHONE, NAME, "made to fail", "cases_", "路灯"))
            return "503"

        answer, seen = fail_each(
            saboteur,
            lambda: Client(raise_request_exception=False).post(
                path, raw, content_type="application/json", headers=headers
            ),
            failed,
        )
        assert seen
        assert "Idempotency-Replayed" not in answer.headers
        return dict(answer.json())

    reporter = {"name": NAME, "phone": PHONE}
    body = {"category": "LV06", "description": "请问路灯报修", "lng": POINT[0], "lat": POINT[1], "reporter": reporter}
    case = send("/api/v1/cases", body)
    for verb, who, said in (
        ("register", "xiao_xu", {}), ("sign_in", "xiao_xu", {}), ("dispose", "xiao_xu", {"outcome": "已经答复居民"}),
        ("verify", "lao_zheng", {"passed": True}), ("feedback", "xiao_tian", {"outcome": "content"}), ("close", "sun", {}),
    ):  # fmt: skip
        case |= send(f"/api/v1/cases/{case['number']}/{verb}", {"version": case["version"], **said}, who=who)
    assert case["state"] == "closed"
