"""Who takes a case first, and who comes next when the first cannot: community first, then one level at a time.

The catalogue names the first handler of a kind; the index of organisations (in memory, no query) says who that is here. What
nobody answers for is the subdistrict's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from linli.cases import duties
from linli.cases.models import Level
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.trust import Role
from linli.people import queries as people

COMMITTEE = "community"  # functions of people's rules/departments.csv: a residents' or a villagers' committee
OFFICE = "subdistrict_office"  # a subdistrict office or a town government
PROPERTY = "property_company"


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who can be put to work on a case."""

    organisation_id: UUID
    level: Level
    post_id: UUID | None = None


def community_of(path: str) -> str:
    """The path of the community that an area lies in, or the path itself when it lies higher."""
    return "/".join(path.split("/")[:3])


def subdistrict_of(path: str) -> str:
    """The path of the subdistrict that an area lies in, or the path itself when it lies higher."""
    return "/".join(path.split("/")[:2])


def acceptance(category: Any, area_path: str) -> UUID | None:
    """The organisation that takes a new case up: the community, or the subdistrict for what starts there.

    ``None``: the place is not known yet, and the district's dispatchers see to it.
    """
    if category.first_level != "subdistrict" and (committee := committee_of(area_path)):
        return committee
    return office_of(area_path)


def committee_of(area_path: str) -> UUID | None:
    """The residents' or villagers' committee that answers for a place."""
    if area_path.count("/") < 2:
        return None
    return _id(people.organisation_for(area_path, function=COMMITTEE))


def office_of(area_path: str) -> UUID | None:
    """The subdistrict office (or town government) that answers for a place."""
    if area_path.count("/") < 1:
        return None
    return _id(people.organisation_for(area_path, function=OFFICE))


def department_of(function: str, area_path: str) -> UUID | None:
    """The district's department for a function."""
    return _id(people.department_of(area_path[:DISTRICT_LENGTH], function)) if function else None


def first_handler(category: Any, area_path: str) -> Target | None:
    """Who handles a case of this kind first here: the nearest whom the duty lists let it be sent to."""
    refused = False
    for target in _candidates(category, area_path):
        if duties.may_take(category, target.organisation_id):
            return target
        refused = True
    if refused and (found := department_of(category.lead_function, area_path)):
        return Target(found, Level.DISTRICT)
    return None


def _candidates(category: Any, area_path: str) -> Iterator[Target]:
    handler = category.first_handler
    if handler == "department" and (found := department_of(category.lead_function, area_path)):
        yield Target(found, Level.DISTRICT)
    if handler == "property" and (found := _id(people.organisation_for(area_path, kind=PROPERTY))):
        yield Target(found, Level.COMMUNITY)
    if handler != "subdistrict" and (found := committee_of(area_path)):
        if handler == "micro_grid_member":
            members = people.members_for(area_path, Role.MICRO_GRID_MEMBER)
            yield Target(found, Level.MICRO_GRID, members[0].post_id if members else None)
        else:
            yield Target(found, Level.COMMUNITY)
    if found := office_of(area_path):
        yield Target(found, Level.SUBDISTRICT)


def next_level(level: str) -> Level:
    """One level up: what cannot be solved here goes there."""
    order = list(Level)
    return order[min(order.index(Level(level)) + 1, order.index(Level.DISTRICT))]


def departments(category: Any, area_path: str) -> list[UUID]:
    """The lead department of a kind, then those that assist, as far as the district has them."""
    found = [department_of(function, area_path) for function in [category.lead_function, *category.co_functions]]
    return list(dict.fromkeys(i for i in found if i))


def _id(organisation: people.OrganisationRef | None) -> UUID | None:
    return organisation.id if organisation else None
