"""Posts and organisations: appointed and ended by rule, three administrators kept apart, posts follow the ground."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry, Event
from linli.kernel.trust import SYSTEM, Role
from linli.people import actions, handlers, queries
from linli.people.models import Organisation, Post
from linli.territory.models import Area, Level
from tests.people import factories


@pytest.fixture
def admin(town):
    """The system administrator."""
    return town.actor("admin")


def appoint(admin, town, login="zhou", role=Role.COMMUNITY_WORKER, body=None, path=None, **fields):
    """Appoint somebody of the cast."""
    body = body or f"{factories.COMMUNITY}:committee"
    organisation = town.organisation(body)
    return actions.appoint(
        admin,
        account_id=town.people[login].id,
        role=role,
        district=organisation.district,
        organisation_id=organisation.id,
        area_path=path or factories.COMMUNITY,
        **fields,
    )


def test_zhou_is_appointed_acts_and_stops(admin, town, clock):
    post = appoint(admin, town, title="楼栋长")
    zhou = queries.actor_for(town.people["zhou"], post_id=post.id, district=post.district)
    assert (zhou.role, zhou.area_path, zhou.district) == (Role.COMMUNITY_WORKER, factories.COMMUNITY, factories.WUHOU)
    assert Event.objects.get(subject_id=post.id).kind == "post.appointed"
    ended = actions.end_post(admin, post.id, district=post.district, version=1, reason="term is over")
    assert ended.ends_on == time.today()
    assert queries.actor_for(town.people["zhou"], post_id=post.id, district=post.district).role == Role.RESIDENT
    verbs = set(AuditEntry.objects.filter(subject_id=str(post.id)).values_list("verb", flat=True))
    assert verbs == {"post.appoint", "post.end"}
    with pytest.raises(NotFound):
        actions.end_post(admin, post.id, district=post.district, version=2, reason="again")


def test_a_term_begins_and_ends_by_the_calendar(admin, town, clock):
    today = time.today()
    post = appoint(admin, town, starts_on=today + timedelta(days=2), ends_on=today + timedelta(days=5))
    holds = []
    for _day in range(7):
        actor = queries.actor_for(town.people["zhou"], post_id=post.id, district=post.district)
        holds.append(actor.post_id == post.id)
        clock.forward(days=1)
    assert holds == [False, False, True, True, True, False, False]


def test_the_same_post_twice_at_one_time_is_refused_but_not_one_after_the_other(admin, town):
    today = time.today()
    appoint(admin, town, ends_on=today + timedelta(days=10))
    with pytest.raises(Conflict):
        appoint(admin, town, starts_on=today + timedelta(days=9))
    appoint(admin, town, starts_on=today + timedelta(days=10))


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.SYSTEM, Role.MACHINE, Role.ANONYMOUS])
def test_nobody_is_appointed_to_a_role_that_is_no_post(admin, town, role):
    with pytest.raises(Invalid):
        appoint(admin, town, role=role)


def test_a_post_lies_inside_its_organisations_area(admin, town):
    with pytest.raises(Invalid) as refused:
        appoint(admin, town, path=factories.SIBLING)
    assert refused.value.field == "area_path"
    with pytest.raises(Invalid):
        appoint(admin, town, path="510107/999")


@pytest.mark.parametrize("login", ["xiaoxu", "security", "audit", "liu", "zhou"])
def test_only_the_system_administrator_appoints(town, login):
    with pytest.raises(Forbidden):
        appoint(town.actor(login), town)


def test_the_three_administrators_are_three_people(admin, town):
    body = town.organisation("5101:operation-centre")
    for role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR):
        with pytest.raises(Conflict) as refused:
            actions.appoint(
                admin,
                account_id=town.people["audit"].id,
                role=role,
                district=body.district,
                organisation_id=body.id,
                area_path=factories.CITY,
            )
        assert refused.value.code == "post.separation"
    # neither in another district
    with pytest.raises(Conflict):
        appoint(
            admin, town, login="audit", role=Role.SYSTEM_ADMINISTRATOR, body="510107:operation_centre", path="510107"
        )
    # and the database itself refuses it within one
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.give_post(town.people["audit"], Role.SYSTEM_ADMINISTRATOR, body, town.areas[factories.CITY])
    # after the first post has ended, the second may be held
    post = Post.objects.get(account=town.people["audit"])
    actions.end_post(admin, post.id, district=post.district, version=post.version, reason="changes places")
    appoint(admin, town, login="audit", role=Role.SYSTEM_ADMINISTRATOR, body="510107:operation_centre", path="510107")


def test_a_stale_end_is_refused_with_the_current_version(admin, town):
    post = appoint(admin, town)
    later = time.today() + timedelta(days=30)
    actions.end_post(admin, post.id, district=post.district, version=1, reason="in a month", ends_on=later)
    with pytest.raises(Stale) as refused:
        actions.end_post(admin, post.id, district=post.district, version=1, reason="now")
    assert refused.value.extra == {"version": 2}
    with pytest.raises(Invalid):
        actions.end_post(admin, post.id, district=post.district, version=2, reason="", ends_on=later)
    with pytest.raises(Invalid):
        actions.end_post(admin, post.id, district=post.district, version=2, reason="x", ends_on=date(2020, 1, 1))


def test_an_organisation_is_made_seen_at_once_and_ended_when_empty(admin, town):
    made = actions.create_organisation(
        admin,
        district=factories.WUHOU,
        kind="property_company",
        code="p-1",
        name="安居物业",
        area_path=factories.MICRO_GRID,
    )
    assert queries.organisation_for(factories.MICRO_GRID, kind="property_company").id == made.id
    with pytest.raises(Conflict):
        actions.create_organisation(
            admin, district=factories.WUHOU, kind="school", code="p-1", name="x", area_path=factories.MICRO_GRID
        )
    actions.end_organisation(admin, made.id, district=made.district, version=1, reason="contract is over")
    found = queries.organisation_for(factories.MICRO_GRID, kind="property_company")
    assert found is None or found.id != made.id
    committee = town.organisation(f"{factories.COMMUNITY}:committee")
    with pytest.raises(Conflict):
        actions.end_organisation(admin, committee.id, district=committee.district, version=1, reason="no")


@pytest.mark.parametrize(
    ("fields", "field"), [({"kind": "club"}, "kind"), ({"function": "magic"}, "function"), ({"name": " "}, "name")]
)
def test_an_organisation_that_cannot_be_is_refused(admin, town, fields, field):
    given = {"district": "510107", "kind": "school", "code": "s", "name": "学校", "area_path": factories.COMMUNITY}
    with pytest.raises(Invalid) as refused:
        actions.create_organisation(admin, **{**given, **fields})
    assert refused.value.field == field


def test_posts_follow_the_ground_and_history_stays(town, clock):
    clock.forward(days=1)
    today = time.today()
    area = town.areas[factories.MICRO_GRID]
    area.valid_to = today
    area.save()
    new = f"{factories.COMMUNITY}/01/009"
    Area.objects.create(
        id=ids.new_id(), district=area.district, path=new, level=Level.MICRO_GRID, name="n", valid_from=today
    )
    for moved in (1, 0):
        done = actions.move_posts(
            SYSTEM, district=area.district, old_path=factories.MICRO_GRID, new_paths=[new], day=today
        )
        assert done == moved
    assert [member.name for member in queries.members_for(new, Role.MICRO_GRID_MEMBER)] == ["何明"]
    old = Post.objects.get(account=town.people["heming"], area_path=factories.MICRO_GRID)
    assert (old.ends_on, old.end_reason) == (today, "regrouped")


def test_two_grids_that_become_one_keep_one_post_of_a_shared_member(town, clock):
    clock.forward(days=1)
    today, body = time.today(), town.organisation(f"{factories.COMMUNITY}:committee")
    heming = town.people["heming"]
    factories.give_post(heming, Role.MICRO_GRID_MEMBER, body, town.areas[factories.OTHER_MICRO_GRID])
    new = f"{factories.COMMUNITY}/01/009"
    area_id = ids.new_id()
    Area.objects.create(
        id=area_id, district=factories.WUHOU, path=new, level=Level.MICRO_GRID, name="n", valid_from=today
    )
    happened = events.Happened(
        id=ids.new_id(),
        district=factories.WUHOU,
        xid=1,
        at=time.now(),
        kind="territory.regrouped",
        subject_type="territory.change",
        subject_id=ids.new_id(),
        sequence=1,
        area_path=factories.COMMUNITY,
        post_id=None,
        role="system",
        data={
            "from_day": today.isoformat(),
            "ended": [factories.MICRO_GRID, factories.OTHER_MICRO_GRID],
            "begun": [{"area_id": str(area_id), "path": new}],
        },
    )
    handlers.follow_regrouping([happened, happened])
    assert Post.objects.filter(account=heming, area_path=new).count() == 1
    assert len(queries.members_for(new, Role.MICRO_GRID_MEMBER)) == 2


def test_two_organisations_cannot_share_a_code(town):
    one = Organisation.objects.first()
    one.pk = ids.new_id()
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save(force_insert=True)
