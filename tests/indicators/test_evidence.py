"""Evidence: handed in by a community, reviewed by somebody else above it, valid until a day, taken back while it waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.indicators import actions, proofs, queries
from linli.indicators.chores import files
from linli.indicators.models import Evidence, EvidenceFile, State
from linli.kernel import time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import Actor
from tests.api.conftest import picture, token_of
from tests.desk.conftest import signed_in
from tests.world import WUHOU, World, build

HOME = f"{WUHOU}/012/003"
SET = "near_zero_carbon"
AT = "/desk/indicators/evidence"


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city."""
    return build()


def facts(**more: object) -> actions.EvidenceFacts:
    given = {
        "set_id": SET,
        "indicator_id": "sorting",
        "area_path": HOME,
        "text": "抽查二十个投放点，十八个合格。",
        "value": 0.9,
    }
    return actions.EvidenceFacts(**(given | {"dated": time.today()} | more))  # type: ignore[arg-type]


def line_of(world: World, name: str = "sorting") -> queries.Line:
    return next(one for one in queries.card(world.xiao_xu, SET).lines if one.indicator.id == name)


def test_a_community_hands_evidence_in_and_the_subdistrict_accepts_it(world: World, clock: Any) -> None:
    worker, officer = signed_in(world, "xiao_xu"), signed_in(world, "liu")
    assert line_of(world).value.why == "no_evidence"
    assert "near_zero_carbon.sorting" in worker.get(f"{AT}/new?set={SET}&indicator=sorting").content.decode()
    sent = {
        "of": f"{SET}.sorting",
        "area": HOME,
        "text": "抽查二十个投放点，十八个合格。",
        "value": "90",
        "dated": time.today().isoformat(),
    }
    assert worker.post(f"{AT}/new", sent | {"value": "many"}).status_code == 422
    key = str(uuid4())
    for _twice in range(2):
        photo = SimpleUploadedFile("bins.jpg", picture(), content_type="image/jpeg")
        assert worker.post(f"{AT}/new", sent | {"key": key, "photos": photo}).status_code == 302
    one = Evidence.objects.get()
    assert files() == 1
    shown = EvidenceFile.objects.get()
    assert line_of(world).value.why == "evidence_waits"
    assert "withdraw" in worker.get(f"{AT}/{one.id}").content.decode()
    assert (
        worker.post(f"{AT}/{one.id}/do", {"what": "accept", "value": "90", "valid_until": "2026-12-31"}).status_code
        == 403
    )
    assert str(one.id) in officer.get(AT).content.decode()
    assert officer.get(f"{AT}/{one.id}/files/{shown.id}/small").status_code == 200
    until = time.today() + timedelta(days=100)
    assert (
        officer.post(f"{AT}/{one.id}/do", {"what": "accept", "value": "85", "valid_until": "2001-01-01"}).status_code
        == 422
    )
    accepted = {"what": "accept", "value": "85", "valid_until": until.isoformat()}
    assert officer.post(f"{AT}/{one.id}/do", accepted).status_code == 302
    assert officer.post(f"{AT}/{one.id}/do", accepted).status_code == 409
    assert line_of(world).value.value == 0.85
    assert line_of(world).points == pytest.approx(0.875)
    assert AuditEntry.objects.filter(verb="evidence.accepted", subject_id=one.id).count() == 1
    kinds = Event.objects.filter(subject_id=one.id).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["evidence.submitted", "evidence.accepted"]
    other = signed_in(world, "sibling_worker")
    assert other.get(f"{AT}/{one.id}").status_code == 404
    assert other.get(f"{AT}/{one.id}/files/{shown.id}/small").status_code == 404
    # From the day after it counts as missing, and says so.
    clock.set(time.now() + timedelta(days=100))
    assert line_of(world).value.value == 0.85
    clock.set(time.now() + timedelta(days=1))
    assert line_of(world).value.why == "evidence_expired"
    assert [row.id for row in proofs.listed(world.liu, view=proofs.EXPIRED)] == [one.id]


def test_nobody_reviews_their_own_and_only_the_author_withdraws(world: World) -> None:
    own = actions.submit(world.liu, facts(), key=uuid4())
    with pytest.raises(Forbidden):
        actions.accept(world.liu, own.id, value=1, valid_until=time.today())
    with pytest.raises(Forbidden):
        actions.withdraw(world.xiao_xu, own.id)
    for _twice in range(2):
        assert actions.withdraw(world.liu, own.id).state == State.WITHDRAWN
    theirs = actions.submit(world.xiao_xu, facts(), key=uuid4())
    with pytest.raises(Invalid):
        actions.send_back(world.liu, theirs.id, reason=" ")
    assert actions.send_back(world.liu, theirs.id, reason="请附各点位的抽查表。").state == State.RETURNED
    with pytest.raises(Conflict):
        actions.withdraw(world.xiao_xu, theirs.id)
    assert line_of(world).value.why == "no_evidence"
    with pytest.raises(NotFound):
        actions.submit(world.sibling_worker, facts(), key=uuid4())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"indicator_id": "content"}, "indicator"), ({"area_path": f"{WUHOU}/012"}, "area_path"), ({"text": "短"}, "text"),
        ({"value": 1.2}, "value"), ({"value": float("nan")}, "value"), ({"dated": time.today() + timedelta(days=900)}, "dated"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_words(world: World, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.submit(world.liu, facts(**wrong), key=uuid4())
    assert refused.value.field == field


def test_an_area_above_is_known_once_half_of_its_communities_are(world: World) -> None:
    made = actions.submit(world.xiao_xu, facts(), key=uuid4())
    actions.accept(world.liu, made.id, value=0.6, valid_until=time.today())
    street = proofs.values(f"{WUHOU}/012", SET, ["sorting"])["sorting"]
    assert (street.value, street.numerator, street.denominator) == (0.6, 1, 2)
    district = proofs.values(WUHOU, SET, ["sorting"])["sorting"]
    assert (district.value, district.why) == (None, "evidence_of_few")


def test_machines_hand_in_and_review_by_the_api(world: World) -> None:
    at = "/api/v1/indicator-evidence"

    def sent(actor: Actor, path: str, body: dict[str, object]) -> Any:
        headers = {"Authorization": f"Bearer {token_of(actor)}", "Idempotency-Key": str(uuid4())}
        return Client(headers=headers).post(path, body, content_type="application/json")

    body = {
        "set": SET,
        "indicator": "light",
        "area_path": HOME,
        "text": "四百二十盏中已更换三百一十五盏。",
        "value": 0.75,
    }
    made = sent(world.xiao_xu, at, body | {"dated": time.today().isoformat()})
    assert made.status_code == 201, made.content
    one = made.json()["id"]
    assert sent(world.xiao_xu, f"{at}/{one}/review", {"decision": "return", "reason": "x"}).status_code == 403
    assert sent(world.liu, f"{at}/{one}/review", {"decision": "accept"}).status_code == 422
    until = time.today().isoformat()
    told = sent(world.liu, f"{at}/{one}/review", {"decision": "accept", "value": 0.7, "valid_until": until})
    assert (told.status_code, told.json()["state"], told.json()["expired"]) == (200, "accepted", False)
    assert sent(world.xiao_xu, f"{at}/{one}/withdraw", {}).status_code == 409
    page = Client(headers={"Authorization": f"Bearer {token_of(world.liu)}"}).get(f"{at}?view=accepted").json()
    assert (page["total"], page["rows"][0]["id"]) == (1, one)
