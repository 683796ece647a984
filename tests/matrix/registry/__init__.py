"""Every route of the house, and what guards it: the authorisation matrix calls each as every role, from every side.

A route that stands in no module here fails ``tests/matrix``. Each door has a module of its own (``api.py``, ``portal.py`` …) with a
list ``ENTRIES``; add one entry for every method that a route takes::

    Entry("desk/cases/<number>", "GET", verb="case.view", on=On.CASE, call=lambda s: Call(f"/desk/cases/{s.number}")),
    Entry("desk/", "GET", verb="case.list", call=lambda s: Call("/desk/")),
    Entry("sign-in", "GET", guard=Guard.PUBLIC, call=lambda s: Call("/sign-in")),
    Entry("me/settings", "POST", guard=Guard.SIGNED_IN, call=lambda s: Call("/me/settings", {"theme": "dark"})),

``route`` is what Django calls it (``python -m pytest tests/matrix -k routes`` prints those that are missing); ``verb`` is a row of
``policy.csv``; ``on`` says what the verb is done to; ``call`` makes the request from the :class:`~tests.matrix.scene.Scene`: send
something valid, so that only the right can refuse it. What each caller must get follows from the policy table:

* not to be seen → 404; seen but not to be done → 403; nobody signed in → 401, or the way to the sign-in page;
* otherwise anything but these and a server error (the state of the case may well answer 409, a page redirect).

``guard``: ``VERB`` (the default), ``SIGNED_IN``, ``ACCOUNT`` (a person, not a machine), ``PUBLIC``, and ``CODE`` for what opens
with a ticket's code and must stay 404 without it, ``STEP`` for what follows a first step of signing in and sends everybody else back
to it. ``handler=True`` adds that only those act who have the case in their hands.
``exact=False`` takes 404 for 403 as well, for pages that do not say that there is something. ``door`` names a further row of
``policy.csv`` that the whole door asks for: the desk is for those who may list cases; ``roles`` names the
only ones that a door takes, before it looks at anything else. ``as_resident`` is for the portal, where
everybody is a resident; ``maybe_missing`` for an address that names something that is not there, so that whoever has
the right gets 404. Verbs of which one is enough are joined by ``|``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Any

from linli.kernel.trust import Role


class Guard(StrEnum):
    """What lets somebody in."""

    VERB = "verb"
    SIGNED_IN = "signed_in"
    ACCOUNT = "account"
    PUBLIC = "public"
    CODE = "code"
    STEP = "step"
    MISSING = "missing"


class On(StrEnum):
    """What a verb is done to."""

    NOTHING = "nothing"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: a dictionary is sent as JSON to the API and as a form elsewhere, unless ``content_type`` says otherwise."""

    path: str
    data: dict[str, Any] = field(default_factory=dict)
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One method of one route; see the module's docstring."""

    route: str
    method: str
    call: Callable[[Any], Call]
    verb: str = ""
    guard: Guard = Guard.VERB
    on: On = On.NOTHING
    handler: bool = False
    exact: bool = True
    door: str = ""
    roles: frozenset[Role] = frozenset()
    as_resident: bool = False
    maybe_missing: bool = False

    @property
    def is_page(self) -> bool:
        """Whether people read it, and not machines."""
        return not self.route.startswith("api/")

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def entries() -> list[Entry]:
    """Every entry of every door."""
    found: list[Entry] = []
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__)):
        found += import_module(f"{__name__}.{module}").ENTRIES
    return found
