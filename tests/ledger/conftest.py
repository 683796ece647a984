"""The small city with the published rules of points."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from linli.kernel import events
from linli.kernel.models import Event
from linli.kernel.trust import Actor
from linli.ledger.actions import publishing
from linli.ledger.models import Account, AccountKind, Entry
from tests.desk.conftest import signed_in
from tests.world import HOME, WUHOU, World, build


@pytest.fixture
def world(request: pytest.FixtureRequest, clock: object) -> World:
    """The small city with its rules; 周阿姨 lives in it. Committed where a test is marked so."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
    made = build()
    publishing.load_rules()
    for login in ("zhou", "wang"):
        made.accounts[login].home_path = HOME
        made.accounts[login].save()
    return made


@pytest.fixture
def at_door(world: World) -> Callable[[str], Client]:
    """A browser's stand-in for one of the cast."""
    return lambda login: signed_in(world, login)


def hear(*, consumers: tuple[str, ...] = ("ledger.cases", "ledger.dwellings")) -> None:
    """Give every event so far to the room's readers, as often as this is called: they take each once."""
    told = [events._happened(one) for one in Event.objects.order_by("xid", "id")]
    for name in consumers:
        reader = events._consumers[name]
        if wanted := [one for one in told if reader.wants(one)]:
            reader.handle(wanted)


def account(actor: Actor, district: str = WUHOU) -> Account:
    """Somebody's account as it stands."""
    return Account.objects.get(district=district, kind=AccountKind.PERSON, owner_id=actor.account_id)


def balance(actor: Actor) -> int:
    """Somebody's balance; nought without an account."""
    found = Account.objects.filter(kind=AccountKind.PERSON, owner_id=actor.account_id).first()
    return found.balance or 0 if found else 0


def entries(actor: Actor) -> list[tuple[str, str, int, int, str]]:
    """Somebody's entries in order: kind, rule, what the rule says, what it did, what limited it."""
    rows = Entry.objects.filter(account__owner_id=actor.account_id).order_by("sequence")
    return [(str(one.kind), one.rule, one.nominal, one.signed, str(one.limited_by)) for one in rows]


def last(actor: Actor) -> UUID:
    """The newest entry of somebody."""
    return Entry.objects.filter(account__owner_id=actor.account_id).order_by("-sequence")[0].id
