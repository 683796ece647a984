"""Figures for machines and for sheets, within reach; a metric is added by a row of data; what stands out comes with its cases."""

from __future__ import annotations

import csv
import io
import shutil
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.loop import add_step
from linli.cases.models import Approval, ApprovalKind, ApprovalState, OrderKind, OrderState, WorkOrder
from linli.kernel import ids, time
from linli.kernel.trust import SYSTEM
from linli.metrics import catalogue, unusual
from linli.metrics.anomalies import anomalies
from linli.metrics.catalogue import Period
from linli.metrics.counting import Key, Sum, Tally
from linli.metrics.handlers import on_cases
from linli.metrics.keeping import add
from linli.metrics.models import Figure
from tests.metrics.test_rollups import read_up_to, told
from tests.world import WUHOU, World, build, fresh, report

DATA = Path(catalogue.__file__).parent / "data" / "metrics.csv"
HOME = f"{WUHOU}/012/003"


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city."""
    return build()


def client(world: World, name: str) -> Client:
    """A browser in which one of the cast is signed in at a post."""
    from linli.people import sessions

    post = world.posts[name]
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(world.accounts[name], backend=sessions.BACKEND)
    session = browser.session
    session[sessions.SEEN_KEY] = time.now().timestamp()
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    return browser


def test_a_metric_is_added_by_a_row_and_read_through_the_api(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        case = report(world.zhou)
        add_step(SYSTEM, fresh(case), "register", data={}, changes={"state": "registered"})
        if number < 3:
            add_step(SYSTEM, fresh(case), "approve_suspension", data={}, changes={"state": "suspended"})
    read_up_to(None)
    on_cases(told())
    copy = Path(shutil.copy(DATA, tmp_path))
    with copy.open("a", encoding="utf-8") as file:
        # The row of docs/how-to/add-a-metric.md.
        page = (Path(__file__).parents[2] / "docs/how-to/add-a-metric.md").read_text("utf-8")
        file.write(next(line for line in page.splitlines() if line.startswith("suspended_share,")) + "\n")
    monkeypatch.setattr(catalogue, "metrics", lambda: catalogue.read(copy))
    answer = client(world, "liu").get("/api/v1/figures", {"metrics": "suspended_share,reported"}).json()
    assert answer["area_path"] == f"{WUHOU}/012"
    assert answer["whole"]
    share, reported = answer["values"]
    assert (share["metric"], share["numerator"], share["denominator"], share["value"]) == (
        "suspended_share",
        3,
        12,
        "0.2500",
    )
    assert float(share["low"]) < 0.25 < float(share["high"])
    assert reported["value"] == "12"


def test_the_api_gives_values_days_areas_and_categories_within_reach(world: World) -> None:
    tally = Tally()
    for path, times in ((HOME, 5), (f"{WUHOU}/012/004", 2)):
        tally.count(Key(WUHOU, path, "UT02", "community", Figure.REPORTED, time.today()), Sum(times, 0))
    add(tally)
    worker, officer = client(world, "xiao_xu"), client(world, "liu")
    known = {one["id"] for one in Client().get("/api/v1/metrics").json()}
    assert {one["metric"] for one in worker.get("/api/v1/figures").json()["values"]} == known
    days = worker.get("/api/v1/figures/series", {"metric": "reported"}).json()["days"]
    assert (len(days), days[-1]["value"]["value"], days[0]["value"]["value"]) == (30, "5", "0")
    areas = officer.get("/api/v1/figures/areas", {"metric": "reported"}).json()["areas"]
    assert [(one["area_path"], one["value"]["value"]) for one in areas] == [(HOME, "5"), (f"{WUHOU}/012/004", "2")]
    assert officer.get("/api/v1/figures/categories").json()["categories"][0]["count"] == 7
    sheet = officer.get("/api/v1/figures/areas", {"metric": "reported", "format": "csv"})
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [(row["name"], row["value"]) for row in rows] == [("玉林北路社区", "5"), ("玉林东路社区", "2")]
    assert worker.get("/api/v1/figures", {"area_path": f"{WUHOU}/012"}).status_code == 403
    assert client(world, "he_ming").get("/api/v1/figures").status_code == 403
    for wrong in ({"metrics": "shoe_size"}, {"first": "2026-11-02", "last": "2026-11-01"}, {"area_path": f"{HOME}/02"}):
        assert worker.get("/api/v1/figures", wrong).status_code in (404, 422), wrong


def test_what_stands_out_comes_with_its_cases_and_without_blame(world: World, clock: Any) -> None:
    # A lamp that goes out again and again after it was closed.
    for _n in range(3):
        case = report(world.zhou)
        add_step(
            SYSTEM, fresh(case), "close", data={},
            changes={"state": "closed", "is_open": False, "closed_at": time.now()},
        )  # fmt: skip
        clock.forward(days=2)
    # A quiet past, and a week in which a category swells.
    tally = Tally()
    for week in range(1, 9):
        day = time.today() - timedelta(days=7 * week)
        tally.count(Key(WUHOU, HOME, "UT02", "community", Figure.REPORTED, day), Sum(2, 0))
        tally.count(Key(WUHOU, HOME, "EN01", "community", Figure.REPORTED, day), Sum(10, 0))
        tally.count(Key(WUHOU, HOME, "UT02", "community", Figure.RESOLVED_ON_TIME, day), Sum(20, 0))
        tally.count(Key(WUHOU, HOME, "UT02", "community", Figure.RESOLVED_LAST_HOURS, day), Sum(1, 0))
    for code, times in (("UT02", 15), ("EN01", 12)):
        tally.count(Key(WUHOU, HOME, code, "community", Figure.REPORTED, time.today()), Sum(times, 0))
    tally.count(Key(WUHOU, HOME, "UT02", "community", Figure.RESOLVED_ON_TIME, time.today()), Sum(20, 0))
    tally.count(Key(WUHOU, HOME, "UT02", "community", Figure.RESOLVED_LAST_HOURS, time.today()), Sum(14, 0))
    add(tally)
    sent_back(world)
    found = {one.kind.value: one for one in anomalies(world.liu, HOME, Period.week())}
    assert set(found) == {"repeats", "swelling", "closing_rush", "returns"}
    assert (found["returns"].name, found["returns"].seen) == ("武侯区水务局", 8)
    assert len(found["returns"].cases) == 1
    assert (found["repeats"].seen, len(found["repeats"].cases)) == (2, 2)
    assert (found["swelling"].subject, found["swelling"].seen, str(found["swelling"].expected)) == ("UT02", 15, "2.0")
    assert str(found["closing_rush"].expected) == "1.0"
    told_of = client(world, "liu").get("/api/v1/figures/anomalies", {"area_path": HOME}).json()["anomalies"]
    assert all("Perhaps" in one["words"] for one in told_of)
    assert next(one for one in told_of if one["kind"] == "repeats")["cases"] == [
        one.number for one in found["repeats"].cases
    ]


def sent_back(world: World) -> None:
    """The water department returns eight of eight dispatches of one case, the others none of twenty."""
    case = fresh(report(world.zhou, category="EN01"))
    for number in range(28):
        holder = world.organisations["water" if number < 8 else "housing"]
        values: dict[str, Any] = {"id": ids.new_id(), "district": WUHOU, "case": case}
        WorkOrder.objects.create(
            **values, kind=OrderKind.DISPATCH, state=OrderState.RETURNED, organisation=holder, sent_at=time.now()
        )
        if number < 8:
            Approval.objects.create(
                **values, kind=ApprovalKind.RETURN, state=ApprovalState.APPROVED, reason="不属于我们", asked_at=time.now(),
                data={"organisation": str(holder.id)}, asked_by=ids.new_id(),
            )  # fmt: skip


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 40), max_size=6))
def test_what_is_as_it_always_was_never_swells(usual: dict[str, int]) -> None:
    assert unusual.swelling({name: [count] * (unusual.WEEKS + 1) for name, count in usual.items()}) == []


def test_who_returns_more_than_the_others_stands_out_and_who_has_few_does_not() -> None:
    counts = defaultdict(lambda: (5, 100)) | {"a": (5, 100), "b": (6, 100), "c": (40, 100), "d": (2, 2)}
    assert [one.name for one in unusual.more_than_others(counts)] == ["c"]
