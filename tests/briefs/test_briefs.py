"""Briefs: what they say is what the log says; kept, assessed, issued, corrected; made by the worker for who subscribes."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import docx
import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from linli.briefs import actions, chores, composing, queries, stretches
from linli.briefs.keeping import document_of
from linli.briefs.models import Brief, BriefKind, Subscription
from linli.cases.actions import accepting
from linli.cases.models import Case
from linli.kernel import events, time
from linli.kernel.db import within
from linli.kernel.documents import Form
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.metrics import logs
from linli.metrics.catalogue import DUE_SOON, Kind, Period, metrics
from linli.metrics.counting import Tally
from linli.metrics.queries import Value
from linli.notices.models import Notice
from linli.people.models import Post
from tests.api.conftest import token_of
from tests.desk.conftest import page, signed_in
from tests.world import WUHOU, World, build, ref, report

STREET = f"{WUHOU}/012"
HOME_COMMUNITY = f"{STREET}/003"


@pytest.fixture
def world(transactional_db: None, clock: Any) -> World:
    """The small city with five reports, one of them registered, all counted: readers of events see what is committed."""
    world = build()
    cases = [report(world.zhou, category=one) for one in ("UT02", "EN01", "UT02", "UT02", "EN01")]
    accepting.register(world.xiao_xu, ref(cases[0]), version=1)
    events.drain()
    return world


def annexed(content: bytes) -> dict[str, tuple[str, str]]:
    """What the annex of a Word file says: metric → (value, part of whole); each row names the code of its metric."""
    rows = docx.Document(io.BytesIO(content)).tables[-1].rows[1:]
    return {row.cells[4].text.rpartition("(")[2].rstrip(")"): (row.cells[1].text, row.cells[3].text) for row in rows}


def test_what_a_brief_says_is_what_the_log_says(world: World) -> None:
    """Of the last days, in one click from the cockpit; then kept, assessed, issued and corrected."""
    client = signed_in(world, "ma")
    answer = client.get(f"/cockpit/download/brief.docx?area={STREET}")
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    said = [one.text for one in docx.Document(io.BytesIO(answer.content)).paragraphs]
    assert any(one.startswith("5 cases were reported") for one in said)
    recounted(annexed(answer.content), Period.week(), STREET)
    paper = client.get(f"/cockpit/download/brief.pdf?area={STREET}").content
    assert "5 cases were reported" in "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper)).pages)
    late = Case.objects.filter(district=WUHOU, is_open=True).earliest("due_at", "id")
    assert late.due_at
    with time.at(late.due_at + timedelta(minutes=1)):
        later = docx.Document(io.BytesIO(client.get(f"/cockpit/download/brief.docx?area={STREET}").content))
    assert any(one.text.startswith(f"Late for longest: {late.number}") for one in later.paragraphs)
    assert client.get("/cockpit/download/brief.docx?area=510104").status_code == 404
    assert client.get(f"/cockpit/download/brief.pdf?area={HOME_COMMUNITY}/02/017").status_code == 404
    kept(world)


def kept(world: World) -> None:
    """A brief is made once, changed only as it was seen, and not at all once it is issued; its files stay the same."""
    first = stretches.around(BriefKind.WEEK, time.today()).first
    with pytest.raises(Invalid):
        actions.make(world.liu, "early", STREET, BriefKind.WEEK, first)
    with time.at(time.now() + timedelta(days=7)):
        with pytest.raises(Invalid):
            actions.make(world.liu, "odd", STREET, BriefKind.WEEK, first + timedelta(days=1))
        with pytest.raises(Forbidden):
            actions.make(world.xiao_xu, "above", STREET, BriefKind.WEEK, first)
        with pytest.raises(NotFound):
            actions.make(world.liu, "below", f"{HOME_COMMUNITY}/02/017", BriefKind.WEEK, first)
        made = actions.make(world.liu, "one", STREET, BriefKind.WEEK, first)
        assert {actions.make(world.liu, key, STREET, BriefKind.WEEK, first).id for key in ("one", "two")} == {made.id}
        recounted(annexed(Form.DOCX.made(document_of(made))), Period(made.first, made.last), STREET)
        noted = actions.annotate(world.liu, made.id, 1, "本周照明类问题集中，需排查线路。")
        with pytest.raises(Stale):
            actions.issue(world.liu, made.id, 1)
        with pytest.raises(Conflict):
            actions.correct(world.liu, made.id, noted.revision, "漏计一件", "early")
        issued = actions.issue(world.liu, made.id, noted.revision)
        with pytest.raises(Conflict):
            actions.annotate(world.liu, made.id, issued.revision, "改")
    files = [form.made(document_of(issued)) for form in Form]
    report(world.zhou, category="UT02")
    events.drain()
    with time.at(time.now() + timedelta(days=8)):
        assert [form.made(document_of(queries.brief(world.liu, made.id))) for form in Form] == files
        assert "需排查线路" in "".join(one.text for one in docx.Document(io.BytesIO(files[0])).paragraphs)
        again = actions.correct(world.liu, made.id, issued.revision, "补计一件迟到的上报", "three")
        assert (again.version, again.note) == (2, noted.note)
        assert any(one.endswith(": 5 → 6") for one in again.data["differences"])
        with pytest.raises(Stale):
            actions.correct(world.liu, made.id, issued.revision, "再改一次", "four")
        assert queries.editions(made) == [again, made]
    assert queries.briefs(world.other_liu) == []


def test_a_brief_is_made_read_assessed_and_issued_at_the_desk(world: World) -> None:
    office, worker = signed_in(world, "liu"), signed_in(world, "xiao_xu")
    first = stretches.last_whole(BriefKind.WEEK, time.today()).first
    text = page(office.get("/desk/briefs"))
    assert "No brief yet" in text
    assert first.isoformat() in text
    made = office.post("/desk/briefs", {"do": "make", "kind": "week", "first": first.isoformat(), "key": "one"})
    assert made.status_code == 302
    text = page(office.get(made["Location"]))
    assert f'href="/cockpit/figure/reported/{STREET}?days={first.isoformat()}/' in text
    assert office.post(made["Location"], {"do": "note", "revision": "1", "note": "本周平稳。"}).status_code == 302
    assert office.post(made["Location"], {"do": "issue", "revision": "1"}).status_code == 409
    assert office.post(made["Location"], {"do": "issue", "revision": "2"}).status_code == 302
    assert "本周平稳。" in page(office.get(made["Location"]))
    assert "issued" in page(office.get(f"/desk/briefs?area={STREET}&kind=week"))
    assert office.get(f"{made['Location']}/file.pdf").content.startswith(b"%PDF")
    assert office.get(f"{made['Location']}/file.txt").status_code == 404
    assert worker.get(made["Location"]).status_code == 404
    assert "No brief yet" in page(worker.get("/desk/briefs"))
    assert worker.post("/desk/briefs", {"do": "subscribe", "kind": "week"}).status_code == 302
    assert "Do not tell me any more" in page(worker.get("/desk/briefs"))
    assert "/desk/briefs?area=" in page(office.get("/cockpit"))


def test_machines_list_make_assess_issue_correct_and_take_briefs(world: World) -> None:
    office = Client(headers={"Authorization": f"Bearer {token_of(world.liu)}"})
    first = stretches.last_whole(BriefKind.MONTH, time.today()).first.isoformat()

    def send(method: str, path: str, body: dict[str, Any], status: int) -> Any:
        answer = getattr(office, method)(
            f"/api/v1/briefs{path}", body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    made = send("post", "", {"area_path": STREET, "kind": "month", "first": first}, 201)
    at = f"/{made['id']}"
    figure = next(one for one in made["figures"] if one["metric"] == "reported")
    shown = page(signed_in(world, "liu").get(figure["cases"]))
    assert all(made[day] in shown for day in ("first", "last")), "the figure's address holds its days"
    send("put", f"{at}/note", {"revision": 1, "note": "平稳"}, 200)
    assert send("put", f"{at}/note", {"revision": 1, "note": "不平稳"}, 409)["code"] == "brief.stale"
    send("post", f"{at}/issue", {"revision": 2}, 200)
    again = send("post", f"{at}/correct", {"revision": 3, "changed": "补计一件迟到的上报"}, 201)
    assert [one["version"] for one in office.get("/api/v1/briefs?kind=month").json()] == [2, 1]
    assert office.get(f"/api/v1/briefs/{again['id']}").json()["changed"] == "补计一件迟到的上报"
    assert office.get(f"/api/v1/briefs{at}/file.docx").content.startswith(b"PK")
    on = send("put", "/subscriptions", {"kind": "week"}, 200)
    assert on == office.get("/api/v1/briefs/subscriptions").json()
    assert [one["kind"] for one in on if one["on"]] == ["week"]


def test_the_worker_makes_what_is_subscribed_to_once_and_tells_who_subscribes(world: World) -> None:
    for actor in (world.liu, world.ma):
        actions.subscribe(actor, STREET, BriefKind.WEEK)
        actions.subscribe(actor, STREET, BriefKind.WEEK)
    with pytest.raises(Forbidden):
        actions.subscribe(world.xiao_xu, STREET, BriefKind.WEEK)
    assert chores.make_due() == 0, "what was over before is made with one tap, not by itself"
    report(world.zhou, category="UT02")
    with time.at(time.now() + timedelta(days=7)):
        assert chores.make_due() == 0, "not before everything of these days is counted"
        events.drain()
        assert chores.make_due() == 1
        assert chores.make_due() == 0
        made = Brief.objects.get()
        assert (made.area_path, made.version, made.made_as) == (STREET, 1, "Linli")
        assert "上报" in made.data["blocks"][1]["text"], "in the language of who subscribes"
        events.drain()
        told = Notice.objects.filter(kind="brief_made")
        assert set(told.values_list("account_id", flat=True)) == {world.liu.account_id, world.ma.account_id}
        client = signed_in(world, "liu")
        assert "A brief is made" in page(client.get("/my/notices"))
        news = told.get(account_id=str(world.liu.account_id))
        assert client.get(f"/my/notices/{news.id}")["Location"].endswith(f"/desk/briefs/{made.id}")
    actions.unsubscribe(world.liu, STREET, BriefKind.WEEK)
    Post.objects.filter(id=str(world.ma.post_id)).update(ends_on=time.today())
    with time.at(time.now() + timedelta(days=14)):
        events.drain()
        assert chores.make_due() == 0
    assert not Subscription.objects.exists(), "a post that is over ends its subscriptions"


@given(st.sampled_from(BriefKind), st.dates(date(2001, 6, 1), date(2099, 1, 1)))
def test_the_last_whole_days_end_before_those_that_a_day_lies_in(kind: BriefKind, day: date) -> None:
    now, last = stretches.around(kind, day), stretches.last_whole(kind, day)
    assert now.first <= day <= now.last
    assert last.last + stretches.DAY == now.first
    assert stretches.around(kind, last.first) == last == stretches.around(kind, last.last)


def recounted(annex: dict[str, tuple[str, str]], period: Period, area: str = WUHOU) -> None:
    """Every figure of the annex comes to what the log alone comes to, counted without the counters."""
    tally = Tally()
    with transaction.atomic():
        for turn in logs.whole(WUHOU, logs.position(WUHOU)):
            turn.into(tally)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    stand: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for key, value in tally.items():
        if period.first <= key.day <= period.last and within(key.area_path, area):
            sums[key.figure][0] += value.times
            sums[key.figure][1] += value.minutes
    for place, times in tally.standing():
        if place.area_path == area:
            stand[place.state][0] += times
    known = {key: one for key, one in metrics().items() if DUE_SOON not in one.figures}
    assert set(known) <= set(annex)
    for metric, one in known.items():
        which = 1 if one.kind == Kind.MEAN_MINUTES else 0
        found = stand if one.kind == Kind.STATE else sums
        part = sum(sign * found[name][which] for sign, name in one.numerator)
        of = sum(sign * found[name][0] for sign, name in one.denominator)
        told, parts = annex[metric]
        if not one.denominator:
            assert told == str(part), metric
        elif of >= max(1, one.smallest):
            assert parts == f"{part}/{of}", metric
        else:
            assert parts == "—", metric


@given(
    spans=st.lists(st.lists(st.decimals(0, 1, places=4), min_size=2, max_size=2).map(sorted), min_size=2, max_size=2)
)
def test_a_brief_speaks_of_change_only_where_intervals_lie_apart(spans: list[list[Decimal]]) -> None:
    known = metrics()["resolution_on_time"]
    own, before = (Value(known, 1, 2, low, False, low, high, datetime(2026, 1, 1, tzinfo=UTC)) for low, high in spans)
    said = composing.change(own, before)
    assert said == -(composing.change(before, own) or 0)
    apart = spans[0][0] > spans[1][1] or spans[0][1] < spans[1][0]
    assert bool(said) == apart
    assert composing.change(replace(own, low=None), before) is None
