"""How personal data look to somebody whose purpose does not unmask them. Imports no Django.

Every function takes any text, also an empty or a wrong one, and never gives back the part that it hides. The words it
needs (surnames of two characters, numerals, the parts of an address) are in ``data/masking.json``.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any

STAR = "*"


def mask_name(name: str) -> str:
    """The surname, and a star for each further character, three at most: 周秀英 → 周**, 欧阳明 → 欧阳*.

    A name of one character keeps nothing. One in Latin letters, or with a middle dot, keeps its first character.
    """
    text = re.sub(r"\s+", " ", name).strip()
    if not text:
        return ""
    if len(text) == 1:
        return STAR
    words = _words()
    if text[0].isascii() or any(dot in text for dot in words["name_dots"]):
        return text[0] + STAR * 3
    kept = 2 if text[:2] in words["compound_surnames"] and len(text) > 2 else 1
    return text[:kept] + STAR * min(len(text) - kept, 3)


def mask_phone(phone: str) -> str:
    """A mobile number's first three and last four figures: 138****1234; a shorter number's last two.

    Signs between the figures are dropped, as is China's code before a mobile number.
    """
    figures = "".join(str(int(sign)) for sign in phone if sign.isdecimal())
    if len(figures) > 11 and figures[-11] == "1":
        figures = figures[-11:]
    if len(figures) >= 11:
        return figures[:3] + STAR * (len(figures) - 7) + figures[-4:]
    if len(figures) > 4:
        return STAR * (len(figures) - 2) + figures[-2:]
    return STAR * len(figures)


def mask_id(number: str) -> str:
    """The first and the last sign of an identity number: neither birthday nor place can be read."""
    text = "".join(number.split())
    if len(text) < 6:
        return STAR * len(text)
    return text[0] + STAR * (len(text) - 2) + text[-1]


def mask_address(address: str) -> str:
    """Street and compound stay, figures of house, building, floor and dwelling go: 玉林街12号3栋 → 玉林街**号*栋."""
    text = re.sub(r"\s+", " ", address).strip()
    return _figures().sub(lambda found: STAR * min(len(found.group()), 3), text)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    path = resources.files("linli.kernel") / "data" / "masking.json"
    words: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    words["compound_surnames"] = frozenset(words["compound_surnames"])
    return words


@lru_cache(maxsize=1)
def _figures() -> re.Pattern[str]:
    """Any run of figures, and a run of letters or numerals that names a part of an address."""
    words = _words()
    return re.compile(rf"\d+|[A-Za-z\d{words['numerals']}#-]+(?=[{words['address_units']}])")
