"""The map that is checked, at the desk and by the API: drawn without a map, refused with its place, approved, asked about later."""

import io
import json
import zipfile
from datetime import date
from uuid import uuid4

import pytest
import shapefile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from linli.kernel import events, time
from linli.territory.chores import put_in_force
from linli.territory.models import Area, Redrawing, RedrawingState
from tests.api.conftest import token_of
from tests.desk.conftest import signed_in
from tests.territory.test_redrawing import COMMUNITY, CORNER, EAST, NORTH, draft, proposed, world  # noqa: F401
from tests.world import HOME, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_is_drawn_from_lists_alone_and_approved_by_three_people(world: World, clock) -> None:  # noqa: F811
    client = signed_in(world, "xiao_xu")
    page = client.get("/desk/map")
    assert page.status_code == 200
    answer = client.post("/desk/map", {"community": COMMUNITY, "title": "17号太大"})
    found = Redrawing.objects.get()
    assert answer.headers["Location"] == f"/desk/map/{found.id}"
    at = f"/desk/map/{found.id}"

    def send(part: str, **data) -> int:
        found.refresh_from_db()
        return client.post(f"{at}/{part}", {"version": found.version, **data}).status_code

    assert send("step", do="split", grids=[HOME], cut="up", share="40", name="西, 东") == 302
    assert send("step", do="merge", grids=[NORTH, CORNER], name="北") == 302
    assert send("step", do="merge", grids=[HOME, EAST]) == 422  # it is on the sheet no more
    assert send("do", what="back") == 302
    assert send("step", do="merge", grids=[NORTH, CORNER], name="北") == 302
    shown = client.get(at).content.decode()
    assert "西" in shown
    assert json.loads(client.get(f"{at}/shapes").content)["type"] == "FeatureCollection"
    assert send("do", what="propose", title="17号太大", reason="", holds_from="2026-12-01") == 422
    assert send("do", what="propose", title="17号太大", reason="户数超过一百", holds_from="2026-12-01") == 302
    for login in ("xiao_li", "liu", "ma"):
        client = signed_in(world, login)
        assert b'value="approve"' in client.get(at).content
        assert send("do", what="approve") == 302
    found.refresh_from_db()
    assert found.state == RedrawingState.DISTRICT
    clock.set(time.now().replace(month=12, day=1))
    assert put_in_force() == 1
    events.drain(["people.territory"])
    # Who was responsible here on that day?
    then = client.get("/desk/map/day", {"lng": "104.0602", "lat": "30.6305", "day": "2026-11-20"}).content.decode()
    now = client.get("/desk/map/day", {"lng": "104.0602", "lat": "30.6305", "day": "2026-12-01"}).content.decode()
    assert "17号微网格" in then
    assert "何明" in then
    assert "西" in now
    assert at in now
    asked = client.get(
        "/api/v1/redrawings/responsible", {"lng": "104.0602", "lat": "30.6305", "day": "2026-11-20"}
    ).json()
    assert (asked["path"], asked["until"]) == (HOME, "2026-12-01")
    assert Area.objects.filter(valid_from=date(2026, 12, 1)).count() == 3


def test_a_file_with_a_gap_is_refused_with_its_place_and_its_own_file_fits(world: World) -> None:  # noqa: F811
    client = signed_in(world, "xiao_xu")
    found = draft(world)
    at = f"/desk/map/{found.id}"
    exported = client.get(f"{at}/file")
    collection = json.loads(exported.content)
    assert len(collection["features"]) == 4
    left_out = {"type": "FeatureCollection", "features": collection["features"][1:]}

    def send(content: dict) -> int:
        found.refresh_from_db()
        upload = SimpleUploadedFile("grids.geojson", json.dumps(content).encode())
        return client.post(f"{at}/step", {"version": found.version, "do": "outlines", "file": upload}).status_code

    assert send(left_out) == 302
    found.refresh_from_db()
    assert {one["what"] for one in found.findings} == {"gap", "orphan"}
    assert f"{found.findings[0]['lng']:.6f}" in client.get(at).content.decode()
    data = {"version": found.version, "what": "propose", "title": "缺", "reason": "试", "holds_from": "2026-12-01"}
    assert client.post(f"{at}/do", data).status_code == 422
    found.refresh_from_db()
    client.post(f"{at}/do", {"version": found.version, "what": "back"})
    assert send(collection) == 302  # as it stands: nothing ends
    found.refresh_from_db()
    assert (found.ended, found.findings) == ([], [])
    for wrong in ({"type": "Feature"}, {"type": "FeatureCollection", "features": [{"geometry": {"type": "Point"}}]}):
        assert send(wrong) == 422


def test_what_a_step_would_come_to_is_answered_before_it_is_drawn(world: World) -> None:  # noqa: F811
    client = signed_in(world, "xiao_xu")
    found = draft(world)

    def attempt(**data) -> dict:
        return client.post(f"/desk/map/{found.id}/try", data).json()

    line = "104.0604, 30.6299\n104.0604, 30.6312"
    fits = attempt(do="split", grids=[HOME], cut="line", line=line)
    assert not fits["refused"]
    assert {one["properties"]["kind"] for one in fits["shapes"]} == {"stays", "new", "ended"}
    hangs = attempt(do="split", grids=[HOME], cut="line", line="104.0604, 30.6299\n104.0604, 30.6305")
    assert hangs["refused"]
    assert hangs["place"] == [104.0604, 30.6305]
    sliver = attempt(do="split", grids=[HOME], cut="up", share="4")
    assert sliver["refused"]
    assert sliver["findings"][0]["words"]
    found.refresh_from_db()
    assert found.steps == []
    assert signed_in(world, "sibling_worker").get(f"/desk/map/{found.id}").status_code == 404


def test_a_road_from_a_file_cuts_the_grid_and_steps_say_names(world: World) -> None:  # noqa: F811
    client = signed_in(world, "xiao_xu")
    found = draft(world)
    at = f"/desk/map/{found.id}"
    road = {"type": "LineString", "coordinates": [[104.0604, 30.60], [104.0604, 30.6308], [104.0604, 30.66]]}
    river = {"type": "LineString", "coordinates": [[103.9, 30.5], [103.9, 30.9]]}
    both = [{"type": "Feature", "properties": {}, "geometry": one} for one in (river, road)]

    def cut(content: object, grid: str, **data: str) -> int:
        found.refresh_from_db()
        upload = SimpleUploadedFile("road.geojson", json.dumps(content).encode())
        sent = {"version": found.version, "do": "split", "cut": "file", "grids": [grid], "line_file": upload, **data}
        return client.post(f"{at}/step", sent).status_code

    assert cut({"type": "FeatureCollection", "features": both[:1]}, HOME) == 422  # runs elsewhere
    assert cut({"type": "Point", "coordinates": [104.06, 30.63]}, HOME) == 422
    assert cut("road", HOME) == 422
    assert cut({"type": "FeatureCollection", "features": both}, HOME, name="西, 东") == 302
    found.refresh_from_db()
    assert (
        client.post(
            f"{at}/step", {"version": found.version, "do": "merge", "grids": ["n1", "n2"], "name": "全"}
        ).status_code
        == 302
    )
    found.refresh_from_db()
    assert [list(step["made"].values()) for step in found.steps] == [["西", "东"], ["全"]]
    page = client.get(at).content.decode()
    listed = page[page.index("redraw-steps") : page.index("</ol>", page.index("redraw-steps"))]
    assert listed.count("西") == 2
    assert "n1" not in listed
    assert not any(one["refuses"] for one in found.findings)


def test_the_map_of_all_grids_says_the_same_in_its_table_and_leads_to_areas(world: World) -> None:  # noqa: F811
    client = signed_in(world, "liu")
    Area.objects.filter(path=HOME).update(verified_on=time.today())
    page = client.get("/desk/map/all").content.decode()
    assert 'data-tiles="/api/v1/tiles/ground/{z}/{x}/{y}.mvt?facts=verified' in page
    assert f'href="/desk/map/area/{COMMUNITY}"' in page
    answer = client.get("/desk/map/all/figures")
    assert answer.json()[COMMUNITY] == {"grids": 4, "verified": 1, "households": answer.json()[COMMUNITY]["households"]}
    assert not any(len(path) == 6 for path in answer.json())  # a subdistrict's officer is told of the subdistrict alone
    assert client.get("/desk/map/all/figures", headers={"if-none-match": answer.headers["ETag"]}).status_code == 304
    grid = client.get(f"/desk/map/area/{HOME}").content.decode()
    assert "17号微网格" in grid
    assert time.today().isoformat() in grid
    assert f'href="/desk/map/area/{HOME}"' in client.get(f"/desk/map/area/{HOME.rpartition('/')[0]}").content.decode()
    assert client.get("/desk/map/area/510107/999").status_code == 404
    assert signed_in(world, "xiao_xu").get("/desk/map").status_code == 200


def road_file(form: str) -> bytes:
    """A road through all four grids, as a zipped Shapefile or as GeoJSON."""
    road = [(104.05, 30.6304), (104.0630, 30.6304), (104.0615, 30.6315), (104.0590, 30.6316)]
    if form == "geojson":
        return json.dumps({"type": "LineString", "coordinates": road}).encode()
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYLINE) as writer:
        writer.field("name", "C", 10)
        writer.line([road])
        writer.record("road")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for ending, part in parts.items():
            archive.writestr(f"road.{ending}", part.getvalue())
    return whole.getvalue()


def test_a_road_from_a_shapefile_cuts_every_grid_in_one_step_and_files_of_each_form_change_nothing(
    world: World,  # noqa: F811
) -> None:
    client = signed_in(world, "xiao_xu")
    found = draft(world)
    at = f"/desk/map/{found.id}"

    def step(name: str, content: bytes, field: str, **data: str) -> str:
        found.refresh_from_db()
        upload = {field: SimpleUploadedFile(name, content)}
        return client.post(f"{at}/step", {"version": found.version, **data, **upload}, follow=True).content.decode()

    step("road.zip", road_file("shp"), "line_file", do="cut", cut="file")
    found.refresh_from_db()
    assert (len(found.steps), len(found.ended), len(found.pieces)) == (1, 4, 8)
    assert not [one for one in found.findings if one["refuses"]]
    assert "17号微网格A" in client.get(at).content.decode()
    client.post(f"{at}/do", {"version": found.version, "what": "back"})
    found.refresh_from_db()
    assert (found.steps, found.ended) == ([], [])
    for form in ("geojson", "gpkg", "shp"):
        exported = client.get(f"{at}/file?form={form}")
        assert exported.headers["Content-Disposition"].startswith("attachment")
        step(f"grids.{form}", exported.content, "file", do="outlines")
        found.refresh_from_db()
        assert (found.steps[-1]["do"], found.ended, found.findings) == ("outlines", [], [])
        whole = client.get(f"/desk/map/grids?area=510107/012/003&form={form}")
        assert whole.status_code == 200
        assert len(whole.content) > 500
    steps = len(found.steps)
    collection = json.loads(client.get(f"{at}/file").content)
    collection["features"][1]["geometry"] = {"type": "Point", "coordinates": [104.06, 30.63]}
    collection["features"][2]["properties"]["name"] = "字" * 90
    said = step("grids.geojson", json.dumps(collection).encode(), "file", do="outlines")
    assert "2" in said
    assert "3" in said
    found.refresh_from_db()
    assert len(found.steps) == steps  # nothing is half-loaded
    assert "desk/map/grids" in client.get("/desk/map/area/510107/012/003").content.decode()
    assert client.get("/desk/map/grids?area=510107/777").status_code == 404


def test_machines_send_and_take_files_of_every_form_once_for_their_key(world: World) -> None:  # noqa: F811
    found = draft(world)
    at = f"/api/v1/redrawings/{found.id}"
    client = Client(headers={"Authorization": f"Bearer {token_of(world.xiao_xu)}"})

    def send(query: str, content: bytes, kind: str, key: str = "") -> HttpResponse:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return client.post(f"{at}/shapes?{query}", content, content_type=kind, headers=headers)

    road = road_file("shp")
    for _twice in range(2):
        answer = send(f"version={found.version}&take=cut", road, "application/zip", "once")
        assert answer.status_code == 200, answer.content
        assert [one["do"] for one in answer.json()["steps"]] == ["cut"]
    only = send(f"version={answer.json()['version']}&take=cut&grids={NORTH}", road, "application/zip")
    assert only.status_code == 422  # that grid is on the sheet no more
    checked = client.post(
        f"{at}/check", {"do": "cut", "lines": [[[104.0604, 30.62], [104.0604, 30.64]]]}, content_type="application/json"
    ).json()
    assert (checked["refused"], checked["left"]) == (False, {})
    for form, kind in (
        ("geojson", "application/geo+json"),
        ("gpkg", "application/geopackage+sqlite3"),
        ("shp", "application/zip"),
    ):
        standing = client.get(f"/api/v1/redrawings/grids?area_path={COMMUNITY}&form={form}")
        assert standing.headers["Content-Type"] == kind
        changed = client.get(f"{at}/grids?form={form}")
        assert changed.headers["Content-Type"] == kind
        found.refresh_from_db()
        assert send(f"version={found.version}", standing.content, kind).status_code == 200
    found.refresh_from_db()
    assert send(f"version={found.version}", b"PK\3\4", "application/zip").json()["code"] == "redrawing.unreadable_file"
    assert send(f"version={found.version}", b"x", "text/plain").status_code == 415
