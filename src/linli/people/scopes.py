"""What a key or a webhook may be narrowed to, in the reader's words: subjects, and the verbs of each (``rules/scopes.csv``)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from linli.kernel.trust import Actor, policy

WORDS = Path(__file__).parent / "rules" / "scopes.csv"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the policy table, with those of its verbs that a post reaches; each as (scope, words)."""

    name: str
    words: str
    verbs: list[tuple[str, str]]


@cache
def known() -> dict[str, tuple[str, str]]:
    """English and Chinese words of each scope, in the file's order."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["scope"]: (row["en"], row["zh"]) for row in rows}


def word(scope: str) -> str:
    """A scope in the reader's language; one that has no words yet by its name."""
    english, chinese = known().get(scope, (scope, scope))
    return chinese if (get_language() or "").startswith("zh") else english


def in_order(scopes: Iterable[str]) -> list[str]:
    """Scopes in the order of the file; those without words last, by name."""
    order = {scope: place for place, scope in enumerate(known())}
    return sorted(scopes, key=lambda one: (order.get(one, len(order)), one))


def words(scopes: Iterable[str]) -> list[str]:
    """Several of them in words, in the order of the file."""
    return [word(scope) for scope in in_order(scopes)]


def reachable(actor: Actor) -> list[Subject]:
    """What a key of the actor's can be good for: subjects, each with its verbs, as far as the post reaches."""
    found: dict[str, list[str]] = {}
    for verb in policy.table():
        if policy.reach(actor, verb):
            found.setdefault(verb.partition(".")[0], []).append(verb)
    return [
        Subject(subject, word(subject), [(verb, word(verb)) for verb in in_order(found[subject])])
        for subject in in_order(found)
    ]
