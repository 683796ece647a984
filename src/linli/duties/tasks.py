"""What can be asked of a community: a kind and a code, and the names that other rooms give to theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a task is one of."""

    CATEGORY = "category", _("category of the catalogue")
    SERVICE = "service", _("service")
    CAMPAIGN = "campaign", _("campaign")
    IMPORT = "import", _("file to be read in")
    FORM = "form", _("form")
    OPERATION = "operation", _("special operation")
    MATTER = "matter", _("matter in words")


@dataclass(frozen=True, slots=True)
class Task:
    """One task.

    Args:
        department: the function (``rules/departments.csv`` of people) that asks for it; ``""`` when that does not matter.
    """

    kind: Kind
    code: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """How a task is called, and whose it is."""

    zh: str
    en: str
    department: str = ""

    def called(self, language: str = "") -> str:
        """Its name in a language of the interface, the reader's unless told."""
        return self.zh if (language or get_language() or "zh").startswith("zh") or not self.en else self.en


Names = Callable[[], Mapping[str, Name]]
_names: dict[Kind, Names] = {}


def announce(kind: Kind, names: Names) -> None:
    """Say what tasks of a kind there are: code to name."""
    _names[kind] = names


def known(kind: Kind) -> Mapping[str, Name]:
    """The tasks of a kind that a room has announced; empty for matters in words, which stand on the lists alone."""
    return _names[kind]() if kind in _names else {}


def choices() -> list[tuple[Kind, str, Name]]:
    """Every task that has been announced, kind by kind, by code."""
    return [(kind, code, name) for kind in Kind for code, name in sorted(known(kind).items())]
