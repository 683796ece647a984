"""A dwelling as the policy table and people see it: where it is, in words, and in walking order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.territory.models import Dwelling


def dwellings() -> QuerySet[Dwelling]:
    """Dwellings with what their address needs."""
    return Dwelling.objects.select_related("entrance__building__compound")


def dwelling_for(actor: Actor, dwelling_id: UUID, verb: str) -> Dwelling:
    """A dwelling that the actor may do ``verb`` at; one out of reach is as if it did not exist.

    Raises:
        NotFound: there is none in the actor's reach.
        Forbidden: the actor sees it but may not do this.
    """
    found = dwellings().filter(district=actor.district, id=dwelling_id).first() if actor.district else None
    if found is None:
        raise NotFound("dwelling.none", _("There is no such dwelling that you can see."))
    policy.require(actor, verb, policy.Spot(found.area_path), view="household.view")
    return found


def in_reach(actor: Actor, verb: str) -> QuerySet[Dwelling]:
    """The dwellings at which the actor may do ``verb``."""
    policy.require(actor, verb)
    return dwellings().filter(in_subtree("area_path", actor.area_path or actor.district))


def room(dwelling: Dwelling) -> str:
    """The number on the door: the floor goes before a number that does not hold it (3, 2 → 302)."""
    number = dwelling.number
    return number if len(number) >= 3 or not number.isdecimal() else f"{dwelling.floor}{number:0>2}"


def short_address(dwelling: Dwelling) -> str:
    """Building, entrance and number: 3-1-502."""
    entrance = dwelling.entrance
    return f"{entrance.building.number}-{entrance.number}-{room(dwelling)}"


def address(dwelling: Dwelling) -> str:
    """Compound, building, entrance and number in words."""
    entrance = dwelling.entrance
    return _("%(compound)s building %(building)s, entrance %(entrance)s, no. %(number)s") % {
        "compound": entrance.building.compound.name,
        "building": entrance.building.number,
        "entrance": entrance.number,
        "number": room(dwelling),
    }


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key by which 2 comes before 10."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in re.findall(r"\d+|\D+", text))


def walking_order(rows: Iterable[Dwelling]) -> list[Dwelling]:
    """As one walks: compound by compound, building, entrance, then floors from the top down, doors by number."""
    return sorted(
        rows,
        key=lambda one: (
            one.entrance.building.compound.name,
            natural(one.entrance.building.number),
            natural(one.entrance.number),
            -one.floor,
            natural(one.number),
        ),
    )
