"""What a process keeps in memory, held still while queries are counted."""

import pytest

from linli.kernel import time
from linli.people import snapshot


def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no memory grow old: on a busy machine a second passes between two requests, and the second asks again.

    The ground's mark is asked for each second, the working calendar each minute, snapshots every two seconds and in tests
    every time.
    """
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(snapshot, "_seconds", lambda: 3_600.0)
