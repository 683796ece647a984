"""What is taken out of a case's words before the model may learn from them. Imports no Django.

Telephone, identity and other long numbers, number plates, addresses of the net, and names where words before or after show that they
are one. What is left is meant to teach which words go with which category, nothing about anybody; it is still dealt with as personal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import yaml

GAP = " "
LONGEST = 500


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    told = yaml.safe_load(resources.files("linli.suggesting.rules").joinpath("scrubbing.yaml").read_text("utf-8"))
    found = []
    for pattern in told["patterns"]:
        for name in ("PROVINCES", "SURNAMES", "TITLES"):
            pattern = pattern.replace(name, told[name])
        found.append(re.compile(pattern, re.IGNORECASE))
    return tuple(found)


def scrub(words: str) -> str:
    """The words without numbers and names, at most 500 characters."""
    for pattern in _patterns():
        words = pattern.sub(GAP, words)
    return " ".join(words.split())[:LONGEST]
