"""Assessment by published criteria: the person sees what it is computed from, objects, and somebody else answers; nobody is ranked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import ids
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.models import AuditEntry
from linli.workforce import assessing, assessments
from linli.workforce.actions import assessment, training
from linli.workforce.models import Assessment
from tests.conftest import Clock
from tests.desk.conftest import signed_in
from tests.world import World


def reviewed(world: World) -> Assessment:
    """何明's half-year, concluded by 小徐."""
    training.offer(
        world.xiao_xu, ids.new_id(), title="岗前培训", about="", materials=[], required_of=["micro_grid_member"], hours=2,
        valid_months=None,
    )  # fmt: skip
    return assessment.review(world.xiao_xu, world.posts["he_ming"].id, words="按公布的标准，证书还缺一项")


def test_a_member_reads_what_it_is_computed_from_and_objects(world: World, clock: Clock) -> None:
    made = reviewed(world)
    assert (made.begins_on, made.ends_on) == (date(2026, 1, 1), date(2026, 7, 1))
    facts = {one["code"]: one for one in made.facts}
    assert (facts["trained"]["outcome"], facts["trained"]["named"]) == ("not_met", ["岗前培训"])
    assert facts["in_time"]["outcome"] == "too_little"
    with pytest.raises(Conflict):
        assessment.review(world.xiao_li, world.posts["he_ming"].id, words="再来一次")
    with pytest.raises(NotFound):
        assessment.review(world.sibling_worker, world.posts["he_ming"].id, words="不是我的社区")

    field = signed_in(world, "he_ming")
    page = field.get("/field/me/assessment").content.decode()
    assert "证书还缺一项" in page
    assert "岗前培训" in page
    assert assessments.mine(world.sibling_member) == []
    wrong = {"assessment": str(made.id), "about": "height", "words": "培训那天在值班"}
    assert field.post("/field/me/assessment", wrong).status_code == 422
    assert field.post("/field/me/assessment", wrong | {"about": "trained"}).status_code == 302
    with pytest.raises(Conflict):
        assessment.object_to(world.he_ming, made.id, about="trained", words="再说一次")
    assert assessments.objections(world.xiao_xu) == []
    with pytest.raises(Forbidden, match="second_person"):
        assessment.answer(world.xiao_xu, made.id, upheld=False, words="维持")
    with pytest.raises(IntegrityError), transaction.atomic():  # the database keeps it too
        Assessment.objects.filter(id=made.id).update(answered_by=made.reviewed_by)

    desk = signed_in(world, "liu")
    where = f"/desk/team/assessment/done/{made.id}"
    assert "培训那天在值班" in desk.get(where).content.decode()
    assert desk.post(where, {"upheld": "", "words": "属实"}).status_code == 422
    assert desk.post(where, {"upheld": "yes", "words": "属实，社区排了值班"}).status_code == 302
    (mine,) = field.get("/api/v1/workforce/assessments/mine").json()
    assert (mine["state"], mine["answer"]) == ("upheld", "属实，社区排了值班")
    assert {one["code"]: one["outcome"] for one in mine["facts"]}["trained"] == "set_aside"
    verbs = set(AuditEntry.objects.filter(person_id=world.he_ming.account_id).values_list("verb", flat=True))
    assert {"assessment.review", "assessment.read", "assessment.answer"} <= verbs


def test_the_term_ends_and_nobody_is_listed_with_a_result(world: World, clock: Clock) -> None:
    made = reviewed(world)
    desk = signed_in(world, "xiao_li")
    page = desk.get("/desk/team/assessment").content.decode()
    assert "何明" in page
    assert "not met" not in page
    assert desk.get(f"/desk/team/assessment/{world.posts['sibling_member'].id}").status_code == 200
    assert desk.post(f"/desk/team/assessment/{world.posts['sibling_member'].id}", {"words": ""}).status_code == 422
    assert signed_in(world, "he_ming").get("/desk/team/assessment").status_code in (302, 403)
    clock.forward(days=20)
    with pytest.raises(Conflict, match="too_late"):
        assessment.object_to(world.he_ming, made.id, about="trained", words="培训那天在值班")
    with pytest.raises(Invalid):
        assessment.review(world.xiao_xu, world.posts["sibling_member"].id, words="")


@given(day=st.dates(date(2021, 1, 1), date(2099, 12, 31)), months=st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_periods_tile_the_calendar(day: date, months: int) -> None:
    begins, ends = assessing.period_of(day, months)
    assert begins <= day < ends
    assert assessing.period_of(ends, months)[0] == ends
    assert assessing.period_of(begins - timedelta(days=1), months)[1] == begins


@given(whole=st.integers(0, 200), data=st.data())
def test_more_that_is_good_is_never_worse(whole: int, data: st.DataObject) -> None:
    order = {assessing.NOT_MET: 0, assessing.MET: 1}
    good = data.draw(st.integers(0, whole))
    for criterion in assessing.rules_on(date(2026, 6, 1)).criteria:
        found = assessing.outcome(criterion, good=good, whole=whole)
        assert (found == assessing.TOO_LITTLE) == (whole < criterion.few)
        if found != assessing.TOO_LITTLE and good < whole:
            assert order[assessing.outcome(criterion, good=good + 1, whole=whole)] >= order[found]
