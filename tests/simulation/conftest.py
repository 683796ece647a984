"""A small district with everybody at their posts, and outlines to fall into."""

import pytest
import shapely

from linli.people.staffing import staff_district
from linli.territory import changes, locating
from linli.territory.models import Area, Boundary
from tests.world import BOXES, SINCE, WUHOU, World, build

EDGES = (104.055, 30.625, 104.069, 30.636)


def inhabit() -> World:
    """The small city with synthetic staff on every area, labels on its micro-grids and an outline of the district."""
    world = build()
    for path, (west, south, east, north) in BOXES.items():
        Area.objects.filter(path=path).update(label_lng=(west + east) / 2, label_lat=(south + north) / 2)
    west, south, east, north = EDGES
    Boundary.objects.create(
        district=WUHOU, area=world.areas[WUHOU], geometry=shapely.to_wkb(shapely.box(*EDGES)), west=west, south=south,
        east=east, north=north, valid_from=SINCE,
    )  # fmt: skip
    changes.mark_changed()
    locating.forget()
    endings = {"community": "committee", "subdistrict_office": "office"}
    for held in world.organisations.values():  # by the codes that the staffing knows them by, so that it fills them
        held.code = f"{held.area_path}:{endings.get(held.function, held.function)}"
        held.save(update_fields=["code"])
    staff_district(WUHOU)
    return world


@pytest.fixture
def district(request: pytest.FixtureRequest, clock: object) -> World:
    """The inhabited district; committed where the test is marked so, since events are read only once committed."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
    return inhabit()
