"""Times that can be booked: never more people than places, whoever comes at the same moment."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import ANONYMOUS, Actor
from linli.services import queries
from linli.services.actions import applying, own, windows
from linli.services.models import Application, Seat, Slot
from linli.services.steps import ref_of
from tests.services.conftest import COMMUNITY, bulky
from tests.world import WUHOU, World


def of_service(code: str = "UM01"):
    return queries.service(code, district=WUHOU)


def test_windows_open_ahead_and_only_once(world: World, clock) -> None:
    entry = of_service()
    there = Slot.objects.filter(service="UM01").count()
    assert there == 2 * 15 * 3, "two subdistricts, fifteen days, three windows"
    assert Seat.objects.filter(slot__service="UM01").count() == there * entry.booking.seats
    assert windows.open_windows(district=WUHOU) == 0
    clock.forward(days=1)
    windows.open_windows(district=WUHOU)
    assert Slot.objects.filter(service="UM01").count() == there + 2 * 3


def test_legal_advice_is_on_tuesdays_and_thursdays(world: World) -> None:
    days = {
        one.slot.starts_at.astimezone(time.LOCAL_ZONE).isoweekday()
        for one in queries.windows(of_service("JU03"), COMMUNITY)
    }
    assert days == {2, 4}


def test_a_time_that_is_too_near_or_elsewhere_cannot_be_had(world: World, clock) -> None:
    clock.forward(minutes=1)
    shown = queries.windows(of_service(), COMMUNITY)
    assert shown[0].slot.starts_at >= time.now() + timedelta(hours=4)
    early = Slot.objects.filter(service="UM01", area_path=f"{WUHOU}/012", starts_at__gt=time.now()).order_by(
        "starts_at"
    )[0]
    elsewhere = Slot.objects.filter(service="UM01", area_path=f"{WUHOU}/013").order_by("-starts_at")[0]
    for wrong in (early.id, elsewhere.id, ids.new_id(), None):
        with pytest.raises(Invalid) as refused:
            bulky(world.zhou, wrong)
        assert refused.value.field == "slot"
    assert not Application.objects.exists(), "what is refused leaves nothing"


def test_a_full_window_takes_nobody(world: World) -> None:
    slot = queries.windows(of_service(), COMMUNITY)[0].slot
    for _n in range(6):
        bulky(world.zhou, slot.id)
    assert queries.windows(of_service(), COMMUNITY)[0].free == 0
    with pytest.raises(Conflict):
        bulky(world.zhou, slot.id)
    assert Seat.objects.filter(slot=slot, application__isnull=False).count() == 6


def test_another_time_gives_the_first_back(world: World, clock) -> None:
    first, second, *_rest = (one.slot for one in queries.windows(of_service(), COMMUNITY))
    one = bulky(world.zhou, first.id)
    one = own.rebook(world.zhou, ref_of(one), slot=second.id)
    assert queries.slot_of(one) == second
    assert queries.windows(of_service(), COMMUNITY)[0].free == 6
    assert one.due_at >= second.ends_at
    clock.set(second.starts_at - timedelta(hours=1))
    with pytest.raises(Conflict) as late:
        own.rebook(world.zhou, ref_of(one), slot=queries.windows(of_service(), COMMUNITY)[0].slot.id)
    assert late.value.code == "slot.too_near"


def test_the_database_itself_knows_no_second_person_on_a_seat(world: World) -> None:
    slot = queries.windows(of_service(), COMMUNITY)[0].slot
    one = bulky(world.zhou, slot.id)
    free = Seat.objects.filter(slot=slot, application__isnull=True)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.filter(id=free.id).update(application=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.create(id=ids.new_id(), district=slot.district, slot=slot, place=1)


@pytest.mark.django_db(transaction=True)
def test_twelve_people_at_once_for_six_places(world: World, clock) -> None:
    entry = of_service()
    first, second, *_rest = (one.slot for one in queries.windows(entry, COMMUNITY))
    outcomes: list[str] = []
    at_once = threading.Barrier(12)

    def somebody(number: int) -> None:
        try:
            at_once.wait()
            one = bulky(ANONYMOUS, first.id, key=f"person-{number}", use_held=False)
            if number % 4 == 0:  # some change their minds at once, some take it back
                me = _me(one)
                own.rebook(me, ref_of(one), slot=second.id)
            elif number % 4 == 1:
                own.withdraw(_me(one), ref_of(one))
            outcomes.append("had")
        except Conflict as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=somebody, args=(n,)) for n in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(outcomes) == 12
    assert set(outcomes) <= {"had", "slot.full"}
    assert outcomes.count("had") >= 6
    for slot in (first, second):
        assert Seat.objects.filter(slot=slot, application__isnull=False).count() <= 6
    open_ones = Application.objects.filter(is_open=True)
    assert Seat.objects.filter(application__isnull=False).count() == open_ones.count()


def _me(one: Application) -> Actor:
    return applying.actor_by_code(one.number, applying.application_code(one.district, one.number))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    history=st.lists(
        st.tuples(st.sampled_from(["book", "rebook", "withdraw"]), st.integers(0, 2), st.integers(0, 9)), max_size=20
    )
)
def test_any_history_keeps_to_the_places(world: World, history: list[tuple[str, int, int]]) -> None:
    # One place in each window: the tightest there is.
    slots = [one.slot for one in queries.windows(of_service("JU03"), COMMUNITY)][:3]
    with transaction.atomic():
        expected = _lived(world, history, slots)
        found = dict(Seat.objects.filter(application__isnull=False).values_list("slot_id", "application_id"))
        transaction.set_rollback(True)
    assert found == expected


def _lived(world: World, history: list[tuple[str, int, int]], slots: list[Slot]) -> dict[UUID, UUID]:
    """Live through a history beside the database; who must have which time at its end."""
    booked: list[Application] = []
    taken: dict[UUID, UUID] = {}
    ended: set[UUID] = set()
    for verb, which, who in history:
        slot = slots[which]
        if verb == "book":
            if slot.id in taken:
                with pytest.raises(Conflict):
                    bulky(world.zhou, slot.id, service="JU03", answers={"question": "遗嘱怎么写"}, person={})
                continue
            one = bulky(world.zhou, slot.id, service="JU03", answers={"question": "遗嘱怎么写"}, person={})
            booked.append(one)
            taken[slot.id] = one.id
        elif booked:
            one = booked[who % len(booked)]
            others = {there: whose for there, whose in taken.items() if whose != one.id}
            if one.id in ended or (verb == "rebook" and slot.id in others):
                with pytest.raises(Conflict):
                    _again(world, verb, one, slot)
                continue
            _again(world, verb, one, slot)
            taken = others if verb == "withdraw" else others | {slot.id: one.id}
            ended |= {one.id} if verb == "withdraw" else set()
    return taken


def _again(world: World, verb: str, one: Application, slot: Slot) -> None:
    with transaction.atomic():
        if verb == "rebook":
            own.rebook(world.zhou, ref_of(one), slot=slot.id)
        else:
            own.withdraw(world.zhou, ref_of(one))
