"""What somebody without a purpose sees of 周阿姨."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.masking import mask_address, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("周秀英", "周**"), ("何明", "何*"), ("欧阳明", "欧阳*"), ("欧阳", "欧*"), ("周", "*"), ("", ""),
        ("阿卜·杜拉", "阿***"), ("Aziz Khan", "A***"), (" 周 ", "*"),
    ],
)  # fmt: skip
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001234", "138****1234"), ("+86 138 0000 1234", "138****1234"), ("１３８００００１２３４", "138****1234"),
        ("028-85551234", "028****1234"), ("85551234", "******34"), ("12345", "***45"), ("110", "***"), ("", ""),
    ],
)  # fmt: skip
def test_phones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("成都市武侯区玉林街12号3栋2单元501室", "成都市武侯区玉林街**号*栋*单元***室"),
        ("玉林东路一巷五号 三单元 12-3", "玉林东路一巷*号 *单元 **-*"),
        ("B2栋", "**栋"), ("玉林三巷", "玉林三巷"), ("百花潭路", "百花潭路"), ("", ""),
    ],
)  # fmt: skip
def test_addresses(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_identity_numbers() -> None:
    assert mask_id("51010719500101123X") == "5" + "*" * 16 + "X"
    assert mask_id("12345") == "*****"


@given(st.text(max_size=40))
def test_any_text_is_taken_and_no_long_number_survives(text: str) -> None:
    for mask in (mask_name, mask_phone, mask_id, mask_address):
        mask(text)
    figures = "".join(ch for ch in mask_phone(text) if ch.isdecimal())
    assert len(figures) <= 7
    assert not any(ch.isdecimal() for ch in mask_address(text))
