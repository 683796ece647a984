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
# the planner reads the register whole for every chunk, or begins with it and reads the chunk anew for each of its rows. So each row of a
# chunk looks the register up by a key, in sub-selects with a LIMIT or an OFFSET, which no planner turns around or hashes. Where an
# exclusion constraint has the same columns, "= ANY(ARRAY[…])" without bitmaps keeps to the B-tree: only that index takes it, and a look-up
# in a GiST index of ids costs thirty times as much.
_BY_INDEX = """
SET LOCAL jit = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off
"""
_STAGE = """
CREATE TEMP TABLE stage (n bigint PRIMARY KEY, id uuid, compound uuid, area uuid, path text COLLATE "C", building text, entrance text,
    floor smallint, number text, status text, kind text, since date, consent date, name_enc bytea, name_hash bytea, phone_enc bytea,
    phone_hash bytea, number_enc bytea, number_hash bytea, last_four_hash bytea, birth_year smallint) ON COMMIT DROP;
CREATE TEMP TABLE bad (n bigint, col text, code text) ON COMMIT DROP;
"""

# The entrances of a chunk, each by the first row that names it: some dozens of rows stand behind one.
_HOUSES = """
ANALYZE stage (n);
CREATE TEMP TABLE house ON COMMIT DROP AS
SELECT compound, building, entrance, min(n) AS n, max(floor) AS floors FROM stage GROUP BY compound, building, entrance;
ANALYZE house (n);
"""
_BUILDINGS = """
INSERT INTO territory_building (id, district, compound_id, area_id, area_path, number, floors, lng, lat, synthetic)
SELECT s.id, %(district)s, s.compound, s.area, s.path, s.building, greatest(h.floors, 1), c.lng, c.lat, false
  FROM (SELECT min(n) AS n, max(floors) AS floors FROM house GROUP BY compound, building) h
  JOIN stage s ON s.n = h.n
 CROSS JOIN LATERAL (SELECT o.lng, o.lat FROM territory_compound o WHERE o.district = %(district)s AND o.id = s.compound LIMIT 1) c
 WHERE NOT EXISTS (SELECT 1 FROM territory_building b
                    WHERE b.district = %(district)s AND b.compound_id = s.compound AND b.number = s.building OFFSET 0)
"""
_ENTRANCES = """
INSERT INTO territory_entrance (id, district, building_id, number, synthetic)
SELECT s.id, %(district)s, b.id, h.entrance, false
  FROM house h
  JOIN stage s ON s.n = h.n
 CROSS JOIN LATERAL (SELECT o.id FROM territory_building o
                      WHERE o.district = %(district)s AND o.compound_id = h.compound AND o.number = h.building LIMIT 1) b
 WHERE NOT EXISTS (SELECT 1 FROM territory_entrance e
                    WHERE e.district = %(district)s AND e.building_id = b.id AND e.number = h.entrance OFFSET 0)
"""
# Where each row belongs. A building stands where it stands: its own area goes before what the file says. Rows that name one dwelling
# that is new give it the id of the first of them.
_SPOT = """
CREATE TEMP TABLE door ON COMMIT DROP AS
SELECT h.compound, h.building, h.entrance AS name, e.id AS entrance, b.area_id AS area, b.area_path AS path
  FROM house h
 CROSS JOIN LATERAL (SELECT o.id, o.area_id, o.area_path FROM territory_building o
                      WHERE o.district = %(district)s AND o.compound_id = h.compound AND o.number = h.building LIMIT 1) b
 CROSS JOIN LATERAL (SELECT o.id FROM territory_entrance o
                      WHERE o.district = %(district)s AND o.building_id = b.id AND o.number = h.entrance LIMIT 1) e;
INSERT INTO bad SELECT s.n, 'grid', 'grid.out_of_reach'
  FROM door d JOIN stage s ON s.compound = d.compound AND s.building = d.building AND s.entrance = d.name
 WHERE d.path < %(low)s OR d.path >= %(high)s;
DELETE FROM door WHERE path < %(low)s OR path >= %(high)s;
ANALYZE door (entrance);
CREATE TEMP TABLE spot ON COMMIT DROP AS
SELECT s.n, s.id, o.entrance, o.area, o.path, s.floor, s.number, s.status, s.kind, s.since, s.name_hash, s.phone_hash, s.number_hash,
       d.id IS NULL AS is_new,
       coalesce(d.id, first_value(s.id) OVER (PARTITION BY o.entrance, s.floor, s.number ORDER BY s.n)) AS dwelling
  FROM stage s
  JOIN door o ON o.compound = s.compound AND o.building = s.building AND o.name = s.entrance
  LEFT JOIN LATERAL (SELECT t.id FROM territory_dwelling t WHERE t.district = %(district)s AND t.entrance_id = o.entrance
        AND t.floor = s.floor AND t.number = s.number LIMIT 1) d ON true;
ANALYZE spot (n);
"""
_DWELLINGS = """
INSERT INTO territory_dwelling (id, district, entrance_id, area_id, area_path, floor, number, synthetic)
SELECT id, %(district)s, entrance, area, path, floor, number, false FROM spot WHERE is_new AND dwelling = id ORDER BY n
"""
# The first word on a dwelling that has none becomes the fact; another one than the fact is proposed, once.
_STATUSES = """
INSERT INTO households_dwellingstatus (id, district, dwelling_id, area_path, status, valid_from, source, recorded_at, post_id)
SELECT p.id, %(district)s, p.dwelling, p.path, p.status,
       greatest(CASE WHEN p.name_hash IS NULL THEN p.since END, before.valid_to,
                CASE WHEN p.name_hash IS NULL AND p.since IS NOT NULL THEN NULL ELSE %(today)s::date END),
       %(source)s, %(now)s, %(post)s
  FROM (SELECT DISTINCT ON (dwelling) * FROM spot WHERE status IS NOT NULL ORDER BY dwelling, n) p
  LEFT JOIN LATERAL (SELECT max(o.valid_to) AS valid_to, bool_or(o.valid_to IS NULL) AS has_one FROM households_dwellingstatus o
                      WHERE o.district = ANY(ARRAY[%(district)s]) AND o.dwelling_id = ANY(ARRAY[p.dwelling])
                        AND NOT p.is_new) before ON true
 WHERE before.has_one IS NOT TRUE
"""
_OTHER_STATUSES = """
INSERT INTO households_proposal (id, district, dwelling_id, area_path, change, status, kind, effective_on, source, import_id, state,
    proposed_at, post_id, reason, wrote, version)
SELECT overlay(p.id::text PLACING 'f' FROM 16 FOR 1)::uuid, %(district)s, p.dwelling, p.path, 'status', p.status, '',
       coalesce(CASE WHEN p.name_hash IS NULL THEN p.since END, %(today)s), %(source)s, %(import)s, 'pending', %(now)s, %(post)s, '',
       '{}', 1
  FROM (SELECT DISTINCT ON (dwelling, status) * FROM spot WHERE status IS NOT NULL ORDER BY dwelling, status, n) p
 CROSS JOIN LATERAL (SELECT o.status FROM households_dwellingstatus o
                      WHERE o.district = ANY(ARRAY[%(district)s]) AND o.dwelling_id = ANY(ARRAY[p.dwelling]) AND o.valid_to IS NULL
                      LIMIT 1) c
 WHERE c.status <> p.status
   AND NOT EXISTS (SELECT 1 FROM households_proposal o WHERE o.district = %(district)s AND o.dwelling_id = p.dwelling
        AND o.change = 'status' AND o.status = p.status AND o.source = %(source)s OFFSET 0)
"""
# Whom each row speaks of: by identity number in the district, else by name at the dwelling where neither number contradicts. Rows of
# the file that speak of one person who is new get the id of the first of them.
_WHO = """
CREATE TEMP TABLE who ON COMMIT DROP AS
SELECT m.n, m.id, m.dwelling, m.path, m.kind, m.since, m.name_hash, m.phone_hash, m.known, m.known_name,
       CASE WHEN m.known IS NULL THEN first_value(m.id) OVER same ELSE m.known END AS person,
       first_value(m.name_hash) OVER same AS first_name
  FROM (
    SELECT p.*, coalesce(a.id, b.id) AS known, coalesce(a.name_hash, b.name_hash) AS known_name
      FROM spot p
      LEFT JOIN LATERAL (SELECT o.id, o.name_hash FROM households_person o WHERE o.district = %(district)s
            AND o.number_hash = p.number_hash AND o.merged_into_id IS NULL LIMIT 1) a ON true
      LEFT JOIN LATERAL (
        SELECT q.id, q.name_hash
          FROM (SELECT o.person_id, o.valid_to FROM households_residency o
                 WHERE o.district = ANY(ARRAY[%(district)s]) AND o.dwelling_id = ANY(ARRAY[p.dwelling]) AND a.id IS NULL
                   AND NOT p.is_new OFFSET 0) r
         CROSS JOIN LATERAL (SELECT o.id, o.name_hash, o.phone_hash FROM households_person o
                WHERE o.district = %(district)s AND o.id = r.person_id AND o.merged_into_id IS NULL AND o.name_hash = p.name_hash
                  AND (o.number_hash IS NULL OR p.number_hash IS NULL) AND (p.number_hash IS NULL OR o.phone_hash = p.phone_hash)
                LIMIT 1) q
         ORDER BY r.valid_to DESC NULLS FIRST, (q.phone_hash = p.phone_hash) DESC NULLS LAST, q.id LIMIT 1) b ON true
     WHERE p.name_hash IS NOT NULL
  ) m
WINDOW same AS (PARTITION BY m.known, coalesce(m.number_hash, m.name_hash || coalesce(m.phone_hash, uuid_send(m.dwelling))) ORDER BY m.n);
INSERT INTO bad SELECT n, 'name', 'person.other_name' FROM who WHERE name_hash <> coalesce(known_name, first_name);
DELETE FROM who WHERE name_hash <> coalesce(known_name, first_name);
ANALYZE who (n);
"""
_PEOPLE = """
INSERT INTO households_person (id, district, name_enc, name_hash, phone_enc, phone_hash, number_enc, number_hash, last_four_hash,
    birth_year, guardian_consent_on, source, recorded_at)
SELECT s.id, %(district)s, s.name_enc, s.name_hash, s.phone_enc, s.phone_hash, s.number_enc, s.number_hash, s.last_four_hash,
       s.birth_year, s.consent, %(source)s, %(now)s
  FROM who w JOIN stage s ON s.n = w.n WHERE w.known IS NULL AND w.person = w.id
"""
_PHONES = """
INSERT INTO households_proposal (id, district, dwelling_id, area_path, change, status, kind, person_id, phone_enc, phone_hash,
    effective_on, source, import_id, state, proposed_at, post_id, reason, wrote, version)
SELECT w.id, %(district)s, w.dwelling, w.path, 'phone', '', '', w.person, s.phone_enc, s.phone_hash, %(today)s, %(source)s, %(import)s,
       'pending', %(now)s, %(post)s, '', '{}', 1
  FROM (SELECT DISTINCT ON (person, phone_hash) * FROM who WHERE person <> id AND phone_hash IS NOT NULL
         ORDER BY person, phone_hash, n) w
  JOIN stage s ON s.n = w.n
 CROSS JOIN LATERAL (SELECT o.phone_hash FROM households_person o WHERE o.district = %(district)s AND o.id = w.person LIMIT 1) p
 WHERE p.phone_hash IS DISTINCT FROM w.phone_hash
   AND NOT EXISTS (SELECT 1 FROM households_proposal o WHERE o.district = %(district)s AND o.change = 'phone'
        AND o.person_id = w.person AND o.phone_hash = w.phone_hash OFFSET 0)
"""
_RESIDENCIES = """
INSERT INTO households_residency (id, district, person_id, dwelling_id, area_path, kind, valid_from, source, recorded_at, post_id)
SELECT w.id, %(district)s, w.person, w.dwelling, w.path, w.kind, coalesce(w.since, %(today)s), %(source)s, %(now)s, %(post)s
  FROM (SELECT DISTINCT ON (person, dwelling, kind) * FROM who ORDER BY person, dwelling, kind, n) w
 WHERE w.known IS NULL OR NOT EXISTS (SELECT 1 FROM households_residency r WHERE r.district = ANY(ARRAY[%(district)s])
        AND r.person_id = ANY(ARRAY[w.person]) AND r.dwelling_id = ANY(ARRAY[w.dwelling]) AND r.kind = ANY(ARRAY[w.kind]) OFFSET 0)
"""
# The register says that they left, the file says that they are there: that is for somebody to look at.
_BACK = """
INSERT INTO households_proposal (id, district, dwelling_id, area_path, change, status, kind, person_id, effective_on, source,
    import_id, state, proposed_at, post_id, reason, wrote, version)
SELECT overlay(w.id::text PLACING 'e' FROM 16 FOR 1)::uuid, %(district)s, w.dwelling, w.path, 'moved_in', '', w.kind, w.person,
       coalesce(w.since, %(today)s), %(source)s, %(import)s, 'pending', %(now)s, %(post)s, '', '{}', 1
  FROM (SELECT DISTINCT ON (person, dwelling, kind) * FROM who WHERE known IS NOT NULL ORDER BY person, dwelling, kind, n) w
 WHERE NOT EXISTS (SELECT 1 FROM households_residency r WHERE r.district = ANY(ARRAY[%(district)s])
        AND r.person_id = ANY(ARRAY[w.person]) AND r.dwelling_id = ANY(ARRAY[w.dwelling]) AND r.kind = ANY(ARRAY[w.kind])
        AND r.valid_to IS NULL OFFSET 0)
   AND NOT EXISTS (SELECT 1 FROM households_proposal o WHERE o.district = %(district)s AND o.dwelling_id = w.dwelling
        AND o.change = 'moved_in' AND o.person_id = w.person AND o.source = %(source)s OFFSET 0)
"""
# In this order, each on what those before it made; counted under a name where it makes what the register did not have.
_STEPS = (
    ("", _HOUSES), ("", _BUILDINGS), ("", _ENTRANCES), ("", _SPOT), ("dwellings", _DWELLINGS), ("statuses", _STATUSES),
    ("proposals", _OTHER_STATUSES), ("", _WHO), ("people", _PEOPLE), ("proposals", _PHONES), ("residencies", _RESIDENCIES),
    ("proposals", _BACK),
)  # fmt: skip
TEMPORARY = "stage, bad, house, door, spot, who"


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
        for name, statements in _STEPS:
            for statement in statements.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, given)
                if name:
                    found.counts[name] = found.counts.get(name, 0) + cursor.rowcount
        cursor.execute("SELECT n, col, code FROM bad ORDER BY n")
        found.problems = [tuple(row) for row in cursor.fetchall()]
    return found


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
