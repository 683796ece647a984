"""Events: written with the change, read in order, none passed over, none lost to a bad neighbour."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, OperationalError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import events, ids, time
from linli.kernel.events import Happened
from linli.kernel.models import Cursor, Event, ParkedEvent, WorkCalendarDay
from linli.kernel.trust import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
HERE, THERE = "510107", "510104"
STORY = ["story"]


class Reader:
    """A consumer that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Happened] = []
        self.batches: list[int] = []
        self.refuses: Callable[[Happened], None] = lambda event: None

    def __call__(self, batch: Sequence[Happened]) -> None:
        self.batches.append(len(batch))
        for event in batch:
            self.refuses(event)
        self.told.extend(batch)

    @property
    def words(self) -> list[str]:
        """What the events said, in the order in which they came."""
        return [event.data["word"] for event in self.told]


@pytest.fixture
def reader() -> Iterator[Reader]:
    found = Reader()
    events.consumer("story")(found)
    yield found
    del events._consumers["story"]


def tell(word: str, *, district: str = HERE, kind: str = "story.told") -> Event:
    """Append one event."""
    return events.append(
        kind, subject_type="story", subject_id=ids.new_id(), sequence=1, district=district, area_path=district,
        actor=SYSTEM, data={"word": word},
    )  # fmt: skip


def tell_on(connection: psycopg.Connection, word: str, *, district: str = HERE, event_id: UUID | None = None) -> None:
    """Write one event on another connection, in its open transaction."""
    connection.execute(
        "INSERT INTO kernel_event (id, district, at, kind, subject_type, subject_id, sequence, area_path, role, data)"
        " VALUES (%s, %s, %s, 'story.told', 'story', %s, 1, %s, 'system', jsonb_build_object('word', %s::text))",
        [event_id or ids.new_id(), district, time.now(), ids.new_id(), district, word],
    )


def test_an_event_that_commits_late_is_not_passed_over(reader: Reader, another) -> None:
    slow, quick = another(), another()
    tell_on(slow, "first begun")
    tell_on(quick, "first done")
    quick.commit()
    assert events.run_once(STORY) == 0  # the older transaction may still bring something that belongs before
    slow.commit()
    assert events.drain(STORY) == 2
    assert reader.words == ["first begun", "first done"]


def test_what_was_rolled_back_holds_nobody_up(reader: Reader, another) -> None:
    broken, quick = another(), another()
    tell_on(broken, "never")
    tell_on(quick, "said")
    quick.commit()
    broken.rollback()
    events.drain(STORY)
    assert reader.words == ["said"]


def test_order_is_by_transaction_then_by_id(reader: Reader, another) -> None:
    high, low = UUID(int=2**127), UUID(int=1)
    first, second = another(), another()
    tell_on(first, "b", event_id=UUID(int=2**126))
    tell_on(first, "c", event_id=high)
    tell_on(first, "a", event_id=UUID(int=2))
    first.commit()
    tell_on(second, "d", event_id=low)
    second.commit()
    events.drain(STORY)
    assert reader.words == ["a", "b", "c", "d"]


_districts = itertools.count(900_000)


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # a new district for each example
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["tell", "tell", "commit", "rollback", "read"])), max_size=25
    )
)
def test_whoever_commits_when_nothing_is_skipped_and_nothing_comes_twice(
    steps: list[tuple[int, str]], reader: Reader, another
) -> None:
    district = str(next(_districts))
    writers = [another() for _n in range(3)]
    open_words: list[list[str]] = [[], [], []]
    committed: set[str] = set()
    reader.told.clear()
    for number, (who, what) in enumerate([*steps, (0, "commit"), (1, "commit"), (2, "commit")]):
        if what == "tell":
            tell_on(writers[who], str(number), district=district)
            open_words[who].append(str(number))
        elif what == "read":
            events.run_once(STORY)
        else:
            getattr(writers[who], what)()
            committed |= set(open_words[who]) if what == "commit" else set()
            open_words[who].clear()
    events.drain(STORY)
    for writer in writers:
        writer.close()
    assert sorted(reader.words) == sorted(committed)
    assert [(e.xid, e.id) for e in reader.told] == sorted((e.xid, e.id) for e in reader.told)


def test_what_a_consumer_writes_stands_or_falls_with_its_cursor(reader: Reader, clock) -> None:
    def fails_after_writing(event: Happened) -> None:
        WorkCalendarDay.objects.create(date=clock.moment.date(), is_workday=True)
        raise OperationalError("the connection went away")

    tell("once")
    reader.refuses = fails_after_writing
    with pytest.raises(OperationalError):
        events.drain(STORY)
    assert not WorkCalendarDay.objects.exists()
    assert Cursor.objects.get(consumer="story", district=HERE).xid == 0
    reader.refuses = lambda event: None
    events.drain(STORY)
    assert reader.words == ["once"]  # at least once: the batch is given again
    assert not ParkedEvent.objects.exists()  # the database's trouble is not the event's


@pytest.mark.logs_errors
def test_a_bad_event_is_parked_and_those_behind_it_go_on(reader: Reader, clock) -> None:
    def refuses(event: Happened) -> None:
        if event.data["word"] == "bad":
            raise ValueError("cannot be read")
        if event.data["word"] == "worse":
            raise DataError("Key (phone)=(13800000000) is too long")

    with transaction.atomic():  # in one batch
        for word in ("good", "bad", "better", "worse", "best"):
            tell(word)
    reader.refuses = refuses
    assert events.drain(STORY) == 5
    assert reader.words == ["good", "better", "best"]
    assert reader.batches[0] > 1  # the batch first, then one by one
    assert set(reader.batches[1:]) == {1}
    parked = {row.event_id: row.error for row in ParkedEvent.objects.filter(consumer="story", district=HERE)}
    # A database error quotes rows, and rows hold people: its type is all that is kept.
    assert sorted(parked.values()) == ["DataError", "ValueError: cannot be read"]
    assert events.drain(STORY) == 0
    assert reader.words == ["good", "better", "best"]


@pytest.mark.logs_errors
def test_a_parked_event_is_given_again_once_it_can_be_taken(reader: Reader, clock, caplog, capsys) -> None:
    def refuses(event: Happened) -> None:
        raise DataError(f"Key (phone)=({number}) is too long")

    number = str(13_800_000_000)
    tell("late")
    reader.refuses = refuses
    events.drain(STORY)
    (row,) = events.parked()
    with pytest.raises(CommandError, match="Not all"):
        call_command("events", "--retry", "--consumer", "story")
    assert (reader.words, events.parked_count()) == ([], 1)
    call_command("events", "--parked")
    assert f"story {row.event_id}: DataError" in capsys.readouterr().out
    reader.refuses = lambda event: None
    call_command("events", "--retry")
    assert (reader.words, events.parked_count()) == (["late"], 0)
    assert not events.retry(row)  # once
    assert reader.words == ["late"]
    assert number not in caplog.text
    assert "parked event" in caplog.text
    assert "in refuses" in caplog.text  # where it failed, without what it failed on
    with pytest.raises(CommandError, match="no consumer"):
        call_command("events", "--parked", "--consumer", "nobody")


def test_two_workers_do_not_take_the_same_district(reader: Reader, elsewhere) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def waits(event: Happened) -> None:
        inside.set()
        assert go_on.wait(600)

    tell("here")
    reader.refuses = waits
    busy = elsewhere(lambda: events.drain(STORY))
    assert inside.wait(600)
    reader.refuses = lambda event: None
    assert events.run_once(STORY) == 0  # somebody has it
    assert reader.batches == [1]
    go_on.set()
    assert busy.result() == 1
    assert events.drain(STORY) == 0
    assert reader.words == ["here"]


def test_districts_and_kinds_are_read_for_themselves(reader: Reader) -> None:
    events.consumer("story", "story.")(reader)
    tell("one")
    tell("two", district=THERE)
    tell("three", kind="weather.changed")
    assert events.drain(STORY) == 3  # what is not wanted is read past
    assert sorted(reader.words) == ["one", "two"]
    assert set(Cursor.objects.filter(consumer="story").values_list("district", flat=True)) == {HERE, THERE}
    assert events.drain(iter(STORY)) == 0


def test_drain_waits_for_older_transactions_but_not_for_ever(reader: Reader, another) -> None:
    slow = another()
    tell_on(slow, "old")
    tell("new")
    assert events.drain(STORY, patience=0.05) == 0
    timer = threading.Timer(0.2, slow.commit)
    timer.start()
    assert events.drain(STORY) == 2
    timer.join()
    assert reader.words == ["old", "new"]


def test_an_event_is_taken_back_with_its_change(reader: Reader) -> None:
    with transaction.atomic():
        tell("never")
        transaction.set_rollback(True)
    assert events.drain(STORY) == 0
