"""What is stored about an account, told by every room that stores something: a room registers a holder, my data shows them all.

A holder takes the account's own actor and answers facts in words; a room that must forget something of an account registers
an eraser, which runs in the transaction in which the account is erased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from linli.kernel import time
from linli.kernel.trust import Actor
from linli.people import queries
from linli.people.words import role_word
from linli.territory import queries as territory

MOST_LOOKS = 1_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is stored: what it is, its value in words, and the page that shows it."""

    label: str | Promise
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """A group of facts of one room."""

    code: str
    title: str | Promise
    facts: Sequence[Fact]


Holder = Callable[[Actor], Sequence[Fact]]
Eraser = Callable[[UUID], None]
_holders: dict[str, tuple[str | Promise, Holder]] = {}
_erasers: dict[str, Eraser] = {}


def announce(code: str, title: str | Promise, holder: Holder, *, eraser: Eraser | None = None) -> None:
    """Register what a room holds about an account; the same code again takes the earlier one's place."""
    _holders[code] = (title, holder)
    if eraser:
        _erasers[code] = eraser


def of(actor: Actor) -> list[Holding]:
    """Everything that is held about the actor's own account, room by room."""
    return [Holding(code, title, holder(actor)) for code, (title, holder) in _holders.items()]


def erase(account_id: UUID) -> None:
    """Let every room forget what is personal, in the transaction that is open."""
    for eraser in _erasers.values():
        eraser(account_id)


def exported(actor: Actor) -> dict[str, Any]:
    """Everything that is held about the actor's own account, in clear, as it is given to that person.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    account = queries.own_account(actor)
    return {
        "exported_at": time.now().isoformat(),
        "account": {
            "name": account.name,
            "phone": account.phone,
            "language": account.language,
            "home": territory.full_name(account.home_path) if account.home_path else "",
            "since": account.since.isoformat(),
            "erase_at": account.erase_at.isoformat() if account.erase_at else None,
        },
        "holdings": [
            {
                "code": one.code,
                "title": str(one.title),
                "facts": [{"label": str(fact.label), "value": fact.value} for fact in one.facts],
            }
            for one in of(actor)
        ],
        "looks": [
            {
                "at": look.at.isoformat(),
                "role": str(role_word(look.role)),
                "purpose": look.purpose,
                "fields": list(look.fields),
            }
            for look in queries.looks_at_me(actor, limit=MOST_LOOKS)
        ],
    }
