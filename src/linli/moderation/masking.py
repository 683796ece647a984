"""The first pass over what a resident wrote: what must not become public is covered, and the rest stays as it was. Imports no Django.

The rules are data (``rules/masking.yaml``, ``rules/rude_words.csv``); ``docs/algorithms/masking-of-public-words.md`` tells what each is
for, where they end, and what they cost. They propose; a person decides.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources

import yaml

ROUNDS = 8
"""After so many rounds nothing can be left to cover but in a text that was made to be difficult."""
MOBILE = re.compile(r"(?:0?0?86)?1[3-9]\d{9}")
IDENTITY = 15
"""From so many figures on a number is somebody's identity or bank card."""


class Found(StrEnum):
    """What the first pass covers."""

    PHONE = "phone"
    IDENTITY = "identity"
    NUMBER = "number"
    EMAIL = "email"
    LINK = "link"
    ACCOUNT = "account"
    PLATE = "plate"
    NAME = "name"
    DOOR = "door"
    RUDE = "rude"


@dataclass(frozen=True, slots=True)
class Masked:
    """The proposed wording, and what was covered in it, each kind once in a fixed order."""

    text: str
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rules:
    shown: Mapping[Found, str]
    patterns: tuple[tuple[Found, re.Pattern[str], re.Pattern[str] | None], ...]
    rude: re.Pattern[str]
    written: Mapping[str, int]
    only_within: frozenset[str]
    separators: frozenset[str]
    between: int
    least: int
    dates: tuple[re.Pattern[str], ...]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    folder = resources.files("linli.moderation.rules")
    told = yaml.safe_load(folder.joinpath("masking.yaml").read_text("utf-8"))
    figures = told["figures"]

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, listed in told["lists"].items():
            pattern = pattern.replace(name, listed)
        return re.compile(pattern)

    return _Rules(
        shown={Found(kind): text for kind, text in told["shown"].items()},
        patterns=tuple(
            (Found(one["kind"]), compiled(_behind(one["of"])), compiled(one["keep"]) if "keep" in one else None)
            for one in told["patterns"]
        ),
        rude=_rude(folder.joinpath("rude_words.csv").read_text("utf-8")),
        written={sign: int(value) for sign, value in figures["written"].items()},
        only_within=frozenset(figures["only_within"]),
        separators=frozenset(figures["separators"]),
        between=int(figures["between"]),
        least=int(figures["least"]),
        dates=tuple(re.compile(one) for one in figures["dates"]),
    )


def _behind(pattern: str) -> str:
    """Alternatives of unequal length after ``(?<=`` as one look behind each: Python's own takes only equal ones."""
    if not pattern.startswith("(?<=") or "|" not in pattern.partition(")")[0]:
        return pattern
    words, _bracket, rest = pattern.removeprefix("(?<=").partition(")")
    return "(?:" + "|".join(f"(?<={word})" for word in words.split("|")) + ")" + rest


def _rude(text: str) -> re.Pattern[str]:
    rows = list(csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")))
    words = sorted(
        (rf"\b{re.escape(row['word'])}\b" if row["language"] == "en" else re.escape(row["word"]) for row in rows),
        key=lambda word: (-len(word), word),
    )
    return re.compile("|".join(words), re.IGNORECASE)


def propose(text: str) -> Masked:
    """The wording that could become public: a pure function, and proposing it again changes nothing.

    Args:
        text: as it was written, of any length and in any script.
    """
    found: set[Found] = set()
    words = _plain(text)
    for _round in range(ROUNDS):
        covered = _once(words, found)
        if covered == words:
            break
        words = covered
    else:
        words, found = _rules().shown[Found.NUMBER], found | {Found.NUMBER}
    return Masked(words, tuple(kind for kind in Found if kind in found))


def _plain(text: str) -> str:
    """Without signs that cannot be seen: between two figures they would hide a number from the rules."""
    kept = (
        sign for sign in text.replace("\r\n", "\n") if sign == "\n" or unicodedata.category(sign) not in ("Cf", "Cc")
    )
    return "\n".join(" ".join(line.split()) for line in "".join(kept).split("\n")).strip()


def _once(words: str, found: set[Found]) -> str:
    rules = _rules()
    for kind, pattern, keep in rules.patterns:
        words = pattern.sub(_cover(kind, keep, found), words)
    words = _without_runs(words, found)
    return rules.rude.sub(_cover(Found.RUDE, None, found), words)


def _cover(kind: Found, keep: re.Pattern[str] | None, found: set[Found]) -> Callable[[re.Match[str]], str]:
    def covered(match: re.Match[str]) -> str:
        found.add(kind)
        head = keep.match(match.group()) if keep else None
        return (head.group() if head else "") + _rules().shown[kind]

    return covered


def value_of(sign: str) -> int | None:
    """The value of a sign that people write a figure with, in any script; ``None`` for any other."""
    value = unicodedata.digit(sign, None)
    return value if value is not None else _rules().written.get(sign)


def _without_runs(words: str, found: set[Found]) -> str:
    """Cover every run of figures that is long enough to be somebody's number, however it is spaced."""
    rules, parts, at = _rules(), [], 0
    while at < len(words):
        if value_of(words[at]) is None or words[at] in rules.only_within:
            parts.append(words[at])
            at += 1
            continue
        end, figures = _run(words, at)
        run = words[at:end]
        if len(figures) < rules.least or any(date.fullmatch(run) for date in rules.dates):
            parts.append(run)
        else:
            kind = _kind(figures)
            if kind == Found.IDENTITY and end < len(words) and words[end] in "xXｘＸ":
                end += 1
            found.add(kind)
            parts.append(rules.shown[kind])
        at = end
    return "".join(parts)


def _run(words: str, start: int) -> tuple[int, str]:
    """Where the run of figures that begins at ``start`` ends, and its figures."""
    rules, figures, at, end, gap = _rules(), "", start, start, 0
    while at < len(words) and gap <= rules.between:
        value = value_of(words[at])
        if value is not None:
            figures += str(value)
            end, gap = at + 1, 0
        elif words[at].isspace() or words[at] in rules.separators:
            gap += 1
        else:
            break
        at += 1
    return end, figures


def _kind(figures: str) -> Found:
    if MOBILE.fullmatch(figures):
        return Found.PHONE
    if len(figures) >= IDENTITY:
        return Found.IDENTITY
    return Found.PHONE if len(figures) in (10, 11, 12) and figures[0] == "0" else Found.NUMBER
