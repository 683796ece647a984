"""Second connections and other threads, for the stories in which two act at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import psycopg
import pytest
from django.db import connection, connections


class Elsewhere(threading.Thread):
    """Work in a thread of its own, on a database connection of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.future: Future[Any] = Future()

    def run(self) -> None:
        """Do the work; keep what it returned or raised."""
        try:
            self.future.set_result(self.work())
        except BaseException as error:  # noqa: BLE001 - told to whoever asks for the result
            self.future.set_exception(error)
        finally:
            connections.close_all()

    def result(self) -> Any:
        """What the work returned, once it is done; what it raised is raised here."""
        return self.future.result(timeout=600)


@pytest.fixture
def elsewhere() -> Callable[[Callable[[], Any]], Elsewhere]:
    """Start work in another thread."""

    def begin(work: Callable[[], Any]) -> Elsewhere:
        thread = Elsewhere(work)
        thread.start()
        return thread

    return begin


@pytest.fixture
def another(transactional_db: None) -> Iterator[Callable[[], psycopg.Connection]]:
    """Open more connections to the test's database, in the application's role; each begins a transaction when it is used."""
    opened: list[psycopg.Connection] = []

    def connect() -> psycopg.Connection:
        connection.ensure_connection()
        told = connection.connection.info
        one = psycopg.connect(
            host=told.host, port=told.port, dbname=told.dbname, user=told.user, password=told.password or None
        )
        opened.append(one)
        return one

    yield connect
    for one in opened:
        one.close()
