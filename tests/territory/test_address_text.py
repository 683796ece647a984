"""Address texts made plain and taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.territory.address_text import AddressParts, likeness, normalise, search_key, take_apart


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "武侯区玉林街道玉林北路社区玉林北街12号院3栋2单元5楼10号",
            AddressParts("武侯区玉林街道玉林北路社区玉林北街12号院", "3", "2", "5", "10"),
        ),
        ("锦苑小区 三栋二单元十二楼5号", AddressParts("锦苑小区", "3", "2", "12", "5")),
        ("锦苑小区１１幢２单元５０２室", AddressParts("锦苑小区", "11", "2", "", "502")),
        ("锦苑小区3栋2单元502", AddressParts("锦苑小区", "3", "2", "", "502")),
        ("锦苑小区A座18层", AddressParts("锦苑小区", "a", "", "18", "")),
        ("玉林北街12号", AddressParts("玉林北街12号")),
        ("", AddressParts("")),
    ],
)
def test_an_address_is_taken_apart(text, parts):
    assert take_apart(text) == parts


@given(st.text(max_size=60))
def test_any_text_is_taken_apart_without_a_word(text):
    parts = take_apart(text)
    assert normalise(normalise(text)) == normalise(text)
    assert len(parts.place) <= 3 * len(text) + 60


def test_an_alias_in_full_beats_its_neighbours():
    key = search_key("玉林北街12号院", "玉林北街12号", "玉林北街12号院")
    other = search_key("玉林北街2号院", "玉林北街2号")
    assert key.count("|") == 1
    place = take_apart("玉林北街12号院3栋").place
    assert likeness(place, key) == 1.0 > likeness(place, other) > 0.3
    assert likeness("春熙路", key) < 0.2
