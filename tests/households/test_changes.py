"""At the door and at the desk: what is said to have changed, what becomes a fact, who reads it, what is taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from linli.households.actions import deciding, matching, reading, visiting
from linli.households.models import Campaign, Change, DwellingStatus, Outcome, Person, Proposal, Residency, Visit
from linli.households.queries import lists, people
from linli.households.sealed import Told
from linli.kernel import time
from linli.kernel.crypto import Lookup, lookup_hash
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import SYSTEM, context
from tests.households.conftest import NUMBER, Homes
from tests.world import HOME, WUHOU

ZHOU = Told("周秀英", "13800000001", NUMBER)


def move_in(homes: Homes, door: str, told: Told = ZHOU, kind: str = "owner", who: str = "he_ming") -> Proposal:
    return visiting.propose(
        homes.world.actors[who], homes[door].id, change=Change.MOVED_IN, kind=kind, told=told,
        effective_on=date(2026, 1, 5),
    )  # fmt: skip


def settle(homes: Homes, door: str, told: Told = ZHOU, kind: str = "owner") -> Person:
    """Somebody who is in the register."""
    accepted = deciding.accept(homes.world.xiao_xu, move_in(homes, door, told, kind).id)
    with context.personal(SYSTEM):
        return Residency.objects.select_related("person").get(id=accepted.wrote["residencies"][0]).person


def test_a_change_is_proposed_at_the_door_accepted_at_the_desk_and_taken_back(homes: Homes) -> None:
    world = homes.world
    proposal = move_in(homes, "101")
    assert Visit.objects.get(dwelling_id=homes["101"].id).outcome == Outcome.CHANGED
    with context.personal(SYSTEM):
        assert not Person.objects.exists(), "nothing is a fact before it is accepted"
    queue, _next = people.queue(world.xiao_xu)
    assert [one.told.name for one in queue] == ["周**"]
    assert queue[0].told.number == "5****************9"
    deciding.accept(world.xiao_xu, proposal.id)
    file = people.file_of(world.he_ming, homes["101"].id, purpose="verify")
    assert [(one.person.name, one.person.phone, one.residency.kind) for one in file.residents] == [
        ("周**", "138****0001", "owner")
    ]
    accepted = Event.objects.get(kind="dwelling.change_accepted")
    assert accepted.subject_id == homes["101"].id
    assert "周" not in repr(accepted.data)
    deciding.reopen(world.xiao_xu, proposal.id)
    with context.personal(SYSTEM):
        assert not Person.objects.exists()
        assert not Residency.objects.exists()
    deciding.refuse(world.xiao_xu, proposal.id, reason="登记错了门牌")
    with pytest.raises(Conflict):
        deciding.accept(world.xiao_xu, proposal.id)


def test_a_use_is_never_overwritten(homes: Homes) -> None:
    worker, dwelling = homes.world.xiao_xu, homes["101"]
    ids = []
    for status, day in (("owner_occupied", date(2026, 1, 1)), ("let", date(2026, 6, 1)), ("vacant", date(2026, 6, 1))):
        one = visiting.propose(worker, dwelling.id, change=Change.STATUS, status=status, effective_on=day)
        ids.append(deciding.accept(worker, one.id).id)
    rows = list(DwellingStatus.objects.order_by("valid_from").values_list("status", "valid_from", "valid_to"))
    assert rows == [
        ("owner_occupied", date(2026, 1, 1), date(2026, 6, 1)),
        ("let", date(2026, 6, 1), date(2026, 6, 2)),
        ("vacant", date(2026, 6, 2), None),
    ]
    with pytest.raises(Conflict, match="newer"):
        deciding.reopen(worker, ids[1])
    deciding.reopen(worker, ids[2])
    assert DwellingStatus.objects.get(valid_to__isnull=True).status == "let"
    same = visiting.propose(worker, dwelling.id, change=Change.STATUS, status="let")
    with pytest.raises(Conflict, match="same"):
        deciding.accept(worker, same.id)


def test_numbers_are_checked_and_a_child_needs_a_guardian(homes: Homes) -> None:
    with pytest.raises(Invalid, match="number"):
        move_in(homes, "101", Told("周秀英", "", NUMBER[:-1] + "8"))
    child = Told("周小宝", "", "510107201805050023")
    with pytest.raises(Invalid, match="consent"):
        move_in(homes, "101", child, "member")
    agreed = Told(child.name, "", child.number, date(2026, 9, 1))
    assert settle(homes, "101", agreed, "member").guardian_consent_on == date(2026, 9, 1)


def test_who_reaches_whom(homes: Homes) -> None:
    world = homes.world
    person = settle(homes, "101")
    for name in ("he_ming", "lao_wu", "xiao_xu"):
        assert people.file_of(world.actors[name], homes["101"].id, purpose="verify").residents
        assert reading.read_person(world.actors[name], person.id, purpose="水管检修要联系").phone == "13800000001"
    for name in ("sibling_member", "sibling_worker", "yang", "liu", "far_worker", "zhou", "xiao_tian"):
        with pytest.raises((NotFound, Forbidden)):
            people.file_of(world.actors[name], homes["101"].id, purpose="verify")
        with pytest.raises((NotFound, Forbidden)):
            reading.read_person(world.actors[name], person.id, purpose="只是想看看")
    with connection.cursor() as cursor:
        for table in ("person", "residency", "proposal"):
            cursor.execute(f"SELECT count(*) FROM households_{table}")
            assert cursor.fetchone()[0] == 0, "the database itself shows nothing without a purpose"
    with context.personal(world.sibling_member, purpose="verify"):
        assert not Person.objects.exists()
    with context.personal(world.he_ming, purpose="verify"):
        assert Person.objects.exists()


def test_every_look_leaves_a_row_that_the_person_can_see(homes: Homes, caplog: pytest.LogCaptureFixture) -> None:
    from linli.people.queries import looks_at_me

    world = homes.world
    person = settle(homes, "101")
    with pytest.raises(Invalid, match="purpose"):
        reading.read_person(world.he_ming, person.id, purpose=" ")
    before = AuditEntry.objects.count()
    reading.read_person(world.he_ming, person.id, purpose="水管检修要联系")
    people.file_of(world.xiao_xu, homes["101"].id, purpose="verify")
    found = people.search(world.xiao_xu, "周秀英", purpose="核对来电人")
    assert [one.person.name for one in found] == ["周**"]
    assert people.search(world.sibling_worker, "138 0000 0001", purpose="核对来电人") == []
    rows = list(AuditEntry.objects.order_by("id")[before:])
    assert [row.verb for row in rows] == ["household.read", "household.view", "household.search", "household.search"]
    (look,) = looks_at_me(world.zhou)
    assert (look.purpose, look.fields) == ("水管检修要联系", ("name", "phone"))
    kept = repr([(row.subject_id, row.fields, row.detail) for row in AuditEntry.objects.all()])
    told = caplog.text + kept + repr(list(Event.objects.values_list("data", flat=True)))
    for secret in ("周秀英", "13800000001", NUMBER, NUMBER[-4:]):
        assert secret not in told
    assert "秀英" not in repr(ZHOU)


def test_entries_that_are_one_person_are_found_merged_and_parted(homes: Homes) -> None:
    world = homes.world
    whole = settle(homes, "101")
    half = settle(homes, "101", Told("周秀英", "13800000001"), "member")
    (pair,) = people.duplicates(world.xiao_xu)
    assert (pair.kept.id, pair.other.id, pair.sure) == (whole.id, half.id, True)
    match = matching.merge(world.xiao_xu, pair.kept.id, pair.other.id)
    assert people.duplicates(world.xiao_xu) == []
    with context.personal(SYSTEM):
        assert set(Residency.objects.values_list("person_id", flat=True)) == {whole.id}
    matching.undo(world.xiao_xu, match.id)
    assert len(people.duplicates(world.xiao_xu)) == 1
    matching.keep_apart(world.xiao_xu, whole.id, half.id)
    assert people.duplicates(world.xiao_xu) == []


def test_an_owner_of_two_dwellings_is_one_person_seen_from_both(homes: Homes) -> None:
    first, second = settle(homes, "101"), None
    accepted = deciding.accept(homes.world.xiao_xu, move_in(homes, "401", who="sibling_member").id)
    with context.personal(homes.world.sibling_member, purpose="verify"):
        second = Residency.objects.get(id=accepted.wrote["residencies"][0]).person_id
        assert Residency.objects.count() == 1
    assert second == first.id
    other = move_in(homes, "102", Told("周秀", "", NUMBER))
    with pytest.raises(Conflict, match="other_name"):
        deciding.accept(homes.world.xiao_xu, other.id)


def test_moving_out_and_another_number(homes: Homes) -> None:
    world = homes.world
    owner, tenant = settle(homes, "101"), settle(homes, "101", Told("王磊", "13800000009"), "tenant")
    new = visiting.propose(
        world.he_ming, homes["101"].id, change=Change.PHONE, person_id=owner.id, told=Told(phone="139 0000 0002")
    )
    deciding.accept(world.xiao_xu, new.id)
    assert reading.read_person(world.he_ming, owner.id, purpose="确认新号码").phone == "139 0000 0002"
    deciding.reopen(world.xiao_xu, new.id)
    assert reading.read_person(world.he_ming, owner.id, purpose="确认新号码").phone == "13800000001"
    out = visiting.propose(world.he_ming, homes["101"].id, change=Change.MOVED_OUT, person_id=tenant.id)
    deciding.accept(world.xiao_xu, out.id)
    file = people.file_of(world.he_ming, homes["101"].id, purpose="verify")
    assert [one.person.id for one in file.residents] == [owner.id]
    assert [one.person.id for one in file.former] == [tenant.id]
    with pytest.raises(Invalid, match="person"):
        visiting.propose(world.he_ming, homes["101"].id, change=Change.MOVED_OUT, person_id=tenant.id)


def test_a_campaign_from_its_first_day_to_the_last_door(homes: Homes) -> None:
    world = homes.world
    today = time.today()
    term = {"starts_on": today, "ends_on": today + timedelta(days=20)}
    path = f"{WUHOU}/012/003"
    campaign = visiting.begin_campaign(world.xiao_xu, area_path=path, title="秋季人房核验", **term)
    with pytest.raises(Conflict):
        visiting.begin_campaign(world.liu, area_path=path, title="又一次", **term)
    with pytest.raises(NotFound):
        visiting.begin_campaign(world.sibling_worker, area_path=path, title="别的社区", **term)
    walk = lists.walk(world.he_ming)
    assert [door.dwelling.number for door in walk.doors] == ["201", "202", "101", "102"]
    assert walk.campaign == Campaign.objects.get(id=campaign.id)
    visiting.verify(world.he_ming, homes["201"].id, outcome=Outcome.AS_IT_WAS)
    missed = visiting.verify(world.he_ming, homes["202"].id, outcome=Outcome.NOT_MET)
    assert missed.next_try_on == today + visiting.NEXT_TRY
    assert lists.walk(world.he_ming).done == 1
    (mine, _sibling) = lists.progress(world.xiao_xu, path)
    assert (mine.path, mine.done, mine.not_met, mine.total) == (HOME, 1, 1, 4)
    again = visiting.verify(world.he_ming, homes["202"].id, outcome=Outcome.AS_IT_WAS)
    visiting.take_back(world.he_ming, again.id)
    assert lists.walk(world.he_ming).done == 1
    verified = list(Event.objects.filter(kind="dwelling.verified").order_by("id").values_list("sequence", "data"))
    assert [(number, data["outcome"]) for number, data in verified] == [
        (1, "as_it_was"),
        (1, "not_met"),
        (2, "as_it_was"),
    ]
    assert {data["campaign"] for _number, data in verified} == {str(campaign.id)}
    with pytest.raises(NotFound):
        visiting.verify(world.sibling_member, homes["201"].id, outcome=Outcome.AS_IT_WAS)
    with pytest.raises(Invalid):
        visiting.verify(world.he_ming, homes["101"].id, outcome=Outcome.NOT_MET, next_try_on=today + timedelta(days=90))


def test_what_is_over_is_deleted_and_told(homes: Homes, clock: object) -> None:
    from linli.households.chores import forget

    world = homes.world
    settle(homes, "102", Told("李强", "13800000003"))
    tenant = settle(homes, "101", Told("王磊", "13800000009"), "tenant")
    out = visiting.propose(world.he_ming, homes["101"].id, change=Change.MOVED_OUT, person_id=tenant.id)
    deciding.accept(world.xiao_xu, out.id)
    assert forget() == 0
    clock.forward(days=366)  # type: ignore[attr-defined]
    forget()
    with context.personal(SYSTEM):
        assert not Proposal.objects.filter(name_enc__isnull=False).exists(), (
            "what was proposed is forgotten after a year"
        )
        assert Person.objects.filter(erased_at__isnull=True).count() == 2
    clock.forward(days=400)  # type: ignore[attr-defined]
    forget()
    with context.personal(SYSTEM):
        gone = Person.objects.get(id=tenant.id)
        assert gone.erased_at is not None
        assert (gone.name_enc, gone.phone_enc, gone.name_hash) == (None, None, None)
        assert Person.objects.filter(name_hash=lookup_hash(Lookup.NAME, "李强")).exists()
    clock.forward(days=366)  # type: ignore[attr-defined]
    forget()
    with context.personal(SYSTEM):
        assert Residency.objects.count() == 1
    told = AuditEntry.objects.filter(verb="household.deleted").order_by("id")
    assert [(row.subject_id, row.detail["count"]) for row in told] == [
        ("decided_proposal", 2), ("person_without_residency", 1), ("ended_residency", 1)
    ]  # fmt: skip


def test_what_stands_at_a_dwelling_follows_it_to_a_new_grid(homes: Homes) -> None:
    from linli.households.handlers import follow_regrouping
    from linli.kernel import ids
    from linli.kernel.events import Happened
    from linli.territory.models import Dwelling
    from tests.households.conftest import SIBLING

    settle(homes, "101")
    Dwelling.objects.filter(id=homes["101"].id).update(area_path=SIBLING)
    event = Happened(
        ids.new_id(), WUHOU, 1, time.now(), "territory.regrouped", "territory.change", ids.new_id(), 1, HOME, None, "system",
        {"from_day": "2026-11-18", "ended": [HOME], "begun": [{"path": SIBLING}]},
    )  # fmt: skip
    follow_regrouping([event])
    assert people.file_of(homes.world.sibling_member, homes["101"].id, purpose="verify").residents
    with pytest.raises(NotFound):
        people.file_of(homes.world.he_ming, homes["101"].id, purpose="verify")
