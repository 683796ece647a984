"""Links between rows that are somewhere compare the district as well as the id; subtrees are ranges."""

import re

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from linli.cases.models import Case, LogEntry, Participant, WorkOrder
from linli.kernel.db import AreaBound, DistrictForeignKey, district_of, in_subtree, subtree
from linli.kernel.models import AuditEntry
from linli.kernel.trust import audit
from tests.world import HOME, JINJIANG, WUHOU, World, build, report


@pytest.fixture
def world(db: None, clock: object) -> World:
    return build()


def compares(sql: str, one: str, other: str) -> bool:
    """Whether the districts of two tables (or aliases) are compared."""
    a, b = f'"{one}"."district"', f'"{other}"."district"'
    return f"{a} = ({b})" in sql or f"{b} = ({a})" in sql or f"{a} = {b}" in sql or f"{b} = {a}" in sql


def test_joins_compare_the_district() -> None:
    sql = str(Case.objects.select_related("area", "holder", "handler_post", "master").query)
    for table in ("territory_area", "people_organisation", "people_post"):
        assert compares(sql, "cases_case", table), sql
    assert 'T5."district" = ("cases_case"."district")' in sql, sql


def test_filters_through_a_link_compare_the_district() -> None:
    sql = str(WorkOrder.objects.filter(case__state="called").query)
    assert compares(sql, "cases_workorder", "cases_case"), sql
    sql = str(Case.objects.filter(work_orders__kind="call").query)  # backwards
    assert compares(sql, "cases_workorder", "cases_case"), sql
    sql = str(Case.objects.exclude(participants__kind="joined").query)
    assert not re.search(r'[( ]"district" = ', sql), sql  # of whichever table


def test_a_row_fetches_its_links_within_its_district(world: World) -> None:
    case = report(world.zhou)
    fresh = Case.objects.get(id=case.id)
    for fetch in (
        lambda: fresh.area,
        lambda: list(fresh.participants.all()),
        lambda: fresh.entries.filter(kind="report").exists(),
        lambda: fresh.work_orders.count(),
    ):
        with CaptureQueriesContext(connection) as queries:
            fetch()
        (query,) = queries.captured_queries
        assert f"\"district\" = '{WUHOU}'" in query["sql"], query["sql"]


def test_prefetching_stays_within_the_districts_of_the_rows(world: World) -> None:
    report(world.zhou)
    report(world.zhou, lng=104.0805, lat=30.6405)
    for rows in (
        Case.objects.prefetch_related("participants", "area"),
        Case.objects.prefetch_related(
            models.Prefetch("participants", queryset=Participant.objects.order_by("id")[:5], to_attr="people")
        ),
        Participant.objects.prefetch_related("case"),
    ):
        with CaptureQueriesContext(connection) as queries:
            found = list(rows)
        assert len(found) == 2
        for query in queries.captured_queries[1:]:
            sliced = "ROW_NUMBER" in query["sql"]
            assert sliced or f"\"district\" IN ('{JINJIANG}', '{WUHOU}')" in query["sql"], query["sql"]
    assert [len(case.participants.all()) for case in Case.objects.prefetch_related("participants")] == [1, 1]


def test_links_between_rows_that_are_somewhere_are_of_this_kind() -> None:
    plain = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, AreaBound)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and issubclass(field.related_model, AreaBound)
        and not isinstance(field, DistrictForeignKey)
    ]
    assert plain == []


def test_unique_constraints_hold_the_district() -> None:
    for model in apps.get_models():
        if not issubclass(model, AreaBound):
            continue
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint):
                names = {*constraint.fields, *(getattr(one, "name", "") for one in constraint.expressions)}
                assert "district" in names, f"{model.__name__}: {constraint.name}"
        assert not [f.name for f in model._meta.fields if f.unique and not f.primary_key], model.__name__
        assert not model._meta.unique_together, model.__name__


def test_two_districts_may_hold_the_same_number(world: World) -> None:
    case = report(world.zhou)
    far = report(world.zhou, lng=104.0805, lat=30.6405)
    assert (case.district, far.district) == (WUHOU, JINJIANG)
    Case.objects.filter(id=far.id).update(number=case.number)
    again = report(world.zhou)
    with pytest.raises(IntegrityError, match="cases_number"), transaction.atomic():
        Case.objects.filter(id=again.id).update(number=case.number)


@pytest.mark.parametrize(
    ("path", "low", "high", "district"),
    [
        ("5101", "5101", "5102", "510100"),
        ("510107", "510107", "5101070", "510107"),
        ("510107/012/003", "510107/012/003", "510107/012/0030", "510107"),
    ],
)
def test_a_subtree_is_one_range(path: str, low: str, high: str, district: str) -> None:
    assert subtree(path) == (low, high)
    assert district_of(path) == district


def test_a_query_in_a_subtree_names_the_district_where_it_has_one(world: World) -> None:
    here = report(world.zhou)
    there = report(world.zhou, lng=104.0805, lat=30.6405)
    sql = str(Case.objects.filter(in_subtree("area_path", f"{WUHOU}/012")).query)
    assert f'"cases_case"."district" = {WUHOU}' in sql
    sql = str(WorkOrder.objects.filter(in_subtree("case__area_path", f"{WUHOU}/012")).query)
    assert f'"cases_case"."district" = {WUHOU}' in sql
    for path, found in {
        "": {here.id, there.id},
        "5101": {here.id, there.id},
        WUHOU: {here.id},
        f"{WUHOU}/012": {here.id},
        f"{WUHOU}/012/003": {here.id},
        HOME: {here.id},
        f"{WUHOU}/01": set(),
        f"{WUHOU}/012/004": set(),
        JINJIANG: {there.id},
        "5102": set(),
    }.items():
        assert set(Case.objects.filter(in_subtree("area_path", path)).values_list("id", flat=True)) == found, path


def test_log_and_audit_can_be_added_to_and_nothing_else(world: World) -> None:
    report(world.zhou)
    audit.record(world.xiao_xu, "contact.read", subject_type="contact", subject_id="x", purpose="回访")
    for rows in (LogEntry.objects.all(), AuditEntry.objects.all()):
        assert rows.count() >= 1
        name = rows.model._meta.db_table
        for change in (
            lambda rows=rows: rows.update(district=JINJIANG),
            lambda rows=rows: rows._raw_delete("default"),
            lambda name=name: connection.cursor().execute(f"ALTER TABLE {name} ADD COLUMN x int"),
            lambda name=name: connection.cursor().execute(f"DROP TABLE {name}"),
        ):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
                change()
