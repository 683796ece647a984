"""Row-level security: personal data is there for whoever said who they are and what for, for one transaction."""

from uuid import UUID

import pytest
from django.db import connection, transaction

from linli.cases.models import Statement
from linli.kernel.trust import SYSTEM, Actor, Role, context
from linli.people.models import Contact
from tests.world import WUHOU, World, build, report

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = [Contact, Statement]
OTHER_COMMUNITY = f"{WUHOU}/012/004"


@pytest.fixture
def world(transactional_db: None, clock: object) -> World:
    """Two reports of a personal kind with a contact each: 周阿姨's at home, 王叔's in the community next door."""
    found = build()
    from linli.cases.actions.intake import Reporter
    from tests.world import BOXES

    west, south, _east, _north = BOXES[f"{OTHER_COMMUNITY}/01/001"]
    report(found.zhou, category="CA05", reporter=Reporter(phone="13800000001"))
    report(found.wang, category="CA05", reporter=Reporter(phone="13800000002"), lng=west + 0.0005, lat=south + 0.0005)
    return found


def seen(table: type) -> set[UUID | None]:
    """Whose rows of a table are readable in the transaction that is open."""
    return set(table.objects.values_list("account_id", flat=True))


def owners(world: World, *names: str) -> set[UUID | None]:
    """The accounts of these people."""
    return {world.accounts[name].id for name in names}


@pytest.mark.parametrize("table", TABLES)
def test_without_a_context_there_is_nothing(table: type, world: World) -> None:
    assert seen(table) == set()
    with transaction.atomic():
        assert seen(table) == set()
    assert table.objects.update(area_path=WUHOU) == 0
    assert table.objects.all()._raw_delete("default") == 0
    with context.personal(SYSTEM):
        assert seen(table) == owners(world, "zhou", "wang")


@pytest.mark.parametrize("table", TABLES)
def test_ones_own_is_readable_without_a_purpose(table: type, world: World) -> None:
    with context.personal(world.zhou):
        assert seen(table) == owners(world, "zhou")
        assert table.objects.exclude(account_id=world.zhou.account_id).update(area_path=WUHOU) == 0


@pytest.mark.parametrize("table", TABLES)
def test_an_area_is_readable_only_with_a_purpose(table: type, world: World) -> None:
    with context.personal(world.xiao_xu):
        assert seen(table) == set()
    with context.personal(world.xiao_xu, purpose="回访"):
        assert seen(table) == owners(world, "zhou")
    with context.personal(world.xiao_xu.for_purpose("回访")):
        assert seen(table) == owners(world, "zhou")
    with context.personal(world.liu, purpose="回访"):
        assert seen(table) == owners(world, "zhou", "wang")
    with context.personal(world.liu, purpose="回访", reach=OTHER_COMMUNITY):
        assert seen(table) == owners(world, "wang")
    with context.personal(world.other_liu, purpose="回访"):
        assert seen(table) == set()
    with context.personal(Actor(role=Role.SUPERVISOR, account_id=UUID(int=9)), purpose="回访"):  # reaches nothing
        assert seen(table) == set()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("reach", "sees"),
    [("5101", True), (WUHOU, True), (f"{WUHOU}/01", False), ("51010", True), (f"{WUHOU}/012/00", False)],
)
def test_a_reach_ends_at_a_whole_part_of_the_path(table: type, reach: str, sees: bool, world: World) -> None:
    with context.personal(world.ma, purpose="督办", reach=reach):
        assert bool(seen(table)) == sees


@pytest.mark.parametrize("table", TABLES)
def test_the_context_ends_with_its_transaction(table: type, world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        same = cursor.fetchone()
    with context.personal(world.liu, purpose="回访"):
        assert seen(table)
    assert seen(table) == set()
    with pytest.raises(ZeroDivisionError), context.personal(world.liu, purpose="回访"):  # noqa: PT012
        assert seen(table)
        raise ZeroDivisionError
    assert seen(table) == set()
    with transaction.atomic():
        context.declare(world.liu, purpose="回访")
        assert seen(table)
    assert seen(table) == set()
    with connection.cursor() as cursor:  # all on one connection, as the next user of a pool would have it
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() == same


@pytest.mark.parametrize("table", TABLES)
def test_inside_another_transaction_it_ends_with_its_block(table: type, world: World) -> None:
    with transaction.atomic():
        with context.personal(world.liu, purpose="回访"):
            assert seen(table)
        assert seen(table) == set()
        with pytest.raises(ZeroDivisionError), context.personal(world.liu, purpose="回访"):  # noqa: PT012
            assert seen(table)
            raise ZeroDivisionError
        assert seen(table) == set()


@pytest.mark.parametrize("table", TABLES)
def test_after_an_inner_context_the_outer_one_holds_again(table: type, world: World) -> None:
    with context.personal(world.liu, purpose="回访"):
        with context.personal(world.wang):
            assert seen(table) == owners(world, "wang")
        assert seen(table) == owners(world, "zhou", "wang")
        with pytest.raises(ZeroDivisionError), context.personal(world.wang):
            raise ZeroDivisionError
        assert seen(table) == owners(world, "zhou", "wang")
    assert seen(table) == set()
