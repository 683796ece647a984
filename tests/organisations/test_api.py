"""What machines do with organisations, once for each key; and what administrators rule on their page."""

from linli.kernel import ids
from linli.organisations import standing
from linli.organisations.models import Seat
from linli.people.models import Organisation
from tests.api.conftest import Caller, token_of
from tests.desk.conftest import signed_in
from tests.world import HOME, WUHOU

AT = "/organisations"
COMMUNITY = f"{WUHOU}/012/003"


def test_the_register_coverage_and_a_drive_by_the_api(town) -> None:
    worker, officer = (Caller(token_of(town.world.actors[who])) for who in ("xiao_xu", "liu"))
    kinds = {one["code"]: one for one in worker.get(f"{AT}/types").json()}
    assert (kinds["owners_committee"]["seat"], kinds["owners_committee"]["expected"]) == ("compound", True)
    given = {"type": "volunteer_team", "name": "玉林志愿队", "area_path": COMMUNITY, "description": "每周六"}
    key = str(ids.new_id())
    first, again = worker.post(AT, given, key=key), worker.post(AT, given, key=key)
    assert (first.status_code, again["Idempotency-Replayed"], first.json()) == (201, "true", again.json())
    one = first.json()["id"]
    assert [row["id"] for row in worker.get(f"{AT}/register?type=volunteer_team").json()["items"]] == [one]
    page = worker.get(f"{AT}/register?size=1").json()
    assert (len(page["items"]), page["next"]) == (1, "1")
    assert worker.post(f"{AT}/{one}/change", {"version": 1, "name": "玉林邻里队"}).json()["version"] == 2
    assert worker.post(f"{AT}/{one}/change", {"version": 1, "name": "旧名"}).status_code == 409
    file = officer.get(f"{AT}/{one}/file").json()
    assert (file["description"], [row["deed"] for row in file["history"]]) == ("每周六", ["changed", "founded"])
    assert worker.post(f"{AT}/{one}/dissolve", {"version": 2, "reason": "解散"}).json()["state"] == "dissolved"
    assert worker.post(f"{AT}/{one}/revive", {"version": 3}).json()["state"] == "at_work"
    wrong = worker.post(AT, given | {"type": "owners_committee"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "compound")

    found = officer.get(f"{AT}/coverage?type=owners_committee").json()
    assert (found["whole"]["should"], found["whole"]["covered"], len(found["months"])) == (2, 0, 13)
    missing = officer.get(f"{AT}/coverage/missing?type=owners_committee&size=1").json()
    assert missing["items"][0]["area_path"] == HOME
    begun = {"type": "owners_committee", "area_path": f"{WUHOU}/012", "title": "组建行动", "until": "2027-01-01"}
    drive = officer.post(f"{AT}/drives", begun).json()
    assert [row["builds"] for row in worker.get(f"{AT}/drives").json()] == [2]
    build = worker.get(f"{AT}/drives/{drive['id']}/builds?step=find").json()["items"][0]
    at = f"{AT}/builds/{build['id']}"
    assert worker.post(f"{at}/step", {"version": 1, "stage": "find"}).json()["next_step"] == "found"
    named = {"version": 2, "stage": "found", "name": "业主委员会"}
    assert Organisation.objects.filter(id=worker.post(f"{at}/step", named).json()["organisation_id"]).exists()
    assert worker.post(f"{at}/undo", {"version": 3, "reason": "重来"}).json()["done"] == 1
    assert [step["stage"] for step in worker.get(at).json()["steps"]] == ["find", "found"]
    ended = officer.post(f"{AT}/drives/{drive['id']}/end", {"version": 1, "reason": "转年"})
    assert ended.json()["state"] == "ended"


def test_administrators_rule_types_on_their_page(town) -> None:
    browser = signed_in(town.world, "system_admin")
    page = "/admin/organisation-types"
    assert "Property company" in browser.get(page).content.decode()
    new = {
        "what": "type",
        "code": "riders_branch",
        "family": "party",
        "name_zh": "骑手党支部",
        "name_en": "Riders' branch",
    }
    assert browser.post(page, new | {"code": "Riders!"}).status_code == 422
    assert browser.post(page, new).status_code == 302
    rule = {"what": "rule", "kind": "riders_branch", "seat": "community", "expected": "1", "holds_from": "2026-11-18"}
    assert browser.post(page, rule | {"holds_from": ""}).status_code == 422
    assert browser.post(page, rule).status_code == 302
    found = standing.rule_on("riders_branch")
    assert (found.seat, found.expected) == (Seat.COMMUNITY, True)
    assert browser.post(page, {"what": "base"}).status_code == 302
    assert signed_in(town.world, "liu").get(page).status_code == 403
