"""`./run chaos [--kills N]`: kill -9 of web, worker, live pages and database under load; then look for what was lost.

Two trials of the same thing. The first runs as an installation does, and everything must hold: each acknowledged command is there
exactly once, the log verifies, every row is what its log says, events, clocks and counters agree. The second is the control: the
same with ``synchronous_commit = off``, in which PostgreSQL acknowledges before it has written; its losses must be found, or the
first verdict says nothing. The last line is the verdict; the exit status is 0 when the first held and the second did not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from linli.kernel.embedded.preparation import SUPERUSER
from tests.chaos import check, ground, stack
from tests.chaos.load import Acknowledged, Load

KILLS = 50
CONTROL_KILLS = 12
PAUSES = (0.3, 6.0)
"""Between two kills, in seconds: short enough to meet a recovery, long enough to meet full work."""
WORKING_AGAIN = 0.8
"""The share of kills that wait until something was acknowledged after the one before."""


@dataclass
class Outcome:
    """How a trial ended."""

    kills: Counter[str] = field(default_factory=Counter)
    findings: dict[str, list[str]] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    noted: Counter[str] = field(default_factory=Counter)

    @property
    def lost(self) -> int:
        """Acknowledged commands that are not there."""
        return len(self.findings.get("lost", []))

    @property
    def commands(self) -> int:
        """Commands that were acknowledged."""
        return self.acknowledged.get("report", 0) + self.acknowledged.get("verb", 0)


def say(text: str) -> None:
    """A word on how it goes."""
    print(text, flush=True)


def _program(module: str, *arguments: str, folder: Path) -> dict[str, Any]:
    """Run one of our programs on a data folder; it prints JSON on its last line."""
    environment = {**os.environ, "LINLI_DATA": str(folder), "LINLI_MODE": "demo", "LINLI_DEMO_LOGINS": "0"}
    environment.pop("LINLI_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def prepare(folder: Path, *, clocks: int = ground.CLOCKS) -> dict[str, Any]:
    """Lay the ground in a folder."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return _program("tests.chaos.ground", str(clocks), folder=folder)


def forget_fast(folder: Path) -> None:
    """The control: commits are acknowledged before they are on the disk."""
    local = stack.Server(folder).pgdata / "local.conf"
    local.write_text("synchronous_commit = off\n")
    local.chmod(0o644)


def trial(folder: Path, city: dict[str, Any], *, kills: int, seed: int, control: bool = False) -> Outcome:
    """Serve, load, kill, stop, check.

    Args:
        control: kill only the database, and wait a little each time so that there is something to lose.
    """
    chance, outcome, began = random.Random(seed), Outcome(), time.monotonic()
    served = stack.Stack(folder)
    acknowledged = Acknowledged(folder.parent / f"{folder.name}.acknowledged.jsonl")
    load = Load(served.port, city, acknowledged, seed=seed)
    try:
        served.start()
        if not served.wait():
            raise SystemExit(f"the stack did not start:\n{served.log.read_text(errors='replace')[-3000:]}")
        load.start()
        while outcome.kills.total() < kills:
            _pause(chance, acknowledged, control=control)
            kind = chance.choice(stack.DATABASE_KINDS) if control else _drawn(chance)
            if stack.strike(served, kind, chance):
                outcome.kills[kind] += 1
                say(f"  {outcome.kills.total():3}/{kills}  {kind:32} {_summary(acknowledged)}")
        if not served.wait():
            outcome.findings["it did not come back"] = served.log.read_text(errors="replace").splitlines()[-20:]
        load.stop()
        if not _caught_up(served):
            outcome.findings["the worker did not catch up"] = [str(served.log)]
        if status := served.stop():
            outcome.findings["the supervisor did not stop cleanly"] = [str(status)]
    finally:
        load.stop_event.set()
        served.end()
    found = _program("tests.chaos.check", str(acknowledged.path), folder=folder)
    outcome.findings |= found["findings"]
    outcome.acknowledged, outcome.figures = found["acknowledged"], found["figures"]
    outcome.noted = acknowledged.counts
    outcome.seconds = time.monotonic() - began
    return outcome


def _pause(chance: random.Random, acknowledged: Acknowledged, *, control: bool) -> None:
    """Let some time go by: mostly until work was acknowledged again, sometimes into the middle of a recovery."""
    before = acknowledged.done
    time.sleep(chance.uniform(*PAUSES))
    end = time.monotonic() + 30
    if control or chance.random() < WORKING_AGAIN:
        while acknowledged.done == before and time.monotonic() < end:
            time.sleep(0.05)


def _drawn(chance: random.Random) -> str:
    names = list(stack.KINDS)
    return chance.choices(names, weights=[stack.KINDS[name][0] for name in names])[0]


def _summary(acknowledged: Acknowledged) -> str:
    return f"{acknowledged.done:,} acknowledged, {acknowledged.counts['tried again']:,} tries again"


def _caught_up(served: stack.Stack, patience: float = 90.0) -> bool:
    """Wait until the worker, and nobody else, has read every event; False when it does not in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with contextlib.suppress(psycopg.Error):
            with psycopg.connect(served.server.addresses().url(SUPERUSER), autocommit=True) as connection:
                if not connection.execute(check.BEHIND).fetchall():
                    return True
        time.sleep(0.3)
    return False


def tell(name: str, outcome: Outcome) -> None:
    """What a trial came to."""
    say(f"{name}: {outcome.kills.total()} kills in {outcome.seconds:.0f} s")
    say("  killed: " + ", ".join(f"{kind} {n}" for kind, n in outcome.kills.most_common()))
    parts = ", ".join(f"{n:,} {what}" for what, n in outcome.acknowledged.items())
    tried = f"{outcome.noted['tried again']:,} tries again, {outcome.noted['replayed']:,} answered from memory"
    say(f"  acknowledged: {parts}; {tried}")
    say("  in the database: " + ", ".join(f"{n:,} {what}" for what, n in outcome.figures.items()))
    for what, rows in outcome.findings.items():
        say(f"  {what}: {len(rows)}")
        for row in rows[:3]:
            say(f"    {row[:300]}")


def main() -> int:
    """Both trials, and the verdict."""
    parser = argparse.ArgumentParser(
        prog="./run chaos", description="kill processes under load and look for what was lost"
    )
    parser.add_argument("--kills", type=int, default=KILLS, help="how many (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6), help="repeat the same kills"
    )
    parser.add_argument("--keep", action="store_true", help="leave the data folders for a look")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="linli-chaos-"))
    place.chmod(0o755)
    say(f"chaos: {given.kills} kills, seed {given.seed}, in {place}")
    try:
        city = prepare(place / "trial")
        # As it is on the disk, so that the control begins where the trial began.
        subprocess.run(["cp", "-a", str(place / "trial"), str(place / "control")], check=True)
        held = trial(place / "trial", city, kills=given.kills, seed=given.seed)
        tell("trial", held)
        control = Outcome()
        forget_fast(place / "control")
        for attempt in range(CONTROL_KILLS // 3):
            # Three kills at a time, until the checker has found a loss.
            control = trial(place / "control", city, kills=3, seed=given.seed + attempt, control=True)
            tell("control (synchronous_commit off)", control)
            if control.lost:
                break
    finally:
        if not given.keep:
            shutil.rmtree(place, ignore_errors=True)
    return verdict(held, control)


def verdict(held: Outcome, control: Outcome) -> int:
    """The last line, and the exit status."""
    sound, proven = not held.findings, control.lost > 0
    first = f"{held.kills.total()} kills, {held.commands:,} acknowledged, {held.lost} lost, "
    first += f"{len(held.findings.get('doubled', []))} doubled, "
    first += "log, rows, events, clocks and counters agree" if sound else "FINDINGS: " + "; ".join(held.findings)
    second = f"control: {control.lost} of {control.commands:,} lost with synchronous_commit off"
    second += ", as the checker must find" if proven else ": THE CHECKER FOUND NO LOSS and proves nothing"
    say(f"verdict: {'SOUND' if sound and proven else 'NOT SOUND'} | {first} | {second}")
    return 0 if sound and proven else 1


if __name__ == "__main__":
    sys.exit(main())
