"""The default catalogue as data, and how it is read.

``event_categories.csv`` is the seed (codes, limits, evidence, conditions), ``routing.csv`` who takes what and the English of
what residents see, ``keywords.csv`` the everyday words, ``groups.csv`` the groups. All may be edited before a first load;
afterwards the catalogue lives in the database.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from typing import Any


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a rules' file."""
    text = resources.files("linli.catalog.rules").joinpath(name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def split(text: str) -> list[str]:
    """Parts of a cell that are joined by semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]


def categories() -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Each category: its identity (code, identifier, group) and the fields of its version."""
    routing = {row["code"]: row for row in rows("routing.csv")}
    keywords = {row["code"]: row for row in rows("keywords.csv")}
    found = []
    for row in rows("event_categories.csv"):
        route, words = routing[row["code"]], keywords[row["code"]]
        identity = {"code": row["code"], "identifier": row["identifier"], "group": row["group_en"]}
        fields: dict[str, Any] = {
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "keywords_zh": split(words["words_zh"]),
            "keywords_en": split(words["words_en"]),
            "severity": int(row["severity"]),
            "clock": row["clock"],
            "respond_minutes": round(float(row["respond_hours"]) * 60),
            "resolve_minutes": round(float(row["resolve_hours"]) * 60),
            "sign_in_minutes": int(route["sign_in_minutes"]),
            "intake": route["intake"],
            "first_level": row["first_level"],
            "first_handler": route["first_handler"],
            "first_handler_note": row["first_handler_zh"],
            "lead_function": route["lead_function"],
            "lead_note": row["lead_department_zh"],
            "co_functions": split(route["co_functions"]),
            "resident_reportable": row["resident_reportable"] == "Y",
            "call_first_zh": route["call_first_zh"] or row["call_first"],
            "call_first_en": route["call_first_en"],
            "call_first_numbers": split(route["call_first_numbers"]),
            "sensitivity": row["sensitivity"],
            "evidence_required": split(row["evidence_required"]),
            "close_condition_zh": row["close_condition_zh"],
            "close_condition_en": route["close_condition_en"],
            "basis": row["basis"],
        }
        found.append((identity, fields))
    return found
