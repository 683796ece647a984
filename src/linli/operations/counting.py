"""Progress counted anew from the tasks: what the kept counts must equal at each moment."""

from __future__ import annotations

from django.db import connection, transaction

from linli.operations.models import Operation

_RECOUNT = """
SELECT district, community, count(*) FILTER (WHERE state <> 'withdrawn'), count(*) FILTER (WHERE state = 'answered'),
       count(first_at), count(*) FILTER (WHERE within_day), sum(problems), sum(cases), count(*) FILTER (WHERE state = 'withdrawn')
  FROM operations_task WHERE district = ANY(%(districts)s) AND operation_id = %(operation)s GROUP BY district, community
"""
_KEPT = """
SELECT district, area_path, tasks, answered, first_answered, within_day, problems, cases, withdrawn
  FROM operations_progress WHERE district = ANY(%(districts)s) AND operation_id = %(operation)s
"""
_DIFFERENCES = f"""
WITH counted AS ({_RECOUNT}), kept AS ({_KEPT})
(TABLE counted EXCEPT TABLE kept) UNION (TABLE kept EXCEPT TABLE counted) ORDER BY 1, 2
"""
_MEND = f"""
UPDATE operations_progress p SET tasks = c.tasks, answered = c.answered, first_answered = c.first_answered, within_day = c.within_day,
       problems = c.problems, cases = c.cases, withdrawn = c.withdrawn
  FROM ({_RECOUNT}) AS c (district, area_path, tasks, answered, first_answered, within_day, problems, cases, withdrawn)
 WHERE p.district = c.district AND p.operation_id = %(operation)s AND p.area_path = c.area_path
"""


def differences(found: Operation) -> list[str]:
    """The communities whose kept counts are not those of a recount; both are read in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, {"districts": found.districts, "operation": found.id})
        return sorted({row[1] for row in cursor.fetchall()})


def mend(found: Operation) -> list[str]:
    """Count the progress of an operation anew from its tasks.

    Returns:
        The communities that were wrong.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        Operation.objects.select_for_update().get(district=found.district, id=found.id)
        wrong = differences(found)
        if wrong:
            cursor.execute(_MEND, {"districts": found.districts, "operation": found.id})
    return wrong
