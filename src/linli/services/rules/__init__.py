"""The default services as data, and how they are read.

``resident_services.csv`` is the seed (department, identity level, limit, documents), ``services.yaml`` what it does not say (form,
windows, everyday words), ``documents.csv`` how each document on its lists is had, ``fields.csv`` the questions, ``proofs.csv`` what
departments vouch for, ``departments.csv`` where and when, ``groups.csv`` the groups. Services may be edited before a first load;
afterwards they live in the database. Questions, proofs and groups are the package's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

MINUTES_A_DAY = {"calendar": 24 * 60, "working": 8 * 60}
OFFICE_HOURS = ("工作日 9:00–12:00，13:30–17:30", "Working days 9:00–12:00 and 13:30–17:30")
PHONE_WAY = {"app": ("网上办", "Online"), "counter": ("窗口办", "At the counter"), "phone": ("电话办", "By telephone"),
             "doorstep": ("上门办", "At your home"), "kiosk": ("自助机", "At a kiosk"), "sms": ("短信", "By text message")}  # fmt: skip


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a rules' file."""
    text = resources.files("linli.services.rules").joinpath(name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def split(text: str) -> list[str]:
    """Parts of a cell that are joined by semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _called(zh: str, en: str, language: str) -> str:
    return zh if language.startswith("zh") or not en else en


@dataclass(frozen=True, slots=True)
class Group:
    """A group to browse by."""

    code: str
    name_zh: str
    name_en: str
    icon: str

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return _called(self.name_zh, self.name_en, language)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen."""

    value: str
    name_zh: str
    name_en: str

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return _called(self.name_zh, self.name_en, language)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form.

    Args:
        kind: line, text, number, date, choice, choices, yes or photos.
        data_class: ``internal`` answers stand on the application in clear; ``personal`` and ``sensitive`` ones are sealed.
        keep: whether an earlier answer may stand in for it, with consent.
        most: characters, or the highest number, or how many photos.
    """

    code: str
    kind: str
    data_class: str
    label_zh: str
    label_en: str
    hint_zh: str
    hint_en: str
    options: tuple[Option, ...]
    required: bool
    keep: bool
    most: int

    def called(self, language: str) -> str:
        """The question."""
        return _called(self.label_zh, self.label_en, language)

    def hint(self, language: str) -> str:
        """What helps to answer it."""
        return _called(self.hint_zh, self.hint_en, language)

    @property
    def is_sealed(self) -> bool:
        """Whether its answer is kept sealed."""
        return self.data_class != "internal"


@dataclass(frozen=True, slots=True)
class ProofKind:
    """A fact that a department vouches for."""

    code: str
    name_zh: str
    name_en: str
    holder: str
    valid_days: int

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return _called(self.name_zh, self.name_en, language)


@lru_cache(maxsize=1)
def groups() -> dict[str, Group]:
    """The groups in their order."""
    return {row["code"]: Group(**row) for row in rows("groups.csv")}


@lru_cache(maxsize=1)
def questions() -> dict[str, Question]:
    """Every question that a form may ask."""
    found = {}
    for row in rows("fields.csv"):
        options = tuple(Option(*part.split("|")) for part in split(row["options"]))
        found[row["code"]] = Question(
            row["code"], row["kind"], row["data_class"], row["label_zh"], row["label_en"], row["hint_zh"], row["hint_en"],
            options, row["required"] == "Y", row["keep"] == "Y", int(row["most"] or 0),
        )  # fmt: skip
    return found


@lru_cache(maxsize=1)
def proofs() -> dict[str, ProofKind]:
    """Every proof."""
    return {
        row["code"]: ProofKind(row["code"], row["name_zh"], row["name_en"], row["holder"], int(row["valid_days"]))
        for row in rows("proofs.csv")
    }


def way_name(channel: str, language: str) -> str:
    """A way to have it done: online, at the counter, at home."""
    zh, en = PHONE_WAY.get(channel, (channel, channel))
    return _called(zh, en, language)


def services() -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Each service: its identity (code, identifier) and the fields of its version."""
    text = resources.files("linli.services.rules").joinpath("services.yaml").read_text("utf-8")
    more: dict[str, dict[str, Any]] = yaml.safe_load(text)
    documents = {row["name_zh"]: row for row in rows("documents.csv")}
    departments = {row["code"]: row for row in rows("departments.csv")}
    found = []
    for row in rows("resident_services.csv"):
        own, department = more[row["code"]], departments[row["department_en"]]
        named = [documents[name] for name in split(row["documents_zh"])]
        hows = [how for one in named for how in split(one["how"])]
        fields: dict[str, Any] = {
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "group": own["group"],
            "department_zh": row["department_zh"],
            "department_en": department["name_en"],
            "function": own.get("function", department["function"]),
            "mode": row["mode"],
            "way": own["way"],
            "category": own.get("category", ""),
            "page": own.get("page", ""),
            "identity_level": int(row["identity_level"]),
            "proxy_allowed": row["proxy_allowed"] == "Y",
            "community_assist": row["community_assist"] == "Y",
            "fee": row["fee"],
            "days": int(row["legal_or_typical_days"]),
            "minutes": int(row["legal_or_typical_days"]) * MINUTES_A_DAY[row["clock"]],
            "clock": row["clock"],
            "sensitivity": row["sensitivity"],
            "channels": split(row["channels"]),
            "place_zh": department["place_zh"],
            "place_en": department["place_en"],
            "hours_zh": OFFICE_HOURS[0],
            "hours_en": OFFICE_HOURS[1],
            "phone": department["phone"],
            "materials": [{"zh": one["name_zh"], "en": one["name_en"], "how": split(one["how"])} for one in named],
            "form": own.get("form", []),
            "proofs": [how.partition(":")[2] for how in hows if how.startswith("proof:")],
            "needs_address": bool(own.get("address")),
            "gives": own.get("gives", ""),
            "result_zh": row["result_zh"],
            "result_en": own.get("result", ""),
            "words_zh": own["words"],
            "words_en": own.get("en", []),
            "booking": own.get("booking"),
            "is_common": bool(own.get("common")),
            "keep_days": 180 if own.get("booking") else 1095,
            "basis": row["basis"],
        }
        found.append(({"code": row["code"], "identifier": row["identifier"]}, fields))
    return found
