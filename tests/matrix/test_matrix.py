"""The authorisation matrix: every route × every role × {own, sibling, parent, other district}, and nobody.

What each caller must get is worked out from the policy table; how a route is called and which verb guards it stands in
``registry``. A route that stands nowhere there fails.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client, override_settings

from linli.cases.loop import in_own_hands, may_view
from linli.cases.models import Case
from linli.kernel import time
from linli.kernel.storage.configuration import storage_settings
from linli.kernel.trust import ANONYMOUS, Actor, Role, policy
from tests.conftest import Clock
from tests.matrix.registry import Call, Entry, Guard, On, entries
from tests.matrix.routes import api_methods, routes
from tests.matrix.scene import Person, Scene, Side, setting

ENTRIES = entries()
IGNORED_PREFIXES = ("static/", "__debug__/")


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The stage, made once; every call is taken back after it."""
    files = tmp_path_factory.mktemp("files")
    # A thousand refusals are what is asked for here; nobody needs a line for each.
    chatter = logging.getLogger("django.request")
    chatter.disabled = True
    time.set_clock(Clock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC)))
    with django_db_blocker.unblock(), override_settings(STORAGES=storage_settings(files, {})):
        with transaction.atomic():
            yield setting(files)
            transaction.set_rollback(True)
    chatter.disabled = False
    time.set_clock(None)


def ask(entry: Entry, scene: Scene, person: Person) -> Any:
    """Call a route as somebody, in a transaction that is taken back."""
    call: Call = entry.call(scene)
    headers = {"Idempotency-Key": str(uuid4())} | call.headers
    if person.token:
        headers["Authorization"] = f"Bearer {person.token}"
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if entry.method in ("GET", "HEAD"):
            answer = client.get(call.path, call.data, headers=headers)
        else:
            kind = call.content_type or ("application/json" if call.path.startswith("/api/") else "form")
            more = {"content_type": "application/json"} if kind == "application/json" else {}
            answer = getattr(client, entry.method.lower())(call.path, call.data, headers=headers, **more)
        transaction.set_rollback(True)
    return answer


def outcome(answer: Any) -> str:
    """What an answer says about rights."""
    status = answer.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        return "sign in"
    if status in (301, 302, 303) and answer["Location"].startswith(str(django_settings.LOGIN_URL)):
        return "sign in"
    if status == HTTPStatus.FORBIDDEN:
        return "forbidden"
    if status == HTTPStatus.NOT_FOUND:
        return "hidden"
    return "let in" if status < 500 else f"broken ({status})"


def expected(entry: Entry, scene: Scene, person: Person) -> set[str]:
    """What the policy table says that a caller must get; a page may refuse a machine's key in any of the three ways."""
    wanted = _expected(entry, scene, person)
    if entry.is_page and person.role == Role.MACHINE and "let in" not in wanted:
        return {"sign in", "forbidden", "hidden"}
    return wanted


def _expected(entry: Entry, scene: Scene, person: Person) -> set[str]:
    actor = person.actor
    if entry.as_resident and actor.account_id:
        actor = dataclasses.replace(actor, role=Role.RESIDENT, post_id=None, organisation_id=None, area_path="")
    elif entry.as_resident:
        actor = ANONYMOUS
    nobody = actor.role == Role.ANONYMOUS
    if entry.guard == Guard.PUBLIC:
        return {"let in"}
    if entry.guard == Guard.CODE:
        return {"hidden"}
    if entry.guard == Guard.SIGNED_IN:
        return {"sign in"} if nobody else {"let in"}
    if entry.guard == Guard.ACCOUNT:
        return {"let in"} if actor.account_id else {"sign in"}
    if entry.roles and actor.role not in entry.roles:
        return {"sign in"} if nobody else {"forbidden"}
    if entry.door and not policy.reach(actor, entry.door):
        if nobody:
            return {"sign in"}
        unseen = entry.on == On.CASE and not policy.allows(actor, "case.view", scene.case)
        return {"hidden"} if unseen else {"forbidden"} | (set() if entry.exact else {"hidden"})
    return _by_table(entry, scene, actor, nobody=nobody)


def _by_table(entry: Entry, scene: Scene, actor: Actor, *, nobody: bool) -> set[str]:
    verbs = entry.verb.split("|")
    right = {"let in", "hidden"} if entry.maybe_missing else {"let in"}
    refused = {"forbidden"} if entry.exact else {"forbidden", "hidden"}
    if entry.on == On.NOTHING:
        if any(policy.reach(actor, verb) for verb in verbs):
            return right
        return {"sign in"} if nobody else refused
    if nobody and not any(policy.reach(actor, verb) for verb in verbs):
        return {"sign in", "hidden"}
    case = scene.case
    if not policy.allows(actor, "case.view", case):
        return {"hidden"}
    if not any(policy.allows(actor, verb, case) for verb in verbs):
        return refused
    if entry.handler and not any(in_own_hands(actor, verb, case) for verb in verbs):
        return {"forbidden"}
    return right


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_a_route_lets_in_whom_the_table_names(entry: Entry, scene: Scene) -> None:
    assert entry.guard != Guard.VERB or set(entry.verb.split("|")) <= set(policy.table())
    wrong = []
    for person in scene.people:
        answer = ask(entry, scene, person)
        got, wanted = outcome(answer), expected(entry, scene, person)
        if got not in wanted:
            wrong.append(f"{person}: {got} ({answer.status_code}), not {' or '.join(sorted(wanted))}")
    assert not wrong, f"{entry}\n  " + "\n  ".join(wrong)


def test_every_method_of_the_api_stands_in_the_registry() -> None:
    known = {(entry.route, entry.method) for entry in ENTRIES}
    missing = {(route, method) for route, methods in api_methods().items() for method in methods} - known
    assert not missing, sorted(missing)


def test_all_routes_stand_in_the_registry() -> None:
    known = {entry.route for entry in ENTRIES}
    missing = sorted(
        route
        for route in set(routes())
        if route not in known and not route.startswith(IGNORED_PREFIXES) and not _api_root(route)
    )
    assert not missing, "add these to tests/matrix/registry:\n  " + "\n  ".join(missing)


def _api_root(route: str) -> bool:
    return route == "api/v1/"  # ninja's name for the root: it has no page


def test_the_registry_names_only_routes_that_are_there() -> None:
    there = set(routes())
    gone = sorted({entry.route for entry in ENTRIES} - there)
    assert not gone, gone


def test_every_role_stands_on_every_side(scene: Scene) -> None:
    there = {(person.role, person.side) for person in scene.people}
    for role in Role:
        if role not in (Role.ANONYMOUS, Role.SYSTEM):
            assert {side for known, side in there if known == role} == set(Side), role


def test_a_restricted_case_is_seen_by_its_own_people_only(scene: Scene) -> None:
    with transaction.atomic():
        case: Case = scene.restricted
        entry = Entry("", "GET", lambda s: Call(f"/api/v1/cases/{case.number}"))
        seen = {str(person) for person in scene.people if ask(entry, scene, person).status_code == HTTPStatus.OK}
        assert seen == {str(person) for person in scene.people if may_view(person.actor, case)}
        # By name: the reporter. The community that it lies in has its own worker's post, which is not on this stage.
        assert seen == {"resident/own"}
        worker = Client(headers={}).get(f"/api/v1/cases/{case.number}")
        assert worker.status_code == HTTPStatus.UNAUTHORIZED
        transaction.set_rollback(True)
