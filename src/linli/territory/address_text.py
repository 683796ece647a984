"""Address texts as people type them: made plain, taken apart, compared. Pure; the words are in data/words.toml."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from linli.territory.wording import words

ALIAS_MARK = "|"


@dataclass(frozen=True)
class AddressParts:
    """An address taken apart: what is left for the compound, and the numbers within it (empty when not given)."""

    place: str
    building: str = ""
    entrance: str = ""
    floor: str = ""
    dwelling: str = ""


@lru_cache(maxsize=1)
def _numeral() -> re.Pattern[str]:
    parts = words()["address_parts"]
    figures = f"[{parts['numerals']}{parts['ten']}]"
    units = sorted({u for k in ("building", "entrance", "floor", "dwelling") for u in parts[k]}, key=len, reverse=True)
    return re.compile(f"{figures}{{1,3}}(?={'|'.join(units)})")


@lru_cache(maxsize=1)
def _tail() -> re.Pattern[str]:
    parts = words()["address_parts"]

    def one(name: str) -> str:
        return rf"(?:(?P<{name}>[a-z0-9]+)(?:{'|'.join(parts[name])}))?"

    return re.compile(
        rf"^(?P<place>.*?){one('building')}{one('entrance')}{one('floor')}{one('dwelling')}(?P<rest>[0-9]*)$"
    )


def normalise(text: str) -> str:
    """The text without what does not count: width, case, spaces, punctuation; numerals before a unit as figures."""
    plain = unicodedata.normalize("NFKC", text).lower()
    noise = words()["address_parts"]["noise"]
    plain = "".join(ch for ch in plain if not ch.isspace() and ch not in noise)
    plain = unicodedata.normalize("NFKC", plain)  # what a space stood between may belong together now
    return _numeral().sub(lambda found: str(_value(found.group())), plain)


def _value(numeral: str) -> int:
    parts = words()["address_parts"]
    tens, mark, ones = numeral.partition(parts["ten"])
    if not mark:
        return int("".join(str(parts["numerals"].index(ch)) for ch in numeral))
    high = parts["numerals"].index(tens) if tens in parts["numerals"] and tens else 1
    low = parts["numerals"].index(ones) if ones in parts["numerals"] and ones else 0
    return int(high * 10 + low)


def take_apart(text: str) -> AddressParts:
    """Place, building, entrance, floor and dwelling of an address text (made plain first).

    A street number and a dwelling number are written alike (``12号``); a number counts as a dwelling only behind a
    building, an entrance or a floor.
    """
    plain = normalise(text)
    found = _tail().match(plain)
    if found is None:
        return AddressParts(plain)
    parts = {k: found.group(k) or "" for k in ("building", "entrance", "floor", "dwelling")}
    rest = found.group("rest")
    if not (parts["building"] or parts["entrance"] or parts["floor"]):
        return AddressParts(plain)
    return AddressParts(found.group("place"), **{**parts, "dwelling": parts["dwelling"] or rest})


def search_key(*names: str) -> str:
    """The names of a place in plain form, each once, split by a mark that no name holds."""
    return ALIAS_MARK.join(dict.fromkeys(normalise(name) for name in names if name))


def likeness(place: str, key: str) -> float:
    """How well a wanted place fits a search key: 1.0 when an alias is named in full, less for parts.

    The longest alias found in the text counts most, so that ``12号院`` of a named street beats a bare ``12号``.
    """
    best = 0.0
    for alias in key.split(ALIAS_MARK):
        if not alias:
            continue
        if alias in place:
            best = max(best, 0.8 + 0.2 * len(alias) / len(place))
        elif place and place in alias:
            best = max(best, 0.5 + 0.3 * len(place) / len(alias))
        else:
            pairs, wanted = _pairs(alias), _pairs(place)
            if pairs and wanted:
                best = max(best, 0.75 * 2 * len(pairs & wanted) / (len(pairs) + len(wanted)))
    return best


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
