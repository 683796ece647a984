"""What the duty lists say of a case before it is sent down, and what the room can count for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli.cases.models import Case
from linli.duties import facts, guarding
from linli.duties.models import Tier
from linli.duties.tasks import Kind, Task
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.people import queries as people

TIERS = {"community": Tier.COMMUNITY, "subdistrict_office": Tier.SUBDISTRICT}
"""The organisations that have lists, by their function: what goes to others is not sent down."""


def may_take(category: Any, organisation: UUID) -> bool:
    """Whether the lists let a case of a category be sent to an organisation."""
    found = people.organisation(organisation)
    if found is None or found.function not in TIERS:
        return True
    return guarding.may_send(_task(category), area_path=found.area_path, tier=TIERS[found.function])


def require_may_take(category: Any, organisation: UUID) -> None:
    """Refuse to send a case of a category to an organisation where its lists forbid it.

    Raises:
        Conflict: ``duties.negative`` or ``duties.unfunded``.
    """
    found = people.organisation(organisation)
    if found is not None and found.function in TIERS:
        guarding.require_may_send(
            _task(category), area_path=found.area_path, tier=TIERS[found.function], field="organisation"
        )


def _task(category: Any) -> Task:
    return Task(Kind.CATEGORY, category.code, category.lead_function)


def _this_year(**also: bool) -> facts.Counter:
    def count(area_path: str) -> int:
        year = time.today().year
        return Case.objects.filter(in_subtree("area_path", area_path), reported_at__year=year, **also).count()

    return count


facts.announce("cases_year", _this_year())
facts.announce("cases_closed_year", _this_year(is_open=False))
