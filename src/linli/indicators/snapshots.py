"""Scores as they stood, a quarter each: taken once by the worker, never changed, and shown as a trend and beside each other.

Areas beside each other are not ranked: what is known differs from one to the next, and so does what a score rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from linli.indicators import queries
from linli.indicators.models import Snapshot
from linli.indicators.sets import sets
from linli.kernel import ids, time
from linli.kernel.db import district_of
from linli.kernel.trust import SYSTEM, Actor
from linli.territory import queries as territory
from linli.territory.models import Level

MOST = 8
QUARTER_MONTHS = 3
LEVELS = (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)

_DUE = """
SELECT a.path FROM territory_area a
WHERE a.level = ANY(%(levels)s) AND a.valid_to IS NULL AND NOT EXISTS (
    SELECT 1 FROM indicators_snapshot s
    WHERE s.district = a.district AND s.area_path = a.path AND s.set_id = %(set)s AND s.quarter = %(quarter)s)
ORDER BY length(a.path), a.path LIMIT %(most)s
"""


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day lies in."""
    return day.replace(month=1 + (day.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS, day=1)


def take_due(*, most: int) -> int:
    """Take the scores of this quarter that are not taken yet, areas with the shortest paths first.

    Returns:
        How many were taken, at most ``most`` for each set; each once, whoever else takes them.
    """
    quarter, made = quarter_of(time.today()), 0
    for set_id in sets():
        with connection.cursor() as cursor:
            cursor.execute(
                _DUE, {"levels": [one.value for one in LEVELS], "set": set_id, "quarter": quarter, "most": most}
            )
            paths = [row[0] for row in cursor.fetchall()]
        found = [(path, queries.card(SYSTEM, set_id, path).score) for path in paths]
        rows = [
            Snapshot(
                id=ids.new_id(), district=district_of(path), area_path=path, set_id=set_id, quarter=quarter, score=score.points,
                known=score.known, taken_at=time.now(),
            )
            for path, score in found
        ]  # fmt: skip
        Snapshot.objects.bulk_create(rows, ignore_conflicts=True)
        made += len(rows)
    return made


def trend(actor: Actor, set_id: str, area_path: str) -> list[Snapshot]:
    """The last quarters of an area in a set, the newest first.

    Raises:
        Forbidden, NotFound: as :func:`linli.indicators.queries.place_of`.
    """
    path = queries.place_of(actor, area_path)
    rows = Snapshot.objects.filter(district=district_of(path), area_path=path, set_id=set_id)
    return list(rows.order_by("-quarter")[:MOST])


def below(actor: Actor, set_id: str, area_path: str) -> list[tuple[str, str, Snapshot | None]]:
    """The areas one rung below with what each came to last, in the order of their paths: (path, name, score).

    Raises:
        Forbidden, NotFound: as :func:`linli.indicators.queries.place_of`.
    """
    path = queries.place_of(actor, area_path)
    areas: Sequence[tuple[str, str]] = [] if path.count("/") >= 2 else territory.choices(path)
    paths = [one for one, _name in areas]
    rows = Snapshot.objects.filter(district__in={district_of(one) for one in paths}, area_path__in=paths, set_id=set_id)
    latest = {one.area_path: one for one in rows.order_by("quarter")}
    return [(one, name, latest.get(one)) for one, name in areas]
