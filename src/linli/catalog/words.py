"""Finding a category by what people write. Pure; ``docs/algorithms/category-search.md`` gives the rule.

A text is compared with names and everyday words after both are made plain (NFKC, small letters, no signs). A word that stands
in the text counts by its length, twice that in a name; Chinese that only shares pairs of neighbouring characters counts by
their share. Ties go to the more severe, then to the earlier code.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SPELLING_SHARE = 0.5
LATIN_WORD = re.compile(r"[a-z0-9]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
COMMON = frozenset(
    ["a", "an", "and", "at", "in", "is", "my", "of", "on", "the", "to", "or", "s", "no", "not", "it", "out"]
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a category can be found by; ``weight`` breaks ties, the lower first."""

    names: tuple[str, ...]
    keywords: tuple[str, ...]
    weight: int


def plain(text: str) -> str:
    """Small letters, no full-width forms, signs as single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]+", " ", text).strip()


def pairs(text: str) -> set[str]:
    """Neighbouring pairs of Chinese characters; a single one stands for itself."""
    found = set()
    for run in CHINESE.findall(text):
        found |= {run[i : i + 2] for i in range(len(run) - 1)} or {run}
    return found


def stems(text: str) -> set[str]:
    """The Latin words of a plain text without the commonest and without a plural's s."""
    return {word[:-1] if len(word) > 3 and word.endswith("s") else word for word in LATIN_WORD.findall(text)} - COMMON


class Index:
    """Categories by their words; built once for a catalogue."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._weight = {code: document.weight for code, document in documents.items()}
        self._phrases: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._pairs: dict[str, list[tuple[str, set[str], float]]] = {}
        self._stems: dict[str, list[tuple[set[str], float]]] = {}
        for code, document in documents.items():
            self._pairs[code], self._stems[code] = [], []
            for worth, texts in ((2.0, document.names), (1.0, document.keywords)):
                for text in texts:
                    self._add(code, plain(text), worth)

    def _add(self, code: str, text: str, worth: float) -> None:
        if not text:
            return
        if CHINESE.search(text):
            self._phrases[code].append((text.replace(" ", ""), worth))
            self._pairs[code].append((text, pairs(text), worth))
        if found := stems(text):
            self._stems[code].append((found, worth))

    def search(self, text: str) -> list[str]:
        """The codes that fit, the best first."""
        query = plain(text)
        if not query:
            return []
        scores = {code: self._score(code, query) for code in self._weight}
        fitting = [code for code, score in scores.items() if score > 0]
        return sorted(fitting, key=lambda code: (-round(scores[code], 6), self._weight[code], code))

    def _score(self, code: str, query: str) -> float:
        compact, query_pairs, query_stems = query.replace(" ", ""), pairs(query), stems(query)
        score = 0.0
        for phrase, worth in self._phrases[code]:
            if phrase in compact:
                score += worth * len(phrase) * 2
            elif len(compact) >= 2 and compact in phrase:
                score += worth * len(compact)
        if query_pairs:
            score += max(
                (_overlap(query_pairs, found) * worth for _text, found, worth in self._pairs[code]), default=0.0
            )
        for found, worth in self._stems[code]:
            if shared := query_stems & found:
                score += worth * len(shared) / len(found) * sum(map(len, shared)) / 2
        return score


def _overlap(left: set[str], right: set[str]) -> float:
    """Shared pairs, when they are at least half of the shorter side; else nothing."""
    shared = len(left & right)
    share = shared / min(len(left), len(right)) if shared else 0.0
    return shared * share if share >= SPELLING_SHARE else 0.0


def join_words(words: Iterable[str]) -> str:
    """Words as an administrator edits them: one line each."""
    return "\n".join(words)


def split_words(text: str) -> list[str]:
    """Words from what an administrator wrote: lines, commas and semicolons part them; doubles go, order stays."""
    found = [word.strip() for word in re.split(r"[\n,;\uff0c\uff1b\u3001]+", text)]
    return list(dict.fromkeys(word for word in found if word))
