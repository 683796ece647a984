"""A command from outside is carried out once, however often it is sent."""

import threading
from typing import Any

import pytest

from linli.kernel import commands, ids
from linli.kernel.commands import Answer
from linli.kernel.errors import Conflict, InFlight, Invalid
from linli.kernel.models import Command
from linli.kernel.trust import ANONYMOUS, Actor, Role

pytestmark = pytest.mark.django_db(transaction=True)
HERE, THERE = "510107", "510104"


def somebody() -> Actor:
    """A resident."""
    return Actor(role=Role.RESIDENT, account_id=ids.new_id())


class Deed:
    """Something that ought to be done once."""

    def __init__(self, answer: Any = None) -> None:
        self.times = 0
        self.answer = answer

    def __call__(self) -> tuple[int, Any]:
        self.times += 1
        return 201, self.answer or {"nth": self.times}


def test_a_repeat_gets_the_first_answer(clock) -> None:
    zhou, deed = somebody(), Deed()
    first = commands.run(zhou, "k", b"body", district=HERE, action=deed)
    assert first == Answer(201, {"nth": 1})
    clock.forward(days=3)
    assert commands.run(zhou, "k", b"body", district=HERE, action=deed) == Answer(201, {"nth": 1}, replayed=True)
    assert deed.times == 1


def test_a_key_that_was_used_for_something_else_is_refused() -> None:
    zhou, deed = somebody(), Deed()
    commands.run(zhou, "k", b"body", district=HERE, action=deed)
    with pytest.raises(Conflict, match=r"command\.other_body") as refusal:
        commands.run(zhou, "k", b"other", district=HERE, action=deed)
    assert (refusal.value.status, refusal.value.field) == (409, "Idempotency-Key")
    assert deed.times == 1


def test_while_it_is_being_done_a_repeat_is_told_so(elsewhere) -> None:
    zhou, inside, go_on = somebody(), threading.Event(), threading.Event()

    def slow() -> tuple[int, Any]:
        inside.set()
        assert go_on.wait(600)
        return 201, {"done": True}

    first = elsewhere(lambda: commands.run(zhou, "k", b"body", district=HERE, action=slow))
    assert inside.wait(600)
    deed = Deed()
    with pytest.raises(InFlight) as refusal:
        commands.run(zhou, "k", b"body", district=HERE, action=deed)
    assert refusal.value.status == 409
    go_on.set()
    assert first.result() == Answer(201, {"done": True})
    assert commands.run(zhou, "k", b"body", district=HERE, action=deed).replayed
    assert deed.times == 0


def test_of_many_at_once_one_is_carried_out(elsewhere) -> None:
    zhou, deed, start = somebody(), Deed(), threading.Barrier(6)

    def send() -> Answer | None:
        start.wait(600)
        try:
            return commands.run(zhou, "k", b"body", district=HERE, action=deed)
        except InFlight:
            return None

    answers = [one.result() for one in [elsewhere(send) for _n in range(6)]]
    assert deed.times == 1
    assert [a.replayed for a in answers if a is not None].count(False) == 1
    assert all(a.body == {"nth": 1} for a in answers if a is not None)


def test_what_failed_was_never_done_and_can_be_sent_again() -> None:
    zhou, deed = somebody(), Deed()

    def fails() -> tuple[int, Any]:
        Command.objects.create(  # something that it wrote before it failed
            district=HERE, actor_key="x", key="x", body_hash=b"", status=200, answer={}, at="2026-11-18T00:00Z"
        )
        raise Invalid("case.category", "no")

    with pytest.raises(Invalid):
        commands.run(zhou, "k", b"body", district=HERE, action=fails)
    assert not Command.objects.exists()
    assert commands.run(zhou, "k", b"body", district=HERE, action=deed) == Answer(201, {"nth": 1})


def test_a_key_belongs_to_one_actor_and_one_district() -> None:
    zhou, wang, deed = somebody(), somebody(), Deed()
    for actor, district in ((zhou, HERE), (wang, HERE), (zhou, THERE), (ANONYMOUS, HERE)):
        assert not commands.run(actor, "k", b"body", district=district, action=deed).replayed
    assert deed.times == 4


@pytest.mark.parametrize("key", ["", "x" * 81, "a\nb"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match=r"command\.key"):
        commands.run(somebody(), key, b"", district=HERE, action=Deed())
