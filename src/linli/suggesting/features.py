"""From a text to its features: the characters, pairs and triples of Chinese, and the words of Latin script. Imports no Django.

A feature is a 32-bit check sum of the piece (CRC-32, the same on every machine), so that a model needs no vocabulary; the few pieces
that fall together out of some fifty thousand do no harm that could be measured.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator

from linli.catalog.words import plain, stems

LONGEST = 3
MOST_CHARACTERS = 600
"""What comes after is not read: a report says in its first lines what it is about."""
_RUN = re.compile(r"[0-9\u4e00-\u9fff]+")


def pieces(text: str) -> Iterator[str]:
    """The pieces of a text, each as often as it occurs."""
    text = plain(text[:MOST_CHARACTERS])
    for run in _RUN.findall(text):
        for length in range(1, LONGEST + 1):
            for start in range(len(run) - length + 1):
                yield run[start : start + length]
    yield from stems(text)


def key(piece: str) -> int:
    """The feature that a piece stands for."""
    return zlib.crc32(piece.encode())


def count(text: str) -> Counter[int]:
    """Feature → how often."""
    return Counter(map(key, pieces(text)))
