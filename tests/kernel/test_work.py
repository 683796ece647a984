"""The worker: what is due is done, what fails does not stop the rest, SIGTERM ends it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from linli.kernel import chores, ids, live, time, work
from linli.kernel.models import Command
from linli.kernel.work import Job, Lane, LaneRunner
from tests.conftest import Clock


def _runner(*jobs: Job) -> tuple[LaneRunner, threading.Event]:
    stop = threading.Event()
    return LaneRunner(Lane.CHORES, stop=stop, only=jobs), stop


def _job(name: str, run: Any, every: float = 60.0) -> Job:
    return Job(name, run, every, Lane.CHORES)


@pytest.mark.logs_errors
@pytest.mark.django_db
def test_a_job_that_fails_does_not_stop_the_others() -> None:
    done: list[str] = []

    def broken() -> int:
        done.append("broken")
        raise ValueError("on purpose")

    def sound() -> int:
        done.append("sound")
        return 0

    runner, _stop = _runner(_job("broken", broken), _job("sound", sound))
    assert runner.round() > 0
    assert done == ["broken", "sound"]
    runner.round()
    assert done == ["broken", "sound"], "it waits before it tries again"
    assert runner.turns[0].failures == 1


@pytest.mark.django_db
def test_a_database_that_is_away_is_no_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    def away() -> int:
        raise OperationalError("server closed the connection")

    runner, _stop = _runner(_job("away", away))
    work_forget = work._forget_connection
    work._forget_connection = lambda: None
    try:
        runner.round()
    finally:
        work._forget_connection = work_forget
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_job_with_more_to_do_is_asked_again_at_once() -> None:
    left = [2, 1, 0]
    runner, _stop = _runner(_job("some", lambda: left.pop(0)))
    assert runner.round() == 0.0
    assert runner.round() == 0.0
    assert runner.round() > 0.0


def test_a_worker_that_is_told_to_stop_ends_what_it_is_at() -> None:
    begun, told = threading.Event(), threading.Event()
    ended: list[bool] = []

    def long() -> int:
        begun.set()
        told.wait(10)
        ended.append(True)
        return 1

    runner, stop = _runner(_job("long", long))
    runner_thread = threading.Thread(target=lambda: [runner.round()])
    runner_thread.start()
    assert begun.wait(10)
    stop.set()
    told.set()
    runner_thread.join(10)
    assert ended == [True]


@pytest.mark.django_db
def test_old_commands_are_forgotten(clock: Clock) -> None:
    def command(key: str) -> None:
        Command.objects.create(
            id=ids.new_id(),
            district="510107",
            actor_key="a",
            key=key,
            body_hash=b"",
            status=201,
            answer={},
            at=time.now(),
        )

    command("old")
    clock.forward(days=29)
    command("young")
    assert chores.forget_commands() == 0
    clock.forward(days=2)
    assert chores.forget_commands() == 1
    assert list(Command.objects.values_list("key", flat=True)) == ["young"]


def test_the_first_id_of_a_moment_is_below_every_other(clock: Clock) -> None:
    moment = clock.moment
    made = [ids.new_id() for _n in range(50)]
    assert all(chores.first_id_at(moment) <= one for one in made)
    assert all(chores.first_id_at(moment + timedelta(milliseconds=2)) > one for one in made)


def test_every_room_has_registered_its_jobs() -> None:
    names = {one.name for one in work.jobs()}
    assert {
        "kernel.events", "kernel.deadlines", "kernel.sealing", "kernel.commands", "kernel.sessions", "people.forget", "cases.photos",
    } <= names  # fmt: skip
    assert [one.name for one in work.jobs(Lane.EVENTS)] == ["kernel.events", "kernel.deadlines"]


@pytest.mark.django_db(transaction=True)
def test_yesterday_is_sealed_once(clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_ROOTS_DIR", str(tmp_path))
    monkeypatch.setattr(chores, "_sealed", None)
    clock.set(datetime(2026, 11, 18, 16, 5, tzinfo=UTC))  # five past midnight there
    chores.seal_yesterday()
    assert chores._sealed == datetime(2026, 11, 17, tzinfo=UTC).date()
    clock.forward(minutes=10)
    chores.seal_yesterday()
    assert chores._sealed == datetime(2026, 11, 18, tzinfo=UTC).date()


def test_nothing_that_live_pages_hear_is_longer_than_a_notification() -> None:
    change = live.Change(str(ids.new_id()), 7, "510107/012/003/02/017", (str(ids.new_id()),) * 8)
    assert all(len(one) < 8_000 for one in live.payloads([change] * 500))
