"""Who answers for a service in a place: the community, the department, and where there is none the district's operation centre."""

from __future__ import annotations

from uuid import UUID

from linli.cases import placing, router
from linli.duties import guarding
from linli.duties.tasks import Kind, Task
from linli.kernel.db import district_of
from linli.kernel.errors import LinliError
from linli.kernel.trust import Actor
from linli.people import queries as people
from linli.services.snapshot import Entry

CENTRE = "operation_centre"


def holder_of(entry: Entry, area_path: str) -> UUID | None:
    """The organisation that handles a service for a place; ``None`` where nobody does."""
    if entry.function == router.COMMITTEE:
        found = router.committee_of(area_path)
        # What a community must not be sent is its subdistrict's.
        if found is None or not guarding.may_send(Task(Kind.SERVICE, entry.code), area_path=area_path):
            found = router.office_of(area_path)
    else:
        found = router.department_of(entry.function, area_path)
    return found or router.department_of(CENTRE, area_path) or router.office_of(area_path)


def department_of(function: str, district: str) -> UUID | None:
    """The department that vouches for a proof."""
    return router.department_of(function, district)


def is_community(area_path: str) -> bool:
    """Whether a path is as near as a community, so that somebody there can be found."""
    return area_path.count("/") >= 2 and not area_path.startswith(f"{district_of(area_path)}/000")


def find(*, lng: float | None, lat: float | None, address: str, district: str) -> placing.Place:
    """The place of a point, else of an address.

    Raises:
        Invalid: neither finds one.
    """
    return placing.find(lng=lng, lat=lat, coordinates="wgs84", address=address, district=district)


def community_of(actor: Actor, address: str) -> str:
    """The community of an address that leaves no doubt; ``""`` where it does, and for an empty one."""
    if not address:
        return ""
    try:
        found = find(lng=None, lat=None, address=address, district=actor.district)
    except LinliError:
        return ""
    return "/".join(found.area_path.split("/")[:3]) if is_community(found.area_path) else ""


def called(organisation_id: UUID, language: str) -> str:
    """An organisation's name, from memory."""
    found = people.organisation(organisation_id)
    return found.called(language) if found else ""
