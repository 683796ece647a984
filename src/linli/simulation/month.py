"""A stretch of a district's life: arrivals by the real rhythm, each followed by the people who handle it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from linli.cases.actions import intake, supervision, talking
from linli.cases.actions.intake import Report, Reporter
from linli.cases.loop import Ref
from linli.cases.models import Case, Channel, EvidenceKind
from linli.kernel import ids, time
from linli.kernel.errors import LinliError
from linli.kernel.trust import ANONYMOUS, Actor, Role
from linli.simulation.city import Ground, Residents, Spot, ground_of, staff_of
from linli.simulation.draws import arrivals, reply_times, texts
from linli.simulation.engine import Engine
from linli.simulation.fates import fate_of
from linli.simulation.handling import Handling, Life, Tally
from linli.simulation.pictures import Album

CHANNELS = {"account": 0.46, "anonymous": 0.08, "hotline": 0.22, "field": 0.19, "counter": 0.05}
UNPLACED_SHARE = 0.015
AGAIN_SHARE = 0.05
JOIN_SHARE = 0.5
REPORT_PHOTO_SHARE = 0.3
NUMBERS = 1_000_000_000
"""Made-up reporters' numbers begin with 1990, a range that no operator gives out to people; the cast has the first of them."""


@dataclass(slots=True)
class Told:
    """What a simulation did: cases by their end, actions, refusals, and the real seconds it took."""

    arrivals: int = 0
    joined: int = 0
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0

    @property
    def actions(self) -> int:
        """How many actions were carried out, reports among them."""
        return sum(self.tally.done.values())


class Simulation:
    """One district, or an area in it, over a stretch of time."""

    def __init__(
        self, area_path: str, *, start: datetime, per_day: float, seed: int, residents: int | None = None
    ) -> None:
        """Prepare: read the ground and the staff, make up the residents.

        Args:
            area_path: a district's path, or an area's below it.
            start: the first simulated moment; ground, catalogue and posts must hold then.
            per_day: reports a day in the mean of a week.
            residents: how many people there are to report; by the number of reports unless told.
        """
        self.area_path, self.district, self.per_day, self.seed = area_path, area_path[:6], per_day, seed
        self.source = random.Random(f"simulation:{seed}")
        self.words = texts()
        self.told = Told()
        self.engine = Engine(start)
        with time.at(start):
            self.staff = staff_of(self.district)
        self.ground: Ground = ground_of(area_path, self.source, self.words)
        self.album = Album()
        self.handling = Handling(self.engine, self.staff, self.words, self.album, self.told.tally, ground=self.ground)
        self.lives: dict[UUID, Life] = {}
        self._recent: list[Life] = []
        self._number = Case.objects.filter(district=self.district).count()
        with time.at(start):
            self.residents = Residents(
                self.ground, self.source, count=residents or max(40, int(per_day * 20)), seed=seed
            )

    def run(self, until: datetime, *, progress: Callable[[datetime, Told], None] | None = None) -> Told:
        """Live up to ``until``. The worker's rounds run along; at the end everything that is due has been done."""
        began = time.monotonic()
        start = self.engine.moment
        for moment in arrivals().between(self.source, start, until, self.per_day):
            self.engine.plan(moment, self.arrive)
        day = start.replace(hour=2, minute=30, second=0, microsecond=0)
        while day < until:
            if day > start:
                self.engine.plan(day, self._supervise)
            day += timedelta(days=1)
        # The ids' randomness follows the seed and how much there is already, so that a second run makes new ones.
        with ids.seeded(hash_of(self.seed, self._number)):
            self.engine.run(until, progress=(lambda moment: progress(moment, self.told)) if progress else None)
        self.album.settle(self.district)
        self.told.seconds = time.monotonic() - began
        return self.told

    # --- arrivals ------------------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Somebody reports something now, or joins what somebody reported before."""
        self._number += 1
        self.told.arrivals += 1
        fate = fate_of(self.seed, self._number, reply_times())
        source = fate.source
        actor, home = self.residents.somebody(source)
        way = source.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        community = home if way == "account" and source.random() < 0.7 else self.ground.community(source)
        spot = self.ground.spot(source, community)
        first = self._first_of(community) if source.random() < AGAIN_SHARE else None
        if first is not None:
            if source.random() < JOIN_SHARE:
                self._join(first, actor)
                return
            case = first.case
            spot = Spot(
                case.area_path, case.lng or spot.lng, case.lat or spot.lat, spot.name, spot.number, spot.address
            )
        code = first.case.category if first else self.words.category(source)
        said = self.words.spot(source, name=spot.name, number=spot.number)
        unplaced = source.random() < UNPLACED_SHARE and first is None
        if unplaced:
            said = self.words.say(source, "vague")
        who, what = self._report(way, actor, spot, code, said, source)
        if unplaced:
            what = Report(
                category=code, description=what.description, district=self.district, channel=what.channel,
                reporter=what.reporter, on_behalf=what.on_behalf, address=said,
            )  # fmt: skip
        body = json.dumps({"category": code, "description": what.description}, ensure_ascii=False).encode()
        try:
            answer = intake.report(who, f"simulation:{self.seed}:{self._number}", body, what=what)
        except LinliError as error:
            self.told.tally.refused[f"report:{error.code}"] += 1
            return
        self.told.tally.done["report"] += 1
        case = Case.objects.get(district=answer.body["district"], id=answer.body["id"])
        reporter = actor if who is actor else None
        life = Life(case, reporter, fate, same_as=first.case.id if first else None)
        self.lives[case.id] = life
        self._recent = [*self._recent[-60:], life]
        if reporter is not None and source.random() < REPORT_PHOTO_SHARE and not case.is_restricted:
            picture = self.album.one("before", source)
            talking.add_evidence(
                reporter, Ref(case.district, case.id), kind=EvidenceKind.REPORT, original_key=picture.key,
                sha256=picture.sha256, size=picture.size,
            )  # fmt: skip
            case.log_length += 1
            self.told.tally.done["add_evidence"] += 1
        pace = fate.minutes(1.1, 1.8) if fate.take("slow_intake") else fate.minutes(0.03, 0.45)
        respond = (case.due_at - case.reported_at).total_seconds() / 60 if case.due_at else 60.0
        self.handling.follow(life, case.reported_at + timedelta(minutes=max(1.5, respond * pace)))

    def _report(
        self, way: str, actor: Actor, spot: Spot, code: str, said: str, source: random.Random
    ) -> tuple[Actor, Report]:
        """Who reports through which channel, and what the report says."""
        text = self.words.report(source, code, said)
        lng, lat = spot.lng + source.uniform(-4e-5, 4e-5), spot.lat + source.uniform(-4e-5, 4e-5)
        given: dict[str, Any] = {
            "category": code,
            "description": text,
            "lng": lng,
            "lat": lat,
            "address": f"{spot.address}{spot.number}",
        }
        somebody = Reporter(phone=f"1990{self._number % 9_000_000 + 1_000_000:07d}")
        if way == "anonymous":
            return ANONYMOUS, Report(**given, channel=Channel.PORTAL, reporter=somebody)
        role, channel = {
            "hotline": (Role.CALL_TAKER, Channel.HOTLINE),
            "field": (Role.MICRO_GRID_MEMBER, Channel.FIELD),
            "counter": (Role.COMMUNITY_WORKER, Channel.COUNTER),
        }.get(way, (None, Channel.PORTAL))
        people = self.staff.near(spot.area_path, role) if role else []
        if not people:
            return actor, Report(**given, channel=Channel.PORTAL)
        on_behalf = way != "field"
        return source.choice(people), Report(
            **given, channel=channel, reporter=somebody if on_behalf else Reporter(), on_behalf=on_behalf
        )

    def _first_of(self, community: str) -> Life | None:
        """A case that was reported lately in the community and that somebody may report again."""
        for life in reversed(self._recent):
            case = life.case
            if (
                case.area_path.startswith(community)
                and case.is_open
                and case.sensitivity == "normal"
                and not life.same_as
            ):
                return life
        return None

    def _join(self, first: Life, actor: Actor) -> None:
        first.case = intake.join(actor, Ref(first.case.district, first.case.id)).case
        self.told.joined += 1
        self.told.tally.done["join"] += 1

    # --- supervision ---------------------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        """Once a day the supervision side looks at what is late: reminds of some, puts one under supervision."""
        late = list(
            Case.objects.filter(district=self.district, is_open=True, due_at__lt=time.now())
            .exclude(sensitivity="restricted")
            .order_by("due_at", "id")[:200]
        )
        late = [case for case in late if case.id in self.lives]
        supervisors = self.staff.near(self.district, Role.SUPERVISOR)
        if not late or not supervisors:
            return
        for case in self.source.sample(late, min(3, len(late))):
            self.handling.urge(self.lives[case.id], self.source)
        worst = self.source.choice(late)
        if worst.supervised_at is None and self.source.random() < 0.5:
            fresh = Case.objects.get(district=worst.district, id=worst.id)
            supervision.supervise(
                self.source.choice(supervisors), Ref(fresh.district, fresh.id), version=fresh.version,
                reason=self.words.say(self.source, "supervise"),
            )  # fmt: skip
            self.told.tally.done["supervise"] += 1


def hash_of(seed: int, number: int) -> int:
    """One seed from a seed and a count."""
    return seed * NUMBERS + number
