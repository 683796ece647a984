"""The written texts: enough of each category, varied, and none of them twice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from linli.catalog.rules import categories
from linli.suggesting import features, rules
from linli.suggesting.learning import Words, hold_out
from linli.suggesting.scrubbing import scrub

CODES = {identity["code"] for identity, _fields in categories()}


def test_every_category_has_thirty_texts_in_every_family() -> None:
    texts = rules.texts()
    counted = Counter(one.code for one in texts)
    assert set(counted) == CODES
    assert min(counted.values()) >= 30
    for code in CODES:
        assert {one.family for one in texts if one.code == code} == set(rules.FAMILIES)
    assert all(one.also in CODES | {""} and one.also != one.code for one in texts)


def test_no_text_is_there_twice() -> None:
    assert not [words for words, times in Counter(one.words for one in rules.texts()).items() if times > 1]


def test_no_text_of_one_category_almost_repeats_another_scene() -> None:
    grams = [(one, {one.words[i : i + 3] for i in range(len(one.words) - 2)}) for one in rules.texts()]
    close = [
        (one.words, other.words)
        for place, (one, left) in enumerate(grams)
        for other, right in grams[place + 1 :]
        if len(left) > 5 and len(right) > 5 and one.scene != other.scene and len(left & right) > 0.7 * min(len(left), len(right))
    ]  # fmt: skip
    assert not close


def test_the_confusable_pairs_are_categories() -> None:
    for pair in rules.confusable():
        assert {pair.one, pair.other} <= CODES
        assert pair.rule


def test_no_text_is_measured_by_a_model_that_saw_its_family_or_its_scene(monkeypatch) -> None:
    """A phrase that stands only in one scene is unknown to the model that is asked about that scene."""
    from linli.suggesting import learning

    texts = [one for one in rules.texts() if one.code in ("UT02", "EN01", "PM05")]
    seen = []
    fit = learning._fit
    monkeypatch.setattr(
        learning, "_fit", lambda counted, codes, classes: seen.append(counted) or fit(counted, codes, classes)
    )
    hold_out(texts, [Words("UT02", "路灯不亮")])
    for family, counted in zip(sorted(rules.FAMILIES), seen, strict=True):
        scenes = {one.scene for one in texts if one.family == family}
        wanted = [one for one in texts if one.family != family and one.scene not in scenes]
        assert counted == [features.count(one.words) for one in wanted] + [features.count("路灯不亮")]


@given(st.text(max_size=80))
def test_any_text_has_features(text: str) -> None:
    assert all(0 <= key < 2**32 and times > 0 for key, times in features.count(text).items())


def test_numbers_and_names_are_taken_out() -> None:
    told = (
        "我叫王小明,电话13812345678,身份证510107199001011234,车牌川A12345,住3栋2单元501室,"
        "找李阿姨或张经理,微信:abc_12345,邮箱a@b.cn,路灯不亮"
    )
    left = scrub(told)
    for gone in ("王小明", "13812345678", "138", "510107", "A12345", "501", "李阿姨", "张经理", "abc_12345", "a@b.cn"):
        assert gone not in left
    assert "路灯不亮" in left


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="路灯坏了请来修 ,。", max_size=20))
def test_no_telephone_number_is_kept(number: str, around: str) -> None:
    assert number not in scrub(around + number + around)
    spaced = f"{number[:3]} {number[3:7]}-{number[7:]}"
    assert number[7:] not in scrub(around + spaced)


@given(st.text(max_size=800))
def test_scrubbing_twice_changes_nothing_more_than_once_does(text: str) -> None:
    assert len(scrub(text)) <= 500
