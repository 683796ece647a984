"""A quarter's list is drawn by rule and once; its items are answered for, checked by somebody else, and never lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.models import Case
from linli.kernel import deadlines, events, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry
from linli.metrics.catalogue import metrics
from linli.metrics.queries import Value
from linli.notices.models import Notice
from linli.supervision import actions, drawing, queries, saying
from linli.supervision.actions import Verdict
from linli.supervision.models import Entry, Item, ItemState, QuarterList, Reason, Step
from tests.desk.conftest import page, signed_in
from tests.world import WUHOU, World, build, report

OFFICE_AREA = f"{WUHOU}/012"
WORDS = "已加派人手，每周回看"


@pytest.fixture
def summer(transactional_db: None, clock: Any) -> World:
    """The small city after a quarter in which twelve reports were never answered, one of them restricted."""
    standing = time.now()
    clock.set(datetime(2026, 9, 1, 2, 0, tzinfo=UTC))
    world = build()
    cases = [report(world.zhou) for _n in range(12)]
    Case.objects.filter(id=cases[0].id).update(sensitivity="restricted")
    clock.set(standing)
    deadlines.sweep_all()
    events.drain()
    return world


def test_a_list_is_drawn_by_rule_and_once(summer: World) -> None:
    found = actions.draw(summer.ma, WUHOU, str(uuid4()))
    items = list(queries.items(summer.ma, found))
    again = actions.draw(summer.ma, WUHOU, str(uuid4()))
    assert (again.id, len(items)) == (found.id, Item.objects.count())
    reasons = {Reason(one.reason) for one in items}
    assert {Reason.BELOW_AIM, Reason.OWED} <= reasons
    below = next(one for one in items if one.key == f"response_on_time:{OFFICE_AREA}")
    assert below.organisation_id == summer.organisations["office"].id
    assert "12" in saying.words(below)
    restricted = Case.objects.get(sensitivity="restricted").number
    assert not any(restricted in one.cases or restricted in one.key for one in items)
    assert AuditEntry.objects.filter(verb="supervision.drawn").count() == 1
    # Others see what concerns them, and no more.
    assert queries.items(summer.liu, found).count() == len(items)
    assert not queries.items(summer.other_liu, found).exists()
    assert not queries.lists(summer.far_sun).exists()
    with pytest.raises(Forbidden):
        actions.draw(summer.liu, WUHOU, str(uuid4()))
    with pytest.raises(NotFound):
        actions.draw(summer.ma, "510104", str(uuid4()))


def test_an_item_is_done_checked_by_another_and_what_is_left_is_carried_over(summer: World) -> None:
    found = actions.draw(summer.ma, WUHOU, str(uuid4()))
    first, second, *_others = queries.items(summer.liu, found)
    with pytest.raises(Invalid):
        actions.follow(summer.liu, first.id, 1, " ")
    actions.follow(summer.liu, first.id, 1, WORDS)
    with pytest.raises(Stale):
        actions.follow(summer.liu, first.id, 1, WORDS)
    with pytest.raises(Conflict):
        actions.check(summer.ma, first.id, 2, Verdict.CLOSE, WORDS)
    actions.follow(summer.liu, first.id, 2, WORDS, Step.DONE)
    with pytest.raises(Forbidden):
        actions.check(summer.liu, first.id, 3, Verdict.CLOSE, WORDS)
    actions.check(summer.ma, first.id, 3, Verdict.BACK, "还有三件没有回复")
    actions.follow(summer.ma, first.id, 4, WORDS, Step.DONE)
    with pytest.raises(Forbidden):
        actions.check(summer.ma, first.id, 5, Verdict.CLOSE, WORDS)
    Item.objects.filter(id=first.id).update(done_by=summer.liu.post_id)
    assert actions.check(summer.ma, first.id, 5, Verdict.CLOSE, WORDS).state == ItemState.CLOSED
    steps = [one.step for one in queries.entries(first)]
    assert steps == [Step.DRAWN, Step.NOTED, Step.DONE, Step.RETURNED, Step.DONE, Step.CLOSED]
    with pytest.raises(Invalid):
        actions.assign(summer.ma, second.id, 1, summer.organisations["far_office"].id, time.today())
    due = time.today() + timedelta(days=9)
    assert actions.assign(summer.ma, second.id, 1, summer.organisations["office"].id, due).due_on == due
    with pytest.raises(NotFound):
        actions.follow(summer.other_liu, second.id, 2, WORDS)
    # The next quarter's list has what was not closed, once, with where it came from.
    events.drain()
    with time.at(datetime(2027, 1, 4, 2, 0, tzinfo=UTC)):
        following = actions.draw(summer.ma, WUHOU, str(uuid4()))
        keys = list(Item.objects.filter(of=following).values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    left = Item.objects.filter(of=found).exclude(key=first.key)
    assert set(left.values_list("key", flat=True)) <= set(keys)
    assert set(left.values_list("state", flat=True)) == {ItemState.CARRIED}
    new = Item.objects.get(of=following, key=second.key)
    assert (new.carried_from, new.organisation_id) == (second.id, summer.organisations["office"].id)
    assert Item.objects.get(id=first.id).state == ItemState.CLOSED
    assert Entry.objects.filter(step=Step.CARRIED).count() == left.count()


def test_who_answers_for_an_item_and_who_checks_it_are_told(summer: World) -> None:
    found = actions.draw(summer.ma, WUHOU, str(uuid4()))
    item = next(iter(queries.items(summer.liu, found).filter(reason=Reason.BELOW_AIM)))
    owed = queries.items(summer.ma, found).filter(reason=Reason.OWED)
    assert set(owed.values_list("organisation_id", flat=True)) == {summer.organisations["committee"].id}
    events.drain()
    told = Notice.objects.filter(kind="watch_drawn", subject_id=found.id)
    answering = {summer.liu.account_id, summer.xiao_xu.account_id}
    assert answering <= set(told.values_list("account_id", flat=True))
    assert summer.ma.account_id not in set(told.values_list("account_id", flat=True)), "who drew it knows"
    # The community sees what it answers for, and no more; it writes how that goes on.
    assert set(queries.items(summer.xiao_xu, found)) == set(owed)
    xu = signed_in(summer, "xiao_xu")
    news = told.get(account_id=summer.xiao_xu.account_id)
    assert "quarterly supervision" in page(xu.get("/my/notices"))
    assert xu.get(f"/my/notices/{news.id}")["Location"] == f"/desk/supervision?list={found.id}"
    actions.follow(summer.xiao_xu, owed[0].id, 1, WORDS)
    with pytest.raises(NotFound):
        actions.follow(summer.xiao_xu, item.id, 1, WORDS)
    # A supervisor hears that something is done, the office that it came back.
    actions.follow(summer.liu, item.id, 1, WORDS, Step.DONE)
    actions.check(summer.ma, item.id, 2, Verdict.BACK, "还有三件没有回复")
    actions.assign(summer.ma, owed[1].id, 1, summer.organisations["office"].id, time.today() + timedelta(days=9))
    events.drain()
    assert summer.ma.account_id in set(Notice.objects.filter(kind="watch_done").values_list("account_id", flat=True))
    for kind, subject in (("watch_returned", item.id), ("watch_given", owed[1].id)):
        mine = Notice.objects.get(kind=kind, account_id=summer.liu.account_id)
        path = f"/desk/supervision/items/{subject}"
        assert signed_in(summer, "liu").get(f"/my/notices/{mine.id}")["Location"] == path


def test_the_desk_and_the_api_do_the_same(summer: World) -> None:
    ma, liu = signed_in(summer, "ma"), signed_in(summer, "liu")
    assert "No list yet" in page(liu.get("/desk/supervision"))
    assert "Draw the list of quarter 4 of 2026" in page(ma.get("/desk/supervision"))
    drawn = ma.post("/desk/supervision/draw", {"key": str(uuid4())})
    assert drawn.status_code == 302
    assert QuarterList.objects.count() == 1
    shown = page(ma.get(drawn["Location"]))
    assert "Draw the list" not in shown
    sheet = ma.get("/desk/supervision?form=csv").content.decode("utf-8-sig").splitlines()
    assert len(sheet) == 1 + Item.objects.count()
    found = liu.get("/api/v1/supervision").json()[0]
    items = liu.get(f"/api/v1/supervision/{found['id']}").json()
    one = next(row for row in items if row["reason"] == "below_aim")
    path = f"/desk/supervision/items/{one['id']}"
    text = page(liu.get(path))
    assert f"/cockpit/figure/{one['facts']['metric']}/{OFFICE_AREA}" in text
    assert "Close it" not in text
    assert liu.post(path, {"do": "note", "version": "1", "text": ""}).status_code == 422
    assert liu.post(path, {"do": "note", "version": "1", "text": WORDS}).status_code == 302
    assert liu.post(path, {"do": "done", "version": "1", "text": WORDS}).status_code == 409
    key = {"Idempotency-Key": str(uuid4())}
    body = {"version": 2, "text": WORDS, "done": True}
    done = liu.post(f"/api/v1/supervision/items/{one['id']}/follow", body, content_type="application/json", headers=key)
    assert done.json()["state"] == "done"
    assert "Close it" in page(ma.get(path))
    assert ma.post(path, {"do": "close", "version": "3", "text": WORDS}).status_code == 302
    whole = ma.get(f"/api/v1/supervision/items/{one['id']}").json()
    assert [step["step"] for step in whole["entries"]] == ["drawn", "noted", "done", "closed"]
    assert page(liu.get("/desk/supervision?state=closed")).count("/desk/supervision/items/") == 1
    assert signed_in(summer, "other_liu").get(path).status_code == 404


@given(st.decimals(0, 1, places=3), st.decimals(0, 1, places=3), st.decimals("0.01", "0.99", places=2))
def test_only_a_whole_interval_beyond_the_aim_is_off_it(one: Decimal, other: Decimal, aim: Decimal) -> None:
    low, high = min(one, other), max(one, other)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for key, is_off in (("resolution_on_time", high < aim), ("rework_rate", low > aim)):
        value = Value(metrics()[key], 1, 2, low, False, low, high, at)
        assert drawing.is_off(value, aim) == is_off
        assert not drawing.is_off(Value(metrics()[key], None, 2, None, True, None, None, at), aim)


def test_quarters_follow_each_other() -> None:
    day = date(2025, 1, 1)
    for _n in range(8):
        following = drawing.quarter_of(day + timedelta(days=95))
        assert drawing.quarter_of(following - timedelta(days=1)) == drawing.quarter_of(day) == day
        day = following
    assert drawing.looked_at(day).days == drawing.DAYS
    assert set(drawing.aims()) <= set(metrics())
