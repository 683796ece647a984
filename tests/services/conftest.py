"""The small city with its services and windows."""

from __future__ import annotations

from typing import Any

import pytest

from linli.kernel import crypto, ids
from linli.kernel.trust import Actor
from linli.people.models import Account
from linli.people.snapshot import changed
from linli.services import queries
from linli.services.actions import applying, loading, windows
from linli.services.actions.applying import Wanted
from linli.services.models import Application, Seat, Service, ServiceVersion, Slot
from tests.laid import laid
from tests.world import HOME, WUHOU, World, build

COMMUNITY = HOME.rsplit("/", 2)[0]


@pytest.fixture
def world(request: pytest.FixtureRequest, clock: object) -> World:
    """The small city; 周阿姨 has a name, a number and a home. Committed where a test is marked so."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
    return furnished(build())


def furnished(world: World) -> World:
    """Add the services, their windows, and what the platform holds of 周阿姨."""
    load_services()
    laid(_windows, tables=(Slot, Seat), stamps=())
    at_home(world.accounts["zhou"], "周秀英", "13800000001")
    return world


def load_services() -> None:
    """The services as they come with Linli, laid from memory."""
    laid(_services, tables=(Service, ServiceVersion), stamps=("people_snapshotstamp",))
    changed(queries.STAMP)


def _services() -> None:
    loading.load_services()


def _windows() -> None:
    windows.open_windows(district=WUHOU)


def at_home(account: Account, name: str, phone: str) -> None:
    """Give an account a name, a number and a home."""
    account.name_enc = crypto.seal("people_account.name", account.id, name)
    account.phone_enc = crypto.seal("people_account.phone", account.id, phone)
    account.home_path = HOME
    account.save()


SOFA = {"items": ["sofa", "bed"], "access": "stairs"}


def bulky(actor: Actor, slot: Any, *, key: str = "", **more: Any) -> Application:
    """Apply for the collection of bulky waste; as the application that it became."""
    person = {"address": "玉林北路 3 号 2 栋 1 单元 502"} if actor.is_signed_in else {
        "address": "玉林北路 3 号 2 栋 1 单元 502", "name": "王叔", "phone": "13800000002"}  # fmt: skip
    values: dict[str, Any] = {
        "service": "UM01", "answers": SOFA, "person": person, "area_path": COMMUNITY, "slot": slot, "use_held": True,
    } | more  # fmt: skip
    return made(actor, key=key, **values)


def made(actor: Actor, *, key: str = "", **values: Any) -> Application:
    """Apply; as the application that it became."""
    told = applying.apply(actor, key or str(ids.new_id()), repr(values).encode(), wanted=Wanted(**values)).body
    return fresh(told["district"], told["id"])


def fresh(district: str, application_id: Any) -> Application:
    """An application as it stands now."""
    return Application.objects.select_related("service_version").get(district=district, id=application_id)
