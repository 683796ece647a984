"""A few days in a small district: people act, clocks run, and every figure equals the log."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from linli.cases.models import Case, Evidence, LogEntry
from linli.cases.rebuilding import rebuild
from linli.kernel import ids, time
from linli.metrics.models import DayFigure, Figure
from linli.metrics.recounting import recount
from linli.simulation.figures import summary
from linli.simulation.live import Trickle
from linli.simulation.month import Simulation
from tests.world import WUHOU, World

DAYS = timedelta(days=5)


@pytest.mark.django_db(transaction=True)
def test_days_of_a_district(district: World, clock) -> None:
    now = time.now()
    simulation = Simulation(WUHOU, start=now - DAYS, per_day=12, seed=4)
    told = simulation.run(now)
    assert told.arrivals > 30
    assert told.tally.done["close"] > 5
    assert told.tally.done["report"] == Case.objects.count()
    assert sum(told.tally.refused.values()) <= told.actions / 50, told.tally.refused

    # Everything that is due has been done, every photo is ready, nobody verified their own work.
    assert not Evidence.objects.filter(state="waiting").exists()
    done_by = dict(Case.objects.exclude(disposed_by=None).values_list("id", "disposed_by"))
    for entry in LogEntry.objects.filter(kind="verify"):
        post = simulation.staff.post(entry.post_id)
        assert post is None or post.account_id != done_by.get(entry.case_id)

    # The figures equal a recount, and the rows equal the fold of their log.
    found = summary(WUHOU, since=(now - DAYS).date(), until=now.date() + timedelta(days=1))
    assert found.agrees
    assert found.figures.counts[Figure.REPORTED] == told.tally.done["report"]
    assert found.figures.counts[Figure.REGISTERED] == told.tally.done["register"]
    assert found.figures.counts[Figure.CLOSED] == told.tally.done["close"]
    assert found.figures.counts[Figure.RETURNED] == told.tally.done["request_return"]
    assert not rebuild(district=WUHOU, write=False).differences

    # A counter that was bent is found, and put right again.
    row = DayFigure.objects.filter(figure=Figure.REPORTED).first()
    DayFigure.objects.filter(id=row.id).update(count=row.count + 1)
    with pytest.raises(CommandError):
        call_command("recount", "--check", "--district", WUHOU)
    call_command("recount", "--district", WUHOU)
    assert not recount(WUHOU, write=False).differences

    # A row that was bent is found, and made again from its log.
    case = Case.objects.filter(state="closed").first()
    Case.objects.filter(id=case.id).update(state="verified", is_open=True, level="city", lng=1.0)
    with pytest.raises(CommandError):
        call_command("rebuild_cases", "--check", "--district", WUHOU)
    call_command("rebuild_cases", "--district", WUHOU)
    again = Case.objects.get(id=case.id)
    assert (again.state, again.is_open, again.level) == (case.state, False, case.level)
    assert not rebuild(district=WUHOU, write=False).differences


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_history(district: World, clock) -> None:
    now = time.now()

    def history() -> list[tuple[object, ...]]:
        with transaction.atomic():
            with ids.seeded(1):
                simulation = Simulation(WUHOU, start=now - timedelta(days=3), per_day=10, seed=9)
            simulation.run(now)
            found = LogEntry.objects.order_by("at", "case__area_path", "kind", "case__category")
            rows = list(
                found.values_list("at", "kind", "case__area_path", "case__category", "case__description", "post_id")
            )
            transaction.set_rollback(True)
        return rows

    first = history()
    assert len(first) > 100
    assert first == history()
    kinds = Counter(row[1] for row in first)
    assert {"report", "register", "dispatch", "sign_in", "dispose"} <= set(kinds)


@pytest.mark.django_db(transaction=True)
def test_a_trickle_lets_things_happen_and_leaves_the_cast_alone(district: World, clock) -> None:
    simulation = Simulation(WUHOU, start=time.now() - timedelta(days=1), per_day=20, seed=2)
    simulation.run(time.now())
    time.set_clock(clock)
    trickle = Trickle(WUHOU, seed=3)
    things = []
    for _n in range(20):
        clock.forward(minutes=1)
        things.append(trickle.once())
    assert sum(bool(thing) for thing in things) > 12
    assert "report" in things
    assert not rebuild(district=WUHOU, write=False).differences


@pytest.mark.django_db
def test_a_district_without_staff_says_what_to_do(clock) -> None:
    with pytest.raises(CommandError, match="no staff"):
        call_command("simulate", "--district", "510199", "--days", "1")
    assert date(2026, 11, 18) == time.today()
