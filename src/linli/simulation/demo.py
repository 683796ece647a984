"""The demo: one district in full, its people, the cast, and a month of history that ends now. Each step is skipped when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib import resources
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from linli.cases.models import Case, LogEntry
from linli.catalog.actions import BEGINNING, load_catalogue
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM, audit
from linli.people.models import Post
from linli.people.staffing import make_cast, staff_district
from linli.services.actions.loading import load_services
from linli.simulation import (
    admitting,
    circling,
    governing,
    guarding,
    homes,
    manning,
    networking,
    operating,
    proving,
    serving,
    supervising,
    teaching,
    thanking,
    wording,
)
from linli.simulation.month import Simulation, Told
from linli.simulation.stage import Stage, script
from linli.territory.actions import import_divisions, lay_ground
from linli.territory.actions.laying import Dwellings
from linli.territory.models import Area, Level, StatisticalDivision

DISTRICT = "510107"
DAYS = 30
PER_DAY = 30.0
"""Enough to fill every queue; a month of it is there within two minutes or so on two idle cores."""
LIGHT_CASES = 60
SEED = 20261122
LISTED = date(2023, 6, 30)
"""The day of the list of divisions that comes with Linli; the drawn ground holds from then on too."""
SEEDED = "demo.seed"

Tell = Callable[[str], object]


class Extent(StrEnum):
    """How much of the district lives."""

    FULL = "full"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be there at the end."""

    district: str = DISTRICT
    days: int = DAYS
    per_day: float = PER_DAY
    seed: int = SEED
    extent: Extent = Extent.FULL


def seed(plan: Plan, *, tell: Tell = print) -> Told | None:
    """Make what of the demo is not there yet.

    Returns:
        What the simulation did; ``None`` when the history was there.
    """
    now = time.now()
    start = now - timedelta(days=plan.days)
    began = time.monotonic()

    def step(name: str, work: Callable[[], str]) -> None:
        since = time.monotonic()
        tell(f"  {name:<22} {work()} ({time.monotonic() - since:.1f} s)")

    step("divisions", lambda: load_divisions(plan.district))
    step("catalogue", lambda: f"{load_catalogue().categories} categories")
    step("services", lambda: f"{load_services().services} services")
    step("ground", lambda: load_ground(plan))
    with time.at(start):
        step("people", lambda: load_people(plan.district))
    grid = cast_grid(plan.district)
    with time.at(start):
        step("cast", lambda: f"{len(make_cast(plan.district, micro_grid=grid))} people in {grid}")
    with time.at(start):
        step("rules of points", thanking.prepare)
    step("organisations", lambda: networking.network(plan.district, now=now, micro_grid=grid, seed=plan.seed))
    if AuditEntry.objects.filter(district=plan.district, verb=SEEDED).exists():
        tell("  history                is there")
        return None
    told = live(plan, start=start, until=now, micro_grid=grid, tell=tell)
    with time.at(now):
        step("hotline", lambda: load_hotline(plan.seed))
        step("households", lambda: homes.settle(plan.district, micro_grid=grid, seed=plan.seed))
    step("workforce", lambda: manning.man(plan.district, now=now, micro_grid=grid))
    step("training", lambda: teaching.teach(plan.district, now=now, micro_grid=grid))
    step("applications", lambda: f"{serving.serve(plan.district, now=now, micro_grid=grid)} for services")
    step("points", lambda: thanking.thank(now=now))
    step("duty lists", lambda: admitting.admit(plan.district, now=now, micro_grid=grid))
    step("compounds", lambda: governing.govern(plan.district, now=now, seed=plan.seed, micro_grid=grid))
    step("dedicated grids", lambda: guarding.guard(plan.district, now=now, micro_grid=grid))
    step("operations", lambda: operating.operate(plan.district, now=now, micro_grid=grid, seed=plan.seed))
    step("evidence", lambda: proving.prove(plan.district, now=now))
    step("life circle", lambda: circling.circle(plan.district, now=now, seed=plan.seed))
    step("supervision", lambda: supervising.supervise(plan.district, now=now))
    step("public words", lambda: wording.look_through(now=now))
    with time.at(now):
        audit.record(SYSTEM, SEEDED, subject_type="district", subject_id=plan.district, district=plan.district)
    tell(f"  ready after {time.monotonic() - began:.0f} s")
    return told


def prepare(district: str, *, since: datetime, tell: Tell = print) -> None:
    """Divisions, catalogue, ground and staff of a district, holding from ``since`` on: what a replay of old times stands on.

    Args:
        since: taken no earlier than the catalogue reaches back.
    """
    day = max(since, BEGINNING).date()
    tell(f"  divisions {load_divisions(district, listed=min(LISTED, day))}")
    tell(f"  catalogue {load_catalogue().categories} categories")
    report = lay_ground(SYSTEM, [district], valid_from=min(LISTED, day), dwellings=Dwellings.NONE)
    tell(f"  ground {sum(report.rows.values()):,} rows")
    with time.at(datetime(day.year, day.month, day.day, 12, tzinfo=time.LOCAL_ZONE)):
        tell(f"  people {load_people(district)}")


def load_divisions(district: str, *, listed: date = LISTED) -> str:
    """The list of the district's city, as it comes with Linli; loads nothing twice."""
    if StatisticalDivision.objects.filter(code__startswith=district).exists():
        return "there"
    folder = resources.files("linli.territory").joinpath("data/divisions")
    files = sorted(Path(str(folder)).glob("*.csv"))
    of_city = [
        path
        for path in files
        if any(line.startswith(district[:4]) for line in path.read_text("utf-8").splitlines()[1:2])
    ]
    report = import_divisions(SYSTEM, of_city, valid_from=listed, source="national statistical division list")
    return f"{report.rows:,} rows"


def load_ground(plan: Plan) -> str:
    """Grids, compounds and, in the full demo, dwellings, drawn below the real communities."""
    dwellings = Dwellings.DEMO if plan.extent == Extent.FULL else Dwellings.NONE
    report = lay_ground(SYSTEM, [plan.district], valid_from=LISTED, dwellings=dwellings)
    rows = ", ".join(
        f"{count:,} {kind.replace('_', ' ')}s" for kind, count in report.rows.items() if kind != "boundary"
    )
    return rows or "there"


def load_people(district: str) -> str:
    """Organisations and made-up people on every area."""
    if Post.objects.filter(district=district, is_synthetic=True).exists():
        return "there"
    done = staff_district(district)
    return f"{sum(done.organisations.values()):,} organisations, {sum(done.posts.values()):,} posts"


def load_hotline(seed: int) -> str:
    """Articles and a week of calls, by the hotline's own command: a room beside this one."""
    said = StringIO()
    call_command("seed_hotline", seed=seed, stdout=said)
    return ", ".join(said.getvalue().split("\n")).strip(", ")


def cast_grid(district: str) -> str:
    """The micro-grid in which the cast lives and works: the first of the second community of the subdistrict in the script."""
    code = script()["subdistrict"]
    found = Area.objects.filter(district=district, level=Level.SUBDISTRICT, valid_to__isnull=True).order_by("path")
    subdistrict = found.filter(code__startswith=code).first() or found[0]
    communities = Area.objects.filter(
        in_subtree("path", subdistrict.path), level=Level.COMMUNITY, valid_to__isnull=True
    )
    chosen = list(communities.order_by("path")[:2])[-1]
    grids = Area.objects.filter(in_subtree("path", chosen.path), level=Level.MICRO_GRID, valid_to__isnull=True)
    return grids.order_by("path").values_list("path", flat=True)[0]


def live(plan: Plan, *, start: datetime, until: datetime, micro_grid: str, tell: Tell) -> Told:
    """Simulate the history, with the cast's stories in its last days."""
    if last := LogEntry.objects.filter(district=plan.district).order_by("-at").values_list("at", flat=True).first():
        tell("  history                was begun and cut short; it goes on from there")
        start = max(start, last)
    area, per_day = plan.district, plan.per_day
    if plan.extent == Extent.LIGHT:
        area, per_day = micro_grid.rpartition("/")[0].rpartition("/")[0].rpartition("/")[0], LIGHT_CASES / plan.days
    simulation = Simulation(area, start=start, per_day=per_day, seed=plan.seed)
    with time.at(start):
        stage = Stage(simulation, now=until, micro_grid=micro_grid, logins=CAST)
    if not Case.objects.filter(district=plan.district, reported_at__gt=until - timedelta(days=1)).exists():
        stage.plan()
    next_line = [start]

    def progress(moment: datetime, told: Told) -> None:
        if moment >= next_line[0]:
            done = (moment - start) / (until - start)
            tell(
                f"  history                {done:4.0%} {moment.astimezone(time.LOCAL_ZONE):%m-%d} {told.arrivals:,} reports"
            )
            next_line[0] = moment + (until - start) / 6

    told = simulation.run(until, progress=progress)
    tell(f"  history                {told.arrivals:,} reports, {told.actions:,} actions ({told.seconds:.1f} s)")
    return told


CAST = ["zhou", "heming", "xiaoxu", "liu", "sunjie", "yangke", "laozheng", "xiaotian", "qinjian"]
