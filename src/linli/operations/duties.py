"""What the room tells the duty lists: its kinds of operations as tasks."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from linli.duties import tasks
from linli.duties.tasks import Kind, Name, Task


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Name]:
    """Every kind of operation by its code (``rules/kinds.csv``)."""
    text = resources.files("linli.operations").joinpath("rules/kinds.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    return {row["code"]: Name(row["name_zh"], row["name_en"], row["department"]) for row in rows}


def task_of(kind: str, department: str = "") -> Task:
    """The task of the duty lists that an operation of a kind is, as a department (``""`` for a subdistrict) asks for it."""
    return Task(Kind.OPERATION, kind, department)


tasks.announce(Kind.OPERATION, kinds)
