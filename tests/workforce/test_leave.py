"""Leave and cover: whoever stands in gets what would have come, and gives back what is left."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry
from linli.kernel.trust import Role
from linli.people import queries as people
from linli.people.models import Post
from linli.workforce import chores, deputies, queries
from linli.workforce.actions import leaving
from linli.workforce.models import Leave, Span, SpanKind
from tests.world import HOME, WUHOU, World, fresh, report


def asked(world: World, who: str = "he_ming", *, begins: int = 0, days: int = 5) -> Leave:
    """A leave that somebody asks for, ``begins`` days from now."""
    first = time.today() + timedelta(days=begins)
    return leaving.ask(getattr(world, who), first_day=first, last_day=first + timedelta(days=days - 1), reason="family")


def approved(world: World, leave: Leave, *covers: str, by: str = "xiao_xu") -> Leave:
    """The leave, agreed to, with covers by name."""
    return leaving.approve(
        getattr(world, by),
        leave.id,
        district=leave.district,
        version=leave.version,
        covers=[world.posts[name].id for name in covers],
    )


def handler(case) -> str:
    """The work name of whoever has a case."""
    return Post.objects.select_related("account").get(id=fresh(case).handler_post_id).account.work_name


def first_handler(path: str = HOME) -> list[str]:
    """Who would be sent what comes up at a place."""
    return [one.name for one in people.members_for(path, Role.MICRO_GRID_MEMBER)]


def test_he_ming_is_away_his_neighbour_stands_in_and_gives_back_what_is_left(world, clock) -> None:
    before = report(world.zhou, category="EN01")
    before.handler_post_id = world.posts["he_ming"].id
    before.save()
    leave = approved(world, asked(world, begins=1), "sibling_member")
    assert first_handler() == ["何明"]
    assert chores.turn() == 0

    clock.forward(days=1)
    assert chores.turn() == 1
    assert chores.turn() == 0
    assert first_handler() == ["邻格员"]
    assert handler(before) == "邻格员"
    assert fresh(before).entries.get(kind="handed_over").data["why"] == "leave_began"
    (standing,) = queries.standing_in(world.sibling_member)
    assert (standing.name, standing.area_path, standing.open) == ("何明", HOME, 1)
    cover = people.actor_for(world.accounts["sibling_member"], post_id=standing.post_id, district=WUHOU)
    assert (cover.role, cover.area_path) == (Role.MICRO_GRID_MEMBER, HOME)

    clock.forward(days=5)
    assert chores.turn() == 1
    assert first_handler() == ["何明"]
    assert handler(before) == "何明"
    assert queries.standing_in(world.sibling_member) == []
    assert people.actor_for(world.accounts["sibling_member"], post_id=standing.post_id).role == Role.RESIDENT
    leave.refresh_from_db()
    assert leave.ended_at is not None
    assert set(AuditEntry.objects.filter(subject_type="leave").values_list("verb", flat=True)) == {"leave.approve"}


def test_a_leave_that_begins_today_begins_at_once_and_whoever_is_back_early_has_it_back(world, clock) -> None:
    case = report(world.zhou, category="EN01")
    case.handler_post_id = world.posts["he_ming"].id
    case.save()
    leave = approved(world, asked(world), "sibling_member", "lao_wu")
    assert handler(case) == "邻格员"
    assert first_handler() == ["邻格员", "老吴"]
    clock.forward(days=2)
    leave.refresh_from_db()
    leave = leaving.end(world.he_ming, leave.id, district=leave.district, version=leave.version)
    assert leave.last_day == time.today() - timedelta(days=1)
    assert handler(case) == "何明"
    assert first_handler() == ["何明"]
    with pytest.raises(Conflict):
        leaving.end(world.he_ming, leave.id, district=leave.district, version=leave.version)


def test_what_comes_while_he_ming_is_away_goes_to_the_neighbour_and_what_was_done_stays_done(world) -> None:
    approved(world, asked(world), "sibling_member")
    assert people.neighbour(HOME) is None
    row = deputies.of([world.posts["he_ming"]])[world.posts["he_ming"].id]
    assert row.account.work_name == "邻格员"


def test_a_leave_withdrawn_before_it_begins_leaves_nothing(world, clock) -> None:
    leave = approved(world, asked(world, begins=3), "sibling_member")
    leaving.end(world.he_ming, leave.id, district=leave.district, version=leave.version)
    clock.forward(days=3)
    assert chores.turn() == 0
    assert first_handler() == ["何明"]
    assert queries.standing_in(world.sibling_member) == []
    approved(world, asked(world, "sibling_member"), "he_ming")


def test_plain_errors_for_what_cannot_be(world, clock) -> None:
    he_ming = asked(world)
    with pytest.raises(Conflict) as overlap:
        asked(world, begins=4)
    assert overlap.value.code == "leave.overlap"
    with pytest.raises(Invalid) as himself:
        approved(world, he_ming, "he_ming")
    assert himself.value.code == "leave.cover_self"
    with pytest.raises(Invalid):
        approved(world, he_ming)
    with pytest.raises(Invalid):
        approved(world, he_ming, "sibling_worker")  # another community's
    with pytest.raises(Stale):
        leaving.approve(world.xiao_xu, he_ming.id, district=WUHOU, version=9, covers=[world.posts["lao_wu"].id])
    approved(world, asked(world, "sibling_member", begins=4), "lao_wu")
    with pytest.raises(Conflict) as away:
        approved(world, he_ming, "sibling_member")
    assert away.value.code == "leave.cover_away"
    assert "邻格员" in str(away.value.message)
    with pytest.raises(Conflict) as covering:
        approved(world, asked(world, "lao_wu", begins=5), "xiao_xu")
    assert covering.value.code == "leave.covers_another"
    yesterday = time.today() - timedelta(days=1)
    with pytest.raises(Invalid):
        leaving.ask(world.he_ming, first_day=yesterday, last_day=time.today(), reason="annual")
    with pytest.raises(Invalid):
        leaving.ask(world.he_ming, first_day=time.today() + timedelta(days=9), last_day=time.today(), reason="annual")


def test_nobody_decides_on_their_own_leave_and_next_door_does_not_exist(world) -> None:
    leave = asked(world, "xiao_xu")
    with pytest.raises(Forbidden):
        approved(world, leave, "xiao_li")
    for stranger in ("sibling_worker", "other_liu", "far_worker"):
        with pytest.raises(NotFound):
            approved(world, leave, "xiao_li", by=stranger)
    assert approved(world, leave, "xiao_li", by="liu").state == "approved"
    refused = asked(world, "he_ming")
    with pytest.raises(Forbidden):
        approved(world, refused, "sibling_member", by="he_ming")
    leaving.refuse(world.xiao_li, refused.id, district=WUHOU, version=1, words="那几天要迎检")
    assert [one.state for one in queries.my_leaves(world.he_ming)] == ["refused"]
    assert asked(world, "he_ming").state == "asked"


def test_the_database_itself_refuses_two_leaves_and_a_cover_who_is_away(world) -> None:
    leave = approved(world, asked(world), "sibling_member")
    twin = Leave.objects.get(id=leave.id)
    twin.id = ids.new_id()
    twin.starts_on = date(2026, 11, 20)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Span.objects.create(
            district=WUHOU,
            leave=leave,
            kind=SpanKind.COVER,
            account_id=leave.account_id,
            post=world.posts["sibling_member"],
            by_post=world.posts["he_ming"],
            starts_on=leave.starts_on,
            ends_on=leave.ends_on,
        )
