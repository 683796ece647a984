"""The feed: what everybody may know, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from django.test import Client

from linli.cases.models import Case
from tests.world import POINT, WUHOU, World, report

ATOM = {"a": "http://www.w3.org/2005/Atom", "g": "http://www.georss.org/georss"}
Visit = Callable[[str], Client]
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def reported(world: World) -> World:
    """A lamp, and rubbish."""
    report(world.zhou, category="UT02", description="我家3栋2单元401门口的灯坏了，电话13800000001")
    report(world.zhou, category="EN01", description="楼道里有一袋垃圾")
    return world


def entries(response) -> list[ElementTree.Element]:
    return ElementTree.fromstring(response.content).findall("a:entry", ATOM)


def test_a_feed_holds_no_word_of_the_reports(reported: World, visit: Visit) -> None:
    answer = visit("").get("/feeds/all.atom")
    body = UUID.sub("", answer.content.decode())  # an id may hold any figures
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert len(entries(answer)) == 2
    for word in ("401", "13800000001", "垃圾袋", "周阿姨", str(POINT[0])):
        assert word not in body
    for entry in entries(answer):
        lat, lng = (float(part) for part in entry.findtext("g:point", namespaces=ATOM).split())
        assert (lat, lng) == (round(lat, 3), round(lng, 3))


def test_it_is_narrowed_by_area_and_kind(reported: World, visit: Visit) -> None:
    client = visit("")
    assert len(entries(client.get(f"/feeds/{WUHOU}/012/003.atom"))) == 2
    assert len(entries(client.get(f"/feeds/{WUHOU}/012/004.atom"))) == 0
    assert len(entries(client.get(f"/feeds/{WUHOU}.atom", {"category": "UT02"}))) == 1
    assert len(entries(client.get(f"/feeds/{WUHOU}.atom", {"show": "solved"}))) == 0
    for nowhere in ("999999", f"{WUHOU}/012/003/02/017", "x"):
        assert client.get(f"/feeds/{nowhere}.atom").status_code == 404
    assert client.get("/feeds/all.atom", {"group": "nothing"}).status_code == 404


def test_it_is_sent_again_only_when_it_changed(reported: World, visit: Visit) -> None:
    client = visit("")
    first = client.get("/feeds/all.atom")
    again = client.get("/feeds/all.atom", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert first["Last-Modified"]
    Case.objects.filter(category="EN01").update(sensitivity="restricted")
    changed = client.get("/feeds/all.atom", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert len(entries(changed)) == 1


def test_the_map_names_the_feed(reported: World, visit: Visit) -> None:
    page = visit("").get(f"/map?area={WUHOU}").content.decode()
    assert f'type="application/atom+xml" href="/feeds/{WUHOU}.atom"' in page
