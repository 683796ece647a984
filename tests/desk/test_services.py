"""Services at the desk: the queue, one application, its verbs, proofs that others ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.kernel.models import AuditEntry
from linli.services import queries
from linli.services.models import Application, Proof, ProofState
from linli.services.verbs import VERBS
from tests.services.conftest import COMMUNITY, bulky, fresh, furnished, made
from tests.services.test_applying import permit
from tests.world import WUHOU, World

At = Callable[[str], Client]


@pytest.fixture
def town(world: World) -> World:
    """The small city with its services."""
    return furnished(world)


@pytest.fixture(autouse=True)
def shelves(settings, tmp_path) -> None:
    """Files of a test lie in the test's own folder."""
    from linli.kernel.storage.configuration import storage_settings

    settings.STORAGES = storage_settings(tmp_path)


def text(response) -> str:
    return response.content.decode()


def sofa(town: World) -> Application:
    slot = queries.windows(queries.service("UM01", district=WUHOU), COMMUNITY)[0].slot
    return bulky(town.zhou, slot.id)


def do(client: Client, one: Application, verb: str, **fields):
    sent = {"key": f"{verb}-{one.version}", "version": one.version, **fields}
    return client.post(f"/desk/services/{one.number}/do/{verb}", sent, follow=True)


def again(one: Application) -> Application:
    return fresh(one.district, one.id)


def test_the_queue_is_the_organisations_own(town: World, at_desk: At) -> None:
    one = sofa(town)
    page = text(at_desk("yang").get("/desk/services"))
    assert one.number in page
    assert "/desk/services" in text(at_desk("yang").get("/desk/"))
    assert one.number not in text(at_desk("housing_clerk").get("/desk/services?view=open"))
    assert at_desk("lao_wu").get("/desk/services").status_code == 403
    assert at_desk("zhou").get("/desk/services").status_code == 403


def test_an_application_is_masked_until_somebody_says_why(town: World, at_desk: At) -> None:
    one = sofa(town)
    client = at_desk("yang")
    page = text(client.get(f"/desk/services/{one.number}"))
    assert "周**" in page
    assert "138****0001" in page
    assert "13800000001" not in page
    assert "502" not in page
    refused = client.post(f"/desk/services/{one.number}/read", {"purpose": ""})
    assert refused.status_code == 422
    clear = text(client.post(f"/desk/services/{one.number}/read", {"purpose": "约上门时间"}))
    assert "13800000001" in clear
    assert "502" in clear
    assert AuditEntry.objects.get(verb="application.read").purpose == "约上门时间"
    assert at_desk("housing_clerk").get(f"/desk/services/{one.number}").status_code == 404


def test_done_with_a_document(town: World, at_desk: At, client: Client) -> None:
    one = sofa(town)
    desk = at_desk("yang")
    wrong = do(desk, one, "finish", words="已清走", document=SimpleUploadedFile("x.pdf", b"not a pdf"))
    assert wrong.status_code == 422
    pdf = SimpleUploadedFile("result.pdf", b"%PDF-1.7\n%%EOF", content_type="application/pdf")
    done = do(desk, one, "finish", key="second", words="已清走", document=pdf)
    assert done.status_code == 200
    one = again(one)
    assert one.state == "done"
    document = queries.attachments_of(one)[0]
    client.force_login(town.accounts["zhou"])
    got = client.get(f"/application/{one.number}/files/{document.id}/large")
    assert got["Content-Type"] == "application/pdf"
    assert "attachment" in got["Content-Disposition"]
    assert at_desk("housing_clerk").get(f"/desk/services/{one.number}/files/{document.id}/large").status_code == 404


def test_asking_and_refusing(town: World, at_desk: At) -> None:
    one = made(town.zhou, service="CU02", answers={"wish": "书法，周末"}, use_held=True)
    desk = at_desk("sun")
    assert do(desk, one, "ask_more", reason="").status_code == 422
    do(desk, one, "ask_more", key="b", reason="请说明学过多久。")
    one = again(one)
    assert one.state == "needs_more"
    assert one.paused_at
    do(desk, one, "refuse", reason="本期名额已满，下期可再报。")
    assert again(one).state == "refused"
    assert do(desk, one, "accept", version=1).status_code == 409
    assert again(one).state == "refused"


def test_a_stale_hand_sees_what_is_new(town: World, at_desk: At) -> None:
    one = made(town.zhou, service="CU02", answers={"wish": "书法，周末"}, use_held=True)
    desk = at_desk("sun")
    do(desk, one, "message", text="您好，请问几点方便？")
    assert do(desk, one, "accept").status_code == 409


def test_a_proof_that_another_department_asks(town: World, at_desk: At) -> None:
    one = permit(town)
    Proof.objects.filter(application=one).update(state=ProofState.ASKED, holder_id=town.organisation("housing"))
    proof = Proof.objects.filter(application=one, kind="identity").get()
    desk = at_desk("housing_clerk")
    assert "/desk/services/proofs/" in text(desk.get("/desk/services"))
    page = f"/desk/services/proofs/{proof.id}"
    assert "周秀英" not in text(desk.get(page))
    assert "周秀英" in text(desk.post(page, {"purpose": "核对身份"}))
    desk.post(page, {"holds": "yes", "key": "k"})
    proof.refresh_from_db()
    assert proof.state == ProofState.CONFIRMED
    assert at_desk("yang").get(page).status_code == 404


def test_every_verbs_form_opens_for_whoever_may(town: World, at_desk: At) -> None:
    one = sofa(town)
    for name, verb in VERBS.items():
        answer = at_desk("yang").get(f"/desk/services/{one.number}/do/{name}")
        own = name in ("answer", "withdraw", "withdraw_consent", "rate", "appeal")
        assert answer.status_code == (403 if own else 200), (name, verb)
        assert at_desk("xiao_xu").get(f"/desk/services/{one.number}/do/{name}").status_code == 404
