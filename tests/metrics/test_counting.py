"""Which step counts for which figure, and who may read the figures."""

from datetime import UTC, date, datetime

import pytest

from linli.kernel.errors import Forbidden
from linli.metrics.catalogue import Period
from linli.metrics.counting import Reader, Step, Tally, of, step_of_event
from linli.metrics.keeping import add
from linli.metrics.models import DayFigure, Figure
from linli.metrics.queries import Figures, by_area, by_category, figures, series, values
from tests.world import WUHOU, World, build

AT = datetime(2026, 11, 18, 17, 30, tzinfo=UTC)
"""Half past one at night of the 19th where the city is."""
HOME = f"{WUHOU}/012/003/02/017"


def step(kind: str, **given: object) -> Step:
    values: dict[str, object] = {
        "district": WUHOU, "area_path": HOME, "category": "UT02", "level": "community", "kind": kind, "at": AT,
        "from_state": "", "to_state": "",
    }  # fmt: skip
    return Step(**(values | given))  # type: ignore[arg-type]


def counted(one: Step) -> list[str]:
    return sorted(key.figure for key, _sum in of(one))


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (step("report"), ["reported"]),
        (step("register", repeats="0107-0000-0001-9"), ["registered", "repeated"]),
        (step("register", to_state="registered"), ["registered"]),
        (step("confirm_rejection", from_state="submitted", to_state="rejected"), ["rejected"]),
        (step("confirm_rejection", from_state="submitted", to_state="submitted"), []),
        (step("merge", to_state="merged"), ["merged"]),
        (step("request_return", to_state="returned"), ["returned"]),
        (step("decide_return", from_state="returned", agree=True), ["returned_validly"]),
        (step("decide_return", from_state="returned", agree=False), []),
        (step("dispatch", from_state="returned"), ["dispatched", "returned_validly"]),
        (step("call", from_state="returned"), ["called", "returned_validly"]),
        (step("dispatch", from_state="registered"), ["dispatched"]),
        (step("verify", passed=False), ["verification_failed"]),
        (step("verify", passed=True), ["verified"]),
        (step("decide_extension", from_state="extension_requested", to_state="extended"), ["extended"]),
        (step("approve_suspension", from_state="in_disposal", to_state="suspended"), ["suspended"]),
        (step("feedback", outcome="content"), ["satisfied"]),
        (step("feedback", outcome="not_reached"), ["not_reached"]),
        (step("close", from_state="verified"), ["closed", "closed_near", "not_asked"]),
        (step("close", from_state="feedback", level="district"), ["closed"]),
        (step("reopen"), ["reopened"]),
        (step("comment"), []),
    ],
)
def test_what_a_step_counts_for(one: Step, wanted: list[str]) -> None:
    assert counted(one) == wanted


def test_a_clock_counts_on_the_day_it_was_due_and_with_its_minutes() -> None:
    clocks = {
        "resolution": ["2026-11-10T00:00:00Z", "2026-11-12T10:00:00Z", "2026-11-12T10:00:01Z"],
        "response": ["2026-11-10T00:00:00Z", "2026-11-10T01:00:00Z", "2026-11-10T00:30:00Z"],
        "sign_in": ["2026-11-10T00:00:00Z", "2026-11-11T01:00:00Z", "2026-11-11T01:30:00Z"],
        "return_decision": ["2026-11-10T00:00:00Z", "2026-11-10T01:00:00Z", "2026-11-10T00:30:00Z"],
    }
    found = {key.figure: (key.day, key.area_path, value.minutes) for key, value in of(step("dispose", clocks=clocks))}
    assert found == {
        "resolved_late": (date(2026, 11, 12), f"{WUHOU}/012/003", 2 * 24 * 60 + 600),
        "took_3d": (date(2026, 11, 12), f"{WUHOU}/012/003", 2 * 24 * 60 + 600),
        "responded_on_time": (date(2026, 11, 10), f"{WUHOU}/012/003", 30),
        "signed_in_late": (date(2026, 11, 11), f"{WUHOU}/012/003", 24 * 60 + 90),
    }


def test_things_count_on_the_day_of_the_city() -> None:
    assert [key.day for key, _sum in of(step("report"))] == [date(2026, 11, 19)]


def test_the_log_and_the_event_of_a_step_come_to_the_same() -> None:
    data = {
        "from": "verified", "to": "closed", "category": "UT02", "level": "district", "clocks": {}, "outcome": "content",
    }  # fmt: skip
    told = step_of_event(district=WUHOU, area_path=HOME, kind="case.close", at=AT, data=data)
    reader = Reader(WUHOU)
    first = {"set": {"area_path": HOME, "category": "EN01", "level": "community", "state": "submitted"}}
    reader.read(kind="report", at=AT, from_state="", to_state="submitted", data=first)
    read = reader.read(
        kind="close", at=AT, from_state="verified", to_state="closed",
        data={"set": {"category": "UT02", "level": "district"}, "outcome": "content"},
    )  # fmt: skip
    assert read == told


def test_what_is_owed_counts_as_late_and_what_nobody_answered_is_not_content() -> None:
    counts = dict.fromkeys(Figure.values, 0) | {
        "resolved_on_time": 8, "resolved_late": 1, "closed": 10, "satisfied": 5, "not_reached": 3, "not_asked": 2,
        "reopened": 1,
    }  # fmt: skip
    found = Figures(counts=counts, overdue=1)
    assert found.resolved_in_time == pytest.approx(0.8)
    assert found.satisfied == pytest.approx(0.5)
    assert found.reopened == pytest.approx(0.1)
    assert found.responded_in_time is None


@pytest.mark.django_db
def test_counters_add_up_and_are_read_within_reach(clock) -> None:
    world: World = build()
    for _time in range(2):
        tally = Tally()
        for path in (HOME, f"{WUHOU}/013/001/01/001"):
            tally.add(step("report", area_path=path))
        add(tally)
    assert DayFigure.objects.count() == 2
    span = {"since": date(2026, 11, 19), "until": date(2026, 11, 20)}
    assert figures(world.ma, WUHOU, **span).counts["reported"] == 4
    assert figures(world.xiao_xu, f"{WUHOU}/012/003", **span).counts["reported"] == 2
    today = Period(date(2026, 11, 19), date(2026, 11, 19))
    assert values(world.ma, WUHOU, today, ["reported"])["reported"].value == 4
    assert {one.path: one.value.value for one in by_area(world.ma, WUHOU, today, "reported")} == {
        f"{WUHOU}/012": 2, f"{WUHOU}/013": 2,
    }  # fmt: skip
    assert [one.value.value for one in series(world.ma, f"{WUHOU}/012", today.before(), "reported")] == [0]
    for path, count in ((WUHOU, 4), (f"{WUHOU}/012/003", 2)):
        assert [(one.code, one.count) for one in by_category(world.ma, path, today)] == [("UT02", count)]
    assert figures(world.ma, WUHOU, since=date(2026, 11, 20), until=date(2026, 12, 1)).counts["reported"] == 0
    for read in (values, by_area, series):
        with pytest.raises(Forbidden):
            read(world.xiao_xu, WUHOU, today, ["reported"] if read is values else "reported")  # type: ignore[operator]
    with pytest.raises(Forbidden):
        figures(world.xiao_xu, WUHOU, **span)
    with pytest.raises(Forbidden):
        figures(world.zhou, f"{WUHOU}/012/003", **span)
    with pytest.raises(Forbidden):
        figures(world.far_sun, WUHOU, **span)
