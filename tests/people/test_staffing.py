"""A district is filled with organisations and people; the cast lives in it."""

import pytest

from linli.kernel.trust import Role
from linli.people import queries, staffing
from linli.people.models import Account, Organisation, Post
from tests.people import factories


def test_every_area_has_its_people_and_a_second_run_adds_nobody(town):
    assert staffing.vacancies(factories.WUHOU) == {}
    before = (Account.objects.count(), Post.objects.count(), Organisation.objects.count())
    again = staffing.staff_district(factories.WUHOU)
    assert not again.posts
    assert not again.organisations
    assert (Account.objects.count(), Post.objects.count(), Organisation.objects.count()) == before


def test_a_vacancy_is_filled(town):
    post = Post.objects.filter(role=Role.GRID_MEMBER.value).first()
    post.delete()
    assert staffing.vacancies(factories.WUHOU) == {"general_grid": 1}
    assert staffing.staff_district(factories.WUHOU).posts == {"grid_member": 1}


def test_synthetic_people_cannot_sign_in(town):
    someone = Account.objects.filter(is_demo=False).first()
    assert not someone.has_usable_password()
    assert someone.phone_hash is None
    assert someone.name_enc
    assert someone.work_name.encode() not in bytes(someone.name_enc)


def test_the_cast_has_one_post_each_and_can_be_made_again(town):
    assert list(town.people)[:8] == ["zhou", "heming", "xiaoxu", "liu", "sunjie", "yangke", "laozheng", "xiaotian"]
    again = staffing.make_cast(factories.WUHOU, micro_grid=factories.MICRO_GRID)
    assert [member.account.id for member in again] == [account.id for account in town.people.values()]
    assert town.actor("zhou").role == Role.RESIDENT
    assert town.actor("zhou").district == factories.WUHOU
    assert town.actor("heming").area_path == factories.MICRO_GRID
    assert town.actor("yangke").organisation_id == town.organisation("510107:urban_management").id
    assert town.actor("admin").area_path == factories.CITY
    assert [member.login for member in staffing.cast_list()][:2] == ["zhou", "heming"]


def test_the_nearest_organisation_answers_for_a_place(town, django_assert_num_queries):
    place = factories.MICRO_GRID
    assert queries.organisation_for(place, function="community").area_path == factories.COMMUNITY
    assert queries.organisation_for(place, function="subdistrict_office").area_path == "510107/012"
    clerk = queries.organisation_for(place, function="urban_management")
    assert clerk.id == town.actor("yangke").organisation_id
    assert queries.organisation_for(place, kind="community_party_committee").area_path == factories.COMMUNITY
    assert queries.organisation_for("510104/001/001", function="urban_management") is None
    assert queries.department_of(factories.WUHOU, "police").name == "武侯区公安分局"
    assert queries.organisation(clerk.id) == clerk


def test_the_nearest_people_answer_for_a_place(town):
    heming = queries.members_for(factories.MICRO_GRID, Role.MICRO_GRID_MEMBER)
    assert [member.name for member in heming] == ["何明"]
    (other,) = queries.members_for(factories.OTHER_MICRO_GRID, Role.MICRO_GRID_MEMBER)
    assert other.name != "何明"
    workers = queries.members_for(factories.MICRO_GRID, Role.COMMUNITY_WORKER)
    assert len(workers) == 4
    assert {member.area_path for member in workers} == {factories.COMMUNITY}
    assert queries.members_for("510104/001/001/01/001", Role.MICRO_GRID_MEMBER) == []


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("510107/012/003", ["510107/012/003", "510107/012", "510107", "5101"]),
        ("510107", ["510107", "5101"]),
        ("5101", ["5101"]),
        ("", []),
    ],
)
def test_ancestors(path, above):
    assert queries.ancestors(path) == above
