"""What every route answers to everybody; how the matrix is made stands in :mod:`tests.matrix`."""

from __future__ import annotations

import copy
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
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler

from linli.api import reference
from linli.cases.loop import in_own_hands, may_view
from linli.cases.models import Case
from linli.kernel import time
from linli.kernel.observe import views as watching
from linli.kernel.storage.configuration import storage_settings
from linli.kernel.trust import ANONYMOUS, Actor, Role, policy
from linli.people import middleware
from linli.people.models import Account
from tests.conftest import Clock
from tests.matrix.registry import Call, Entry, Guard, On, entries
from tests.matrix.routes import METHODS, NINJAS, methods
from tests.matrix.scene import Person, Scene, Side, setting

ENTRIES = entries()
KNOWN = {(entry.route, entry.method): entry for entry in ENTRIES}
NOWHERE = {
    route
    for route, taken in methods().items()
    if not taken and {one.guard for one in ENTRIES if one.route == route} == {Guard.CODE}
}
PROBES = {(Role.ANONYMOUS, Side.OTHER_DISTRICT)} | {
    (role, Side.OWN) for role in (Role.RESIDENT, Role.DISPATCHER, Role.SYSTEM_ADMINISTRATOR)
}
"""Who asks by methods that are not there, and by HEAD: each way of being refused or let in."""


class Caller(RequestFactory):
    """Django's test client without what the matrix does not look at: cookies, contexts of templates, a chain for each caller."""

    def __init__(self) -> None:
        super().__init__()
        self.handler = ClientHandler(enforce_csrf_checks=False)

    def request(self, **request: Any) -> Any:
        """The answer; an error within is its status 500."""
        return self.handler(self._base_environ(**request))


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The stage, made once; every call is taken back after it."""
    files = tmp_path_factory.mktemp("files")
    # A thousand refusals are what is asked for here; nobody needs a line for each.
    chatter = logging.getLogger("django.request")
    chatter.disabled = True
    time.set_clock(Clock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC)))
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=storage_settings(files, {})),
        pytest.MonkeyPatch.context() as patch,
    ):
        with transaction.atomic():
            stage = setting(files)
            patch.setattr(middleware, "token_actor", _looked_up(stage))
            # It grows with every route that is called here, and says nothing about anybody.
            patch.setattr(watching, "exposition", bytes)
            patch.setattr(
                reference, "sections", list
            )  # a hundred endpoints drawn for each caller: tests/api looks at them
            yield stage
            transaction.set_rollback(True)
    chatter.disabled = False
    time.set_clock(None)


def _looked_up(scene: Scene) -> Any:
    """Keys as they were found when the stage was made: how a key is found and refused is told in tests/people."""
    found = {one.token: middleware.token_actor(one.token) for one in scene.people if one.token}

    def token_actor(token: str, *, request_id: str = "") -> tuple[Account | None, Actor]:
        account, actor = found[token] or (None, ANONYMOUS)
        return copy.copy(account), dataclasses.replace(actor, request_id=request_id)

    return token_actor


@pytest.fixture(scope="module")
def caller() -> Caller:
    """One chain of middleware for all calls."""
    return Caller()


def ask(caller: Caller, entry: Entry, scene: Scene, person: Person, *, method: str = "") -> Any:
    """Call a route as somebody, in a transaction that is taken back."""
    call: Call = entry.call(scene)
    method = method or entry.method
    headers = {"Idempotency-Key": str(uuid4())} | call.headers
    if person.token:
        headers["Authorization"] = f"Bearer {person.token}"
    with transaction.atomic():
        if entry.method == "GET" and method in ("GET", "HEAD"):
            answer = getattr(caller, method.lower())(call.path, call.data, headers=headers)
        elif method != entry.method:
            answer = caller.generic(method, call.path, headers=headers)
        else:
            kind = call.content_type or ("application/json" if call.path.startswith("/api/") else "form")
            more = {"content_type": "application/json"} if kind == "application/json" else {}
            answer = getattr(caller, method.lower())(call.path, call.data, headers=headers, **more)
        transaction.set_rollback(True)
    return answer


def there() -> set[tuple[str, str]]:
    """What Django knows: each method of each route; what answers 404 to everything has those of its entries."""
    found = {(route, method) for route, taken in methods().items() for method in taken}
    return found | {key for key in KNOWN if key[0] in NOWHERE}


REFUSED = {"sign in", "forbidden", "hidden"}


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
        return REFUSED
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
    if entry.guard == Guard.MISSING:
        return {"sign in"} if nobody else {"hidden"}
    if entry.guard == Guard.STEP:
        return {"sign in"}
    if entry.guard == Guard.SIGNED_IN:
        return {"sign in"} if nobody else {"let in"}
    if entry.guard == Guard.ACCOUNT:
        mine = {"let in", "hidden"} if entry.maybe_missing else {"let in"}
        return mine if actor.account_id else {"sign in"}
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
def test_a_route_lets_in_whom_the_table_names(entry: Entry, scene: Scene, caller: Caller) -> None:
    assert entry.guard != Guard.VERB or set(entry.verb.split("|")) <= set(policy.table())
    wrong = []
    for person in scene.people:
        wanted = expected(entry, scene, person)
        answers = {entry.method: ask(caller, entry, scene, person)}
        if entry.method == "GET" and (person.role, person.side) in PROBES:
            head = ask(caller, entry, scene, person, method="HEAD")
            if head.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
                answers["HEAD"] = head
        for method, answer in answers.items():
            if (got := outcome(answer)) not in wanted:
                wrong.append(f"{method} by {person}: {got} ({answer.status_code}), not {' or '.join(sorted(wanted))}")
    assert not wrong, f"{entry}\n  " + "\n  ".join(wrong)


def test_no_other_method_is_let_in(scene: Scene, caller: Caller) -> None:
    wrong = []
    for route, taken in methods().items():
        entry = next((one for one in ENTRIES if one.route == route), None)
        if entry is None or route in NINJAS:
            continue
        for method in sorted(set(METHODS) - taken):
            for person in scene.people:
                if (person.role, person.side) in PROBES:
                    answer = ask(caller, entry, scene, person, method=method)
                    if answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED and outcome(answer) not in REFUSED:
                        wrong.append(f"{method} {route} by {person}: {answer.status_code}")
    assert not wrong, "\n  ".join(wrong)


def test_every_route_and_method_stands_in_the_registry() -> None:
    covered = set(KNOWN) | {(route, "HEAD") for route, method in KNOWN if method == "GET"}
    missing = sorted(
        f'Entry("{route}", "{method}", lambda s: Call("/{route}"), …),' for route, method in there() - covered
    )
    assert not missing, "add to tests/matrix/registry, as tests/matrix tells:\n  " + "\n  ".join(missing)


def test_every_view_says_its_methods_for_the_registry() -> None:
    silent = sorted(route for route, taken in methods().items() if not taken and route not in NOWHERE)
    assert not silent, "these take any method; let the view say which (require_GET …):\n  " + "\n  ".join(silent)


def test_the_registry_names_only_what_is_there() -> None:
    gone = sorted(f"{method} {route}" for route, method in set(KNOWN) - there())
    assert not gone, gone


def test_every_role_stands_on_every_side(scene: Scene) -> None:
    there = {(person.role, person.side) for person in scene.people}
    for role in Role:
        if role not in (Role.ANONYMOUS, Role.SYSTEM):
            assert {side for known, side in there if known == role} == set(Side), role


def test_a_restricted_case_is_seen_by_its_own_people_only(scene: Scene, caller: Caller) -> None:
    with transaction.atomic():
        case: Case = scene.restricted
        entry = Entry("", "GET", lambda s: Call(f"/api/v1/cases/{case.number}"))
        seen = {
            str(person) for person in scene.people if ask(caller, entry, scene, person).status_code == HTTPStatus.OK
        }
        assert seen == {str(person) for person in scene.people if may_view(person.actor, case)}
        # By name: the reporter. The community that it lies in has its own worker's post, which is not on this stage.
        assert seen == {"resident/own"}
        worker = Client(headers={}).get(f"/api/v1/cases/{case.number}")
        assert worker.status_code == HTTPStatus.UNAUTHORIZED
        transaction.set_rollback(True)
