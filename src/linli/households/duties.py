"""What the room tells the duty lists: its campaigns and files as tasks, and what it can count of an area."""

from __future__ import annotations

from linli.duties import facts, tasks
from linli.duties.tasks import Kind, Task
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


tasks.announce(Kind.CAMPAIGN, lambda: {DWELLINGS: tasks.Name("人房信息核验", "Verification of people and dwellings")})
tasks.announce(
    Kind.IMPORT, lambda: {DWELLINGS: tasks.Name("人房信息批量导入", "Reading in files of people and dwellings")}
)
facts.announce("dwellings_let", _used(Status.LET))
facts.announce("dwellings_vacant", _used(Status.VACANT))
