"""The same refusal at every door, and the pages of everybody who has a part in it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from linli.cases.actions import accepting
from linli.duties.actions import admission, forms, lists, loading
from linli.duties.actions.lists import Place
from linli.duties.models import Admission, Listing, Proof, ReportForm, Sheet, Tier
from linli.duties.tasks import Kind
from linli.households.models import Import
from linli.kernel.trust import SYSTEM
from linli.people.actions import machines
from tests.duties.conftest import TOMORROW
from tests.world import WUHOU, World, fresh, ref, report

YULIN = f"{WUHOU}/012/003"


def _key(town: World, login: str) -> dict[str, str]:
    post = town.posts[login]
    scopes = {"case", "duties", "household"}
    _row, token = machines.issue_token(
        SYSTEM, name="test", scopes=scopes, account_id=town.accounts[login].id, post_id=post.id
    )
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}


def _send(client: Any, headers: dict[str, str], path: str, body: dict[str, Any]) -> Any:
    return client.post(
        f"/api/v1/{path}", json.dumps(body), content_type="application/json",
        headers=headers | {"Idempotency-Key": str(uuid4())},
    )  # fmt: skip


def _listed(town: World, kind: Kind, code: str, title: str) -> None:
    place = Place(kind, code, Tier.COMMUNITY, YULIN)
    lists.put(town.wen, place, listing=Listing.NEGATIVE, title_zh=title, starts_on=TOMORROW, basis="区减负清单")


def _sheet(tmp_path: Path) -> Path:
    path = tmp_path / "homes.csv"
    head = ["小区", "楼栋", "单元", "楼层", "房号", "房屋状态", "姓名", "证件号码", "电话", "人房关系", "起始日期"]
    path.write_text(",".join(head) + "\n玉林小区,3,1,1,101,自住,,,,,\n", encoding="utf-8")
    return path


def test_what_is_on_the_negative_list_is_refused_at_every_door_until_it_is_admitted(
    town: World, visit, client, clock, tmp_path
) -> None:
    case = report(town.zhou)
    accepting.register(town.sun, ref(case), version=1, route=accepting.Route.NONE)
    for kind, code, title in (
        (Kind.CATEGORY, "UT02", "路灯"), (Kind.CAMPAIGN, "dwellings", "入户核验"), (Kind.IMPORT, "dwellings", "人房信息表"),
        (Kind.MATTER, "SHOPSIGNS", "沿街店招排查"),
    ):  # fmt: skip
        _listed(town, kind, code, title)
    yang, sheet = visit("yang"), _sheet(tmp_path)
    asked = {
        "title": "店招表",
        "purpose": "安排整治",
        "basis": "某管理办法",
        "frequency": "monthly",
        "minutes": "9",
        "questions": "店招数",
    }
    assert "沿街店招排查" in yang.get("/desk/duties/forms/new").content.decode()
    assert yang.post("/desk/duties/forms/new", asked | {"matter": "NONE"}).status_code == 422
    assert yang.post("/desk/duties/forms/new", asked | {"matter": "SHOPSIGNS"}).status_code == 302
    keys = {login: _key(town, login) for login in ("sun", "liu", "yang", "xiao_xu")}
    more = asked | {"title": "店招表二", "minutes": 9, "questions": ["店招数"], "matter": "SHOPSIGNS"}
    made = _send(client, keys["yang"], "duties/forms", more).json()
    assert made["matter"] == "SHOPSIGNS"
    clock.forward(days=1)
    case, committee = fresh(case), str(town.organisation("committee"))
    form = ReportForm.objects.get(code="F0001")
    assert "沿街店招排查" in yang.get(f"/desk/duties/forms/{form.id}").content.decode()
    term = {"title": "入户核验", "starts_on": "2026-11-20", "ends_on": "2026-12-01"}
    sent, down = {"area_path": YULIN, "due_on": "2026-11-30"}, {"version": case.version, "key": str(uuid4())}

    doors = {
        "desk, dispatch": visit("sun").post(f"/desk/case/{case.number}/do/dispatch", down | {"organisation": committee}),
        "desk, call": visit("liu").post(
            f"/desk/case/{case.number}/do/call", down | {"organisations": committee, "task": "请来看看"}
        ),
        "desk, campaign": visit("xiao_xu").post("/desk/dwellings/verification", term),
        "desk, file": visit("xiao_xu").post(
            "/desk/dwellings/files", {"file": SimpleUploadedFile("homes.csv", sheet.read_bytes()), "what": "read"}
        ),
        "desk, form": yang.post(f"/desk/duties/forms/{form.id}", {"do": "send"} | sent),
    }  # fmt: skip
    for door, answer in doors.items():
        said = answer.content.decode()
        assert (answer.status_code, "不得下派" in said or "must not be sent" in said) == (409, True), (
            door,
            said[-3000:],
        )
    number = f"cases/{case.number}"
    machines_doors = {
        "dispatch": ("sun", f"{number}/dispatch", {"version": case.version, "organisation": committee}),
        "call": ("liu", f"{number}/call", {"version": case.version, "organisations": [committee], "task": "请来看看"}),
        "campaign": ("xiao_xu", "households/campaigns", term | {"area_path": YULIN}),
        "file": ("xiao_xu", "households/imports", {"name": "homes.csv", "length": 99, "area_path": YULIN}),
        "form": ("yang", f"duties/forms/{made['id']}/send", sent),
    }
    for door, (login, path, body) in machines_doors.items():
        answer = _send(client, keys[login], path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "duties.negative"), (door, answer.json())
    with pytest.raises(CommandError, match="2026-11-19"):
        call_command("import", "dwellings", str(sheet), area=YULIN)
    assert not Sheet.objects.exists()
    assert not Import.objects.exists()

    applied = admission.apply(
        town.yang, kind=Kind.MATTER, code="SHOPSIGNS", title="沿街店招排查", area_path=YULIN, listing=Listing.WORK, why="汛期前排查",
        basis="某管理办法", minutes=60, starts_on=date(2026, 11, 20),
    )  # fmt: skip
    admission.decide(town.wen, applied.id, version=1, admit=True, reason="可以试行一年")
    assert yang.post(f"/desk/duties/forms/{form.id}", {"do": "send"} | sent).status_code == 409  # not before its day
    clock.forward(days=1)
    assert yang.post(f"/desk/duties/forms/{form.id}", {"do": "send"} | sent).status_code == 302
    assert _send(client, keys["yang"], f"duties/forms/{made['id']}/send", sent).status_code == 201


def test_desk_and_api_refuse_with_the_same_code_and_the_api_leads_to_admission(
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
