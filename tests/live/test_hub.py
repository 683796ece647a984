"""Who hears what: by look-up the same as by the rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linli.cases.live import hears
from linli.kernel import live, time
from linli.kernel.db import within
from linli.kernel.live import Audience, Change, Counted
from linli.live.hub import QUEUE, Hub, Listener

PATHS = ["", "5101", "510107", "510107/012", "510107/012/003", "510107/012/003/02/017", "510104", "510104/017/001"]
paths = st.sampled_from(PATHS)
organisations = st.sampled_from(["a", "b", "c"])
cases = st.sampled_from(["1", "2", "3"])
audiences = st.builds(
    Audience, st.none() | paths, st.just("") | organisations, st.lists(cases, max_size=2, unique=True).map(tuple)
)
changes = st.builds(
    Change,
    cases,
    st.integers(1, 99),
    st.sampled_from([path for path in PATHS if len(path) >= 6]),
    st.lists(organisations, max_size=2, unique=True).map(tuple),
    st.booleans(),
)


@given(st.lists(audiences, max_size=6), changes)
def test_the_hub_gives_a_change_to_those_it_is_for(everybody: list[Audience], change: Change) -> None:
    hub = Hub()
    listeners = [Listener(one) for one in everybody]
    for one in listeners:
        hub.add(one)
    told = hub.tell(change)
    expected = [hears(one, change) for one in everybody]
    assert [not one.queue.empty() for one in listeners] == expected
    assert told == sum(expected)


def test_whoever_is_slow_is_let_go() -> None:
    hub, listener = Hub(), Listener(Audience("510107"))
    hub.add(listener)
    for version in range(QUEUE):
        hub.tell(Change("1", version, "510107/012"))
    assert not listener.gone
    hub.tell(Change("1", 99, "510107/012"))
    assert listener.gone
    assert listener.queue.qsize() == QUEUE
    hub.remove(listener)
    assert hub.count == 0
    assert hub.tell(Change("1", 100, "510107/012")) == 0


def test_a_case_that_is_restricted_is_not_told_by_its_place() -> None:
    area, holder = Listener(Audience("510107")), Listener(Audience(None, "holder"))
    hub = Hub()
    hub.add(area)
    hub.add(holder)
    hub.tell(Change("1", 2, "510107/012", ("holder",), restricted=True))
    assert area.queue.empty()
    assert b"area:" not in holder.queue.get_nowait()


def test_a_token_is_ours_and_runs_out(clock: object) -> None:
    audience = Audience("510107/012", "o", ("1", "2"), "510107")
    token = live.sign(audience)
    assert live.read(token) == audience
    assert live.read(token[:-2] + "xx") is None
    assert live.read("") is None
    clock.forward(seconds=live.TOKEN_SECONDS + 1)  # type: ignore[attr-defined]
    assert live.read(token) is None
    assert time.now()


@given(st.lists(paths), st.lists(st.sampled_from([path for path in PATHS if len(path) > 6]), unique=True))
def test_new_figures_are_told_once_to_whoever_sees_them(seen: list[str], counted: list[str]) -> None:
    hub = Hub()
    listeners = [Listener(Audience(figures=path)) for path in seen]
    for one in [*listeners, Listener(Audience("510107"))]:
        hub.add(one)
    hub.counted([Counted(path) for path in counted])
    for one, path in zip(listeners, seen, strict=True):
        told = b"".join(one.queue.get_nowait() for _n in range(one.queue.qsize()))
        assert [f'"figures:{at}"'.encode() in told for at in counted] == [within(at, path) for at in counted]


@given(st.lists(changes | st.sampled_from(PATHS).map(Counted), max_size=300))
def test_portions_hold_everything_in_order(found: list[Change | Counted]) -> None:
    portions = list(live.payloads(found))
    assert all(len(one) < 8_000 for one in portions)
    assert [change for one in portions for change in live.parse(one)] == found
