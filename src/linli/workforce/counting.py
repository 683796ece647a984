"""Coverage, counted: how many grids a community has of each level, and how many of them somebody holds today.

One statement for a district, whatever the number of grids; a page reads a few rows for each community and none for a grid.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from linli.kernel import time
from linli.territory.models import Area, Level
from linli.workforce.models import GRIDS, Coverage

_COUNT = """
INSERT INTO workforce_coverage (id, district, area_path, level, grids, held, full_time, part_time, counted_at)
SELECT gen_random_uuid(), %(district)s, community, level, count(*), count(*) FILTER (WHERE held), count(*) FILTER (WHERE full_time),
    count(*) FILTER (WHERE held AND NOT full_time), %(now)s
FROM (
    SELECT split_part(a.path, '/', 1) || '/' || split_part(a.path, '/', 2) || '/' || split_part(a.path, '/', 3) AS community,
        a.level, bool_or(p.area_path IS NOT NULL) AS held, coalesce(bool_or(p.full_time), false) AS full_time
    FROM territory_area a
    LEFT JOIN (
        SELECT p.area_path, p.role, p.full_time FROM people_post p JOIN people_account c ON c.id = p.account_id AND c.is_active
        WHERE p.district = %(district)s AND p.role = ANY(%(roles)s)
          AND p.starts_on <= %(today)s AND (p.ends_on IS NULL OR p.ends_on > %(today)s)
    ) p ON p.area_path = a.path AND p.role = CASE a.level WHEN 'general_grid' THEN 'grid_member' ELSE 'micro_grid_member' END
    WHERE a.district = %(district)s AND a.level = ANY(%(levels)s)
      AND a.valid_from <= %(today)s AND (a.valid_to IS NULL OR a.valid_to > %(today)s)
      AND (%(everywhere)s OR split_part(a.path, '/', 1) || '/' || split_part(a.path, '/', 2) || '/' || split_part(a.path, '/', 3)
           = ANY(%(communities)s))
    GROUP BY a.path, a.level
) grid
GROUP BY community, level
"""


def count(district: str, communities: Iterable[str] | None = None) -> int:
    """Count the communities of a district anew, all unless told which; returns how many rows there are of them now."""
    wanted = None if communities is None else sorted(set(communities))
    values: dict[str, Any] = {
        "district": district,
        "today": time.today(),
        "now": time.now(),
        "roles": sorted({role.value for role in GRIDS.values()}),
        "levels": sorted(level for level in GRIDS),
        "everywhere": wanted is None,
        "communities": wanted or [],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # One counter of a district at a time: what two write at once would meet in the unique constraint.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('workforce.coverage'), %s)", [int(district)])
        rows = Coverage.objects.filter(district=district)
        (rows if wanted is None else rows.filter(area_path__in=wanted)).delete()
        cursor.execute(_COUNT, values)
        return int(cursor.rowcount)


def districts() -> list[str]:
    """The districts that have communities."""
    found = Area.objects.filter(level=Level.DISTRICT, valid_to__isnull=True).order_by("district")
    return list(found.values_list("district", flat=True))
