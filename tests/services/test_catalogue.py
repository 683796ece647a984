"""The 58 services: found by words, everyday words and pinyin; each says what it asks."""

from __future__ import annotations

import pytest

from linli.catalog import queries as catalog
from linli.kernel.trust import ANONYMOUS
from linli.people.queries import functions
from linli.services import facts, queries, rules
from linli.services.actions import loading
from linli.services.models import ServiceVersion, Way
from tests.world import World


def codes(text: str) -> list[str]:
    return [entry.code for entry in queries.current().search(text)]


def test_all_58_are_there_and_whole(world: World) -> None:
    entries = queries.current().all()
    assert len(entries) == 58
    for entry in entries:
        assert entry.function in functions(), entry.code
        assert len(entry.words_zh) >= 5, entry.code
        assert all((entry.place_zh, entry.place_en, entry.hours_zh, entry.phone)), entry.code
        assert entry.group in rules.groups(), entry.code
        assert entry.name_zh != entry.name_en
        if entry.way == Way.REPORT and entry.category:
            found = catalog.current().get(entry.category)
            assert getattr(found, "resident_reportable", False), entry.code
        if entry.gives:
            assert entry.gives in rules.proofs(), entry.code
    online = [entry for entry in entries if entry.is_online]
    assert len(online) >= 42
    # What can be applied for by app and is neither paid, asked elsewhere nor advice has its form here.
    for row in rules.rows("resident_services.csv"):
        if "app" in row["channels"] and row["mode"] in ("apply", "appointment", "join"):
            assert queries.service(row["code"]).is_online, row["code"]


def test_loading_twice_changes_nothing(world: World) -> None:
    before = ServiceVersion.objects.count()
    done = loading.load_services()
    assert (done.services, done.created, done.renewed) == (58, 0, 0)
    assert ServiceVersion.objects.count() == before


def test_a_renewed_service_keeps_what_was_promised(world: World, clock) -> None:
    ServiceVersion.objects.filter(service_id="UM01").update(phone="028-0000")
    assert loading.load_services(on_difference=loading.OnDifference.RENEW).renewed == 1
    assert ServiceVersion.objects.filter(service_id="UM01").count() == 2
    assert queries.service("UM01").phone == "12345"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("大件垃圾", "UM01"),
        ("我想扔个旧沙发", "UM01"),
        ("sofa", "UM01"),
        ("dajianlaji", "UM01"),
        ("djlj", "UM01"),
        ("dajianl", "UM01"),
        ("低保", "CA01"),
        ("dibao", "CA01"),
        ("居住证", "PO01"),
        ("jzz", "PO01"),
        ("打疫苗", "HE03"),
        ("yimiao", "HE03"),
        ("四点半没人接娃", "ED02"),
        ("领证", "CA06"),
        ("查燃气", "UT03"),
        ("轮椅", "DI02"),
        ("lawyer", "JU01"),
        ("法律援助", "JU01"),
        ("flyz", "JU01"),
        ("志愿者", "SG03"),
        ("公租房", "HO01"),
        ("gongzufang", "HO01"),
    ],
)
def test_it_is_found_as_people_say_it(world: World, text: str, code: str) -> None:
    assert code in codes(text)[:3], codes(text)


def test_nonsense_finds_nothing(world: World) -> None:
    assert codes("xqzvw") == []
    assert codes("") == []


def test_every_service_says_what_it_asks_and_what_no_longer(world: World) -> None:
    nobody, zhou = queries.held_of(ANONYMOUS), queries.held_of(world.zhou)
    less = 0
    for entry in queries.current().all():
        asked = facts.count(entry, held=nobody.codes, language="zh-hans")
        mine = facts.count(entry, held=zhou.codes, language="zh-hans")
        assert asked.asked + asked.spared == mine.asked + mine.spared == len(mine.needed)
        assert mine.asked <= asked.asked
        less += mine.spared
        if not entry.is_online:
            assert not mine.needed
    assert less > 150, "over all services"
    waste = facts.count(queries.service("UM01"), held=zhou.codes, language="zh-hans")
    assert (waste.asked, waste.spared) == (3, 3)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("110105 19491231 002x", "11010519491231002X"),
        ("110105194912310021", None),
        ("1101051949123100", None),
        ("", None),
    ],
)
def test_identity_numbers_are_checked(text: str, written: str | None) -> None:
    assert facts.identity_number(text) == written
