"""Kinds of lists that `linli import KIND FILE...` loads: a room registers its own, the command offers them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of list.

    Args:
        name: what people type after ``import``.
        help: what it loads, for ``--help``.
        arguments: adds what the kind takes to its parser.
        run: loads it; gets the command, to write with, and its options.
    """

    name: str
    help: str
    arguments: Callable[[CommandParser], None]
    run: Callable[[BaseCommand, dict[str, Any]], None]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Offer a kind; the same name again takes the earlier one's place."""
    _kinds[kind.name] = kind


def kinds() -> Sequence[Kind]:
    """The kinds that rooms have registered."""
    return list(_kinds.values())
