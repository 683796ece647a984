"""Any history of the book balances: the sum of all accounts is nought, nobody is below it, a recount finds what the accounts say."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import time
from linli.kernel.errors import Conflict
from linli.kernel.trust import SYSTEM
from linli.ledger import book, counting, queries
from linli.ledger.book import Source
from linli.ledger.models import Account, AccountKind, Entry
from tests.world import HOME, WUHOU, World

START = datetime(2026, 11, 28, 2, tzinfo=UTC)
PEOPLE = ("he_ming", "lao_wu")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["award", "award", "award", "take", "spend", "reverse", "expire"]),
        st.sampled_from(PEOPLE),
        st.integers(0, 12),  # which subject, so that some come twice
        st.integers(0, 40),  # hours later
    ),
    max_size=14,
)


@given(steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_history_balances(world: World, steps: list[tuple[str, str, int, int]]) -> None:
    with transaction.atomic():
        moment = START
        for what, who, number, hours in steps:
            moment += timedelta(hours=hours)
            with time.at(moment):
                _step(world, what, who, number, moment)
        _balances()
        transaction.set_rollback(True)  # the next history begins anew


def _step(world: World, what: str, who: str, number: int, moment: datetime) -> None:
    owner = world.accounts[who].id
    found = queries.rules_at()
    source = Source(WUHOU, HOME, "case", UUID(int=number + 1), moment)
    account = book.open_account(WUHOU, owner)
    match what:
        case "award":
            book.award(SYSTEM, found.rules["hidden_danger_fixed"], owner, source, rules_number=1)
        case "take":
            book.take_away(SYSTEM, found.rules["false_report"], owner, source, rules_number=1)
        case "spend":
            before = account.balance or 0
            try:
                book.spend(SYSTEM, account, number + 1, source=source, rules_number=1)
            except Conflict:
                assert number + 1 > before
        case "reverse":
            entries = list(account.entries.order_by("sequence"))
            if entries:
                book.reverse(SYSTEM, entries[number % len(entries)], source=source)
        case "expire":
            book.expire(SYSTEM, account, number, source=source, rules_number=1)


def _balances() -> None:
    assert list(queries.recount()) == []
    people = Account.objects.filter(district=WUHOU, kind=AccountKind.PERSON)
    assert all((one.balance or 0) >= 0 for one in people)
    assert sum(one.balance or 0 for one in people) + sum(queries.house_balances(WUHOU).values()) == 0
    given_by_day: dict[tuple[UUID, date], int] = defaultdict(int)
    subjects = set()
    reversed_ids = set(Entry.objects.exclude(reverses=None).values_list("reverses_id", flat=True))
    for one in Entry.objects.filter(kind__in=["award", "penalty"]):
        key = (one.account_id, one.rule, one.subject_id)
        assert key not in subjects
        subjects.add(key)
        if one.kind == "award" and one.id not in reversed_ids:
            given_by_day[one.account_id, one.occurred_at.astimezone(time.LOCAL_ZONE).date()] += one.amount
    assert all(points <= 15 for points in given_by_day.values())


@given(
    nominal=st.integers(0, 50), day=st.none() | st.integers(0, 30), month=st.none() | st.integers(0, 90),
    in_day=st.integers(0, 40), in_month=st.integers(0, 100),
)  # fmt: skip
def test_a_cap_is_never_passed_and_never_cuts_more_than_it_must(
    nominal: int, day: int | None, month: int | None, in_day: int, in_month: int
) -> None:
    amount, limit = counting.capped(nominal, daily_cap=day, monthly_cap=month, in_day=in_day, in_month=in_month)
    assert 0 <= amount <= nominal
    assert (limit == "") == (amount == nominal)
    room = [cap - used for cap, used in ((day, in_day), (month, in_month)) if cap is not None]
    assert amount == min([nominal, *(max(0, left) for left in room)])


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_a_moment_lies_in_its_day_and_its_month(moment: datetime) -> None:
    day, month = counting.day_of(moment), counting.month_of(moment)
    assert day.start <= moment < day.end
    assert month.start <= day.start < day.end <= month.end
    assert day.end - day.start == timedelta(days=1)
    assert month.start.day == month.end.day == 1


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-9, 9)), max_size=20))
def test_what_expires_is_there_and_nothing_expires_twice(history: list[tuple[int, int]]) -> None:
    balance, movements = 0, list[tuple[datetime, int]]()
    for year in range(2026, 2034):
        due = counting.expiring(movements, date(year, 1, 1), years_kept=1)
        assert 0 <= due <= balance
        movements.append((datetime(year, 1, 1, tzinfo=UTC), -due))
        balance -= due
        assert counting.expiring(movements, date(year, 1, 1), years_kept=1) == 0
        for step, amount in enumerate(one for years, one in history if 2026 + years == year):
            moved = max(amount, -balance)  # an account is never overdrawn
            balance += moved
            movements.append((datetime(year, 6, 1, tzinfo=UTC) + timedelta(minutes=step), moved))
    assert balance == 0  # in the end all of it has been spent or has expired
