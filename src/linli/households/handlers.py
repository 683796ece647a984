"""What the room does when the territory changes: what stands at a dwelling goes where the dwelling went."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from linli.kernel import events
from linli.kernel.trust import SYSTEM, context

_FOLLOW = """
UPDATE {table} t SET area_path = d.area_path FROM territory_dwelling d
 WHERE t.district = %(district)s AND t.area_path = ANY(%(ended)s) AND d.district = t.district AND d.id = t.dwelling_id
   AND d.area_path <> t.area_path
"""
TABLES = ("households_dwellingstatus", "households_residency", "households_proposal", "households_visit")


@events.consumer("households.territory", "territory.regrouped")
def follow_regrouping(happened: Sequence[events.Happened]) -> None:
    """Residencies, uses, proposals and visits follow their dwellings, so that the new grid's members reach them."""
    for event in happened:
        with context.personal(SYSTEM), connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(
                    _FOLLOW.format(table=table), {"district": event.district, "ended": list(event.data["ended"])}
                )
