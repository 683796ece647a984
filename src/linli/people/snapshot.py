"""Tables that a process keeps in memory, because they are read with every report and change a few times a day.

A snapshot asks the database at most every two seconds whether its stamp is still the same (one row by key) and reads the
table again when it is not. Whoever changes the table calls :func:`changed` in the same transaction. So a change is seen at
once by the process that made it, and within two seconds by every other. Tests ask every time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from linli.kernel import ids, time
from linli.people.models import SnapshotStamp

T = TypeVar("T")
SECONDS = 2.0
_snapshots: dict[str, list[Snapshot]] = {}


class Snapshot(Generic[T]):
    """What ``build`` made of a table, made again when the table's stamp ``name`` changed."""

    def __init__(self, name: str, build: Callable[[], T]) -> None:
        self._name, self._build = name, build
        self._lock = threading.Lock()
        self._token: UUID | None = None
        self._checked = float("-inf")
        self._value: T | None = None
        _snapshots.setdefault(name, []).append(self)

    def get(self) -> T:
        """The value, at most two seconds old."""
        moment = time.monotonic()
        value = self._value
        if value is not None and moment - self._checked < _seconds():
            return value
        with self._lock:
            # The stamp is read before the table: at worst the table is newer than its stamp, and is read once more.
            token = SnapshotStamp.objects.filter(name=self._name).values_list("token", flat=True).first()
            if self._value is None or token != self._token:
                self._value, self._token = self._build(), token
            self._checked = moment
            return self._value

    def forget(self) -> None:
        """Ask the database again at the next use."""
        self._checked = float("-inf")


def changed(name: str, *, district: str = "") -> None:
    """Say, in the transaction that is open, that the table behind the snapshots ``name`` has changed.

    Args:
        district: where, for what is kept for each district by itself (:func:`stamps`); only there.
    """
    for one in (name, f"{name}:{district}")[: 2 if district else 1]:
        SnapshotStamp.objects.update_or_create(name=one, defaults={"token": ids.new_id()})

    _forget(name)
    transaction.on_commit(lambda: _forget(name))


def stamps(name: str, *others: str) -> dict[str, UUID]:
    """The stamps of a table's districts by their codes, and of other tables by their names; one query."""
    rows = SnapshotStamp.objects.filter(Q(name__startswith=f"{name}:") | Q(name__in=others))
    return {one.removeprefix(f"{name}:"): token for one, token in rows.values_list("name", "token")}


def _forget(name: str) -> None:
    for snapshot in _snapshots.get(name, []):
        snapshot.forget()


def _seconds() -> float:
    return 0.0 if getattr(settings, "LINLI_MODE", "") == "test" else SECONDS
