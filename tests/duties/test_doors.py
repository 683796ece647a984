"""The same refusal at every door, and the pages of everybody who has a part in it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from linli.cases.actions import accepting
from linli.duties.actions import forms, lists, loading
from linli.duties.actions.lists import Place
from linli.duties.models import Admission, Listing, Proof, ReportForm, Sheet, Tier
from linli.duties.tasks import Kind
from linli.kernel.trust import SYSTEM
from linli.people.actions import machines
from tests.duties.conftest import TOMORROW
from tests.world import WUHOU, World, fresh, ref, report

YULIN = f"{WUHOU}/012/003"


def _key(town: World, login: str) -> dict[str, str]:
    post = town.posts[login]
    scopes = {"case", "duties"}
    _row, token = machines.issue_token(
        SYSTEM, name="test", scopes=scopes, account_id=town.accounts[login].id, post_id=post.id
    )
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}


def _send(client: Any, headers: dict[str, str], path: str, body: dict[str, Any]) -> Any:
    return client.post(
        f"/api/v1/{path}", json.dumps(body), content_type="application/json",
        headers=headers | {"Idempotency-Key": str(uuid4())},
    )  # fmt: skip


def test_desk_bulk_and_api_refuse_with_the_same_code_and_the_api_leads_to_admission(
    town: World, visit, client, clock
) -> None:
    case = report(town.zhou)
    accepting.register(town.sun, ref(case), version=1, route=accepting.Route.NONE)
    lists.put(
        town.wen, Place(Kind.CATEGORY, "UT02", Tier.COMMUNITY, YULIN), listing=Listing.NEGATIVE, title_zh="路灯",
        starts_on=TOMORROW, basis="区减负清单",
    )  # fmt: skip
    clock.forward(days=1)
    case, committee = fresh(case), str(town.organisation("committee"))
    desk = visit("sun")
    answer = desk.post(
        f"/desk/case/{case.number}/do/dispatch",
        {"organisation": committee, "version": case.version, "key": str(uuid4())},
    )
    assert answer.status_code == 409
    assert "duty" in answer.content.decode().lower() or "清单" in answer.content.decode()
    sun, yang, wen = (_key(town, login) for login in ("sun", "yang", "wen"))
    refused = _send(client, sun, f"cases/{case.number}/dispatch", {"version": case.version, "organisation": committee})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "duties.negative"), problem
    applied = _send(
        client, yang, "duties/admissions",
        {"kind": "category", "code": "UT02", "area_path": YULIN, "list": "work", "why": "就近确认灯杆编号", "basis": "城市照明管理规定",
         "minutes": 30, "starts_on": "2026-11-20"},
    )  # fmt: skip
    assert applied.status_code == 201, applied.content
    decided = _send(
        client, wen, f"duties/admissions/{applied.json()['id']}/decide",
        {"version": 1, "admit": True, "reason": "边界清楚，先试行"},
    )  # fmt: skip
    assert decided.json()["holds_from"] == "2026-11-20"
    clock.forward(days=1)
    sent = _send(client, sun, f"cases/{case.number}/dispatch", {"version": case.version, "organisation": committee})
    assert sent.status_code == 200
    listed = client.get(f"/api/v1/duties/lists?area_path={YULIN}&words=UT02").json()
    assert {(one["list"], one["department"]) for one in listed} == {("work", "urban_management"), ("negative", "")}
    assert client.get(f"/api/v1/duties/decisions?area_path={YULIN}").json()[0]["reason"] == "边界清楚，先试行"


def test_everybody_has_their_page(town: World, visit, client, clock) -> None:
    loading.load_base(city="5101")
    yang, wen, xu = visit("yang"), visit("wen"), visit("xiao_xu")
    applied = yang.post(
        "/desk/duties/admission/apply",
        {"task": "", "title": "沿街店招排查", "listing": "assist", "area_path": WUHOU, "why": "汛期前排查", "basis": "某管理办法",
         "minutes": "60", "amount": "30,000", "source": "区财政", "authority": "区函〔2026〕1号", "starts_on": "2026-11-20"},
    )  # fmt: skip
    assert applied.status_code == 302
    found = Admission.objects.get()
    assert (found.kind, found.amount) == ("matter", 3_000_000)
    assert visit("housing_clerk").get(f"/desk/duties/admission/{found.id}").status_code == 404
    page = wen.get(f"/desk/duties/admission/{found.id}").content.decode()
    assert "沿街店招排查" in page
    assert 'value="admit"' in page
    assert (
        wen.post(f"/desk/duties/admission/{found.id}", {"version": "1", "decision": "admit", "reason": ""}).status_code
        == 422
    )
    done = wen.post(
        f"/desk/duties/admission/{found.id}", {"version": "1", "decision": "refuse", "reason": "理由不够充分"}
    )
    assert done.status_code == 302
    assert "理由不够充分" in client.get(f"/duties?area={YULIN}").content.decode()

    held = yang.post(
        "/desk/duties/forms/new",
        {"title": "店铺表", "purpose": "安排整治", "basis": "某管理办法", "frequency": "monthly", "minutes": "9", "questions": "店主姓名"},
    )  # fmt: skip
    assert held.status_code == 422
    form = forms.register(
        town.yang,
        title="店铺表",
        purpose="安排整治",
        basis="某管理办法",
        frequency="monthly",
        minutes=9,
        questions=["店铺数", "户数"],
    )
    sent = yang.post(
        f"/desk/duties/forms/{form.id}", {"do": "send", "area_path": f"{WUHOU}/012", "due_on": "2026-11-30"}
    )
    assert sent.status_code == 302
    sheet = Sheet.objects.get(area_path=YULIN)
    assert "120" in xu.get(f"/desk/duties/received/{sheet.id}").content.decode()  # two micro-grids of sixty households
    assert xu.post(f"/desk/duties/received/{sheet.id}", {"answer-0": ""}).status_code == 422
    assert xu.post(f"/desk/duties/received/{sheet.id}", {"answer-0": "17", "minutes": "4"}).status_code == 302
    yang.post(f"/desk/duties/forms/{form.id}", {"do": "use", "what": "排定整治的先后"})
    assert "排定整治的先后" in wen.get("/desk/duties/review").content.decode()
    for path in ("/desk/duties", "/desk/duties/admission", "/desk/duties/forms", f"/desk/duties/forms/{form.id}"):
        assert yang.get(path).status_code == 200, path
    assert xu.get("/desk/duties/received").status_code == 200
    put = wen.post(
        "/desk/duties/change",
        {"task": "category:UT02", "listing": "negative", "area_path": YULIN, "tier": "community", "starts_on": "2026-11-19",
         "basis": "区减负清单"},
    )  # fmt: skip
    assert put.status_code == 302
    assert yang.get("/desk/duties/change").status_code == 404  # another department does not keep the lists

    admin = visit("system_admin")
    out = admin.get("/admin/duties/lists.csv")
    whole = b"".join(out) if out.streaming else out.content
    from django.core.files.uploadedfile import SimpleUploadedFile

    tried = admin.post("/admin/duties", {"file": SimpleUploadedFile("lists.csv", whole), "what": "try"})
    assert tried.status_code == 200
    assert admin.get("/admin/duties").status_code == 200
    proof = Proof.objects.get(code="tenancy")
    gone = admin.post(
        "/admin/duties/proofs",
        {"what": "abolish", "proof": str(proof.id), "abolished_on": "2026-11-18", "instead": "数据共享核验"},
    )
    assert gone.status_code == 302
    assert "数据共享核验" in client.get("/duties/proofs").content.decode()
    assert ReportForm.objects.get().version == 3
