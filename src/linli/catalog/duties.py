"""The categories as tasks of the duty lists."""

from __future__ import annotations

from linli.catalog import queries
from linli.duties import tasks


def names() -> dict[str, tasks.Name]:
    """Each category of the city with its names and the department that leads it."""
    return {one.code: tasks.Name(one.name_zh, one.name_en, one.lead_function) for one in queries.current().all()}


tasks.announce(tasks.Kind.CATEGORY, names)
