"""A look at a reply before it is sent: does it answer, is it polite, is it in time. Rules over words; a hint, never a bar.

The rules stand in ``docs/algorithms/reply-check.md``, their words in ``rules/reply_words.csv``; nothing leaves the machine.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib import resources

SHORTEST = 10


class Hint(StrEnum):
    """What a reply may lack."""

    SHORT = "short"
    NO_NEXT = "no_next"
    NO_WHEN = "no_when"
    NO_WHY = "no_why"
    ELSEWHERE = "elsewhere"
    NO_GREETING = "no_greeting"
    BRUSHES_OFF = "brushes_off"
    SHOUTS = "shouts"
    JARGON = "jargon"
    LATE = "late"
    PERSONAL = "personal"


_PERSONAL = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
_SHOUTS = re.compile(r"[!\uff01]{2,}|\b[A-Z]{5,}\b")
_DATE = re.compile(
    r"\d{1,2}\s*(\u6708|\u53f7|\u65e5|\u70b9|\u65f6|:|\uff1a|/|-)"
    r"|\d+\s*(\u5929|\u5c0f\u65f6|\u5206\u949f|days?|hours?|minutes?)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is replied to.

    Args:
        words: what was reported, as far as it is not sealed; ``""`` when it is.
        subject: the words by which the kind of matter is called.
        due_at: when an answer or a solution is owed; ``None`` when no clock runs.
    """

    words: str = ""
    subject: str = ""
    due_at: datetime | None = None


def look(text: str, asked: Asked, *, now: datetime) -> list[Hint]:
    """What a reply lacks, the weightiest first; empty when nothing was found.

    Args:
        text: the reply so far.
        now: an aware moment, compared with ``asked.due_at``.
    """
    said = " ".join(text.split())
    if not said:
        return []
    lower, question = said.casefold(), asked.words.casefold()
    dated = bool(_DATE.search(lower)) or _has(lower, "says_when")
    late = asked.due_at is not None and asked.due_at <= now
    found = {
        Hint.PERSONAL: bool(_PERSONAL.search(said)),
        Hint.BRUSHES_OFF: _has(lower, "brushes_off"),
        Hint.LATE: late and not (_has(lower, "regrets") and dated),
        Hint.SHORT: len(said) < SHORTEST,
        Hint.NO_WHEN: _has(question, "asks_when") and not dated,
        Hint.NO_WHY: _has(question, "asks_why") and not _has(lower, "says_why"),
        Hint.NO_NEXT: not _has(lower, "says_next"),
        Hint.ELSEWHERE: len(said) >= SHORTEST * 2 and not _shares(lower, question + " " + asked.subject.casefold()),
        Hint.NO_GREETING: not _has(lower, "greets"),
        Hint.SHOUTS: bool(_SHOUTS.search(said)),
        Hint.JARGON: _has(lower, "jargon"),
    }
    return [hint for hint, is_so in found.items() if is_so]


@lru_cache(maxsize=1)
def words() -> Mapping[str, tuple[str, ...]]:
    """The words of the rules, by what they are a sign of."""
    text = resources.files("linli.desk").joinpath("rules/reply_words.csv").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")):
        found.setdefault(row["kind"], []).append(row["word"])
    return {kind: tuple(listed) for kind, listed in found.items()}


def _has(text: str, kind: str) -> bool:
    return any(word in text for word in words()[kind])


def _shares(reply: str, question: str) -> bool:
    pairs = {question[at : at + 2] for at in range(len(question) - 1)}
    pairs = {pair for pair in pairs if pair.isalnum()}
    return not pairs or any(reply[at : at + 2] in pairs for at in range(len(reply) - 1))
