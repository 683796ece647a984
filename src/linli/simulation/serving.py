"""A few applications for services, so that the queues of the demo's cast are alive: written stories, played by the actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from typing import Any

import yaml

from linli.kernel import time
from linli.kernel.errors import LinliError
from linli.kernel.trust import Actor, Role
from linli.people.models import Account
from linli.people.queries import resident
from linli.services import queries
from linli.services.actions import applying, windows
from linli.services.actions.applying import Wanted
from linli.services.models import Application
from linli.services.steps import ref_of
from linli.services.verbs import VERBS
from linli.simulation.city import Staff, staff_of
from linli.simulation.draws import text_of
from linli.simulation.engine import Engine

HANDLERS = (Role.COMMUNITY_WORKER, Role.SUBDISTRICT_OFFICER, Role.DEPARTMENT_CLERK, Role.DISPATCHER)
OWN = frozenset({"answer", "rate", "appeal", "withdraw", "rebook"})
AHEAD = timedelta(days=8)
"""How long before the present the windows are opened that the stories book."""
NUMBER = "11010519491231002X"
"""The example of GB 11643-1999, which is nobody's."""


def serve(district: str, *, now: datetime, micro_grid: str) -> int:
    """Play the stories; returns how many applications there are. Does nothing when there are some already."""
    if Application.objects.filter(district=district).exists():
        return 0
    with time.at(now - AHEAD):
        windows.open_windows(district=district)
    played = _Played(district, now, micro_grid)
    return played.all()


class _Played:
    def __init__(self, district: str, now: datetime, micro_grid: str) -> None:
        self.now, self.micro_grid = now, micro_grid
        community = "/".join(micro_grid.split("/")[:3])
        neighbours = Account.objects.filter(home_path__startswith=f"{community}/", is_active=True).exclude(login="zhou")
        self.neighbours = cycle(neighbours.order_by("login")[:12])
        self.staff: Staff = staff_of(district)
        self.script: Mapping[str, Any] = yaml.safe_load(text_of("services.yaml"))
        self.done = 0

    def all(self) -> int:
        engine = Engine(self.now - AHEAD)
        for number, story in enumerate(self.script["stories"], start=1):
            engine.plan(self.now - timedelta(hours=story["ago"]), partial(self._apply, engine, number, story))
        engine.run(self.now)
        with time.at(self.now):
            windows.open_windows(district=self.micro_grid[:6])
        return self.done

    def _apply(self, engine: Engine, number: int, story: Mapping[str, Any]) -> None:
        zhou = story["by"] == "zhou"
        account = Account.objects.get(login="zhou") if zhou else next(self.neighbours, None)
        if account is None:
            return
        actor = resident(account)
        entry = queries.service(story["service"], district=self.micro_grid[:6])
        person = {} if zhou else {"phone": f"1990009{number:04d}"}
        if story.get("address"):
            person["address"] = self.script["address"].format(n=number)
        if story.get("identity"):
            person["identity_number"] = NUMBER
        slot = None
        if "slot" in story:
            free = [one for one in queries.windows(entry, self.micro_grid) if one.free]
            slot = free[min(story["slot"], len(free) - 1)].slot.id if free else None
        wanted = Wanted(
            service=entry.code, answers=story.get("answers", {}), person=person,
            area_path="/".join(self.micro_grid.split("/")[:3]), slot=slot, use_held=True, use_proofs=bool(story.get("proofs")),
        )  # fmt: skip
        body = json.dumps(story, ensure_ascii=False).encode()
        told = applying.apply(actor, f"services:{self.now:%Y%m%d}:{number}", body, wanted=wanted).body
        self.done += 1
        for hours, verb, given in story["steps"]:
            step = partial(self._step, told["number"], verb, given, actor)
            engine.plan(self.now - timedelta(hours=hours), step)

    def _step(self, number: str, name: str, given: Mapping[str, Any], actor: Actor) -> None:
        found = queries.by_number(number)
        if found is None:
            return
        verb = VERBS[name]
        who = actor if name in OWN else next(iter(self.staff.of(found.organisation_id, HANDLERS)), None)
        if who is None:
            return
        values = dict(given) | ({"version": found.version} if verb.takes_version else {})
        try:
            verb.run(who, ref_of(found), **values)
        except LinliError:
            return  # the organisation is made otherwise than the story thought
