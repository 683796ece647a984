"""Places, streets and what comes of them: minutes by the way people walk, coverage with its weights, gaps; kept within one's area."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import Actor
from linli.lifecircle import queries, reckoning
from linli.lifecircle.actions import places, streets
from linli.lifecircle.actions.places import PlaceFacts
from linli.lifecircle.actions.streets import Sent
from linli.lifecircle.models import Basis, Coverage, Place, Reach, StreetNetwork
from linli.lifecircle.walking import METRES_A_SECOND
from linli.people import sessions
from linli.territory.coords import CoordinateSystem
from linli.territory.models import Area, Level
from tests.world import BOXES, HOME, JINJIANG, WUHOU, World, build

COMMUNITY = f"{WUHOU}/012/003"
NEXT_DOOR = f"{WUHOU}/012/004/01/001"
FACTS = PlaceFacts("canteen", "玉林社区食堂", 104.0605, 30.6305, "玉林北街", "每天 07:00–19:00")
WEIGHTS = {HOME: 60, f"{WUHOU}/012/003/02/018": 30, NEXT_DOOR: 10, f"{WUHOU}/013/001/01/001": 0}


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, its micro-grids with a place to walk from and their households."""
    made = build()
    for path, (west, south, east, north) in BOXES.items():
        Area.objects.filter(path=path).update(
            label_lng=(west + east) / 2, label_lat=(south + north) / 2, households=WEIGHTS.get(path, 0)
        )
    return made


def network(actor: Actor, *, detour: float = 0.0, day: date | None = None, **changes: Any) -> StreetNetwork:
    """A street through the middle of the district's grids, with a way round between the second and the third."""
    spots = [(104.0605, 30.6305), (104.0615, 30.6305), (104.0625, 30.6305), (104.0635, 30.6305)]
    rows = ["from_lng,from_lat,to_lng,to_lat,metres"]
    rows += [
        f"{a[0]},{a[1]},{b[0]},{b[1]},{detour if n == 1 and detour else ''}" for n, (a, b) in enumerate(pairwise(spots))
    ]
    facts = {"district": WUHOU, "source": "测绘院 2026", "valid_from": day or time.today()} | changes
    return streets.take(actor, Sent(content="\n".join(rows).encode(), **facts))


def settle() -> int:
    """Let the job run until nothing waits."""
    done = 0
    while reckoning.reckon_next():
        done += 1
    return done


def test_coverage_counts_the_way_round_and_not_the_circle(world: World) -> None:
    assert queries.coverage(WUHOU, "canteen") is None
    network(world.sun, detour=2_000)
    assert settle() == 1
    assert queries.coverage(WUHOU, "canteen") is None, "streets alone say nothing of canteens"
    made = places.keep(world.xiao_xu, FACTS, key=ids.new_id())
    assert made.area_path == HOME
    assert settle() == 1
    assert settle() == 0

    now = time.now()
    assert queries.coverage(WUHOU, "canteen") == (90, 100, now), "the others walk two kilometres round"
    assert queries.coverage("5101", "canteen") == (90, 100, now)
    assert queries.coverage(COMMUNITY, "canteen") == (90, 90, now)
    assert queries.coverage(f"{COMMUNITY}/02", "canteen") == (90, 90, now)
    assert queries.coverage(HOME, "canteen") == (60, 60, now)
    assert queries.coverage(NEXT_DOOR, "canteen") == (0, 10, now)
    assert queries.coverage(WUHOU, "nursery") is None
    figure = next(one for one in queries.overview(world.sun) if one.kind.id == "canteen")
    assert (figure.grids_covered, figure.grids, figure.circled, figure.places) == (2, 4, 4, 1)
    reach = Reach.objects.get(area_path=NEXT_DOOR)
    assert reach.minutes is not None
    assert reach.minutes >= 2_000 / METRES_A_SECOND / 60
    assert reach.straight is not None
    assert reach.straight < 3

    listed, total = queries.gaps(world.sun, WUHOU)
    assert total == 2
    assert [one.path for one in listed] == [f"{WUHOU}/013/001/01/001", NEXT_DOOR], "the farthest first"
    assert listed[0].place == made
    assert queries.gaps(world.sun, WUHOU, page=2, size=1)[0][0].path == NEXT_DOOR
    standing = queries.standing(world.sun, WUHOU)
    assert (standing.basis, standing.waits, standing.sources) == ((Basis.HOUSEHOLDS,), False, ("测绘院 2026",))
    assert [one.figure.covered for one in queries.parts(world.sun, WUHOU, "canteen")] == [90, 0]

    before = list(Reach.objects.order_by("area_path").values_list("area_path", "minutes", "weight"))
    reckoning.ask(WUHOU)
    settle()
    assert list(Reach.objects.order_by("area_path").values_list("area_path", "minutes", "weight")) == before
    assert Coverage.objects.filter(kind="canteen").count() == 6, "the district, two subdistricts, three communities"


def test_weights_fall_back_to_micro_grids(world: World) -> None:
    Area.objects.filter(level=Level.MICRO_GRID).update(households=0)
    network(world.sun)
    places.keep(world.xiao_xu, FACTS, key=ids.new_id())
    settle()
    assert queries.coverage(WUHOU, "canteen") == (4, 4, time.now())
    assert queries.standing(world.sun).basis == (Basis.GRIDS,)


def test_a_place_opens_and_closes_on_its_days(world: World, clock: Any) -> None:
    network(world.sun)
    later = time.today() + timedelta(days=2)
    key = ids.new_id()
    made = places.keep(world.xiao_xu, PlaceFacts(**_with(active_from=later)), key=key)
    assert places.keep(world.xiao_xu, PlaceFacts(**_with(active_from=later)), key=key) == made, "once for the key"
    settle()
    assert queries.coverage(WUHOU, "canteen") is None
    with time.at(time.now() + timedelta(days=2)):
        assert settle() == 1, "the day came by itself"
        assert queries.coverage(WUHOU, "canteen") is not None
        gone = places.retire(world.xiao_xu, made.id)
        assert places.retire(world.xiao_xu, made.id).version == gone.version
        settle()
        assert queries.coverage(WUHOU, "canteen") is None
        again = places.change(world.xiao_xu, made.id, PlaceFacts(**_with(active_from=later)), version=gone.version)
        settle()
        assert queries.coverage(WUHOU, "canteen") is not None
        with pytest.raises(Conflict):
            places.change(world.xiao_xu, made.id, FACTS, version=gone.version)
        assert again.version == gone.version + 1
    assert Event.objects.filter(kind="place.retired").count() == 1


def _with(**changes: Any) -> dict[str, Any]:
    return {name: getattr(FACTS, name) for name in FACTS.__slots__} | changes


def test_places_stand_in_ones_own_area(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        places.keep(world.sibling_worker, FACTS, key=ids.new_id())
    assert refused.value.code == "lifecircle.outside"
    for wrong, field in (
        ({"lng": 105.5}, "lng"), ({"lat": 999.0}, "lng"), ({"name": " "}, "name"), ({"kind": "casino"}, "kind"),
        ({"active_from": date(2026, 5, 2), "active_until": date(2026, 5, 1)}, "active_until"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            places.keep(world.xiao_xu, PlaceFacts(**_with(**wrong)), key=ids.new_id())
        assert refused.value.field == field
    made = places.keep(world.xiao_xu, FACTS, key=ids.new_id())
    with pytest.raises(Conflict):
        places.keep(world.xiao_xu, FACTS, key=ids.new_id())
    for stranger in (world.sibling_worker, world.far_sun):
        with pytest.raises(NotFound):
            places.retire(stranger, made.id)
        assert not queries.places(stranger).exists()
    with pytest.raises(Forbidden):
        queries.overview(world.zhou)
    with pytest.raises(NotFound):
        queries.gaps(world.xiao_xu, NEXT_DOOR)


def test_a_file_of_places_is_tried_and_read_and_changes_nothing_the_second_time(world: World) -> None:
    head = ["类别", "Name", "lng", "lat", "开放时间"]
    lines = [
        head,
        ["社区食堂", "玉林社区食堂", "104.0605", "30.6305", "每天"],
        ["Clinic", "玉林卫生站", "104.0615", "30.6305", "工作日"],
        ["clinic", "邻社区卫生站", "104.0625", "30.6305", ""],
        ["赌场", "某处", "104.0605", "30.6305", ""],
        ["clinic", "某处", "无", "30.6305", ""],
        ["clinic", "玉林卫生站", "104.0615", "30.6305", ""],
        [],
    ]
    wgs = CoordinateSystem.WGS84
    tried = places.read(world.xiao_xu, lines, system=wgs, try_only=True)
    assert (tried.rows, tried.new, [one.row for one in tried.problems]) == (6, 2, [4, 5, 6, 7])
    assert not Place.objects.exists()
    assert places.read(world.xiao_xu, lines, system=wgs, try_only=False).new == 2
    again = places.read(world.xiao_xu, lines, system=wgs, try_only=False)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    out = [places.heads(), *places.rows_out(list(queries.places(world.xiao_xu)))]
    assert places.read(world.xiao_xu, out, system=wgs, try_only=False).same == 2
    out[1][6] = "周末"
    assert places.read(world.xiao_xu, out, system=wgs, try_only=False).changed == 1
    assert AuditEntry.objects.filter(verb="place.import").count() == 4
    for bad in ([], [["name"]], [["kind", "name", "lng", "lat", "lat"]]):
        with pytest.raises(Invalid):
            places.read(world.xiao_xu, bad, system=wgs, try_only=True)


def test_a_network_follows_another_from_its_day(world: World) -> None:
    first = network(world.sun)
    assert network(world.sun) == first, "the same file twice is once"
    soon = time.today() + timedelta(days=7)
    second = network(world.sun, detour=5_000, day=soon)
    first.refresh_from_db()
    assert (first.valid_to, second.valid_to) == (soon, None)
    assert reckoning.network_on(WUHOU, time.today()) == first
    assert reckoning.network_on(WUHOU, soon) == second
    third = network(world.sun, detour=900, day=time.today())
    assert [one.set_aside for one in queries.networks(world.sun)] == [False, True, True]
    assert reckoning.network_on(WUHOU, soon) == third
    assert len(third.streets.ends) == 3

    line = {"type": "LineString", "coordinates": [[104.0605, 30.6305], [104.0615, 30.6305], [104.0625, 30.6306]]}
    body = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": line}]}
    )
    seen = streets.look(world.sun, Sent(WUHOU, "公开数据", body.encode(), time.today()))
    assert (len(seen.streets.ends), seen.parts, seen.beyond) == (2, 1, 0)
    for content, code in (
        (b"", "lifecircle.street_file"), (b"{}", "lifecircle.file_unreadable"),
        (b"from_lng,from_lat,to_lng,to_lat\n1,2,x,4", "lifecircle.street_row"),
        (b"from_lng,from_lat,to_lng,to_lat\n1,2,3,4", "lifecircle.elsewhere"),
        (b"from_lng,from_lat,to_lng,to_lat\n1,2,3,400", "lifecircle.degrees"),
        (b"from_lng,from_lat,to_lng,to_lat\n", "lifecircle.no_streets"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            streets.look(world.sun, Sent(WUHOU, "x", content, time.today()))
        assert refused.value.code == code
    with pytest.raises(NotFound):
        streets.look(world.sun, Sent(JINJIANG, "x", body.encode(), time.today()))
    with pytest.raises(Forbidden):
        streets.look(world.xiao_xu, Sent(WUHOU, "x", body.encode(), time.today()))


def client(world: World, name: str) -> Client:
    """A browser in which one of the cast is signed in at a post."""
    post = world.posts[name]
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(world.accounts[name], backend=sessions.BACKEND)
    session = browser.session
    session[sessions.SEEN_KEY] = time.now().timestamp()
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    return browser


def test_the_desk_and_the_api_show_keep_and_read_in(world: World) -> None:
    desk, district = client(world, "xiao_xu"), client(world, "sun")
    assert "No street network yet" in desk.get("/desk/life-circle").content.decode()
    assert "/desk/life-circle" in desk.get("/desk/").content.decode()

    rows = "from_lng,from_lat,to_lng,to_lat\n104.0605,30.6305,104.0615,30.6305\n104.0625,30.6305,104.0635,30.6305\n"
    sent = {"district": WUHOU, "source": "测绘院", "valid_from": time.today().isoformat(), "system": "wgs84"}

    def take(what: str, content: str = rows) -> str:
        file = SimpleUploadedFile("streets.csv", content.encode())
        answer = district.post("/desk/streets/take", sent | {"what": what, "file": file}, follow=True)
        return answer.content.decode()

    assert "Looked at: nothing was changed" in take("look")
    assert not StreetNetwork.objects.exists()
    assert "This is no file of streets that can be read." in take("take", "a,b\n")
    assert "测绘院" in take("take")

    page = desk.post("/desk/places/new", {"kind": "clinic", "name": "玉林卫生站", "lng": "x", "lat": "30.6305"})
    assert page.status_code == 422
    assert "This is no number." in page.content.decode()
    form = {
        "kind": "clinic",
        "name": "玉林卫生站",
        "lng": "104.0605",
        "lat": "30.6305",
        "hours": "工作日",
        "what": "change",
    }
    page = desk.post("/desk/places/new", form | {"key": str(ids.new_id())}, follow=True)
    assert "玉林卫生站" in page.content.decode()
    place = Place.objects.get()
    assert "it is being reckoned anew" in desk.get("/desk/life-circle").content.decode()
    settle()

    page = desk.get(f"/desk/life-circle/{COMMUNITY}?kind=clinic").content.decode()
    assert "As of" in page
    assert "households of the register" in page
    assert 'data-name="&lt; 1 min"' in page
    assert "No gap" in page
    page = district.get(f"/desk/life-circle/{WUHOU}?kind=clinic").content.decode()
    assert "no way on foot" in page, "two pieces of street that do not hang together"
    listed = district.get(f"/desk/life-circle.csv?area={WUHOU}&kind=clinic").content.decode("utf-8-sig").splitlines()
    assert len(listed) == 3
    assert AuditEntry.objects.filter(verb="lifecircle.export").count() == 1
    shown = district.get(f"/desk/life-circle-points?area={WUHOU}&kind=clinic").json()["features"]
    assert shown[0]["properties"]["href"] == f"/desk/places/{place.id}"

    out = desk.get("/desk/places?form=csv").content
    for what, said in (("try", "Tried: nothing was changed"), ("read", "Read in")):
        answer = desk.post("/desk/places/files", {"what": what, "file": SimpleUploadedFile("p.csv", out)})
        assert said in answer.content.decode()
    assert Place.objects.get().version == place.version
    assert "社区食堂" in desk.get("/desk/places/files/template").content.decode()

    told = district.get("/api/v1/life-circle").json()
    clinic = next(one for one in told["kinds"] if one["kind"] == "clinic")
    assert (clinic["numerator"], clinic["denominator"], clinic["micro_grids_in_circles"]) == (90, 100, 4)
    gaps = district.get("/api/v1/life-circle/gaps?kind=clinic&size=1").json()
    assert (gaps["total"], gaps["next"], gaps["items"][0]["minutes"]) == (2, "1", None)
    wrong = desk.post(f"/desk/places/{place.id}", {"what": "retire", "day": "2001-01-01"})
    assert wrong.status_code == 422
    assert "Retired" in desk.post(f"/desk/places/{place.id}", {"what": "retire"}, follow=True).content.decode()
    assert [one["name"] for one in desk.get("/api/v1/places?retired=true").json()["items"]] == ["玉林卫生站"]


def test_a_network_is_taken_in_by_machine_once(world: World) -> None:
    district, office = client(world, "sun"), client(world, "xiao_xu")
    rows = "from_lng,from_lat,to_lng,to_lat\n104.0605,30.6305,104.0615,30.6305\n104.0615,30.6305,104.0635,30.6305\n"
    here = f"?district={WUHOU}&source=OSM&valid_from={time.today().isoformat()}"

    def send(browser: Client, where: str, body: str = rows, kind: str = "text/csv", **headers: str) -> Any:
        return browser.post(f"/api/v1/street-networks{where}", body, content_type=kind, headers=headers)

    seen = send(district, f"/check{here}")
    assert (seen.status_code, seen.json()["streets"], seen.json()["parts"]) == (200, 2, 1)
    assert not StreetNetwork.objects.exists()
    key = {"Idempotency-Key": str(ids.new_id())}
    first, again = (send(district, here, **key) for _n in range(2))
    assert first.status_code == 201
    assert again.json() == first.json()
    assert [one["id"] for one in office.get("/api/v1/street-networks").json()] == [first.json()["id"]]
    assert send(district, here).json()["code"] == "command.key"
    assert send(district, f"/check{here}", "a,b\n").json()["code"] == "lifecircle.street_file"
    assert send(district, f"/check{here}", kind="image/png").status_code == 415
    assert send(district, "/check?source=OSM").status_code == 422
    assert send(office, here, **key).status_code == 403
    assert StreetNetwork.objects.count() == 1
