"""The first pass by rule: nobody's number, name or door shows, and what is public business stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linli.moderation.masking import Found, propose, value_of

KEPT = [
    "2026-11-22 14:30 路灯不亮，12345打不通",
    "3号线施工，晚上10点到12点噪音，罚了3000块钱",
    "叫人来修，叫物业来，物业经理不管",
    "和平路小学门口，金杯车，周末施工，何时修好",
    "5楼漏水，3栋电梯坏了",
]
COVERED = [
    ("我家3栋2单元1201室门口灯坏了，电话138 0013 8000", "我家3栋〔门牌〕门口灯坏了，电话〔电话〕", {Found.DOOR, Found.PHONE}),
    ("电话一三八零零一三八零零零，座机028-8555 1234", "电话〔电话〕，座机〔电话〕", {Found.PHONE}),
    ("手机１３８-００１３-８０００。", "手机〔电话〕。", {Found.PHONE}),
    ("身份证51010719900101123x", "身份证〔证件号〕", {Found.IDENTITY}),
    ("川A·12345和川AD12345堵了消防通道", "〔车牌〕和〔车牌〕堵了消防通道", {Found.PLATE}),
    ("我叫周秀英，王阿姨摔倒了，联系人：李建国", "我叫〔姓名〕，〔姓名〕阿姨摔倒了，联系人〔姓名〕", {Found.NAME}),
    ("叫王小明的人乱停车，车主姓欧", "叫〔姓名〕的人乱停车，车主姓〔姓名〕", {Found.NAME}),
    ("玉林街12号门口积水，3-2-1201漏水", "玉林街〔门牌〕门口积水，〔门牌〕漏水", {Found.DOOR}),
    ("微信号: zhou_1234 邮箱 a.b@c.com https://x.cn/a", "〔账号〕 邮箱 〔邮箱〕 〔链接〕", {Found.ACCOUNT, Found.EMAIL, Found.LINK}),
    ("他妈的垃圾堆了三天", "＊＊垃圾堆了三天", {Found.RUDE}),
    ("My name is John Smith, this is shit", "My name is 〔姓名〕, this is ＊＊", {Found.NAME, Found.RUDE}),
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_what_is_public_business_stays(text: str) -> None:
    assert propose(text).text == text
    assert propose(text).found == ()


@pytest.mark.parametrize(("text", "wording", "found"), COVERED)
def test_what_shows_somebody_is_covered(text: str, wording: str, found: set[Found]) -> None:
    assert propose(text).text == wording
    assert set(propose(text).found) == found


words = st.text(
    alphabet=st.sampled_from("路灯坏了我家王小明叫姓在栋单元室号街川AB@.,，。 \n\u200b-一二三零幺1２3٤〔〕x+"),
    max_size=40,
)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
identities = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True)
WAYS = ("0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "٠١٢٣٤٥٦٧٨٩")
GAPS = st.sampled_from(["", " ", "-", "  ", "—", ".", "\u200b", " - ", "，"])


def figures_of(text: str) -> str:
    """What somebody reads as figures, whatever stands between them."""
    return "".join(str(value) for sign in text if (value := value_of(sign)) is not None)


@given(words, st.one_of(mobiles, identities), words, st.sampled_from(WAYS), GAPS, st.integers(2, 5))
def test_a_number_never_shows_however_it_is_written(
    before: str, number: str, after: str, way: str, gap: str, step: int
) -> None:
    shown = "".join(way[int(sign)] if sign != "X" else sign for sign in number)
    written = gap.join(shown[at : at + step] for at in range(0, len(shown), step))
    left = propose(f"{before}，号码{written}；{after}").text
    plain = number.rstrip("X")
    assert plain not in figures_of(left)
    assert plain not in figures_of(propose(written).text)


@given(st.one_of(words, st.text(max_size=60)))
@example("叫叫〔电话〕王王先生先生")
@example("1 3 8 0 0 1 3 8 0 0 0 0 1 2 3")
@example("川A\u200b12345")
def test_proposing_twice_changes_nothing(text: str) -> None:
    once = propose(text).text
    assert propose(once).text == once


@given(st.text(max_size=80))
def test_no_long_run_of_figures_is_left(text: str) -> None:
    left = propose(text).text
    assert not any(not re.fullmatch(r"(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?", run) for run in re.findall(r"\d{7,}", left))
