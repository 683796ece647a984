"""A live trickle for the demo: by the real clock, every half minute or so something happens somewhere in the district."""

from __future__ import annotations

import random
from datetime import timedelta

from linli.cases.models import Case
from linli.cases.states import ENDED, State
from linli.kernel import time
from linli.kernel.errors import LinliError
from linli.people.models import Post
from linli.simulation.draws import reply_times
from linli.simulation.fates import fate_of
from linli.simulation.handling import Life, NobodyThere
from linli.simulation.month import Simulation

ARRIVAL_SHARE = 0.35
LOOKED_AT = 40
RESIDENTS = 60
AT_REST = (State.WAITING_RESIDENT, State.SUSPENDED, State.CLOSED)


class Trickle:
    """Lets one thing happen at a time. What lies on the cast's own desks is left to whoever plays them."""

    def __init__(self, district: str, *, seed: int) -> None:
        self.district = district
        self.source = random.Random(seed)
        self.simulation = Simulation(district, start=time.now(), per_day=0, seed=seed, residents=RESIDENTS)
        played = Post.objects.filter(district=district, account__is_demo=True)
        self.played = set(played.values_list("id", flat=True))
        self.communities = {p for p in played.values_list("area_path", flat=True) if p.count("/") == 2}

    def once(self) -> str:
        """Let one thing happen; says what, or ``""`` when nothing could."""
        try:
            if self.source.random() < ARRIVAL_SHARE:
                return self._arrival()
            return self._step()
        except (LinliError, NobodyThere):
            return ""  # somebody was quicker, or nobody is there: the next thing happens soon enough

    def _arrival(self) -> str:
        before = self.simulation.told.tally.done["report"]
        self.simulation.arrive()
        self.simulation.album.settle(self.district)
        return "report" if self.simulation.told.tally.done["report"] > before else "join"

    def _step(self) -> str:
        """The next step of a case that has lain a while, of those that nobody of the cast has."""
        waiting = (
            Case.objects.filter(district=self.district, is_open=True, reported_at__lt=time.now() - timedelta(minutes=2))
            .exclude(state__in=[*AT_REST, *ENDED])
            .order_by("-reported_at")[:LOOKED_AT]
        )
        free = [case for case in waiting if case.handler_post_id not in self.played and not self._near_cast(case)]
        if not free:
            return ""
        case = self.source.choice(free)
        life = Life(case, None, fate_of(self.source.randrange(1 << 30), case.log_length, reply_times()))
        before = dict(self.simulation.told.tally.done)
        self.simulation.handling.step(life)
        self.simulation.album.settle(self.district)
        done = self.simulation.told.tally.done
        return next((verb for verb, count in done.items() if count > before.get(verb, 0)), "")

    def _near_cast(self, case: Case) -> bool:
        return any(case.area_path.startswith(path) for path in self.communities)
