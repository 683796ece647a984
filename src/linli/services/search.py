"""Finding a service by words, everyday words and pinyin. Pure; ``docs/algorithms/service-search.md`` gives the rule.

Chinese and English go the catalogue's way (:mod:`linli.catalog.words`). Latin letters are also tried as pinyin: whole syllables
(``dajianlaji``), the beginning of what somebody is still typing (``dajianla``), or first letters (``djlj``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from linli.catalog import words

LETTERS = re.compile(r"[a-z]{2,}")
NAME, WORD = 2.0, 1.0
SHORTEST_INITIALS = 2


@dataclass(frozen=True, slots=True)
class Sound:
    """How a name or a word sounds: its syllables, and what it is worth."""

    syllables: tuple[str, ...]
    worth: float

    @property
    def whole(self) -> str:
        """All syllables in one."""
        return "".join(self.syllables)

    @property
    def initials(self) -> str:
        """Their first letters."""
        return "".join(one[0] for one in self.syllables)


@lru_cache(maxsize=8_192)
def syllables(text: str) -> tuple[str, ...]:
    """The pinyin of the Chinese in a text, without tones; other signs are left out."""
    kept = "".join(words.CHINESE.findall(text))
    return tuple(one for one in lazy_pinyin(kept, style=Style.NORMAL) if one)


def sound_score(query: str, sound: Sound) -> float:
    """How well letters fit the sound of a text; 0 for not at all.

    A stretch of whole syllables from a syllable's beginning counts by the share of the text's letters, first letters by the share
    of its syllables at half of that, so that ``she`` does not find everything with an s, an h and an e.
    """
    starts, at = [], 0
    for one in sound.syllables:
        starts.append(at)
        at += len(one)
    for start in starts:
        if sound.whole.startswith(query, start):
            return sound.worth * (len(query) / len(sound.whole) + (0.5 if start == 0 else 0.0)) * 10
    if len(query) >= SHORTEST_INITIALS and query in sound.initials:
        first = 0.5 if sound.initials.startswith(query) else 0.0
        return sound.worth * (len(query) / len(sound.initials) + first) * 5
    return 0.0


class Index:
    """Services by their words and sounds; built once for a catalogue."""

    def __init__(self, documents: Mapping[str, words.Document]) -> None:
        self._words = words.Index(documents)
        self._order = {code: number for number, code in enumerate(documents)}
        self._sounds = {
            code: [
                Sound(found, worth)
                for worth, texts in ((NAME, one.names), (WORD, one.keywords))
                for text in texts
                if (found := syllables(text))
            ]
            for code, one in documents.items()
        }

    def search(self, text: str) -> list[str]:
        """The codes that fit, the best first; by words, else by sound."""
        found = self._words.search(text)
        if words.CHINESE.search(text):
            return found
        query = "".join(LETTERS.findall(words.plain(text)))
        if not query:
            return found
        scores = {
            code: max((sound_score(query, one) for one in sounds), default=0.0) for code, sounds in self._sounds.items()
        }
        sounding = sorted((c for c, score in scores.items() if score > 0), key=lambda c: (-scores[c], self._order[c]))
        return [*found, *(code for code in sounding if code not in found)]
