"""Clients that do not give up: each command is sent again under its key until it is acknowledged.

What was acknowledged is written to a file outside the database, and forced to the disk, before the next command goes out. That
file is what the database is held to at the end.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

REPORTERS, DRIVERS = 4, 2
CATEGORIES = ("UT02", "EN01", "TR02", "EN03", "PM07")
DRIVEN = "LV06"
"""A kind of case that asks for no photo, and begins in the community."""
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("register", "xiao_xu", {}),
    ("sign_in", "xiao_xu", {}),
    ("dispose", "xiao_xu", {"outcome": "已经答复居民"}),
    ("verify", "lao_zheng", {"passed": True}),
    ("feedback", "xiao_tian", {"outcome": "content"}),
    ("close", "sun", {}),
)
"""The way of a case: verb, by whom, with what."""
REPEATED = 0.1
"""The share of acknowledged reports that are sent once more, as a phone does whose answer was lost on the way."""
BREATH = 0.01
PATIENCE = 120.0
"""Seconds after the end of the trial in which every command that is under way must get its answer."""


@dataclass
class Acknowledged:
    """The file of what was acknowledged."""

    path: Path
    _file: TextIO = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._file = self.path.open("a", encoding="utf-8")

    def write(self, what: str, **facts: Any) -> None:
        """Add a line and force it to the disk."""
        with self._lock:
            self._file.write(json.dumps({"what": what, **facts}) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.counts[what] += 1

    @property
    def done(self) -> int:
        """How many commands were acknowledged so far."""
        return self.counts["report"] + self.counts["verb"]

    def note(self, what: str) -> None:
        """Count something that is not an acknowledgement."""
        with self._lock:
            self.counts[what] += 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in the end."""

    status: int
    body: dict[str, Any]
    replayed: bool


class Client:
    """One connection to the API that sends a command until it has its answer."""

    def __init__(self, port: int, acknowledged: Acknowledged, stop: threading.Event) -> None:
        self.port, self.acknowledged, self.stop = port, acknowledged, stop
        self.connection: http.client.HTTPConnection | None = None
        self.stopped_at = 0.0

    def command(self, path: str, body: dict[str, Any], *, key: str, token: str = "") -> Answer | None:
        """Send until acknowledged or refused; ``None`` when the trial is long over and no answer came."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        pause = 0.05
        while not self._hopeless():
            answer = self._once(path, raw, headers)
            if answer is not None and answer.status < 500 and answer.body.get("code") != "command.in_flight":
                return answer
            self.acknowledged.note("tried again")
            time.sleep(pause)
            pause = min(pause * 2, 0.5)
        return None

    def _hopeless(self) -> bool:
        if not self.stop.is_set():
            return False
        self.stopped_at = self.stopped_at or time.monotonic()
        return time.monotonic() - self.stopped_at > PATIENCE

    def _once(self, path: str, raw: bytes, headers: dict[str, str]) -> Answer | None:
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            self.connection.request("POST", path, raw, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            replayed = answer.headers.get("Idempotency-Replayed") == "true"
            return Answer(answer.status, json.loads(text) if text else {}, replayed)
        except (OSError, http.client.HTTPException, ValueError):
            # Cut off in the middle: it may have been done or not, and only the same key can tell.
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None


class Load:
    """The clients of a trial, each in a thread."""

    def __init__(self, port: int, ground: dict[str, Any], acknowledged: Acknowledged, *, seed: int) -> None:
        self.port, self.ground, self.acknowledged, self.seed = port, ground, acknowledged, seed
        self.stop_event = threading.Event()
        self.threads = [threading.Thread(target=self._report, args=(n,), daemon=True) for n in range(REPORTERS)]
        self.threads += [threading.Thread(target=self._drive, args=(n,), daemon=True) for n in range(DRIVERS)]

    def start(self) -> None:
        """Begin."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Let each client bring the command that it is at to its answer."""
        self.stop_event.set()
        for thread in self.threads:
            thread.join()

    def _client(self) -> Client:
        return Client(self.port, self.acknowledged, self.stop_event)

    def _new(self, chance: random.Random, category: str) -> tuple[str, dict[str, Any]]:
        key = str(uuid4())
        # The first box is the micro-grid that the cast answers for.
        boxes = self.ground["boxes"][:1] if category == DRIVEN else self.ground["boxes"]
        west, south, east, north = chance.choice(boxes)
        # The key goes into the words as well, so that a double shows without trusting the table of commands.
        return key, {
            "category": category,
            "description": f"chaos {key}",
            "lng": round(chance.uniform(west, east), 7),
            "lat": round(chance.uniform(south, north), 7),
        }

    def _send(
        self, client: Client, path: str, body: dict[str, Any], *, key: str, what: str, token: str = ""
    ) -> Answer | None:
        answer = client.command(path, body, key=key, token=token)
        if answer is None:
            self.acknowledged.write("unanswered", command=what, key=key)
        elif answer.status not in (200, 201):
            self.acknowledged.write(
                "refused", command=what, key=key, status=answer.status, code=answer.body.get("code", "")
            )
            answer = None
        elif answer.replayed:
            self.acknowledged.note("replayed")
        return answer

    def _take_in(self, client: Client, chance: random.Random, category: str) -> dict[str, Any] | None:
        key, body = self._new(chance, category)
        answer = self._send(client, "/api/v1/cases", body, key=key, what="report")
        if answer is None:
            return None
        self.acknowledged.write("report", key=key, id=answer.body["id"], number=answer.body["number"])
        if chance.random() < REPEATED:
            again = self._send(client, "/api/v1/cases", body, key=key, what="report")
            if again is not None and (not again.replayed or again.body != answer.body):
                self.acknowledged.write("repeat differs", key=key, id=again.body.get("id", ""))
        return answer.body

    def _report(self, place: int) -> None:
        client, chance = self._client(), random.Random(f"{self.seed} reporter {place}")
        while not self.stop_event.is_set():
            self._take_in(client, chance, chance.choice(CATEGORIES))
            time.sleep(BREATH)

    def _drive(self, place: int) -> None:
        client, chance = self._client(), random.Random(f"{self.seed} driver {place}")
        while not self.stop_event.is_set():
            case = self._take_in(client, chance, DRIVEN)
            for verb, who, said in STEPS if case else ():
                if self.stop_event.is_set():
                    break
                assert case is not None
                key = str(uuid4())
                answer = self._send(
                    client,
                    f"/api/v1/cases/{case['number']}/{verb}",
                    {"version": case["version"], **said},
                    key=key,
                    what=verb,
                    token=self.ground["tokens"][who],
                )
                if answer is None:
                    break
                self.acknowledged.write("verb", verb=verb, key=key, id=case["id"], version=answer.body["version"])
                case = {**case, "version": answer.body["version"]}
            time.sleep(BREATH)
