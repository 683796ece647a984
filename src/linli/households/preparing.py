"""The rows of a file, checked cell by cell, sealed and hashed: what goes to the database holds no name or number in clear.

The hottest code of the room (millions of rows): what repeats from row to row is looked up, not worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from linli.households import identity
from linli.households.models import Kind
from linli.households.rules import words
from linli.households.sealed import NAME, NAME_LENGTH, NUMBER, PHONE, is_minor
from linli.kernel import ids
from linli.kernel.crypto import Keyring, Lookup
from linli.kernel.db import within

COLUMNS = (
    "n", "id", "compound", "area", "path", "building", "entrance", "floor", "number", "status", "kind", "since", "consent",
    "name_enc", "name_hash", "phone_enc", "phone_hash", "number_enc", "number_hash", "last_four_hash", "birth_year",
)  # fmt: skip
"""Of the staging table, in the order of the lines that :meth:`Preparer.prepare` makes."""
_DATE = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?$")
_MOBILE = re.compile("1[3-9][0-9]{9}").fullmatch
_UNFIT = re.compile(r"[\x00-\x1f\\\ufffd]")
LABEL_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Site:
    """A compound that rows may name."""

    id: UUID
    area: UUID
    path: str
    has_grid: bool
    """Whether it lies in one micro-grid, so that a row need not say in which."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What of the ground an importer reaches: compounds by name, micro-grids by path."""

    sites: Mapping[str, list[Site]]
    grids: Mapping[str, UUID]


@dataclass(slots=True)
class Prepared:
    """A chunk ready for COPY; ``cells`` keeps the rows as they came, by number, until the chunk is through."""

    lines: list[str] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, column, code."""
    cells: dict[int, list[str]] = field(default_factory=dict)
    rows: int = 0


class Preparer:
    """Prepares the chunks of one file, one after the other."""

    def __init__(self, head: list[str], ground: Ground, ring: Keyring, *, today: date) -> None:
        self.at = {name: head.index(name) if name in head else -1 for name in (
            "grid", "compound", "building", "entrance", "floor", "number", "status", "name", "id_number", "phone", "kind", "since",
            "consent",
        )}  # fmt: skip
        self.width = len(head)
        self.ground = ground
        self.today = today
        self.status, self.kind = words()["status"], words()["kind"]
        self.endings = {
            column: tuple(ending for ending, of in words()["ending"].items() if of == column and ending != column)
            for column in ("building", "entrance", "floor", "number")
        }
        self.seal_name, self.seal_phone, self.seal_number = (ring.sealer(label) for label in (NAME, PHONE, NUMBER))
        self.hash_name, self.hash_phone = ring.hasher(Lookup.NAME), ring.hasher(Lookup.PHONE)
        self.hash_number, self.hash_code = ring.hasher(Lookup.ID_NUMBER), ring.hasher(Lookup.CODE)
        self._dates: dict[str, str | None] = {"": "\\N"}
        self._labels: dict[tuple[str, str], str | None] = {}
        self._sites: dict[tuple[str, str], tuple[str, str, str] | tuple[str, str]] = {}
        self._fours: dict[str, str] = {}

    def prepare(self, rows: Iterable[list[str]], first: int) -> Prepared:
        """Check, seal and hash the rows of a chunk.

        Args:
            first: the number of the first row in the file, its head being 1.
        """
        found = Prepared()
        at, width, kept = self.at, self.width, found.cells
        grid_at, compound_at, building_at, entrance_at = at["grid"], at["compound"], at["building"], at["entrance"]
        floor_at, number_at, status_at, name_at = at["floor"], at["number"], at["status"], at["name"]
        since_at, consent_at = at["since"], at["consent"]
        label, day, add = self._label, self._day, found.lines.append
        base = ids.new_id().int & ~0xFFFFFFFF  # the ids of a chunk count up from one (RFC 9562, 6.2, method 2)
        n = first - 1
        for row in rows:
            n += 1
            if not row:
                continue
            kept[n] = row
            cells = [*row[:width], *([""] * (width - len(row))), ""]  # what the file does not have is the last one
            wrong: list[tuple[str, str]] = []
            site = self._site(cells[compound_at].strip(), cells[grid_at].strip())
            if len(site) == 2:
                wrong.append(site)
            building, entrance = label("building", cells[building_at]), label("entrance", cells[entrance_at])
            number = label("number", cells[number_at])
            if building is None:
                wrong.append(("building", "cell.label"))
            if entrance is None:
                wrong.append(("entrance", "cell.label"))
            if number is None:
                wrong.append(("number", "cell.label"))
            floor = label("floor", cells[floor_at]) if cells[floor_at] else number[:-2] if number else ""
            try:
                if not -9 <= int(floor or "") <= 200:
                    raise ValueError
            except ValueError:
                wrong.append(("floor", "cell.floor"))
            status = self.status.get(cells[status_at].strip()) if cells[status_at] else "\\N"
            if status is None:
                wrong.append(("status", "cell.word"))
            since = day(cells[since_at])
            if since is None:
                wrong.append(("since", "cell.date"))
            consent = day(cells[consent_at])
            if consent is None:
                wrong.append(("consent", "cell.date"))
            h = f"{base + n:032x}"
            row_id = f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
            person = self._person(cells, row_id, consent, wrong) if cells[name_at] else self._nobody(cells, wrong)
            if wrong:
                found.problems += [(n, column, code) for column, code in wrong]
                continue
            add(
                f"{n}\t{row_id}\t{site[0]}\t{site[1]}\t{site[2]}\t{building}\t{entrance}\t{floor}\t{number}\t{status}\t"  # type: ignore[misc]
                f"{person[0]}\t{since}\t{consent}{person[1]}\n"
            )
        found.rows = n - first + 1
        return found

    def _nobody(self, cells: list[str], wrong: list[tuple[str, str]]) -> tuple[str, str]:
        if cells[self.at["id_number"]] or cells[self.at["phone"]] or cells[self.at["kind"]]:
            wrong.append(("name", "cell.needed"))
        return _NOBODY

    def _person(
        self, cells: list[str], row_id: str, consent: str | None, wrong: list[tuple[str, str]]
    ) -> tuple[str, str]:
        at = self.at
        name = " ".join(cells[at["name"]].split())
        if not name or len(name) > NAME_LENGTH or _UNFIT.search(name):
            wrong.append(("name", "cell.name"))
        kind = self.kind.get(cells[at["kind"]].strip())
        if kind is None:
            wrong.append(("kind", "cell.word"))
        phone, number = cells[at["phone"]].strip(), "".join(cells[at["id_number"]].split()).upper()
        phone_hash = b""
        if phone:
            try:
                phone_hash = self.hash_phone(phone)
                if not _MOBILE(phone) and not 5 <= sum(sign.isdecimal() for sign in phone) <= 16:
                    raise ValueError
            except ValueError:
                wrong.append(("phone", "cell.phone"))
        year = 0
        if number:
            if not identity.is_valid(number, today=self.today):
                wrong.append(("id_number", "cell.id_number"))
            else:
                year = identity.birth_year(number)
                if is_minor(year, self.today) and consent == "\\N":
                    wrong.append(("consent", "cell.consent"))
        if wrong:
            return _NOBODY
        parts = [
            f"\t\\\\x{self.seal_name(row_id, name.encode()).hex()}\t\\\\x{self.hash_name(name).hex()}",
            f"\t\\\\x{self.seal_phone(row_id, phone.encode()).hex()}\t\\\\x{phone_hash.hex()}"
            if phone
            else "\t\\N\t\\N",
            f"\t\\\\x{self.seal_number(row_id, number.encode()).hex()}\t\\\\x{self.hash_number(number).hex()}"
            f"\t\\\\x{self._four(number)}\t{year}"
            if number
            else "\t\\N\t\\N\t\\N\t\\N",
        ]
        return kind or Kind.MEMBER, "".join(parts)

    def _four(self, number: str) -> str:
        four = number[-4:]
        found = self._fours.get(four)
        if found is None:
            found = self._fours[four] = self.hash_code(f"last-four:{four}").hex()
        return found

    def _day(self, text: str) -> str | None:
        found = self._dates.get(text, "")
        if found == "":
            match = _DATE.match(text.strip()[:11])
            try:
                day = date(*map(int, match.groups())) if match else None
            except ValueError:
                day = None
            fits = day is not None and date(1900, 1, 1) <= day <= self.today
            found = day.isoformat() if day is not None and fits else None
            if not text.strip():
                found = "\\N"
            if len(self._dates) < 100_000:
                self._dates[text] = found
        return found

    def _label(self, column: str, text: str) -> str | None:
        key = (column, text)
        found = self._labels.get(key, "")
        if found == "":
            tidy = "".join(text.split())
            for ending in self.endings[column]:
                tidy = tidy.removesuffix(ending)
            found = tidy if tidy and len(tidy) <= LABEL_LENGTH and not _UNFIT.search(tidy) else None
            if len(self._labels) < 100_000:
                self._labels[key] = found
        return found

    def _site(self, name: str, grid: str) -> tuple[str, str, str] | tuple[str, str]:
        """(compound, area, path), or the column and the code of what is wrong."""
        found = self._sites.get((name, grid))
        if found is None:
            found = self._found_site(name, grid)
            if len(self._sites) < 100_000:
                self._sites[name, grid] = found
        return found

    def _found_site(self, name: str, grid: str) -> tuple[str, str, str] | tuple[str, str]:
        if grid and grid not in self.ground.grids:
            return "grid", "grid.unknown"
        sites = self.ground.sites.get(name, [])
        if grid:
            community = "/".join(grid.split("/")[:3])
            sites = [one for one in sites if within(one.path, community)]
        if not sites:
            return "compound", "compound.unknown"
        if len(sites) > 1:
            exact = [one for one in sites if one.path == grid]
            if len(exact) != 1:
                return "compound", "compound.ambiguous"
            sites = exact
        site = sites[0]
        if grid:
            return str(site.id), str(self.ground.grids[grid]), grid
        return (str(site.id), str(site.area), site.path) if site.has_grid else ("grid", "grid.needed")


_NOBODY = ("\\N", "\t\\N" * 8)
