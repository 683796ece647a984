"""One verb on many cases: each done once and by itself, refusals said with their reason, taken back as a whole."""

from uuid import uuid4

from linli.cases.actions import talking
from linli.desk.models import Batch
from tests.desk.conftest import page
from tests.world import fresh, ref, report


def chosen(*cases) -> list[str]:
    return [f"{case.number}:{fresh(case).version}" for case in cases]


def test_rows_can_be_ticked(at_desk, world) -> None:
    case = report(world.zhou)
    text = page(at_desk("xiao_xu").get("/desk/?view=open"))
    assert f'value="{case.number}:1"' in text
    assert 'id="desk-bulk"' in text


def test_a_batch_does_what_it_can_and_says_what_it_could_not(at_desk, world) -> None:
    cases = [report(world.zhou) for _n in range(3)]
    sent = chosen(*cases)
    talking.comment(world.xiao_li, ref(cases[1]), text="我在看")
    xu = at_desk("xiao_xu")
    answer = xu.post(
        "/desk/bulk", {"verb": "register", "key": str(uuid4()), "case": [*sent, "5107-0000-0000:1"]}, follow=True
    )
    text = page(answer)
    assert "2 cases done" in text
    assert "2 refused" in text
    assert "Somebody changed this case in the meantime." in text
    assert [fresh(case).state for case in cases] == ["dispatched", "submitted", "dispatched"]


def test_inputs_are_asked_once_and_a_batch_is_taken_back(at_desk, world) -> None:
    cases = [report(world.zhou) for _n in range(2)]
    xu = at_desk("xiao_xu")
    ask = xu.post("/desk/bulk", {"verb": "reclassify", "case": chosen(*cases)})
    assert "Reason" in page(ask)
    wrong = xu.post("/desk/bulk", {"verb": "reclassify", "case": chosen(*cases), "ready": "1", "key": str(uuid4())})
    assert wrong.status_code == 422
    sent = {"verb": "reclassify", "case": chosen(*cases), "ready": "1", "category": "EN01", "reason": "其实是垃圾"}
    key = str(uuid4())
    done = xu.post("/desk/bulk", sent | {"key": key})
    assert {fresh(case).category for case in cases} == {"EN01"}
    assert xu.post("/desk/bulk", sent | {"key": key})["Location"] == done["Location"]
    assert Batch.objects.count() == 1
    talking.comment(world.xiao_li, ref(cases[0]), text="同意")
    text = page(xu.post(f"{done['Location']}/undo", follow=True))
    assert [fresh(case).category for case in cases] == ["EN01", "UT02"]
    assert "Not taken back" in text


def test_a_long_batch_goes_on_by_portions(at_desk, world, monkeypatch) -> None:
    monkeypatch.setattr("linli.desk.actions.PORTION", 2)
    cases = [report(world.zhou) for _n in range(3)]
    xu = at_desk("xiao_xu")
    sent = {"verb": "comment", "case": chosen(*cases), "ready": "1", "text": "今天统一巡查", "key": str(uuid4())}
    where = xu.post("/desk/bulk", sent)["Location"]
    assert "Go on" in page(xu.get(where))
    part = page(xu.post(f"{where}/go", headers={"HX-Request": "true"}))
    assert "3 cases done" in part
    assert "<html" not in part
    assert at_desk("xiao_li").get(where).status_code == 404


def test_nothing_ticked_or_another_verb_is_refused(at_desk, world) -> None:
    xu = at_desk("xiao_xu")
    assert xu.post("/desk/bulk", {"verb": "comment"}).status_code == 422
    assert xu.post("/desk/bulk", {"verb": "merge", "case": "1:1"}).status_code == 422
