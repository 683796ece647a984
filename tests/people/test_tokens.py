"""A machine comes in with a key: as what it was given for, until it ends, and never as nobody."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from linli.kernel import time
from linli.kernel.errors import Forbidden, Invalid, NotFound, SignInNeeded
from linli.kernel.trust import ANONYMOUS, Role, policy
from linli.people import actions
from linli.people.auth import ANYONE, SIGNED_IN
from linli.people.middleware import ActorMiddleware
from linli.people.models import Token
from tests.people import factories


def arrive(key, method="post"):
    """What the middleware makes of a request with a key; the request, and the answer."""
    request = getattr(RequestFactory(), method)("/api/v1/cases", headers={"Authorization": f"Bearer {key}"})
    answer = ActorMiddleware(lambda _request: HttpResponse("in"))(request)
    return request, answer


def test_a_sensor_reports_and_does_nothing_else(town):
    token, key = actions.issue_token(
        town.actor("security"), name="smoke 12", scopes=["case.report"], machine_path=factories.MICRO_GRID
    )
    assert key.encode() not in bytes(token.token_hash)
    request, answer = arrive(key)
    actor = SIGNED_IN(request)
    assert answer.content == b"in"
    assert (actor.role, actor.area_path, actor.name) == (Role.MACHINE, factories.MICRO_GRID, "smoke 12")
    assert policy.allows(actor, "case.report")
    assert not policy.allows(actor, "case.comment")


def test_a_clerk_gives_their_program_a_key_to_their_own_post(town):
    yangke = town.actor("yangke")
    _token, key = actions.issue_token(yangke, name="import", scopes=["case"], post_id=yangke.post_id)
    actor = SIGNED_IN(arrive(key)[0])
    assert (actor.role, actor.post_id) == (Role.DEPARTMENT_CLERK, yangke.post_id)
    assert policy.reach(actor, "case.dispose") == frozenset({"org"})
    assert policy.reach(actor, "catalogue.view") == frozenset()
    actions.end_post(town.actor("admin"), yangke.post_id, district=factories.WUHOU, version=1, reason="left")
    assert arrive(key)[1].status_code == 401


@pytest.mark.parametrize("key", ["", "linli_guess", "x" * 5000])
def test_a_key_that_is_not_good_is_401_and_never_nobody(db, key):
    _request, answer = arrive(key)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_key_runs_out_and_is_ended(town, clock):
    zhou = town.actor("zhou")
    token, key = actions.issue_token(zhou, name="app", scopes=["case"], expires_at=time.now() + timedelta(days=1))
    assert arrive(key)[1].status_code == 200
    clock.forward(days=1)
    assert arrive(key)[1].status_code == 401
    second, other = actions.issue_token(zhou, name="app", scopes=["case"])
    with pytest.raises(NotFound):
        actions.end_token(town.actor("xiaoxu"), second.id)
    actions.end_token(zhou, second.id)
    assert arrive(other)[1].status_code == 401
    assert Token.objects.get(id=token.id).ended_at is None


def test_keys_are_given_only_for_what_is_ones_own(town):
    xiaoxu = town.actor("xiaoxu")
    with pytest.raises(Forbidden):
        actions.issue_token(xiaoxu, name="x", scopes=["case"], machine_path=factories.COMMUNITY)
    with pytest.raises(Forbidden):
        actions.issue_token(xiaoxu, name="x", scopes=["case"], account_id=town.people["heming"].id)
    with pytest.raises(NotFound):
        actions.issue_token(xiaoxu, name="x", scopes=["case"], post_id=town.actor("heming").post_id)
    for scopes in ([], ["everything"]):
        with pytest.raises(Invalid):
            actions.issue_token(xiaoxu, name="x", scopes=scopes)
    with pytest.raises(Invalid):
        actions.issue_token(xiaoxu, name="x", scopes=["case"], expires_at=time.now())


def test_a_session_needs_the_page_token_and_nobody_needs_none(town):
    request = RequestFactory().post("/api/v1/cases")
    request.actor, request.by_token = ANONYMOUS, False
    assert ANYONE(request) is ANONYMOUS
    with pytest.raises(SignInNeeded):
        SIGNED_IN(request)
    request.actor = town.actor("zhou")
    with pytest.raises(Forbidden):
        SIGNED_IN(request)
    safe = RequestFactory().get("/api/v1/cases")
    safe.actor, safe.by_token = town.actor("zhou"), False
    assert SIGNED_IN(safe) == town.actor("zhou")
