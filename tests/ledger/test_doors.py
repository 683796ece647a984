"""The doors: my points in the field app and in the portal, the desk's queues, the published rules, the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from linli.cases.actions import accepting
from linli.kernel import ids, time
from linli.kernel.trust import SYSTEM
from linli.ledger import queries
from linli.ledger.models import Claim, Objection, Redemption, Reward
from linli.people import holdings
from linli.people.actions import machines
from tests.ledger.conftest import balance, hear, last
from tests.world import World, ref, report

KEY = "HTTP_IDEMPOTENCY_KEY"


def text(answer: Any) -> str:
    """The page."""
    return str(answer.content.decode())


def token(world: World, login: str) -> dict[str, str]:
    """A key of somebody's, for programs."""
    post = world.posts.get(login)
    _row, secret = machines.issue_token(
        SYSTEM, name=login, scopes={"points", "case"}, account_id=world.accounts[login].id,
        post_id=post.id if post else None,
    )  # fmt: skip
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def test_a_member_reads_their_book_objects_and_is_answered(world: World, at_door: Any) -> None:
    case = report(world.he_ming)
    accepting.register(world.xiao_xu, ref(case), version=1)
    hear()
    he_ming, liu = at_door("he_ming"), at_door("liu")
    page = text(he_ming.get("/field/points"))
    assert case.number in page
    assert "2 points" in page
    assert "/field/points" in text(he_ming.get("/field/me"))
    entry = f"/field/points/entry/{last(world.he_ming)}"
    assert case.number in text(he_ming.get(entry))
    assert at_door("lao_wu").get(entry).status_code == 404
    assert at_door("xiao_xu").get("/field/points").status_code == 403
    short = he_ming.post(entry, {"words": "少"})
    assert (short.status_code, "field-wrong" in text(short)) == (422, True)
    assert he_ming.post(entry, {"words": "这是两处问题，只算了一处"}).status_code == 302
    queue = text(liu.get("/desk/points?view=objections"))
    objection = f"/desk/points/objections/{Objection.objects.get().id}"
    assert objection in queue
    shown = text(liu.get(objection))
    assert "这是两处问题" in shown
    assert case.number in shown
    assert liu.post(objection, {"words": "经核实确为两处"}).status_code == 422
    done = liu.post(objection, {"upheld": "yes", "points": "2", "words": "经核实确为两处"})
    assert done.status_code == 302
    assert "经核实确为两处" in text(he_ming.get(entry))
    assert balance(world.he_ming) == 4
    # With my data it is all there; erased, the book still adds up and holds no words.
    assert [fact.value for one in holdings.of(world.he_ming) if one.code == "points" for fact in one.facts] == [
        "4",
        "+2",
        "+2",
    ]
    holdings.erase(world.accounts["he_ming"].id)
    assert queries.words_of(Objection.objects.get()) == "—"
    assert list(queries.recount()) == []


def test_a_resident_begins_to_collect_claims_and_redeems(world: World, at_door: Any) -> None:
    zhou, xiao_xu = at_door("zhou"), at_door("xiao_xu")
    assert "ui/points" not in text(zhou.get("/my/points"))
    assert zhou.post("/my/points/collect", {"collect": "yes"}).status_code == 302
    assert Client().get("/my/points").status_code == 302  # to the sign-in page
    sent = {"key": str(ids.new_id()), "rule": "volunteer", "on": "gestern", "quantity": "3", "words": "打扫楼道三小时"}
    assert zhou.post("/my/points/claim", sent).status_code == 422
    for _again in range(2):
        assert zhou.post("/my/points/claim", sent | {"on": time.today().isoformat()}).status_code == 302
    claim = f"/desk/points/claims/{Claim.objects.get().id}"
    assert claim in text(xiao_xu.get("/desk/points"))
    assert "打扫楼道三小时" in text(xiao_xu.get(claim))
    assert xiao_xu.post(claim, {"grant": "no"}).status_code == 422
    assert xiao_xu.post(claim, {"grant": "yes"}).status_code == 302
    assert balance(world.zhou) == 3

    reward = {
        "key": str(ids.new_id()),
        "name_zh": "雨伞",
        "name_en": "Umbrella",
        "place": "服务大厅",
        "price": "2",
        "stock": "1",
    }
    assert xiao_xu.post("/desk/points/rewards/new", reward | {"price": "0"}).status_code == 422
    assert xiao_xu.post("/desk/points/rewards/new", reward).status_code == 302
    one = Reward.objects.get()
    edit = f"/desk/points/rewards/{one.id}"
    assert "Umbrella" in text(xiao_xu.get("/desk/points?view=rewards"))
    assert xiao_xu.get(edit).status_code == 200
    assert at_door("sibling_worker").get(edit).status_code == 404
    assert xiao_xu.post(edit, reward | {"version": "1", "offered": "on", "stock": "2"}).status_code == 302
    assert "Umbrella" in text(zhou.get("/my/points/rewards"))
    took = zhou.post("/my/points/rewards", {"key": str(ids.new_id()), "reward": str(one.id)})
    assert took.status_code == 302
    again = zhou.post("/my/points/rewards", {"key": str(ids.new_id()), "reward": str(one.id)})
    assert again.status_code == 409
    made = Redemption.objects.get()
    code = queries.pick_up_code(made.district, made.id)
    assert f"{code[:4]} {code[4:]}" in text(zhou.get(took["Location"]))
    assert at_door("wang").get(took["Location"]).status_code == 404
    assert zhou.post(took["Location"]).status_code == 302
    zhou.post("/my/points/rewards", {"key": str(ids.new_id()), "reward": str(one.id)})
    waiting = Redemption.objects.get(state="waiting")
    assert xiao_xu.post("/desk/points/hand-out", {"code": "00000000"}).status_code == 422
    found = xiao_xu.post("/desk/points/hand-out", {"code": queries.pick_up_code(waiting.district, waiting.id)})
    assert "Umbrella" in text(found)
    assert xiao_xu.post("/desk/points/hand-out", {"redemption": str(waiting.id)}).status_code == 302
    assert balance(world.zhou) == 1


def test_a_sheet_and_a_charge_at_the_desk(world: World, at_door: Any) -> None:
    xiao_xu = at_door("xiao_xu")
    sheet = {"key": str(ids.new_id()), "rule": "meeting", "on": time.today().isoformat(), "title": "院落议事会"}
    assert "何明" in text(xiao_xu.get("/desk/points/sheet"))
    assert xiao_xu.post("/desk/points/sheet", sheet).status_code == 422
    people = [str(world.he_ming.account_id), str(world.lao_wu.account_id)]
    assert xiao_xu.post("/desk/points/sheet", sheet | {"people": people}).status_code == 302
    assert balance(world.he_ming) == 2
    case = report(world.he_ming)
    charge = {"rule": "false_report", "number": case.number, "words": "现场没有此事，照片是旧的"}
    assert xiao_xu.post("/desk/points/charge", charge | {"number": "1"}).status_code == 422
    assert xiao_xu.post("/desk/points/charge", charge).status_code == 302
    claim = f"/desk/points/claims/{Claim.objects.get().id}"
    assert xiao_xu.post(claim, {"grant": "yes"}).status_code == 403
    assert at_door("lao_zheng").post(claim, {"grant": "yes"}).status_code == 302
    assert balance(world.he_ming) == 0
    assert at_door("protector").get("/desk/points/charge").status_code == 200
    breach = {"rule": "privacy_breach", "number": case.number, "login": "he_ming", "words": "把居民电话发到了群里"}
    assert at_door("protector").post("/desk/points/charge", breach).status_code == 422  # cannot see the case


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_rules_are_everybodys(world: World, language: str) -> None:
    page = text(Client().get("/points-rules", headers={"accept-language": language}))
    assert ("有效上报" if language == "zh-hans" else "Valid report") in page
    assert Client().get("/points-rules/1").status_code == 200
    assert Client().get("/points-rules/7").status_code == 404
    told = Client().get("/api/v1/ledger/rules").json()
    assert (told["number"], len(told["rules"])) == (1, 12)


def test_the_same_by_api(world: World) -> None:
    he_ming, xiao_xu, liu = (token(world, who) for who in ("he_ming", "xiao_xu", "liu"))
    client = Client()

    def post(path: str, who: dict[str, str], body: dict[str, Any], key: str = "") -> Any:
        extra: dict[str, Any] = who | {KEY: key or str(ids.new_id())}
        return client.post(f"/api/v1/ledger/{path}", json.dumps(body), content_type="application/json", **extra)

    def get(path: str, who: dict[str, str]) -> Any:
        return client.get(f"/api/v1/ledger/{path}", **who)  # type: ignore[arg-type]

    key = str(ids.new_id())
    claim = {
        "id": str(ids.new_id()),
        "rule": "volunteer",
        "on": time.today().isoformat(),
        "words": "陪老人就医",
        "quantity": 3,
    }
    first, again = post("claims", he_ming, claim, key), post("claims", he_ming, claim, key)
    assert (first.status_code, again.json(), again["Idempotency-Replayed"]) == (200, first.json(), "true")
    waiting = get("claims", xiao_xu).json()
    assert [one["id"] for one in waiting] == [claim["id"]]
    assert post(f"claims/{claim['id']}/decide", he_ming, {"grant": True}).status_code == 403
    assert post(f"claims/{claim['id']}/decide", xiao_xu, {"grant": True}).json()["state"] == "granted"
    assert get("mine", he_ming).json()["balance"] == 3
    assert get("mine", liu).status_code == 403
    entry = get("entries", he_ming).json()["items"][0]
    assert (entry["rule"], entry["amount"]) == ("volunteer", 3)
    assert get(f"entries/{entry['id']}", he_ming).json() == entry
    made = post(f"entries/{entry['id']}/object", he_ming, {"words": "少算了一个小时"}).json()
    assert [one["id"] for one in get("objections", liu).json()] == [made["id"]]
    assert (
        post(f"objections/{made['id']}/answer", liu, {"upheld": False, "words": "签到表是三小时"}).json()["state"]
        == "rejected"
    )
    assert get(f"entries/{entry['id']}", he_ming).json()["objection"] == "rejected"
    assert get("rewards", he_ming).json() == []
    assert get("redemptions", he_ming).json() == []
