"""From the staging table into the register by statements on whole sets, in a chunk's transaction (docs/algorithms/household-import.md).

The order: addresses that are new, uses, people, residencies. What the register holds already changes nothing; what contradicts it
becomes a proposal; what cannot be (a number under two names) is a problem of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from linli.households.preparing import COLUMNS
from linli.kernel.db import subtree

# The tables may have grown tenfold since anybody counted them, and the application may not ANALYZE what it does not own: left to itself
# the planner joins by reading them whole. Each row of a chunk is looked up by a key, however large the register is.
_BY_INDEX = """
SET LOCAL jit = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""
_STAGE = """
CREATE TEMP TABLE stage (n bigint PRIMARY KEY, id uuid, compound uuid, area uuid, path text COLLATE "C", building text, entrance text,
    floor smallint, number text, status text, kind text, since date, consent date, name_enc bytea, name_hash bytea, phone_enc bytea,
    phone_hash bytea, number_enc bytea, number_hash bytea, last_four_hash bytea, birth_year smallint) ON COMMIT DROP;
CREATE TEMP TABLE bad (n bigint, col text, code text) ON COMMIT DROP;
"""

_BUILDINGS = """
INSERT INTO territory_building (id, district, compound_id, area_id, area_path, number, floors, lng, lat, synthetic)
SELECT v.id, %(district)s, v.compound, v.area, v.path, v.building, v.floors, c.lng, c.lat, false
  FROM (SELECT DISTINCT ON (compound, building) id, compound, area, path, building,
               greatest(max(floor) OVER (PARTITION BY compound, building), 1) AS floors
          FROM stage ORDER BY compound, building, n) v
  JOIN territory_compound c ON c.district = %(district)s AND c.id = v.compound
 WHERE NOT EXISTS (SELECT 1 FROM territory_building b
                    WHERE b.district = %(district)s AND b.compound_id = v.compound AND b.number = v.building)
ON CONFLICT (district, compound_id, number) DO NOTHING
"""
_ENTRANCES = """
INSERT INTO territory_entrance (id, district, building_id, number, synthetic)
SELECT v.id, %(district)s, v.building, v.entrance, false
  FROM (SELECT DISTINCT ON (b.id, s.entrance) s.id, b.id AS building, s.entrance
          FROM stage s JOIN territory_building b
            ON b.district = %(district)s AND b.compound_id = s.compound AND b.number = s.building
         ORDER BY b.id, s.entrance, s.n) v
 WHERE NOT EXISTS (SELECT 1 FROM territory_entrance e
                    WHERE e.district = %(district)s AND e.building_id = v.building AND e.number = v.entrance)
ON CONFLICT (building_id, number, district) DO NOTHING
"""
# Where each row belongs. A building stands where it stands: its own area goes before what the file says.
_SPOT = """
CREATE TEMP TABLE spot ON COMMIT DROP AS
SELECT s.n, s.id, e.id AS entrance, b.area_id AS area, b.area_path AS path, d.id AS dwelling, s.floor, s.number, d.id IS NULL AS is_new
  FROM stage s
  JOIN territory_building b ON b.district = %(district)s AND b.compound_id = s.compound AND b.number = s.building
  JOIN territory_entrance e ON e.district = %(district)s AND e.building_id = b.id AND e.number = s.entrance
  LEFT JOIN territory_dwelling d ON d.district = %(district)s AND d.entrance_id = e.id AND d.floor = s.floor AND d.number = s.number;
INSERT INTO bad SELECT n, 'grid', 'grid.out_of_reach' FROM spot WHERE path < %(low)s OR path >= %(high)s;
DELETE FROM spot WHERE path < %(low)s OR path >= %(high)s;
CREATE UNIQUE INDEX ON spot (n);
ANALYZE spot;
"""
_DWELLINGS = """
WITH made AS (
    INSERT INTO territory_dwelling (id, district, entrance_id, area_id, area_path, floor, number, synthetic)
    SELECT DISTINCT ON (entrance, floor, number) id, %(district)s, entrance, area, path, floor, number, false
      FROM spot WHERE is_new ORDER BY entrance, floor, number, n
    ON CONFLICT (entrance_id, floor, number, district) DO NOTHING
    RETURNING id)
SELECT count(*) FROM made
"""
_SETTLE = """
UPDATE spot s SET dwelling = d.id FROM territory_dwelling d
 WHERE s.dwelling IS NULL AND d.district = %(district)s AND d.entrance_id = s.entrance AND d.floor = s.floor AND d.number = s.number
"""
# The first word on a dwelling that has none becomes the fact; another one than the fact is proposed, once.
_STATUSES = """
WITH made AS (
    INSERT INTO households_dwellingstatus (id, district, dwelling_id, area_path, status, valid_from, source, recorded_at, post_id)
    SELECT DISTINCT ON (p.dwelling) p.id, %(district)s, p.dwelling, p.path, s.status,
           greatest(CASE WHEN s.name_hash IS NULL THEN s.since END, before.valid_to,
                    CASE WHEN s.name_hash IS NULL AND s.since IS NOT NULL THEN NULL ELSE %(today)s::date END),
           %(source)s, %(now)s, %(post)s
      FROM spot p JOIN stage s ON s.n = p.n
      LEFT JOIN LATERAL (SELECT max(valid_to) AS valid_to FROM households_dwellingstatus o
                          WHERE o.district = %(district)s AND o.dwelling_id = p.dwelling) before ON NOT p.is_new
     WHERE s.status IS NOT NULL
       AND (p.is_new OR NOT EXISTS (SELECT 1 FROM households_dwellingstatus c
            WHERE c.district = %(district)s AND c.dwelling_id = p.dwelling AND c.valid_to IS NULL))
     ORDER BY p.dwelling, p.n
    RETURNING id)
SELECT count(*) FROM made
"""
_OTHER_STATUSES = """
WITH made AS (
    INSERT INTO households_proposal (id, district, dwelling_id, area_path, change, status, kind, effective_on, source, import_id, state,
        proposed_at, post_id, reason, wrote, version)
    SELECT DISTINCT ON (p.dwelling, s.status) overlay(p.id::text PLACING 'f' FROM 16 FOR 1)::uuid, %(district)s, p.dwelling, p.path,
           'status', s.status, '',
           coalesce(CASE WHEN s.name_hash IS NULL THEN s.since END, %(today)s), %(source)s, %(import)s, 'pending', %(now)s, %(post)s, '',
           '{}', 1
      FROM spot p JOIN stage s ON s.n = p.n
      JOIN households_dwellingstatus c
        ON c.district = %(district)s AND c.dwelling_id = p.dwelling AND c.valid_to IS NULL AND c.status <> s.status
     WHERE NOT EXISTS (SELECT 1 FROM households_proposal o WHERE o.district = %(district)s AND o.dwelling_id = p.dwelling
            AND o.change = 'status' AND o.status = s.status AND o.source = %(source)s)
     ORDER BY p.dwelling, s.status, p.n
    RETURNING id)
SELECT count(*) FROM made
"""
# Whom each row speaks of: by identity number in the district, else by name at the dwelling where neither number contradicts. Rows of
# the file that speak of one person who is new get the id of the first of them.
_WHO = """
CREATE TEMP TABLE who ON COMMIT DROP AS
SELECT m.n, m.id, m.dwelling, m.path, m.kind, m.since, m.name_hash, m.known, m.known_name,
       CASE WHEN m.known IS NULL THEN first_value(m.id) OVER same ELSE m.known END AS person,
       first_value(m.name_hash) OVER same AS first_name
  FROM (
    SELECT p.n, p.id, p.dwelling, p.path, s.kind, s.since, s.name_hash, s.number_hash, s.phone_hash,
           coalesce(a.id, b.id) AS known, coalesce(a.name_hash, b.name_hash) AS known_name
      FROM spot p
      JOIN stage s ON s.n = p.n AND s.name_hash IS NOT NULL
      LEFT JOIN households_person a
        ON a.district = %(district)s AND a.number_hash = s.number_hash AND a.merged_into_id IS NULL AND s.number_hash IS NOT NULL
      LEFT JOIN LATERAL (
        SELECT q.id, q.name_hash FROM households_residency r
          JOIN households_person q ON q.district = r.district AND q.id = r.person_id AND q.name_hash = s.name_hash
           AND (q.number_hash IS NULL OR s.number_hash IS NULL) AND (s.number_hash IS NULL OR q.phone_hash = s.phone_hash)
           AND q.merged_into_id IS NULL
         WHERE r.district = %(district)s AND r.dwelling_id = p.dwelling
         ORDER BY r.valid_to DESC NULLS FIRST, (q.phone_hash = s.phone_hash) DESC NULLS LAST, q.id LIMIT 1) b
        ON a.id IS NULL AND NOT p.is_new
  ) m
WINDOW same AS (PARTITION BY m.known, coalesce(m.number_hash, m.name_hash || coalesce(m.phone_hash, uuid_send(m.dwelling))) ORDER BY m.n);
INSERT INTO bad SELECT n, 'name', 'person.other_name' FROM who
 WHERE name_hash <> coalesce(known_name, first_name);
DELETE FROM who WHERE name_hash <> coalesce(known_name, first_name);
CREATE UNIQUE INDEX ON who (n);
ANALYZE who;
"""
_PEOPLE = """
WITH made AS (
    INSERT INTO households_person (id, district, name_enc, name_hash, phone_enc, phone_hash, number_enc, number_hash, last_four_hash,
        birth_year, guardian_consent_on, source, recorded_at)
    SELECT s.id, %(district)s, s.name_enc, s.name_hash, s.phone_enc, s.phone_hash, s.number_enc, s.number_hash, s.last_four_hash,
           s.birth_year, s.consent, %(source)s, %(now)s
      FROM who w JOIN stage s ON s.n = w.n WHERE w.known IS NULL AND w.person = w.id)
SELECT count(*) FROM who WHERE known IS NULL AND person = id
"""
_PHONES = """
WITH made AS (
    INSERT INTO households_proposal (id, district, dwelling_id, area_path, change, status, kind, person_id, phone_enc, phone_hash,
        effective_on, source, import_id, state, proposed_at, post_id, reason, wrote, version)
    SELECT DISTINCT ON (w.person, s.phone_hash) w.id, %(district)s, w.dwelling, w.path, 'phone', '', '', w.person, s.phone_enc,
           s.phone_hash, %(today)s, %(source)s, %(import)s, 'pending', %(now)s, %(post)s, '', '{}', 1
      FROM who w JOIN stage s ON s.n = w.n AND s.phone_hash IS NOT NULL
      JOIN households_person p ON p.district = %(district)s AND p.id = w.person AND p.phone_hash IS DISTINCT FROM s.phone_hash
     WHERE NOT EXISTS (SELECT 1 FROM households_proposal o WHERE o.district = %(district)s
            AND o.change = 'phone' AND o.person_id = w.person AND o.phone_hash = s.phone_hash)
     ORDER BY w.person, s.phone_hash, w.n
    RETURNING id)
SELECT count(*) FROM made
"""
_RESIDENCIES = """
WITH made AS (
    INSERT INTO households_residency (id, district, person_id, dwelling_id, area_path, kind, valid_from, source, recorded_at, post_id)
    SELECT DISTINCT ON (w.person, w.dwelling, w.kind) w.id, %(district)s, w.person, w.dwelling, w.path, w.kind,
           coalesce(w.since, %(today)s), %(source)s, %(now)s, %(post)s
      FROM who w
     WHERE w.known IS NULL OR NOT EXISTS (SELECT 1 FROM households_residency r WHERE r.district = %(district)s
            AND r.person_id = w.person AND r.dwelling_id = w.dwelling AND r.kind = w.kind)
     ORDER BY w.person, w.dwelling, w.kind, w.n
    RETURNING id)
SELECT count(*) FROM made
"""
# The register says that they left, the file says that they are there: that is for somebody to look at.
_BACK = """
WITH made AS (
    INSERT INTO households_proposal (id, district, dwelling_id, area_path, change, status, kind, person_id, effective_on, source,
        import_id, state, proposed_at, post_id, reason, wrote, version)
    SELECT DISTINCT ON (w.person, w.dwelling, w.kind) overlay(w.id::text PLACING 'e' FROM 16 FOR 1)::uuid, %(district)s, w.dwelling,
           w.path, 'moved_in', '', w.kind, w.person, coalesce(w.since, %(today)s), %(source)s, %(import)s, 'pending', %(now)s, %(post)s,
           '', '{}', 1
      FROM who w
     WHERE w.known IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM households_residency r WHERE r.district = %(district)s AND r.person_id = w.person
            AND r.dwelling_id = w.dwelling AND r.kind = w.kind AND r.valid_to IS NULL)
       AND NOT EXISTS (SELECT 1 FROM households_proposal o WHERE o.district = %(district)s AND o.dwelling_id = w.dwelling
            AND o.change = 'moved_in' AND o.person_id = w.person AND o.source = %(source)s)
     ORDER BY w.person, w.dwelling, w.kind, w.n
    RETURNING id)
SELECT count(*) FROM made
"""


@dataclass(slots=True)
class Carried:
    """What a chunk changed, by table, and the rows that could not be taken."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[int, str, str]] = field(default_factory=list)


def carry(lines: Sequence[str], *, district: str, reach: str, values: dict[str, Any]) -> Carried:
    """Lay a chunk's lines down and carry them into the register, in the transaction that is open and the system's context.

    Args:
        lines: of :class:`~linli.households.preparing.Prepared`.
        reach: the area that the importer reaches; what lies outside is a problem of the row.
        values: ``source``, ``import`` (an id), ``post``, ``today`` and ``now``.
    """
    low, high = subtree(reach)
    given = values | {"district": district, "low": low, "high": high}
    found = Carried()
    with connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY stage ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            copy.write("".join(lines))
        cursor.execute("ANALYZE stage")
        cursor.execute(_BUILDINGS, given)
        cursor.execute(_ENTRANCES, given)
        for statement in _SPOT.split(";\n"):
            cursor.execute(statement, given)
        steps: list[tuple[str, str]] = [("dwellings", _DWELLINGS)]
        found.counts |= _run(cursor, steps, given)
        cursor.execute(_SETTLE, given)
        found.counts |= _run(cursor, [("statuses", _STATUSES), ("proposals", _OTHER_STATUSES)], given)
        for statement in _WHO.split(";\n"):
            cursor.execute(statement, given)
        people = [
            ("people", _PEOPLE),
            ("proposals", _PHONES),
            ("residencies", _RESIDENCIES),
            ("proposals", _BACK),
        ]
        for name, count in _run_all(cursor, people, given):
            found.counts[name] = found.counts.get(name, 0) + count
        cursor.execute("SELECT n, col, code FROM bad ORDER BY n")
        found.problems = [tuple(row) for row in cursor.fetchall()]
    return found


def _run(cursor: Any, steps: Sequence[tuple[str, str]], values: dict[str, Any]) -> dict[str, int]:
    return dict(_run_all(cursor, steps, values))


def _run_all(cursor: Any, steps: Sequence[tuple[str, str]], values: dict[str, Any]) -> list[tuple[str, int]]:
    told = []
    for name, statement in steps:
        cursor.execute(statement, values)
        told.append((name, int(cursor.fetchone()[0])))
    return told


def sites_below(district: str, reach: str) -> list[tuple[str, UUID, UUID, str, bool]]:
    """Name, id, area, path of the compounds in reach, and whether each lies in one micro-grid."""
    low, high = subtree(reach)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.name, c.id, c.area_id, c.area_path, a.level IN ('micro_grid', 'dedicated_grid')
              FROM territory_compound c JOIN territory_area a ON a.district = c.district AND a.id = c.area_id
             WHERE c.district = %s AND c.area_path >= %s AND c.area_path < %s
            """,
            [district, low, high],
        )
        return list(cursor.fetchall())
