"""What every test may lean on: a database of its own, a clock that stands still, and the rule that nothing logs an ERROR."""

import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.databases import TestServer, drop_database, empty_database, fresh_database, point_connections, running_server

# No time limits (the machine may be busy); the examples of a failure are printed, so that it can be had again.
hypothesis_settings.register_profile(
    "house", deadline=None, max_examples=50, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("thorough", parent=hypothesis_settings.get_profile("house"), max_examples=1000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Iterator[TestServer]:
    """The server of this worker."""
    with running_server(worker_of(request)) as server:
        yield server


def worker_of(request: pytest.FixtureRequest) -> str:
    """The name of the process that runs the test: ``gw0``, or ``main`` when there is only one."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, database_server: TestServer, django_db_blocker: Any
) -> Iterator[None]:
    """Replaces pytest-django's: this worker's database, migrated by the owner, used as the application's role."""
    from django.db import connections
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        name = fresh_database(database_server, worker_of(request))
        point_connections(database_server, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_database(database_server, name))
        yield
    with django_db_blocker.unblock():
        connections.close_all()
    drop_database(database_server, name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no worker stands idle in the end while another is at a test of a minute."""
    items.sort(
        key=lambda item: 0 if item.get_closest_marker("slow") else 1 if item.get_closest_marker("browser") else 2
    )


class Clock:
    """The house's clock, held by a test."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """The present moment."""
        return self.moment

    def forward(self, **parts: float) -> datetime:
        """Move on by `timedelta(**parts)`: `clock.forward(hours=2)`."""
        self.moment += timedelta(**parts)
        return self.moment

    def set(self, moment: datetime) -> datetime:
        """Move to an aware moment."""
        self.moment = moment.astimezone(UTC)
        return self.moment


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands at 10:00 in Chengdu on Wednesday 18 November 2026, a plain working day, until moved."""
    from linli.kernel import time

    standing = Clock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC))
    time.set_clock(standing)
    yield standing
    time.set_clock(None)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Language and caches are as at the start of the process for every test."""
    from django.core.cache import cache
    from django.utils import translation

    yield
    translation.deactivate()
    cache.clear()
    if (locating := sys.modules.get("linli.territory.locating")) is not None:
        locating.forget()  # the next test sees its own ground, not this one's that was taken back


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.name}: {record.getMessage()}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that logs an ERROR fails, unless it is marked `logs_errors` because that is what it provokes."""
    handler = _Errors()
    logging.getLogger().addHandler(handler)
    try:
        result = yield
    finally:
        logging.getLogger().removeHandler(handler)
    if handler.seen and item.get_closest_marker("logs_errors") is None:
        pytest.fail("logged an ERROR:\n  " + "\n  ".join(handler.seen), pytrace=False)
    return result
