"""A special operation at the desk and in the hand: composed on one page, looked at, sent, answered, a problem a case, stopped."""

from __future__ import annotations

import io
import re
from uuid import uuid4

import docx
import pytest
from pypdf import PdfReader

from linli.cases.models import Case, Evidence
from linli.operations.models import Operation, Task
from tests.desk.conftest import page
from tests.world import HOME, POINT, WUHOU

COMMUNITY = f"{WUHOU}/012/003"


def composed(**more: str) -> dict[str, object]:
    return {
        "title": "独居老人用气安全", "purpose": "入冬前看一遍燃气软管", "kind": "gas", "minutes_each": "3", "due": "3",
        "level": "micro_grid", "areas": [COMMUNITY], "count": "2",
        "label-0": "软管是否老化", "kind-0": "yes_no", "problem-0": "yes", "required-0": "1",
        "label-1": "看了几户", "kind-1": "number", "required-1": "1",
        "key": str(uuid4()), "do": "save",
    } | more  # fmt: skip


def test_an_operation_goes_out_is_answered_and_stopped(at_desk, world, photo, shelves) -> None:
    liu = at_desk("liu")
    assert "Compose one" in page(liu.get("/desk/operations"))

    # A button moves questions and loses nothing of what was typed.
    moved = page(liu.post("/desk/operations/new", composed(do="down-0")))
    assert moved.index("看了几户") < moved.index("软管是否老化")
    wrong = liu.post("/desk/operations/new", composed(listed=f"{HOME}\n510107/999"))
    assert wrong.status_code == 422
    assert "510107/999" in page(wrong)

    sent = composed()
    draft = liu.post("/desk/operations/new", sent)
    assert draft["Location"] == liu.post("/desk/operations/new", sent)["Location"]
    where = draft["Location"]
    look = page(liu.get(where))
    assert "2 × 3 min" in look
    found = Operation.objects.get()
    key = str(uuid4())
    out = {"do": "send", "version": str(found.version), "key": key}
    assert liu.post(where, out).status_code == 422
    assert "Sent: 2 tasks." in page(liu.post(where, out | {"sure": "1"}, follow=True))

    ming = at_desk("he_ming")
    assert "独居老人用气安全" in page(ming.get("/field/"))
    task = Task.objects.get(area_path=HOME)
    form = f"/field/operations/{task.id}"
    assert "软管是否老化" in page(ming.get(form))
    version = str(Operation.objects.get().version)
    unsaid = ming.post(f"{form}/do/answer", {"answer-q1": "yes", "version": version, "key": str(uuid4())})
    assert unsaid.status_code == 422
    answer = {"answer-q1": "yes", "answer-q2": "12", "version": version, "key": str(uuid4())}
    # The outbox posts the same form, and once more when its answer was lost.
    for _time in range(2):
        told = ming.post(f"{form}/do/answer", answer, headers={"Accept": "application/json"}).json()["linli"]
        assert told["href"] == form
    page(ming.post(f"{form}/do/undo", follow=True))
    assert Task.objects.get(id=task.id).state == "open"
    answer["key"] = str(uuid4())
    assert "a problem" in page(ming.post(f"{form}/do/answer", answer, follow=True))
    problem = {"category": "EN01", "key": str(uuid4()), "lng": str(POINT[0]), "lat": str(POINT[1])}
    assert ming.post(f"{form}/do/problem", problem | {"photos": [photo()]}).status_code == 302
    case = Case.objects.get()
    assert (case.lng, case.lat) == pytest.approx(POINT)
    assert Evidence.objects.filter(case=case).count() == 1

    watched = page(liu.get(where))
    assert case.number in watched
    assert re.search(r"1\s*/\s*2", watched)
    part = page(liu.get(where, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "软管是否老化" in liu.get(f"{where}/answers.csv").content.decode("utf-8-sig")
    assert liu.get(f"{where}/answers.xlsx").status_code == 200

    paper = docx.Document(io.BytesIO(liu.get(f"{where}/result.docx").content))
    told = "\n".join(one.text for one in paper.paragraphs)
    assert "1 of 2 tasks are answered (50.0%)." in told
    assert "Of the cases shown here: 0 closed, 1 open." in told
    cells = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows]
    assert any(row[1] == "answered" and row[3:] == ["1", "1"] for row in cells)
    assert ["yes", "1", "100.0%"] in cells
    assert any(row[0] == case.number for row in cells)
    text = PdfReader(io.BytesIO(liu.get(f"{where}/result.pdf").content)).pages[0].extract_text()
    assert "1 of 2 tasks are answered" in text
    assert liu.get(f"{where}/result.odt").status_code == 404
    assert at_desk("other_liu").get(f"{where}/result.docx").status_code == 404

    # The community answers for the grid next door, which nobody holds.
    xu, other = at_desk("xiao_xu"), Task.objects.exclude(area_path=HOME).get()
    beside = f"/desk/operations/tasks/{other.id}"
    assert beside in page(xu.get(f"{where}?area={COMMUNITY}"))
    more = {"answer-q1": "no", "answer-q2": "3", "version": version, "key": str(uuid4())}
    assert "2 / 2" in page(xu.post(beside, more, follow=True))

    version = str(Operation.objects.get().version)
    assert "Stopped." in page(
        liu.post(where, {"do": "stop", "version": version, "reason": "检查已由燃气公司完成"}, follow=True)
    )
    assert "独居老人用气安全" not in page(ming.get("/field/"))
    assert "独居老人用气安全" in page(liu.get("/desk/operations?view=ended"))


def test_who_only_answers_is_not_offered_to_compose(at_desk, world) -> None:
    xu = at_desk("xiao_xu")
    assert "Compose one" not in page(xu.get("/desk/operations"))
    assert xu.get("/desk/operations/new").status_code == 403
