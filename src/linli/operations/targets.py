"""Whom an operation goes to: a rule over areas that is kept as data, and the rows that it means today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from linli.dedicated.kinds import kinds
from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, subtree, within
from linli.kernel.errors import Invalid
from linli.people.models import OrganisationType
from linli.territory import queries as territory

COMMUNITY_LENGTH = 14
"""Characters of a community's path, by which the progress of its grids is counted."""
CITY_LENGTH = 4
MOST_AREAS = 500
MOST_LISTED = 20_000


class TargetLevel(StrEnum):
    """What one task is for."""

    MICRO_GRID = "micro_grid"
    GENERAL_GRID = "general_grid"
    DEDICATED_GRID = "dedicated_grid"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Target:
    """A rule of targets.

    Args:
        areas: paths; everything of the level in their subtrees.
        organisation_type: code, for organisations; every type when empty.
        dedicated_kind: code of the kind, for dedicated grids; every kind when empty.
        listed: paths of single grids, instead of areas (a pasted or uploaded list).
    """

    areas: tuple[str, ...] = ()
    level: TargetLevel = TargetLevel.MICRO_GRID
    organisation_type: str = ""
    listed: tuple[str, ...] = ()
    dedicated_kind: str = ""

    def to_data(self) -> dict[str, Any]:
        """The rule as it is kept."""
        return {
            "areas": list(self.areas),
            "level": str(self.level),
            "organisation_type": self.organisation_type,
            "listed": list(self.listed),
            "dedicated_kind": self.dedicated_kind,
        }

    @classmethod
    def from_data(cls, kept: Mapping[str, Any]) -> Target:
        """A rule as it was kept."""
        return cls(
            tuple(kept.get("areas", ())), TargetLevel(kept.get("level", TargetLevel.MICRO_GRID)),
            kept.get("organisation_type", ""), tuple(kept.get("listed", ())), kept.get("dedicated_kind", ""),
        )  # fmt: skip

    @property
    def roots(self) -> tuple[str, ...]:
        """The paths below which every target lies, none within another."""
        found: list[str] = []
        for path in sorted(set(self.listed or self.areas)):
            if not any(within(path, root) for root in found):
                found.append(path)
        return tuple(found)

    @property
    def top(self) -> str:
        """The smallest area that holds every target."""
        roots = self.roots
        first, last = roots[0].split("/"), roots[-1].split("/")
        shared = []
        for one, other in zip(first, last, strict=False):
            if one != other:
                break
            shared.append(one)
        return "/".join(shared) or roots[0][:CITY_LENGTH]


def listed(text: str) -> tuple[tuple[str, ...], dict[int, str]]:
    """The paths of a pasted or uploaded list, and its bad lines by their numbers from 1; empty lines and a heading do not count."""
    lines = {number: line.strip().split(",")[0].strip() for number, line in enumerate(text.splitlines(), 1)}
    wanted = {number: path for number, path in lines.items() if path and not path.startswith("#")}
    known = set(territory.areas_at(wanted.values()))
    bad = {number: path for number, path in wanted.items() if path not in known}
    if bad and min(bad) == 1 and "/" not in bad[1]:
        del bad[1]
    return tuple(dict.fromkeys(path for path in wanted.values() if path in known)), bad


def checked(target: Target, *, reach: str) -> Target:
    """A rule that names areas there are, all within the reach of whoever composes.

    Raises:
        Invalid: it names none, too many, or one that is not there or beyond reach.
    """
    paths = target.listed or target.areas
    most = MOST_LISTED if target.listed else MOST_AREAS
    if not 0 < len(paths) <= most:
        raise Invalid(
            "operation.target", _("Choose at least one area, and at most %(most)s.") % {"most": most}, field="target"
        )
    known = territory.areas_at(paths)
    beyond = [path for path in paths if path not in known or not within(path, reach)]
    if beyond:
        raise Invalid(
            "operation.beyond",
            _("There is no such area in your reach: %(paths)s") % {"paths": ", ".join(beyond[:10])},
            field="target",
            extra={"paths": beyond[:100]},
        )
    if target.organisation_type and not OrganisationType.objects.filter(code=target.organisation_type).exists():
        raise Invalid("operation.organisation", _("There is no such kind of organisation."), field="target")
    if target.dedicated_kind and target.dedicated_kind not in kinds():
        raise Invalid("operation.dedicated_kind", _("There is no such kind of dedicated grid."), field="dedicated_kind")
    if target.listed:
        other = [path for path in paths if known[path].level != target.level]
        if target.level == TargetLevel.ORGANISATION or other:
            raise Invalid(
                "operation.listed",
                _("The list holds what is of another kind: %(paths)s") % {"paths": ", ".join((other or paths)[:10])},
                field="target",
            )
    return target


def selection(target: Target) -> tuple[str, dict[str, Any]]:
    """The rows that a rule means today, as SQL of ``area_path`` and ``organisation_id``, with its values."""
    values: dict[str, Any] = {"today": time.today(), "level": str(target.level)}
    if target.level == TargetLevel.ORGANISATION:
        places = _ranges(target.roots, "o.area_path", values)
        kind = "AND o.type_id = %(type)s" if target.organisation_type else ""
        values["type"] = target.organisation_type
        return (
            (
                f"SELECT o.area_path, o.id AS organisation_id FROM people_organisation o "
                f"WHERE {places} {kind} AND length(o.area_path) >= {COMMUNITY_LENGTH} "
                "AND o.starts_on <= %(today)s AND (o.ends_on IS NULL OR o.ends_on > %(today)s)"
            ),
            values,
        )
    if target.listed:
        places = "a.path = ANY(%(listed)s)"
        values["listed"] = list(target.listed)
    else:
        places = _ranges(target.roots, "a.path", values)
    joined, of_kind = "", ""
    if target.level == TargetLevel.DEDICATED_GRID and target.dedicated_kind:
        joined, of_kind = _of_kind(target.dedicated_kind, values)
    return (
        (
            f"SELECT a.path AS area_path, NULL::uuid AS organisation_id FROM territory_area a {joined} "
            f"WHERE a.level = %(level)s AND {places} {of_kind} "
            "AND a.valid_from <= %(today)s AND (a.valid_to IS NULL OR a.valid_to > %(today)s)"
        ),
        values,
    )


def _of_kind(code: str, values: dict[str, Any]) -> tuple[str, str]:
    """The grids of a kind as :attr:`linli.dedicated.queries.Kept.kind` has it: what was said of them, else what their names say."""
    named = kinds()[code].pattern
    patterns = [named] if named else [one.pattern for one in kinds().values() if one.pattern]
    values |= {"kind": code, "names": patterns}
    by_name = f"{'' if named else 'NOT '}(a.name ~ ANY(%(names)s))"
    return (
        "LEFT JOIN dedicated_sheet s ON s.district = a.district AND s.area_id = a.id",
        f"AND (s.kind = %(kind)s OR (coalesce(s.kind, '') = '' AND {by_name}))",
    )


def _ranges(roots: Iterable[str], column: str, values: dict[str, Any]) -> str:
    found = []
    for place, root in enumerate(roots):
        values[f"low{place}"], values[f"high{place}"] = subtree(root)
        found.append(f"({column} >= %(low{place})s AND {column} < %(high{place})s)")
    return "(" + " OR ".join(found) + ")"


def districts(roots: Iterable[str]) -> list[str]:
    """The districts in which targets can lie."""
    found: set[str] = set()
    for root in roots:
        if len(root) >= DISTRICT_LENGTH:
            found.add(root[:DISTRICT_LENGTH])
        else:
            found.update(area.path for area in territory.children(root))
    return sorted(found)
