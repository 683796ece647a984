"""Files of the demo's compounds: committees, contracts, funds, renovations, dues, votes and checks; some run out, all colours come up.

Written by whole statements, marked synthetic: a thousand files in a second. The same seed gives the same files.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

import yaml
from django.db import transaction

from linli.compounds import rules, standing, voting
from linli.compounds.actions import publishing
from linli.compounds.actions.filing import Origin
from linli.compounds.actions.noting import CommitteeFacts, committee
from linli.compounds.models import (
    Answer,
    Check,
    Committee,
    CommitteeState,
    Contract,
    Dues,
    FundEntry,
    FundKind,
    Kind,
    Record,
    Renovation,
    RenovationState,
    Source,
    Standing,
    Vote,
    Work,
)
from linli.compounds.voting import Subject
from linli.kernel import ids, time
from linli.kernel.db import insert_all
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of
from linli.territory.models import Compound

TERM = timedelta(days=365 * 3)
AREA_OF_ONE = 92_00
"""Square decimetres of a dwelling."""
WELL = 0.45
"""How many compounds have nothing overdue."""


def govern(district: str, *, now: datetime, seed: int, micro_grid: str, worker: str = "xiaoxu") -> str:
    """Lay down the rules and the files of a district; makes nothing twice.

    Args:
        micro_grid: where the cast lives: its compound has a file with everything in it.
        worker: login of the community worker who notes the chair of that compound.
    """
    publishing.load_rules()
    if Committee.objects.filter(district=district).exists():
        return "there"
    with time.at(now), transaction.atomic():
        compounds = list(Compound.objects.filter(district=district).order_by("area_path", "id"))
        lists: dict[str, Any] = yaml.safe_load(
            resources.files("linli.simulation").joinpath("data/compounds.yaml").read_text("utf-8")
        )
        home = next((one for one in compounds if one.area_path == micro_grid), None) or next(
            (one for one in compounds if micro_grid.startswith(one.area_path)), None
        )
        writer = _Writer(lists, time.today(), time.now())
        for one in compounds:
            writer.draw(one, random.Random(f"{seed}:{one.area_path}:{one.name}"), full=one is home)
        writer.write()
        by = standing.rules_on(time.today())
        for start in range(0, len(compounds), standing.BATCH):
            standing.make_anew(district, compounds[start : start + standing.BATCH], by=by)
    if home is not None:
        _chair(home, lists["chair"], worker)
    counts = {one: Standing.objects.filter(district=district, colour=one).count() for one in ("red", "yellow", "green")}
    return f"{len(compounds):,} files ({', '.join(f'{n:,} {one}' for one, n in counts.items())})"


def _chair(home: Compound, told: dict[str, str], worker: str) -> None:
    account = Account.objects.filter(login=worker).first()
    before = Committee.objects.filter(district=home.district, compound=home).order_by("-holds_from").first()
    if account is None or before is None:
        return
    actor = actor_of_post(posts_of(account.id)[0])
    committee(
        actor, home.id,
        CommitteeFacts(
            CommitteeState.ELECTED, before.holds_from, before.term_ends_on, before.members, chair_name=told["name"],
            chair_phone=told["phone"],
        ),
        origin=Origin(Source.FILING, before.source_note), key=ids.new_id(), replaces=before.id,
    )  # fmt: skip


class _Writer:
    """Draws files and writes them in one statement for each kind of record."""

    def __init__(self, lists: dict[str, Any], today: date, now: datetime) -> None:
        self.lists, self.today, self.now = lists, today, now
        self.rows: dict[type[Record], list[Record]] = {}
        self.rule_set = standing.rules_on(today)

    def draw(self, one: Compound, rng: random.Random, *, full: bool) -> None:
        """One compound's file; ``full`` for one that has everything and a term that ends soon."""
        well = full or rng.random() < WELL
        households = max(one.households, 12)
        roll = 0.0 if full else rng.random()
        if well or roll < 0.62:
            self._committee(one, rng, well=well, soon=full)
        else:
            state = CommitteeState.PREPARING if roll < 0.74 else CommitteeState.NONE
            self._add(Committee, one, Source.FILING, state=str(state), holds_from=self._ago(rng, 200, 900))
        self._contract(one, rng, well=well, soon=full)
        if well or rng.random() < 0.82:
            self._fund(one, rng, households, well=well)
        if well or rng.random() < 0.7:
            self._dues(one, rng, households, well=well)
        if full or rng.random() < 0.18:
            self._renovation(one, rng, households, well=well, under_way=full)
        if full or rng.random() < 0.12:
            self._votes(one, rng, households, full=full)
        if well or rng.random() < 0.5:
            self._check(one, rng, well=well)

    def _ago(self, rng: random.Random, least: int, most: int) -> date:
        return self.today - timedelta(days=rng.randint(least, most))

    def _add(self, model: type[Record], one: Compound, source: Source, /, **values: Any) -> None:
        row = model(
            id=ids.new_id(), district=one.district, compound=one, source=str(source), noted_at=self.now, synthetic=True,
            source_note=values.pop("note", ""), **values,
        )  # fmt: skip
        self.rows.setdefault(model, []).append(row)

    def _committee(self, one: Compound, rng: random.Random, *, well: bool, soon: bool) -> None:
        if soon:
            elected = self.today - TERM + timedelta(days=110)
        elif well:
            elected = self._ago(rng, 60, 980)
        else:
            elected = self._ago(rng, 900, 1500)
        self._add(
            Committee, one, Source.FILING, state=str(CommitteeState.ELECTED), holds_from=elected, elected_on=elected,
            term_ends_on=elected + TERM, members=rng.choice((5, 7, 7, 9, 11)), note=self.lists["notes"]["committee"],
        )  # fmt: skip

    def _contract(self, one: Compound, rng: random.Random, *, well: bool, soon: bool) -> None:
        roll = rng.random()
        years = rng.choice((2, 3, 3))
        begun = self.today - timedelta(days=years * 365 - 58) if soon else self._ago(rng, 60, years * 365 - 60)
        if not well:
            begun = self._ago(rng, years * 365 - 100, years * 365 + 160)
            if roll < 0.07:
                self._add(Contract, one, Source.ON_SITE, kind=str(Kind.NONE), starts_on=self._ago(rng, 100, 700))
                return
        if roll < 0.72 or soon:
            self._add(
                Contract, one, Source.CONTRACT, kind=str(Kind.PROFESSIONAL), company=rng.choice(self.lists["companies"]), starts_on=begun,
                ends_on=begun + timedelta(days=years * 365), fee_fen=rng.choice((80, 120, 150, 180, 220, 260)),
                note=self.lists["notes"]["contract"],
            )  # fmt: skip
        else:
            kind = Kind.COMMUNITY_RUN if roll < 0.88 else Kind.SELF_MANAGED
            self._add(
                Contract, one, Source.FILING, kind=str(kind), company=self.lists["bodies"][str(kind)], starts_on=self._ago(rng, 300, 900),
                fee_fen=rng.choice((30, 50, 60)),
            )  # fmt: skip

    def _fund(self, one: Compound, rng: random.Random, households: int, *, well: bool) -> None:
        first = self._ago(rng, 800, 1200)
        last = self._ago(rng, 10, 200) if well else self._ago(rng, 100, 790)
        balance = households * rng.randint(1800, 5200) * 100
        self._add(FundEntry, one, Source.BANK, kind=str(FundKind.OPENING), amount=balance, day=first)
        spent = balance * rng.randint(2, 18) // 100
        middle = first + (last - first) / 2
        self._add(
            FundEntry,
            one,
            Source.BANK,
            kind=str(FundKind.SPENDING),
            amount=-spent,
            day=middle,
            words=rng.choice(self.lists["spending"]),
        )
        self._add(
            FundEntry, one, Source.BANK, kind=str(FundKind.INTEREST), amount=(balance - spent) * 11 // 1000, day=last,
            note=self.lists["notes"]["fund"],
        )  # fmt: skip

    def _dues(self, one: Compound, rng: random.Random, households: int, *, well: bool) -> None:
        year = self.today.year if self.today.month > 6 else self.today.year - 1
        share = rng.randint(74, 99) if well else rng.randint(44, 92)
        self._add(
            Dues, one, Source.COMPANY, starts_on=date(year, 1, 1), ends_on=date(year, 6, 30), billed=households,
            paid=households * share // 100,
        )  # fmt: skip

    def _renovation(self, one: Compound, rng: random.Random, households: int, *, well: bool, under_way: bool) -> None:
        roll = rng.random()
        works = sorted(rng.sample([str(work) for work in Work], rng.randint(3, 6)))
        title, cost = rng.choice(self.lists["renovations"]), households * rng.randint(6000, 16000) * 100
        if under_way or (roll < 0.4 and not well) or roll < 0.25:
            begun = self._ago(rng, 40, 160)
            ends = (
                self.today + timedelta(days=rng.randint(20, 50))
                if well
                else begun + timedelta(days=rng.randint(60, 200))
            )
            state = RenovationState.UNDER_WAY
        elif roll < 0.5:
            begun = self.today + timedelta(days=rng.randint(30, 200))
            ends, state = begun + timedelta(days=180), RenovationState.PLANNED
        else:
            ends = self._ago(rng, 100, 1200)
            begun, state = ends - timedelta(days=rng.randint(90, 220)), RenovationState.DONE
        self._add(
            Renovation,
            one,
            Source.FILING,
            title=title,
            state=str(state),
            works=works,
            starts_on=begun,
            ends_on=ends,
            cost_fen=cost,
        )

    def _votes(self, one: Compound, rng: random.Random, households: int, *, full: bool) -> None:
        area = households * AREA_OF_ONE
        for number, subject in enumerate(
            (Subject.FUND_USE, Subject.COMMON_USE) if full else (rng.choice(list(Subject)),)
        ):
            present = households * (84 - number * 6 if full else rng.randint(55, 92)) // 100
            yes = present * (82 - number * 12 if full else rng.randint(45, 95)) // 100
            no = (present - yes) * 2 // 3
            abstain = present - yes - no
            ballot = voting.Ballot(
                households, area, yes, yes * AREA_OF_ONE, no, no * AREA_OF_ONE, abstain, abstain * AREA_OF_ONE
            )
            self._add(
                Vote, one, Source.MINUTES, subject=str(subject), title=self.lists["votes"][str(subject)],
                held_on=self._ago(rng, 30 + 120 * number, 120 + 120 * number), heads=households, area=area, yes_heads=yes,
                yes_area=ballot.yes_area, no_heads=no, no_area=ballot.no_area, abstain_heads=abstain, abstain_area=ballot.abstain_area,
                result=str(voting.result(subject, ballot)), note=self.lists["notes"]["vote"],
            )  # fmt: skip

    def _check(self, one: Compound, rng: random.Random, *, well: bool) -> None:
        chances = (0.86, 0.1) if well else (0.62, 0.2)
        answers = {}
        for item in self.rule_set.items:
            roll = rng.random()
            answers[item["code"]] = str(
                Answer.YES if roll < chances[0] else Answer.PARTLY if roll < sum(chances) else Answer.NO
            )
        points, most = rules.points(self.rule_set.items, answers)
        self._add(
            Check,
            one,
            Source.ON_SITE,
            year=self.today.year - 1,
            rule_set=self.rule_set,
            answers=answers,
            points=points,
            most=most,
        )

    def write(self) -> None:
        """Insert everything that was drawn."""
        for rows in self.rows.values():
            insert_all(rows)
