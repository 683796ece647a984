"""Workbooks of lists and files of cases: for a purpose, marked, safe to open, nothing that is not for paper."""

import io

import python_calamine

from linli.cases.actions.intake import Reporter
from linli.desk import casefile
from linli.kernel.models import AuditEntry
from linli.kernel.workbooks import safe
from tests.desk.conftest import page
from tests.world import report


def sheet(answer) -> list[list]:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_a_workbook_needs_a_purpose_and_says_who_took_it(at_desk, world) -> None:
    case = report(world.zhou, description="=1+1 路灯不亮")
    xu = at_desk("xiao_xu")
    assert xu.post("/desk/export?view=open", {"purpose": ""}).status_code == 422
    answer = xu.post("/desk/export?view=open", {"purpose": "周例会通报"})
    assert answer["Content-Disposition"].endswith('.xlsx"')
    rows = sheet(answer)
    assert "小徐" in rows[0][0]
    assert "周例会通报" in rows[0][0]
    assert "Reporter" not in rows[1]
    assert rows[2][0] == case.number
    assert rows[2][6] == "'=1+1 路灯不亮"
    entry = AuditEntry.objects.get(verb="case.export")
    assert entry.purpose == "周例会通报"
    assert entry.detail["rows"] == 1


def test_personal_columns_are_audited_for_each_person(at_desk, world) -> None:
    report(world.xiao_tian, on_behalf=True, reporter=Reporter(name="周桂英", phone="13800000009"))
    xu = at_desk("xiao_xu")
    rows = sheet(xu.post("/desk/export?view=open", {"purpose": "上门走访", "personal": "on"}))
    assert rows[1][-2:] == ["Reporter", "Telephone"]
    assert rows[2][-2:] == ["周桂英", "13800000009"]
    assert AuditEntry.objects.filter(purpose="上门走访").exclude(verb="case.export").exists()


def test_no_cell_is_a_formula() -> None:
    assert [safe(text)[0] for text in ("=1", "+1", "-1", "@x", "\t=1")] == ["'"] * 5
    assert safe("路灯") == "路灯"


def test_a_micro_grid_member_takes_no_lists_away(at_desk, world) -> None:
    assert at_desk("he_ming").get("/desk/export?view=open").status_code == 403


def test_the_file_of_a_case_is_printed_and_audited(at_desk, world) -> None:
    case = report(world.zhou, description="#strong[路灯] $不亮$")
    xu = at_desk("xiao_xu")
    text = page(xu.get(f"/desk/case/{case.number}/file"))
    assert "#strong[路灯]" in text
    assert AuditEntry.objects.filter(verb="case.file", subject_id=str(case.id)).count() == 1
    answer = xu.get(f"/desk/case/{case.number}/file.pdf")
    if casefile.font():
        assert answer.content.startswith(b"%PDF")
    else:
        assert answer.status_code == 409
