"""Listeners by what they hear, so that a change costs as much as those it is for, not as those who are there."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence

from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.live import Audience, Change, Counted

QUEUE = 32
"""Messages that may wait for one listener; who is slower is let go, and refreshes when it comes back."""
CITY_LENGTH = 4
Key = tuple[str, str]


class Listener:
    """One open page."""

    __slots__ = ("gone", "keys", "queue")

    def __init__(self, audience: Audience) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
        self.gone = False
        self.keys: list[Key] = [("case", one) for one in audience.cases]
        if audience.organisation:
            self.keys.append(("organisation", audience.organisation))
        if audience.area_path is not None:
            self.keys.append(("area", audience.area_path))
        if audience.figures is not None:
            self.keys.append(("figures", audience.figures))

    def give(self, message: bytes) -> None:
        """Queue a message, or mark the listener as too slow."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.gone = True


class Hub:
    """Everybody who listens in this process."""

    def __init__(self) -> None:
        self._by_key: dict[Key, set[Listener]] = defaultdict(set)
        self.count = 0

    def add(self, listener: Listener) -> None:
        """Somebody listens."""
        self.count += 1
        for key in listener.keys:
            self._by_key[key].add(listener)

    def remove(self, listener: Listener) -> None:
        """Somebody left."""
        self.count -= 1
        for key in listener.keys:
            found = self._by_key.get(key)
            if found is not None:
                found.discard(listener)
                if not found:
                    del self._by_key[key]

    def tell(self, change: Change) -> int:
        """Give a change to everybody it is for; returns how many."""
        near: set[Listener] = set()
        if not change.restricted:
            for path in prefixes(change.area_path):
                near |= self._by_key.get(("area", path), _NOBODY)
        for organisation in change.organisations:
            near |= self._by_key.get(("organisation", organisation), _NOBODY)
        own = self._by_key.get(("case", change.case), _NOBODY) - near
        if near:
            message = _event(f"case:{change.case}", change.version) + _event("inbox", None)
            if not change.restricted:
                message += _event(f"area:{change.area_path}", None)
            for listener in near:
                listener.give(message)
        if own:
            message = _event(f"case:{change.case}", change.version)
            for listener in own:
                listener.give(message)
        return len(near) + len(own)

    def counted(self, news: Sequence[Counted]) -> int:
        """Say to everybody it is for that figures are new, one message to each; returns how many."""
        messages: dict[Listener, list[bytes]] = defaultdict(list)
        for one in news:
            message = _event(f"figures:{one.area_path}", None)
            for path in prefixes(one.area_path):
                for listener in self._by_key.get(("figures", path), _NOBODY):
                    messages[listener].append(message)
        for listener, parts in messages.items():
            listener.give(b"".join(parts))
        return len(messages)

    def refresh(self) -> None:
        """Something may have been missed: let every page look again."""
        everybody = {listener for found in self._by_key.values() for listener in found}
        for listener in everybody:
            listener.give(_event("inbox", None) + _event("figures:", None))


_NOBODY: frozenset[Listener] = frozenset()


def prefixes(path: str) -> list[str]:
    """Every area that a path lies in, everywhere (``""``) among them."""
    found = ["", path[:CITY_LENGTH]]
    parts = path.split("/")
    found += ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return list(dict.fromkeys(found)) if len(path) >= DISTRICT_LENGTH else ["", path]


def _event(topic: str, version: int | None) -> bytes:
    body: dict[str, object] = {"topic": topic}
    if version is not None:
        body["version"] = version
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"
