"""What lies on the desks of the demo's cast: small stories (``data/stage.yaml``), played on the simulation's clock by its actions."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import yaml

from linli.cases import router
from linli.cases.actions import intake, talking
from linli.cases.actions.closing import Outcome
from linli.cases.actions.intake import Report, Reporter
from linli.cases.loop import Ref
from linli.cases.models import Case, Channel, EvidenceKind
from linli.cases.verbs import VERBS
from linli.kernel import time
from linli.kernel.errors import Conflict
from linli.kernel.models import Deadline, DeadlineState
from linli.kernel.trust import ANONYMOUS, Actor, Role
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of, resident
from linli.simulation.city import Spot, ground_of
from linli.simulation.draws import text_of
from linli.simulation.month import Simulation

CHANNELS = {
    Role.RESIDENT: Channel.PORTAL,
    Role.ANONYMOUS: Channel.PORTAL,
    Role.CALL_TAKER: Channel.HOTLINE,
    Role.MICRO_GRID_MEMBER: Channel.FIELD,
    Role.COMMUNITY_WORKER: Channel.COUNTER,
}


@lru_cache(maxsize=1)
def script() -> Mapping[str, Any]:
    """``data/stage.yaml``."""
    found: Mapping[str, Any] = yaml.safe_load(text_of("stage.yaml"))
    return found


class Stage:
    """Plans the stories into a simulation, before it runs."""

    def __init__(self, simulation: Simulation, *, now: datetime, micro_grid: str, logins: list[str]) -> None:
        """Prepare.

        Args:
            now: the moment from which the stories count back.
            micro_grid: where the cast lives and works.
            logins: of the cast.
        """
        self.simulation, self.now, self.micro_grid = simulation, now, micro_grid
        self.community = router.community_of(micro_grid)
        self.source = random.Random(f"stage:{micro_grid}")
        self.people: dict[str, Actor] = {"anonymous": ANONYMOUS}
        for account in Account.objects.filter(login__in=logins):
            posts = posts_of(account.id)
            self.people[account.login] = actor_of_post(posts[0]) if posts else resident(account)
        ground = ground_of(self.community, self.source, simulation.words)
        around = [ground.spot(self.source, path) for path in ground.communities for _n in range(40)]
        self.around: list[Spot] = around
        home = ground_of(micro_grid, self.source, simulation.words)
        self.home = [home.spot(self.source, path) for path in home.communities for _n in range(10)] or around

    def plan(self) -> int:
        """Plan every story; returns how many there are."""
        stories = script()["stories"]
        for number, story in enumerate(stories, start=1):
            self._plan(number, story)
        return len(stories)

    def _plan(self, number: int, story: Mapping[str, Any]) -> None:
        held: dict[str, UUID] = {}

        def begin() -> None:
            held["case"] = self._report(number, story)

        def follow(verb: str, who: str, given: Mapping[str, Any]) -> None:
            self._do(held["case"], verb, who, given)

        self.simulation.engine.plan(self._ago(story["ago"]), begin)
        for hours, verb, who, given in story["steps"]:
            self.simulation.engine.plan(self._ago(hours), partial(follow, verb, who, given))

    def _ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def _report(self, number: int, story: Mapping[str, Any]) -> UUID:
        who = self.people[story["by"]]
        spot = self.source.choice(self.around if story.get("where") == "community" else self.home)
        for_other = who.role in (Role.CALL_TAKER, Role.ANONYMOUS)
        contact = Reporter(phone=f"1990001{number:04d}") if for_other else Reporter()
        placed: dict[str, Any] = {"lng": spot.lng, "lat": spot.lat, "address": f"{spot.address}{spot.number}"}
        if story.get("where") == "nowhere":
            placed = {"district": self.simulation.district}
        what = Report(
            category=story["category"], description=story["text"], channel=CHANNELS[who.role], reporter=contact,
            on_behalf=who.role == Role.CALL_TAKER, **placed,
        )  # fmt: skip
        body = f"stage:{number}:{story['text']}".encode()
        answer = intake.report(who, f"stage:{self.now:%Y%m%d}:{number}", body, what=what)
        case = Case.objects.get(district=answer.body["district"], id=answer.body["id"])
        if story.get("photo"):
            self._photo(who if who.is_signed_in else self.people["xiaoxu"], case, EvidenceKind.REPORT, story["photo"])
        return case.id

    def _do(self, case_id: UUID, verb: str, who: str, given: Mapping[str, Any]) -> None:
        case = Case.objects.get(district=self.simulation.district, id=case_id)
        actor = self._holder(case) if who == "holder" else self.people[who]
        if verb == "photo":
            self._photo(actor, case, EvidenceKind(given["kind"]), given["kind"])
            return
        inputs = self._inputs(case, given)
        found = VERBS[verb]
        if found.takes_version:
            inputs["version"] = case.version
        found.run(actor, Ref(case.district, case.id), **inputs)

    def _holder(self, case: Case) -> Actor:
        staff = self.simulation.staff
        named = staff.post(case.handler_post_id) if case.handler_post_id else None
        if named is not None:
            return named
        found = staff.of(case.holder_id, (Role.COMMUNITY_WORKER, Role.SUBDISTRICT_OFFICER, Role.DEPARTMENT_CLERK))
        if not found:
            raise Conflict("stage.nobody", "nobody holds this case")
        return found[0]

    def _inputs(self, case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
        inputs = dict(given)
        if "organisation" in inputs:
            inputs["organisation"] = router.department_of(inputs["organisation"], case.area_path)
        if "organisations" in inputs:
            inputs["organisations"] = [router.department_of(one, case.area_path) for one in inputs["organisations"]]
        if "outcome" in inputs and inputs["outcome"] in list(Outcome):
            inputs["outcome"] = Outcome(inputs["outcome"])
        if "days" in inputs:
            running = Deadline.objects.get(
                district=case.district, subject_id=case.id, kind="resolution", state=DeadlineState.RUNNING
            )
            inputs["until"] = max(running.due_at, time.now()) + timedelta(days=inputs.pop("days"))
        if "review_days" in inputs:
            inputs["review_on"] = time.now() + timedelta(days=inputs.pop("review_days"))
        return inputs

    def _photo(self, who: Actor, case: Case, kind: EvidenceKind, drawn: str) -> None:
        picture = self.simulation.album.one(drawn, self.source)
        talking.add_evidence(
            who,
            Ref(case.district, case.id),
            kind=kind,
            original_key=picture.key,
            sha256=picture.sha256,
            size=picture.size,
        )
