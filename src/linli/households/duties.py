"""What the room tells the duty lists: its campaigns and files as tasks, and what it can count of an area."""

from __future__ import annotations

from collections.abc import Mapping

from linli.duties import facts, tasks
from linli.duties.tasks import Kind, Task
from linli.households import rules
from linli.households.models import DwellingStatus, Status
from linli.kernel import time
from linli.kernel.db import in_subtree

DWELLINGS = "dwellings"
CAMPAIGN, IMPORT = Task(Kind.CAMPAIGN, DWELLINGS), Task(Kind.IMPORT, DWELLINGS)


def _used(status: Status) -> facts.Counter:
    def count(area_path: str) -> int:
        today = time.today()
        found = DwellingStatus.objects.filter(in_subtree("area_path", area_path), status=status, valid_from__lte=today)
        return found.exclude(valid_to__lte=today).count()

    return count


def _names(kind: Kind) -> Mapping[str, tasks.Name]:
    return {row["code"]: tasks.Name(row["name_zh"], row["name_en"]) for row in rules.tasks() if row["kind"] == kind}


tasks.announce(Kind.CAMPAIGN, lambda: _names(Kind.CAMPAIGN))
tasks.announce(Kind.IMPORT, lambda: _names(Kind.IMPORT))
facts.announce("dwellings_let", _used(Status.LET))
facts.announce("dwellings_vacant", _used(Status.VACANT))
