"""An area's score in a set: computed from what is known, with what is not known beside it; a set is added by a file."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from linli.indicators import queries, scoring, sets, sources
from linli.indicators.scoring import Direction
from linli.kernel import time
from linli.kernel.errors import Forbidden, Invalid, NotFound
from linli.kernel.models import AuditEntry
from tests.world import WUHOU, World, build

DATA = Path(sets.__file__).parent / "data" / "sets"
HOME = f"{WUHOU}/012/003"
ONE = """
id = "flood"
zh = "防汛"
en = "Flood season"
about_zh = "汛期准备。"
about_en = "Ready for the flood season."
days = 30
[[indicator]]
id = "roster"
zh = "网格员配备率"
en = "Grids held"
group_zh = "力量"
group_en = "People"
weight = 5
source = "roster"
direction = "more"
target = 1.0
own = true
step_zh = "补齐空缺。"
step_en = "Fill the vacancies."
"""


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


def test_a_community_worker_reads_the_card_and_takes_it_as_a_workbook(world: World) -> None:
    card = queries.card(world.xiao_xu, "three_tier")
    assert card.area_path == HOME
    unknown = [line for line in card.lines if line.points is None]
    weight = sum(line.indicator.weight for line in card.lines)
    assert unknown, "nothing was closed here yet, so some of it is not known"
    assert all(line.value.why for line in unknown)
    assert card.score.known == pytest.approx(1 - sum(line.indicator.weight for line in unknown) / weight)
    gains = [line.indicator.weight * (line.gap or 0) for line in card.next]
    assert gains == sorted(gains, reverse=True)
    assert all(gains)
    assert all(line.indicator.own for line in card.next)

    browser = client(world, "xiao_xu")
    page = browser.get("/desk/indicators").content.decode()
    assert "Three-tier demonstration" in page
    assert "Not known: nothing to count in this area." in page
    assert f"/cockpit/figure/resolution_on_time/{HOME}?period=own" in page
    assert browser.get("/api/v1/indicator-sets/score").json()["set"] == "three_tier", "the first set unless told"
    assert "/desk/indicators" in browser.get("/desk/").content.decode()
    book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/desk/indicators.xlsx").content))
    assert len(book.get_sheet_by_name("Indicators").to_python()) == len(card.lines) + 1
    assert AuditEntry.objects.filter(verb="indicators.export", subject_id=HOME).count() == 1

    told = browser.get("/api/v1/indicator-sets/score?set=three_tier").json()
    assert told["known"] == pytest.approx(card.score.known)
    assert [line["id"] for line in told["lines"]] == [line.indicator.id for line in card.lines]
    listed = Client().get("/api/v1/indicator-sets").json()
    assert {one["id"] for one in listed} == set(sets.sets())


def test_nobody_reads_the_card_of_another_area(world: World) -> None:
    with pytest.raises(NotFound):
        queries.card(world.xiao_xu, "three_tier", WUHOU)
    with pytest.raises(NotFound):
        queries.card(world.xiao_xu, "no_such")
    with pytest.raises(Forbidden):
        queries.card(world.zhou, "three_tier")


def test_a_set_is_added_by_a_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(DATA, tmp_path / "sets")
    (tmp_path / "sets" / "30_flood.toml").write_text(ONE, encoding="utf-8")
    more = sets.read(tmp_path / "sets")
    assert len(more) == len(sets.sets()) + 1
    monkeypatch.setattr(sets, "sets", lambda: more)
    card = queries.card(world.xiao_xu, "flood")
    assert [line.indicator.step for line in card.lines] == ["补齐空缺。"]


def test_the_life_circle_is_not_known_without_streets_and_leads_to_its_gaps(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = "life_circle:clinic"
    card = queries.card(world.xiao_xu, "life_circle")
    assert {line.value.why for line in card.lines if line.indicator.source == kind} == {"not_reckoned"}
    monkeypatch.setattr(sources.life_circle, "coverage", lambda path, of: (3, 4, time.now()))
    card = queries.card(world.xiao_xu, "life_circle")
    assert {line.value.value for line in card.lines if line.indicator.source == kind} == {0.75}
    page = client(world, "xiao_xu").get("/desk/indicators?set=life_circle").content.decode()
    assert f"/desk/life-circle/{HOME}?kind=clinic" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda text: text.replace("days = 30", "days = 0"), "flood.toml: days"),
        (lambda text: text.replace("weight = 5", "weight = 0"), "flood.toml: roster: weight"),
        (lambda text: text.replace('"roster"\ndirection', '"metric:closed"\ndirection'), "flood.toml: roster: source"),
        (lambda text: text.replace('"more"', '"most"'), "flood.toml: roster: direction"),
        (lambda text: text.replace("target = 1.0", "target = 1.0\nfloor = 1.5"), "flood.toml: roster: floor"),
        (lambda text: text.replace("target = 1.0", "target = nan"), "flood.toml: roster: target"),
        (lambda text: text.replace('step_en = "Fill the vacancies."', ""), "flood.toml: roster: step_en"),
        (lambda text: text + text[text.index("[[") :], "flood.toml: roster: id"),
        (lambda text: text[: text.index("[[")], "flood.toml: indicator"),
        (lambda text: text + "?", "flood.toml"),
    ],
)
def test_a_set_that_does_not_read_says_where_and_what(tmp_path: Path, change: Callable[[str], str], field: str) -> None:
    (tmp_path / "flood.toml").write_text(change(ONE), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        sets.read(tmp_path)
    assert refused.value.field == field
    assert str(refused.value.mend)


SHARES = st.floats(0, 1)


@given(a=SHARES, b=SHARES, floor=st.floats(0, 0.4), target=st.floats(0.5, 1))
def test_better_values_never_have_fewer_points(a: float, b: float, floor: float, target: float) -> None:
    low, high = sorted((a, b))
    more = [scoring.points(one, target=target, floor=floor, direction=Direction.MORE) for one in (low, high)]
    less = [scoring.points(one, target=floor, floor=target, direction=Direction.LESS) for one in (low, high)]
    assert 0 <= more[0] <= more[1] <= 1
    assert 0 <= less[1] <= less[0] <= 1
    assert scoring.points(target, target=target, floor=None, direction=Direction.MORE) == 1


@given(parts=st.lists(st.tuples(st.floats(0.1, 100), st.none() | SHARES), max_size=20), weight=st.floats(0.1, 100))
def test_what_is_not_known_moves_the_share_and_not_the_score(
    parts: list[tuple[float, float | None]], weight: float
) -> None:
    before, after = scoring.score(parts), scoring.score([*parts, (weight, None)])
    assert after.points == before.points
    assert after.known <= before.known
    known = [points for _weight, points in parts if points is not None]
    if before.points is None:
        assert not known
    else:
        assert min(known) - 1e-9 <= before.points <= max(known) + 1e-9
