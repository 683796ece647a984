"""Finding cases by words: Chinese of any length, notes, nothing sealed; the hit is marked."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.cases import searching
from linli.cases.actions import accepting, talking
from linli.cases.models import Searchable
from tests.desk.conftest import page
from tests.world import WUHOU, fresh, ref, report


def found(client, words: str, view: str = "open") -> str:
    return page(client.get("/desk/", {"view": view, "q": words}))


@pytest.mark.parametrize("words", ["灯", "路灯", "不亮", "玉林街17号", "路灯 玉林", "ABC", "ａｂｃ", "路灯不亮"])
def test_words_of_any_length_find_a_case(at_desk, world, words) -> None:
    lamp = report(world.zhou, description="楼下路灯不亮,编号Abc", address="玉林街17号旁")
    rubbish = report(world.zhou, category="EN01", description="垃圾没有人收", address="别处")
    searching.index(WUHOU, [lamp.id, rubbish.id])
    text = found(at_desk("xiao_xu"), words)
    assert lamp.number in text
    assert rubbish.number not in text
    assert "<mark>" in text


def test_percent_and_underscore_are_characters(at_desk, world) -> None:
    half = report(world.zhou, description="折扣50%的标牌")
    other = report(world.zhou, description="折扣50元的标牌")
    searching.index(WUHOU, [half.id, other.id])
    text = found(at_desk("xiao_xu"), "50%")
    assert half.number in text
    assert other.number not in text


def test_kind_number_and_notes_are_searched_too(at_desk, world) -> None:
    case = report(world.zhou, description="请来看看")
    talking.comment(world.xiao_xu, ref(case), text="已联系供电所老刘")
    searching.index(WUHOU, [case.id])
    client = at_desk("xiao_xu")
    assert "供电所" in found(client, "供电所")
    assert case.number in found(client, "供电所")
    assert case.number in found(client, case.number[-6:])
    assert case.number in found(client, searching.catalog.current(district=WUHOU).get("UT02").called("en").upper())


def test_what_is_sealed_is_not_found(at_desk, world) -> None:
    case = report(world.zhou, description="隔壁夜里有奇怪的动静")
    searching.index(WUHOU, [case.id])
    assert case.number in found(at_desk("xiao_xu"), "奇怪的动静")
    catalogue = [one for one in searching.catalog.current(district=WUHOU).all() if one.sensitivity == "personal"]
    accepting.reclassify(
        world.xiao_xu, ref(case), version=fresh(case).version, category=catalogue[0].code, reason="涉及个人情况"
    )
    searching.index(WUHOU, [case.id])
    assert "动静" not in Searchable.objects.get(district=WUHOU, case_id=case.id).words
    assert case.number not in found(at_desk("xiao_xu"), "奇怪的动静")


def test_a_search_leads_on_to_what_has_ended(at_desk, world) -> None:
    report(world.zhou)
    assert "view=closed&amp;q=" in found(at_desk("xiao_xu"), "路灯")


def test_a_common_word_is_found_by_walking_the_list(at_desk, world, monkeypatch) -> None:
    lamp = report(world.zhou)
    searching.index(WUHOU, [lamp.id])
    monkeypatch.setattr(searching, "_is_walked", lambda wanted, first: True)
    assert lamp.number in found(at_desk("xiao_xu"), "路灯")


@pytest.mark.django_db
@settings(max_examples=30)
@given(text=st.text(max_size=40), at=st.integers(0, 39), length=st.integers(1, 6))
def test_the_index_holds_every_piece_of_a_text(text, at, length) -> None:
    whole = searching.plain(text)
    piece = whole[at : at + length]
    if not piece.strip():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_pairs(%s) @> %s::integer[]", [whole, searching.keys(piece)])
        assert cursor.fetchone()[0]


@given(text=st.text(max_size=60), at=st.integers(0, 59), length=st.integers(1, 5))
def test_a_snippet_is_a_piece_of_the_text_around_the_hit(text, at, length) -> None:
    shown = " ".join(text.split())
    piece = searching.plain(shown[at : at + length])
    cut = searching._cut(text, [piece]) if piece else None
    if cut is not None:
        whole = "".join(part for part, _hit in cut.pieces).strip("…")
        assert whole in shown
        assert [searching.plain(part) for part, hit in cut.pieces if hit]
