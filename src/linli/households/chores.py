"""The room's jobs for the worker: deleting what is over its time, and reading files that were sent in."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from linli.households.actions import importing
from linli.households.rules import retention
from linli.kernel import time
from linli.kernel.trust import SYSTEM, audit, context
from linli.kernel.work import job

PORTION = 2_000
HOUR = 3_600.0

# Each returns district and count; a person goes once nothing names them as living anywhere, and their entries' words go with them.
_ENDED_RESIDENCY = """
WITH gone AS (
    DELETE FROM households_residency WHERE id IN (SELECT id FROM households_residency WHERE valid_to < %(before)s LIMIT %(portion)s)
    RETURNING district)
SELECT district, count(*) FROM gone GROUP BY 1
"""
_PERSON = """
WITH gone AS (
    UPDATE households_person SET name_enc = NULL, name_hash = NULL, phone_enc = NULL, phone_hash = NULL, number_enc = NULL,
        number_hash = NULL, last_four_hash = NULL, birth_year = NULL, guardian_consent_on = NULL, erased_at = %(now)s
    WHERE id IN (
        SELECT p.id FROM households_person p
         WHERE p.erased_at IS NULL AND p.recorded_at < %(moment)s
           AND NOT EXISTS (SELECT 1 FROM households_residency r WHERE r.district = p.district AND r.person_id = p.id
                AND (r.valid_to IS NULL OR r.valid_to >= %(before)s))
           AND NOT EXISTS (SELECT 1 FROM households_person o JOIN households_match m ON m.district = o.district
                AND m.other_id = o.id WHERE o.id = p.id AND m.state = 'merged' AND m.at >= %(moment)s)
         LIMIT %(portion)s)
    RETURNING district)
SELECT district, count(*) FROM gone GROUP BY 1
"""
_PROPOSAL = """
WITH gone AS (
    UPDATE households_proposal SET name_enc = NULL, phone_enc = NULL, phone_hash = NULL, number_enc = NULL, note_enc = NULL, wrote = '{}'
    WHERE id IN (
        SELECT id FROM households_proposal
         WHERE state <> 'pending' AND decided_at < %(moment)s
           AND (name_enc IS NOT NULL OR phone_enc IS NOT NULL OR number_enc IS NOT NULL OR note_enc IS NOT NULL)
         LIMIT %(portion)s)
    RETURNING district)
SELECT district, count(*) FROM gone GROUP BY 1
"""
_REFUSED_ROW = """
WITH gone AS (
    DELETE FROM households_importproblem WHERE id IN (
        SELECT b.id FROM households_importproblem b JOIN households_import i ON i.district = b.district AND i.id = b.of_id
         WHERE i.ended_at < %(moment)s LIMIT %(portion)s)
    RETURNING district)
SELECT district, count(*) FROM gone GROUP BY 1
"""
_STATEMENTS = {
    "ended_residency": _ENDED_RESIDENCY,
    "person_without_residency": _PERSON,
    "decided_proposal": _PROPOSAL,
    "refused_row": _REFUSED_ROW,
}


@job("households.forget", every=HOUR)
def forget() -> int:
    """Delete what is over its time (``rules/retention.csv``), and write down how much of each class in each district."""
    now, total = time.now(), 0
    for kind, statement in _STATEMENTS.items():
        kept = timedelta(days=retention()[kind])
        with transaction.atomic(), context.personal(SYSTEM), connection.cursor() as cursor:
            cursor.execute(
                statement,
                {"before": (now - kept).date(), "moment": now - kept, "now": now, "portion": PORTION},
            )
            for district, count in cursor.fetchall():
                total += count
                audit.record(
                    SYSTEM, "household.deleted", subject_type="retention", subject_id=kind, district=district,
                    detail={"count": count, "days": kept.days},
                )  # fmt: skip
    return total + importing.give_up_old()


@job("households.imports", every=1.0)
def read_imports() -> int:
    """Read a chunk of a file that was sent to the desk."""
    return importing.read_waiting()
