"""What each task costs whoever does it: aims and facts from ``rules/burden.toml``, measured figures from ``data/burden.json``.

The figures are those of the last run of ``./run bench burden``, done by a scripted browser through the real interface; a test does the
tasks again and compares what does not depend on the machine (:data:`EXACT`). ``docs/reference/burden.md`` gives each figure's rule.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from functools import lru_cache
from importlib import resources
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.kernel.trust import Role

TITLES: Mapping[str, Promise] = {
    "report_signed_in": _("Report a lamp that is out, with a photo"),
    "report_visitor": _("The same without an account, leaving a number"),
    "report_field": _("Report what one comes across, with a photo"),
    "dispose_field": _("Sign in to the phone, take up a case, report it done with a photo"),
    "dispose_desk": _("Sign in, take up a case, report it done"),
    "verify": _("Verify on the spot what was reported as done"),
    "call": _("Register a call"),
    "bulky_first": _("Book the collection of a sofa, the first time"),
    "bulky_again": _("The same, the next time"),
}
FIGURES: Mapping[str, Promise] = {
    "taps": _("taps or keys"),
    "taps_after_photo": _("taps after the photo"),
    "fields": _("fields typed"),
    "characters": _("characters typed"),
    "facts_twice": _("facts asked twice"),
    "pages": _("pages"),
    "first_load_kb": _("kilobytes to begin"),
    "first_load_requests": _("requests to begin"),
    "interactive_s": _("seconds until it answers"),
    "requests": _("requests in all"),
    "kb": _("kilobytes in all"),
    "seconds": _("seconds in all"),
}
HAN = range(0x4E00, 0xA000)
"""Where the common Chinese characters stand in Unicode."""
EXACT = ("taps", "taps_after_photo", "fields", "characters", "facts_twice", "pages")
"""Figures that a repetition must give exactly; the others depend on the machine and the line."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a task is done on. ``latency_ms`` is there and back; the processor is ``cpu_slowdown`` times slower than the measuring one."""

    width: int
    height: int
    touch: bool
    down_kbit: int
    up_kbit: int
    latency_ms: int
    cpu_slowdown: int


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody does, from opening the page to the receipt."""

    code: str
    role: Role
    device: str
    pages: tuple[str, ...]
    """Addresses that are opened to begin it; the dearest of them counts as its first load."""
    aims: Mapping[str, float]

    @property
    def title(self) -> str:
        """What is done, in the reader's language."""
        return str(TITLES[self.code])


@dataclass(frozen=True, slots=True)
class Rules:
    """The published rules."""

    tasks: tuple[Task, ...]
    devices: Mapping[str, Device]
    person: Mapping[str, float]
    """Seconds of a person for a tap, a key, a character, a Chinese character, and for reading a page."""
    held: Mapping[str, Mapping[str, str]]
    """What is held of a ``person`` or a ``case``: fact to field of the row."""
    fields: Mapping[str, str]

    def fact(self, page: str, name: str) -> str:
        """The fact that a field asks for.

        Raises:
            KeyError: nobody has said so yet; ``rules/burden.toml`` wants a line for it.
        """
        for pattern, fact in self.fields.items():
            place, _space, named = pattern.rpartition(" ")
            if place and named == name and fnmatch(page, place):
                return fact
        return self.fields[name]

    def seconds(self, *, taps: int, keys: int, characters: str, pages: int) -> float:
        """A person's own seconds for a task, without those of the machine.

        Args:
            taps: on a screen, or with a mouse.
            keys: pressed besides what is typed.
            characters: all that is typed, one after the other.
            pages: that have to be read.
        """
        han = sum(1 for one in characters if ord(one) in HAN)
        per = self.person
        typed = han * per["han_character"] + (len(characters) - han) * per["character"]
        return taps * per["tap"] + keys * per["key"] + typed + pages * per["think"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure with its aim, when it has one: at most ``aim``."""

    name: str
    value: float
    aim: float | None = None

    @property
    def label(self) -> str:
        """What it counts, in the reader's language."""
        return str(FIGURES[self.name])

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; ``None`` without one."""
        return None if self.aim is None else self.value <= self.aim


@dataclass(frozen=True, slots=True)
class Measured:
    """A task and what it costs."""

    task: Task
    figures: Mapping[str, Figure]

    @property
    def met(self) -> bool:
        """Whether every aim of it is met."""
        return all(one.met is not False for one in self.figures.values())


@dataclass(frozen=True, slots=True)
class Report:
    """All that the last run found."""

    measured_on: date
    version: str
    tasks: tuple[Measured, ...]
    devices: Mapping[str, Device] = field(default_factory=dict)


def _text(name: str) -> str:
    return resources.files("linli.metrics").joinpath(name).read_text("utf-8")


@lru_cache(maxsize=1)
def rules() -> Rules:
    """``rules/burden.toml``."""
    found: dict[str, Any] = tomllib.loads(_text("rules/burden.toml"))
    tasks = tuple(
        Task(one["code"], Role(one["role"]), one["device"], tuple(one["pages"]), one["aims"]) for one in found["task"]
    )
    devices = {name: Device(**values) for name, values in found["device"].items()}
    return Rules(tasks, devices, found["person"], found["held"], found["field"])


@lru_cache(maxsize=1)
def report() -> Report:
    """The figures of the last run, task by task, with their aims."""
    kept: dict[str, Any] = json.loads(_text("data/burden.json"))
    found = rules()
    tasks = tuple(Measured(task, _figures(task, kept["tasks"][task.code])) for task in found.tasks)
    return Report(date.fromisoformat(kept["measured_on"]), kept["version"], tasks, found.devices)


def _figures(task: Task, values: Mapping[str, float]) -> dict[str, Figure]:
    return {name: Figure(name, values[name], task.aims.get(name)) for name in FIGURES if name in values}
