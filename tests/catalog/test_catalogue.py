"""The catalogue: loaded, read, searched, changed with a date, a difference and a preview."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.catalog import actions, preview, queries, words
from linli.catalog.models import CategoryVersion, Clock, Handler, Intake
from linli.kernel import ids, time
from linli.kernel.errors import Forbidden, Invalid, Stale
from linli.kernel.trust import Actor, Role
from linli.people.queries import functions

pytestmark = pytest.mark.django_db
SYSTEM_ADMINISTRATOR = Actor(
    role=Role.SYSTEM_ADMINISTRATOR, account_id=ids.UUID(int=7), area_path="5101", district="510100"
)
CLERK = Actor(role=Role.DEPARTMENT_CLERK, account_id=ids.UUID(int=8), area_path="510107", district="510107")


@pytest.fixture
def catalogue(clock):
    """The default catalogue."""
    actions.load_catalogue()
    return queries.current()


def test_it_loads_81_categories_once(clock):
    first, second = actions.load_catalogue(), actions.load_catalogue()
    assert (first.categories, first.created) == (81, 81)
    assert (second.created, second.renewed) == (0, 0)
    assert CategoryVersion.objects.count() == 81
    renewed = actions.load_catalogue(on_difference=actions.OnDifference.RENEW)
    assert renewed.renewed == 0


def test_every_category_can_be_shown_and_handled(catalogue):
    assert len(catalogue) == 81
    for entry in catalogue.all():
        assert entry.name_zh
        assert entry.name_en
        assert entry.close_condition_zh
        assert entry.close_condition_en
        assert entry.lead_function in functions(), entry.code
        assert set(entry.co_functions) <= set(functions()), entry.code
        assert 6 <= len(entry.keywords_zh) <= 12, entry.code
        assert entry.respond_minutes <= entry.resolve_minutes
        assert entry.sign_in_minutes <= entry.respond_minutes
        assert bool(entry.call_first_zh) == bool(entry.call_first_en)
        if entry.is_danger:
            assert entry.call_first_numbers, entry.code
            assert entry.clock == Clock.CALENDAR, entry.code


def test_crime_is_handed_over_and_never_becomes_a_case(catalogue):
    crime = catalogue.get("PS05")
    assert crime.intake == Intake.HANDOVER
    assert not crime.becomes_case
    assert crime.call_first_numbers == ("110",)


def test_residents_browse_only_what_they_may_report(catalogue):
    groups = catalogue.groups(residents=True)
    shown = [entry.code for _group, entries in groups for entry in entries]
    assert "EM05" not in shown
    assert "EN01" in shown
    assert [group.position for group, _entries in groups] == sorted(group.position for group, _entries in groups)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("楼下路灯不亮了，好几天了", "UT02"),
        ("有人在楼道给电瓶车充电", "FS03"),
        ("下水道堵了污水冒出来", "EN08"),
        ("楼上漏水，我家天花板都湿了", "PM05"),
        ("闻到很重的煤气味", "PS03"),
        ("井盖没了", "PS07"),
        ("隔壁餐馆油烟太大", "EN06"),
        ("广场舞太吵", "EN07"),
        ("人行道上停满了车 盲道被占", "TR01"),
        ("老人敲门没人应", "CA01"),
        ("street light is broken", "UT02"),
        ("pothole in the road", "UT01"),
        ("lift stuck, people trapped", "PS08"),
        ("shared bikes everywhere", "TR02"),
    ],
)
def test_everyday_words_find_the_category(catalogue, written, code):
    assert code in [entry.code for entry in catalogue.search(written, limit=3)]


def test_nonsense_finds_nothing(catalogue):
    assert catalogue.search("zzzqqq") == []
    assert catalogue.search("  ，。！ ") == []
    assert catalogue.suggest("") is None


@given(st.text(max_size=80))
def test_any_text_can_be_searched(text):
    index = words.Index({"A": words.Document(("路灯不亮", "Street lamp fault"), ("路灯坏了",), 3)})
    assert index.search(text) in ([], ["A"])
    assert words.split_words(words.join_words(words.split_words(text))) == words.split_words(text)


def test_a_published_change_holds_from_its_moment_and_only_then(catalogue, clock):
    before = time.now()
    change = actions.propose_change(
        SYSTEM_ADMINISTRATOR,
        code="EN01",
        values={"resolve_minutes": 360, "severity": 3},
        reason="the contractor comes twice a day",
    )
    (difference,) = actions.differences(change)
    assert (difference.field, difference.before, difference.after) == ("resolve_minutes", 240, 360)
    assert queries.category("EN01").resolve_minutes == 240

    clock.forward(hours=1)
    successor = actions.publish_change(SYSTEM_ADMINISTRATOR, change.id, version=change.version)
    assert queries.category("EN01").resolve_minutes == 360
    assert queries.category("EN01", at=before).resolve_minutes == 240
    assert queries.entry(successor.id).resolve_minutes == 360
    assert len(queries.history("EN01")) == 2


def test_a_district_may_have_its_own_version_and_give_it_up(catalogue, clock):
    change = actions.propose_change(
        SYSTEM_ADMINISTRATOR, code="EN01", scope="510107", values={"first_handler": Handler.COMMUNITY}, reason="trial"
    )
    actions.publish_change(SYSTEM_ADMINISTRATOR, change.id, version=1)
    assert queries.category("EN01", district="510107").first_handler == Handler.COMMUNITY
    assert queries.category("EN01", district="510104").first_handler == Handler.MICRO_GRID_MEMBER
    clock.forward(days=1)
    actions.give_up_own_version(SYSTEM_ADMINISTRATOR, code="EN01", scope="510107", reason="trial is over")
    assert queries.category("EN01", district="510107").first_handler == Handler.MICRO_GRID_MEMBER


def test_a_change_that_begins_later_waits(catalogue, clock):
    begins = time.now() + timedelta(days=7)
    change = actions.propose_change(
        SYSTEM_ADMINISTRATOR, code="UT02", values={"respond_minutes": 60}, reason="winter", effective_from=begins
    )
    actions.publish_change(SYSTEM_ADMINISTRATOR, change.id, version=1)
    assert queries.category("UT02").respond_minutes == 240
    clock.forward(days=7)
    assert queries.category("UT02").respond_minutes == 60


def test_two_changes_on_one_version_do_not_overwrite_each_other(catalogue, clock):
    first, second = (
        actions.propose_change(SYSTEM_ADMINISTRATOR, code="EN02", values={"severity": n}, reason="why not")
        for n in (2, 4)
    )
    clock.forward(minutes=1)
    actions.publish_change(SYSTEM_ADMINISTRATOR, first.id, version=1)
    with pytest.raises(Stale):
        actions.publish_change(SYSTEM_ADMINISTRATOR, second.id, version=1)
    with pytest.raises(Stale):
        actions.publish_change(SYSTEM_ADMINISTRATOR, first.id, version=1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"resolve_minutes": 10}, "resolve_minutes"),
        ({"lead_function": "ministry_of_magic"}, "lead_function"),
        ({"severity": 9}, "severity"),
        ({"clock": "lunar"}, "clock"),
        ({"keywords_zh": "one text"}, "keywords_zh"),
        ({"severity": 1}, "call_first_numbers"),
        ({"id": "x"}, "id"),
    ],
)
def test_values_that_cannot_be_are_refused_by_field(catalogue, values, field):
    with pytest.raises(Invalid) as refused:
        actions.propose_change(SYSTEM_ADMINISTRATOR, code="EN01", values=values, reason="no")
    assert refused.value.field == field


def test_only_the_system_administrator_edits(catalogue):
    with pytest.raises(Forbidden):
        actions.propose_change(CLERK, code="EN01", values={"severity": 4}, reason="less work")


def test_a_preview_asks_the_rooms_that_know_cases(catalogue, monkeypatch):
    monkeypatch.setattr(preview, "_counters", {})
    asked = []

    def counter(planned):
        asked.append(planned)
        return preview.Preview(
            cases=12, elsewhere=12 if planned.moves_work else 0, moves=(("community", "property", 12),)
        )

    preview.register("cases", counter)
    change = actions.propose_change(
        SYSTEM_ADMINISTRATOR, code="PM01", values={"first_handler": Handler.PROPERTY}, reason="they hold the contract"
    )
    assert change.preview["elsewhere"] == 12
    assert asked[0].until - asked[0].since == timedelta(days=30)
    assert asked[0].before.first_handler == Handler.COMMUNITY
    assert asked[0].after.first_handler == Handler.PROPERTY


def test_the_database_refuses_two_versions_at_one_time(catalogue):
    version = CategoryVersion.objects.get(category_id="EN01")
    version.pk = ids.new_id()
    with pytest.raises(IntegrityError), transaction.atomic():
        version.save(force_insert=True)


def test_reading_the_catalogue_costs_one_small_query(catalogue, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        queries.category("EN01", district="510107")
