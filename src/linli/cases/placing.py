"""Where a report belongs: by its point, else by its address, else in the district's queue of what is not placed yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.cases.models import Located
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid
from linli.territory import address_search, locating
from linli.territory.models import Area, Level

SURE = 0.5
"""How well an address must fit before a report goes by it; below, a dispatcher places it by hand."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area, how it was found, and the point in WGS 84 degrees when there is one."""

    area_id: UUID
    area_path: str
    district: str
    how: Located
    lng: float | None = None
    lat: float | None = None


def find(*, lng: float | None, lat: float | None, coordinates: str, address: str, district: str) -> Place:
    """The grid that a report belongs to.

    Args:
        lng: degrees in the system ``coordinates``; together with ``lat`` or not at all.
        lat: as ``lng``.
        coordinates: ``wgs84``, ``gcj02`` or ``bd09``.
        address: in words, asked when there is no point.
        district: six figures; asked when neither finds a grid.

    Raises:
        Invalid: there is neither point nor address nor district, or one of them is none.
    """
    if (lng is None) != (lat is None):
        raise Invalid(
            "place.half_a_point",
            _("A point needs both longitude and latitude."),
            field="lng" if lng is None else "lat",
            mend=_("Send both, or neither."),
        )
    if lng is not None and lat is not None:
        try:
            system = locating.CoordinateSystem(coordinates)
        except ValueError:
            raise Invalid(
                "place.coordinates",
                _("The coordinate system is not known."),
                field="coordinates",
                mend=_("Use wgs84, gcj02 or bd09."),
            ) from None
        point = locating.Point(lng, lat, system)
        found = locating.locate(point)
        x, y = point.wgs84()
        return Place(found.area_id, found.path, found.district, Located(found.how.value), x, y)
    if address.strip():
        best = next(iter(address_search.locate_address(address, district=district, limit=1)), None)
        if best is not None and best.score >= SURE:
            return Place(best.area_id, best.path, best.district, Located.ADDRESS, best.lng, best.lat)
    if queue := _queue(district):
        return Place(queue.id, queue.path, queue.district, Located.UNPLACED)
    raise Invalid(
        "place.needed",
        _("We could not tell where this is."),
        field="address" if address.strip() else "place",
        mend=_("Point to it on the map, or name the district, street and number."),
    )


def _queue(district: str) -> Area | None:
    return Area.objects.filter(district=district, level=Level.UNPLACED, valid_to__isnull=True).first()


def unplaced(district: str) -> Place:
    """The queue of a district for what somebody there places by hand.

    Raises:
        Invalid: the district takes no reports.
    """
    queue = _queue(district)
    if queue is None:
        raise Invalid("place.district", _("This district takes no reports here."), field="district")
    return Place(queue.id, queue.path, queue.district, Located.UNPLACED)


def districts() -> list[str]:
    """The codes of the districts that take reports: those that have a queue for what is not placed yet."""
    found = Area.objects.filter(level=Level.UNPLACED, valid_to__isnull=True).order_by("district")
    return list(found.values_list("district", flat=True))


def area_in_force(path: str) -> Area | None:
    """The area that holds a path today."""
    return Area.objects.filter(district=district_of(path), path=path, valid_to__isnull=True).first() if path else None
