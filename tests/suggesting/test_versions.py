"""The desk corrects, the worker learns, the doors suggest."""

from datetime import timedelta

import pytest
from django.test import Client

from linli.cases.actions import accepting
from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Forbidden
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM
from linli.suggesting import actions, queries
from linli.suggesting.learning import Figures
from linli.suggesting.models import KEPT, Because, Correction, ModelVersion, VersionState
from tests.world import WUHOU, World, build, ref, report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(clock) -> World:
    return build()


def corrected(world: World, words: str, before: str, after: str) -> Correction | None:
    case = report(world.zhou, description=words, category=before)
    accepting.reclassify(world.xiao_xu, ref(case), version=case.version, category=after, reason="另一类")
    events.drain(["suggesting.corrections"])
    return Correction.objects.filter(district=case.district, case_id=case.id).first()


def worse(texts, more):
    """A learner whose figures are bad."""
    from linli.suggesting.learning import learn

    few = [one for one in texts if one.code in ("UT02", "EN01")]
    model, figures = learn(few, [])
    return model, Figures(**{**{name: getattr(figures, name) for name in figures.__slots__}, "top1": 0.1, "top3": 0.2})


def quick(texts, more):
    """A learner of two categories, for stories in which the figures do not matter."""
    from linli.suggesting.learning import learn

    return learn([one for one in texts if one.code in ("UT02", "EN01", "PM05")], list(more)[:0])


def test_a_fresh_install_trains_by_itself_and_only_then_suggests(world: World) -> None:
    assert queries.suggest("路灯不亮") == []
    assert actions.ask_when_due().because == Because.FIRST
    version = actions.train(learn=quick)
    assert version.state == VersionState.CURRENT
    assert actions.train(learn=quick) is None
    assert actions.ask_when_due() is None
    assert queries.suggest("路灯不亮了好几天")[0].entry.code == "UT02"


def test_a_worse_version_is_listed_and_not_taken(world: World) -> None:
    actions.ask_for_training(SYSTEM)
    first = actions.train(learn=quick)
    actions.ask_for_training(SYSTEM)
    second = actions.train(learn=worse)
    assert (first.number, second.number) == (1, 2)
    assert second.state == VersionState.REFUSED
    assert ModelVersion.objects.get(state=VersionState.CURRENT).id == first.id


def test_the_desk_is_learnt_from_once_a_case(world: World) -> None:
    correction = corrected(world, "树下那盏灯不亮,联系王先生13812345678", "UT09", "UT02")
    assert (correction.before, correction.after) == ("UT09", "UT02")
    assert "13812345678" not in correction.words
    assert "不亮" in correction.words
    events.drain(["suggesting.corrections"])
    assert Correction.objects.count() == 1


def test_words_of_a_sealed_case_are_never_kept(world: World) -> None:
    correction = corrected(world, "这家人天天吵", "EN07", "DS02")
    assert (correction.before, correction.after, correction.words) == ("EN07", "DS02", "")


def test_enough_corrections_ask_for_a_training_once_a_day(world: World, clock) -> None:
    actions.ask_for_training(SYSTEM)
    actions.train(learn=quick)
    clock.forward(hours=1)
    for n in range(actions.ENOUGH):
        Correction.objects.create(
            id=ids.new_id(), district=WUHOU, case_id=ids.new_id(), sequence=2, area_path=WUHOU, before="UT09", after="UT02",
            words=f"灯杆不亮{n}", at=time.now(),
        )  # fmt: skip
    assert actions.ask_when_due() is None
    clock.forward(days=1)
    assert actions.ask_when_due().because == Because.CORRECTIONS
    version = actions.train(learn=quick)
    assert version.corrections == actions.ENOUGH
    assert version.fresh["texts"] == actions.ENOUGH


def test_old_corrections_are_forgotten(world: World, clock) -> None:
    corrected(world, "树下那盏灯不亮", "UT09", "UT02")
    assert actions.forget_corrections() == 0
    clock.set(clock() + KEPT + timedelta(days=1))
    assert actions.forget_corrections() == 1


def test_who_may_ask_for_a_training(world: World) -> None:
    with pytest.raises(Forbidden):
        actions.ask_for_training(world.xiao_xu)
    with pytest.raises(Forbidden):
        queries.versions(world.xiao_xu)
    actions.ask_for_training(SYSTEM)
    with pytest.raises(Conflict):
        actions.ask_for_training(SYSTEM)
    assert not AuditEntry.objects.filter(verb="suggestion.train").exists()


def test_a_resident_sees_only_what_a_resident_may_report(world: World) -> None:
    actions.ask_for_training(SYSTEM)
    actions.train(learn=quick)
    answer = Client().get("/api/v1/categories/suggest", {"text": "楼上漏水到我家天花板", "residents": "true"})
    assert answer.status_code == 200
    first = answer.json()[0]
    assert first["category"]["code"] == "PM05"
    assert 0 < first["probability"] <= 1
    assert Client().get("/api/v1/categories/suggest", {"text": "你好"}).json() == []
    page = Client().get("/report", {"q": "楼上漏水到我家天花板"})
    assert 'value="PM05"' in page.content.decode()
