"""周阿姨 says where she lives, once, and takes it back."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from linli.people.models import Account
from tests.world import HOME, POINT, World

Visit = Callable[[str], Client]


def test_a_home_is_kept_down_to_the_micro_grid_and_forgotten_on_request(world: World, visit: Visit) -> None:
    client = visit("zhou")
    assert client.get("/my/home").status_code == 200
    assert client.post("/my/home", {}).status_code == 422
    assert client.post("/my/home", {"address": "没有这个地方"}).status_code == 422
    assert client.post("/my/home", {"place": "999999/001/001"}).status_code == 422
    assert client.post("/my/home", {"lng": POINT[0], "lat": POINT[1]}).status_code == 302
    assert Account.objects.get(login="zhou").home_path == HOME
    community = "/".join(HOME.split("/")[:3])
    page = client.get("/my/home").content.decode()
    assert f"/map?area={community}" in page
    assert f"/feeds/{community}.atom" in page
    assert client.get(f"/map?area={community}").content.decode().count("selected") >= 1
    client.post("/my/home", {"remove": "1"})
    assert Account.objects.get(login="zhou").home_path == ""
    assert visit("").get("/my/home").status_code == 302
