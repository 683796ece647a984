"""The rules that Linli comes with (``governance.yaml``), and what a set of rules must be like to be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from linli.compounds.colours import LARGEST, PLAIN, RED, YELLOW, Check
from linli.kernel.errors import Invalid

TERMS = ("contract", "committee", "fund", "renovation")
MOST_ROWS = 40
MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Given:
    """A set of rules before it is published."""

    rules: list[dict[str, Any]]
    items: list[dict[str, Any]]
    terms: dict[str, int]


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    text = resources.files("linli.compounds.rules").joinpath("governance.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def shipped() -> tuple[date, Given]:
    """The set that Linli comes with, and the day from which it holds."""
    found = _file()
    return date.fromisoformat(found["valid_from"]), checked(Given(found["rules"], found["items"], found["terms"]))


def checked(given: Given) -> Given:
    """A set of rules as it is kept.

    Raises:
        Invalid: a code comes twice, a check or colour is not known, or a number lies outside what it can be; ``field`` says which.
    """
    if not given.rules or len(given.rules) > MOST_ROWS or len(given.items) > MOST_ROWS or not given.items:
        raise _wrong("rules", _("Give one to forty rules, and as many items."))
    for kind, rows in (("rule", given.rules), ("item", given.items)):
        _codes(kind, rows)
    rules = []
    for row in given.rules:
        where = f"rule-{row['code']}"
        if row.get("check") not in set(Check) or row.get("colour") not in (RED, YELLOW):
            raise _wrong(where, _("Choose a check and a colour that there are."))
        bound = _number(row.get("bound"), where, least=1, most=LARGEST)
        if row["check"] in PLAIN and bound != 1:
            raise _wrong(where, _("This check has no bound."))
        rules.append({**_named(row), "check": str(row["check"]), "bound": bound, "colour": str(row["colour"])})
    items = [
        {**_named(row), "points": _number(row.get("points"), f"item-{row['code']}", least=1, most=MOST_POINTS)}
        for row in given.items
    ]
    terms = {name: _number(given.terms.get(name), f"term-{name}", least=1, most=LARGEST) for name in TERMS}
    return Given(rules, items, terms)


def _codes(kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    seen: set[str] = set()
    for row in rows:
        code = str(row.get("code", ""))
        if not code.isidentifier() or not code.isascii() or len(code) > 32 or code in seen:
            raise _wrong(f"{kind}-{code}"[:60], _("Each needs a code of its own."))
        seen.add(code)
        if (
            not 2 <= len(str(row.get("name_zh", "")).strip()) <= 80
            or not 2 <= len(str(row.get("name_en", "")).strip()) <= 120
        ):
            raise _wrong(f"{kind}-{code}", _("Each needs a name in both languages."))


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": str(row["code"]), "name_zh": str(row["name_zh"]).strip(), "name_en": str(row["name_en"]).strip()}


def _number(value: Any, field: str, *, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _wrong(field, _("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
    return value


def _wrong(field: str, message: Any) -> Invalid:
    return Invalid("compounds.rules", message, field=field)


def points(items: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> tuple[int, int]:
    """The points that answers give, and the most that there are: all of an item's when it is met, half of them, rounded down, for partly.

    Raises:
        Invalid: an item has no answer, or there is one to something else.
    """
    known = {str(item["code"]) for item in items}
    if set(answers) != known or set(answers.values()) - {"yes", "partly", "no"}:
        missing = next(iter(sorted(known - set(answers))), "answers")
        raise Invalid("compounds.answers", _("Answer every item."), field=f"answer-{missing}")
    worth = {"yes": 2, "partly": 1, "no": 0}
    return sum(int(item["points"]) * worth[answers[item["code"]]] // 2 for item in items), sum(
        int(item["points"]) for item in items
    )
