"""Who may do what: one table, role × verb × reach, kept as data in ``policy.csv`` and printed in ``docs/reference/roles.md``.

A cell names how far the role reaches with the verb:

``own``   what the person reported or takes part in
``area``  whatever lies in the subtree of the post's area
``org``   what is in the hands of the post's organisation
``city``  everything
``any``   needs no subject, or any

Several are joined by ``+``. An empty cell is a no. A subject that the actor may not even see is answered as if it did not exist.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.kernel.db import within
from linli.kernel.errors import Forbidden, NotFound, SignInNeeded
from linli.kernel.trust.actor import Actor, Role

REACHES = ("own", "area", "org", "city", "any")


class Subject(Protocol):
    """What the table is asked about: somewhere, in somebody's hands, and somebody's own."""

    @property
    def area_path(self) -> str:
        """Where it is."""

    def policy_accounts(self) -> Collection[UUID | None]:
        """The people whose own it is."""

    def policy_organisations(self) -> Collection[UUID | None]:
        """The organisations in whose hands it is."""


class Apart:
    """Of a subject: nobody's own and in no organisation's hands, unless its class says otherwise."""

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class Spot(Apart):
    """A place as the subject of a right."""

    area_path: str


Table = Mapping[str, Mapping[Role, frozenset[str]]]


@lru_cache(maxsize=1)
def table() -> Table:
    """The policy table: verb → role → reaches.

    Raises:
        ValueError: when the file names an unknown role or reach, a verb twice, or a row has cells too few or too many.
    """
    text = resources.files("linli.kernel.trust").joinpath("policy.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    found: dict[str, dict[Role, frozenset[str]]] = {}
    for row in rows:
        verb = row.pop("verb")
        if verb in found or None in row or None in row.values():
            raise ValueError(f"policy.csv: the row of {verb} comes twice, or its cells do not fit the head")
        found[verb] = {}
        for role, cell in row.items():
            reaches = frozenset((cell or "").split("+")) - {""}
            if unknown := reaches - set(REACHES):
                raise ValueError(f"policy.csv: {verb}/{role} names an unknown reach {sorted(unknown)}")
            if reaches:
                found[verb][Role(role)] = reaches
    return found


def reach(actor: Actor, verb: str) -> frozenset[str]:
    """How far ``actor`` reaches with ``verb``; empty means not at all.

    Raises:
        KeyError: when the table does not know the verb (a mistake in the program).
    """
    if actor.role == Role.SYSTEM:
        return frozenset({"city", "any"})
    if actor.scopes is not None and verb not in actor.scopes and verb.partition(".")[0] not in actor.scopes:
        return frozenset()
    return table()[verb].get(actor.role, frozenset())


def allows(actor: Actor, verb: str, subject: Subject | None = None) -> bool:
    """Whether the table lets ``actor`` do ``verb``, with ``subject`` when there is one."""
    reaches = reach(actor, verb)
    if not reaches:
        return False
    if subject is None or "city" in reaches or "any" in reaches:
        return True
    if "area" in reaches and actor.area_path and within(subject.area_path, actor.area_path):
        return True
    if "org" in reaches and actor.organisation_id and actor.organisation_id in subject.policy_organisations():
        return True
    return "own" in reaches and actor.account_id is not None and actor.account_id in subject.policy_accounts()


def require(actor: Actor, verb: str, subject: Subject | None = None, *, view: str | None = None) -> None:
    """Refuse unless the table lets ``actor`` do ``verb``.

    Args:
        view: the verb of looking at such a subject; whoever may not even look learns nothing.

    Raises:
        SignInNeeded: nobody is signed in, and nobody could do this without.
        NotFound: the actor may not see ``subject``.
        Forbidden: the actor may see it but not do this.
    """
    if allows(actor, verb, subject):
        return
    if subject is not None and not (view and allows(actor, view, subject)):
        raise NotFound("not_found", _("There is nothing here that you can see."))
    if actor.role == Role.ANONYMOUS:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    raise Forbidden("not_allowed", _("Your post may not do this."), extra={"verb": verb})
