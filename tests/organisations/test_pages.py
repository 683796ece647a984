"""The desk's pages of organisations: what is shown to whom, what a form does, and what a look costs."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.organisations import coverage, queries
from linli.organisations.actions import driving, registering
from linli.organisations.actions.registering import New
from linli.organisations.models import Drive
from linli.people import snapshot
from linli.people.models import Organisation
from linli.territory import locating
from tests.desk.conftest import signed_in
from tests.world import WUHOU

COMMUNITY = f"{WUHOU}/012/003"
DESK = "/desk/organisations"


def test_the_register_is_kept_in_the_browser(town) -> None:
    browser = signed_in(town.world, "xiao_xu")
    assert "玉林北路社区居委会" in browser.get(DESK).content.decode()
    assert "玉林东路社区居委会" not in browser.get(DESK).content.decode()
    form = browser.get(f"{DESK}/new?type=owners_committee")
    assert "玉林苑" in form.content.decode()
    sent = {
        "type": "owners_committee", "key": form.context["key"], "name": "玉林苑业主委员会", "area": COMMUNITY,
        "compound": str(town.compound.id), "starts_on": "2026-05-01", "public_phone": "028-85001234", "is_public": "1",
        "description": "三年一届",
    }  # fmt: skip
    refused = browser.post(f"{DESK}/new", sent | {"starts_on": "1.5.", "name": ""})
    assert refused.status_code == 422
    for _twice in range(2):
        assert browser.post(f"{DESK}/new", sent).status_code == 302
    one = Organisation.objects.get(name="玉林苑业主委员会")
    page = browser.get(f"{DESK}/{one.id}").content.decode()
    assert "三年一届" in page
    assert browser.get(f"{DESK}?q=苑业主&type=owners_committee").context["found"].paginator.count == 1
    changed = {"what": "change", "version": "1", "name": "玉林苑业委会", "public_phone": "", "starts_on": "2026-05-02"}
    assert browser.post(f"{DESK}/{one.id}", changed).status_code == 302
    assert browser.post(f"{DESK}/{one.id}", changed).status_code == 409
    assert browser.post(f"{DESK}/{one.id}", {"what": "dissolve", "version": "2"}).status_code == 422
    assert (
        browser.post(f"{DESK}/{one.id}", {"what": "dissolve", "version": "2", "reason": "换届未成"}).status_code == 302
    )
    assert "换届未成" in browser.get(f"{DESK}/{one.id}").content.decode()
    assert browser.post(f"{DESK}/{one.id}", {"what": "revive", "version": "3"}).status_code == 302
    assert signed_in(town.world, "sibling_worker").get(f"{DESK}/{one.id}").status_code == 404
    assert browser.get(f"{DESK}/register.xlsx").content[:2] == b"PK"


def test_what_is_missing_is_seen_and_built(town) -> None:
    worker, officer = signed_in(town.world, "xiao_xu"), signed_in(town.world, "liu")
    assert "Grid Party branch" in worker.get(f"{DESK}/coverage").content.decode()
    page = officer.get(f"{DESK}/coverage?type=owners_committee&missing=1")
    assert "玉林苑" in page.content.decode()
    shapes = officer.get(f"{DESK}/coverage/missing?type=owners_committee").json()
    assert {one["properties"]["title"] for one in shapes["features"]} == {"玉林苑", "芳草园"}
    assert officer.get(f"{DESK}/coverage.xlsx?type=owners_committee").content[:2] == b"PK"
    assert officer.get(f"{DESK}/coverage.xlsx").status_code == 200
    assert worker.get(f"{DESK}/coverage?type=school").status_code == 200
    begun = {"type": "owners_committee", "area": f"{WUHOU}/012", "title": "业委会组建", "until": "2027-03-01"}
    assert officer.post(f"{DESK}/drives/new", begun | {"until": ""}).status_code == 422
    key = officer.get(f"{DESK}/drives/new?type=owners_committee").context["key"]
    for _twice in range(2):
        assert officer.post(f"{DESK}/drives/new", begun | {"key": key}).status_code == 302
    drive = Drive.objects.get()
    build = queries.builds(town.world.liu, drive)[0]
    assert "业委会组建" in worker.get(f"{DESK}/drives").content.decode()
    assert build.place_name in worker.get(f"{DESK}/drives/{drive.id}?stage=find").content.decode()
    address = f"{DESK}/builds/{build.id}"
    find = {"what": "step", "version": "1", "stage": "find", "note": "三位业主", "next_on": "2026-12-01"}
    assert worker.post(address, find).status_code == 302
    assert worker.post(address, find).status_code == 409
    plan = {"what": "plan", "version": "2", "next_on": "2026-12-05"}
    assert worker.post(address, plan).status_code == 302
    assert (
        worker.post(address, {"what": "step", "version": "3", "stage": "found", "name": "业主委员会"}).status_code
        == 302
    )
    assert "业主委员会" in worker.get(address).content.decode()
    assert worker.post(address, {"what": "undo", "version": "4", "reason": "重新表决"}).status_code == 302
    assert "重新表决" in worker.get(address).content.decode()
    assert officer.post(f"{DESK}/drives/{drive.id}", {"version": "1", "reason": "并入明年"}).status_code == 302


def test_a_file_comes_in_by_the_desk(town) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser = signed_in(town.world, "xiao_xu")
    assert browser.get(f"{DESK}/files/template").content[:2] == b"PK"
    text = f"name,type,area\n玉林志愿队,volunteer_team,{COMMUNITY}\n".encode()
    tried = browser.post(f"{DESK}/files", {"what": "try", "file": SimpleUploadedFile("a.csv", text)})
    assert tried.context["report"].new == 1
    assert browser.post(f"{DESK}/files", {"what": "read", "file": SimpleUploadedFile("a.csv", text)}).status_code == 302
    assert browser.post(f"{DESK}/files", {"what": "read"}).status_code == 422
    assert signed_in(town.world, "yang").get(f"{DESK}/files").status_code == 403


def test_residents_read_of_the_organisations_of_their_place(town) -> None:
    world = town.world
    shown = {"area_path": COMMUNITY, "public_phone": "028-85001234"}
    registering.found(world.xiao_xu, New(kind="volunteer_team", name="玉林志愿队", description="每周六清扫", **shown))
    registering.found(world.xiao_xu, New(kind="social_organisation", name="内部联络组", is_public=False, **shown))
    text = signed_in(world, "zhou").get(f"/grid-member?community={COMMUNITY}").content.decode()
    assert "玉林志愿队" in text
    assert "每周六清扫" in text
    assert "内部联络组" not in text


ADDRESSES = (
    DESK, f"{DESK}/coverage", f"{DESK}/coverage?type=volunteer_team", f"{DESK}/coverage?type=grid_party_branch", f"{DESK}/drives",
)  # fmt: skip
MOST = 24


def test_what_the_pages_cost_does_not_follow_the_number_of_organisations(town, monkeypatch) -> None:
    world = town.world
    driving.begin(world.liu, kind="owners_committee", area_path=f"{WUHOU}/012", title="组建", until=date(2027, 1, 1))
    browser = signed_in(world, "liu")
    found = []
    for first, last in ((0, 3), (3, 60)):
        Organisation.objects.bulk_create(
            Organisation(
                district=WUHOU, type_id="volunteer_team", code=f"v{number}", name=f"志愿队{number}",
                area=world.areas[COMMUNITY], area_path=COMMUNITY, starts_on=date(2026, 1, 1),
            )
            for number in range(first, last)
        )  # fmt: skip
        snapshot.changed("organisations")
        counts = {}
        for address in ADDRESSES:
            browser.get(address)  # whatever a process keeps in memory is there
            monkeypatch.setattr(snapshot, "_seconds", lambda: float("inf"))
            monkeypatch.setattr(locating, "_CHECK_SECONDS", float("inf"))
            coverage.forget()
            with CaptureQueriesContext(connection) as caught:
                assert browser.get(address).status_code == 200
            counts[address] = len(caught)
            monkeypatch.undo()
        found.append(counts)
    assert found[0] == found[1]
    assert max(found[0].values()) <= MOST, found[0]
