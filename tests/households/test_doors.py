"""The pages in the hands of 何明 at the door and of 小徐 at the desk; what others get."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.households.actions import importing
from linli.households.models import Import, Outcome, Person, Proposal, Residency, Visit
from linli.kernel import ids, time
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM, context
from tests.households.conftest import NUMBER, Homes
from tests.households.test_changes import settle
from tests.households.test_importing import BAD, COMMUNITY, GOOD, as_file

Visitor = Callable[[str], Client]
MOVED_IN = {
    "change": "moved_in",
    "name": "王建国",
    "kind": "tenant",
    "phone": "13800000009",
    "effective_on": "2026-11-01",
}


def test_one_tap_at_each_door_also_from_the_outbox(homes: Homes, visit: Visitor) -> None:
    phone = visit("he_ming")
    page = phone.get("/field/dwellings")
    assert page.status_code == 200
    assert page.content.decode().count("data-outbox-stay") == 4
    at = homes["101"].id
    sent = {"key": str(ids.new_id()), "begun_at": (time.now() - timedelta(hours=2)).isoformat()}
    for _again in range(2):
        answer = phone.post(f"/field/dwellings/{at}/do/same", sent, headers={"Accept": "application/json"})
        assert answer.json()["linli"]["href"] == "/field/dwellings"
    visited = Visit.objects.get()
    assert (visited.outcome, time.now() - visited.at) == (Outcome.AS_IT_WAS, timedelta(hours=2))
    assert "1 / 4" in phone.get("/field/dwellings").content.decode()
    assert phone.post(f"/field/dwellings/{homes['102'].id}/do/missed", {}).status_code == 302
    assert Visit.objects.get(outcome=Outcome.NOT_MET).next_try_on == time.today() + timedelta(days=3)
    phone.post(f"/field/dwellings/{at}/do/undo", {"visit": str(visited.id)})
    assert Visit.objects.filter(undone_at__isnull=False).count() == 1
    other = visit("sibling_member").post(f"/field/dwellings/{at}/do/same", {}, headers={"Accept": "application/json"})
    assert other.status_code == 404
    pages = [one for one, _version in phone.get("/field/sync").json()["linli"]["pages"]]
    assert f"/field/dwellings/{at}" in pages
    assert phone.get("/field/dwellings").headers["X-Linli-Keep"] == "1"


def test_a_change_from_the_door_to_the_register(homes: Homes, visit: Visitor) -> None:
    phone, desk = visit("he_ming"), visit("xiao_xu")
    at = homes["101"].id
    wrong = phone.post(f"/field/dwellings/{at}/do/change", MOVED_IN | {"number": NUMBER[:-1] + "8"})
    assert wrong.status_code == 422
    assert "id_number" in wrong.content.decode()
    assert phone.post(f"/field/dwellings/{at}/do/change", MOVED_IN | {"key": str(ids.new_id())}).status_code == 302
    queue = desk.get("/desk/dwellings/proposals").content.decode()
    assert "王**" in queue
    assert "王建国" not in queue
    with context.personal(SYSTEM):
        proposal = Proposal.objects.get()
    decide = "/desk/dwellings/proposals/decide"
    desk.post(decide, {"what": "accept", "proposal": str(proposal.id)})
    with context.personal(SYSTEM):
        person = Person.objects.get()
    shown = desk.get(f"/desk/dwellings/{at}").content.decode()
    assert "王**" in shown
    assert "13800000009" not in shown
    looked = desk.post(f"/desk/dwellings/people/{person.id}?at={at}", {"purpose": "核对租客"}).content.decode()
    assert "王建国" in looked
    assert "13800000009" in looked
    desk.post(decide, {"what": "reopen", "proposal": f"{proposal.id},{ids.new_id()}"})
    with context.personal(SYSTEM):
        assert not Residency.objects.exists()
    told = desk.post(f"/desk/dwellings/{at}", {"change": "status", "status": "let", "key": str(ids.new_id())})
    assert told.status_code == 302
    assert Visit.objects.count() == 1, "what is told at the desk is no visit"


def test_finding_and_merging_at_the_desk(homes: Homes, visit: Visitor) -> None:
    desk = visit("xiao_xu")
    settle(homes, "101")
    from linli.households.sealed import Told

    settle(homes, "101", Told("周秀英", "13800000001"), "member")
    page = desk.get("/desk/dwellings?q=玉林 3-1-101").content.decode()
    assert str(homes["101"].id) in page
    assert str(homes["102"].id) not in page
    for words in ("周秀英", "13800000001", NUMBER):
        found = desk.post("/desk/dwellings", {"person": words, "purpose": "核对来电"}).content.decode()
        assert "周**" in found
    assert desk.post("/desk/dwellings", {"person": "周秀英", "purpose": ""}).status_code == 422
    pairs = desk.get("/desk/dwellings/alike").context["pairs"]
    both = {"kept": str(pairs[0]["kept"].id), "other": str(pairs[0]["other"].id)}
    desk.post("/desk/dwellings/alike", both | {"what": "merge"})
    lately = desk.get("/desk/dwellings/alike").context
    assert (len(lately["pairs"]), len(lately["lately"])) == (0, 1)
    desk.post("/desk/dwellings/alike", {"match": str(lately["lately"][0]["id"])})
    assert len(desk.get("/desk/dwellings/alike").context["pairs"]) == 1


def test_a_file_at_the_desk_and_its_bad_rows_back(homes: Homes, visit: Visitor) -> None:
    from python_calamine import CalamineWorkbook

    desk = visit("xiao_xu")
    template = CalamineWorkbook.from_filelike(io.BytesIO(desk.get("/desk/dwellings/files/template").content))
    assert template.get_sheet_by_index(0).to_python()[0][1] == "小区"
    sent = {"file": SimpleUploadedFile("人房.csv", as_file(GOOD + BAD)), "source": "property", "what": "read"}
    page = desk.post("/desk/dwellings/files", sent).headers["Location"]
    while importing.read_waiting():
        pass
    shown = desk.get(page).content.decode()
    assert "周小宝" not in shown
    one = Import.objects.get()
    before = AuditEntry.objects.count()
    book = CalamineWorkbook.from_filelike(io.BytesIO(desk.get(f"{page}/problems").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + len(BAD)
    assert rows[3][7] == "周小宝"
    assert AuditEntry.objects.count() == before + 1, "the bad rows hold names: reading them leaves a row"
    assert visit("sibling_worker").get(page).status_code == 404
    empty = desk.post("/desk/dwellings/files", {"what": "try"})
    assert empty.status_code == 422
    assert one.bad == 5


def test_a_sheet_is_masked_unless_its_purpose_needs_more_and_says_who_took_it(homes: Homes, visit: Visitor) -> None:
    from python_calamine import CalamineWorkbook

    settle(homes, "101")
    desk = visit("xiao_xu")
    assert desk.post("/desk/dwellings/sheet", {"purpose": ""}).status_code == 422

    def sheet(**more: str) -> list[list[object]]:
        content = desk.post("/desk/dwellings/sheet", {"purpose": "核对水费名单", **more}).content
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    before = AuditEntry.objects.count()
    masked = sheet()
    assert "小徐" in str(masked[0][0])
    assert masked[2][2:4] == ["周**", "138****0001"]
    clear = sheet(clear="on")
    assert clear[2][2:4] == ["周秀英", "13800000001"]
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))[before:]
    assert verbs == ["household.export", "household.export", "household.read"]
    assert NUMBER[-4:] not in json.dumps([masked, clear], default=str)


def test_a_campaign_is_begun_and_followed(homes: Homes, visit: Visitor) -> None:
    desk, today = visit("xiao_xu"), time.today()
    form = {"title": "秋季核验", "starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat()}
    assert desk.post("/desk/dwellings/verification", form).status_code == 302
    assert desk.post("/desk/dwellings/verification", form).status_code == 409
    assert "秋季核验" in visit("he_ming").get("/field/dwellings").content.decode()
    assert "秋季核验" in visit("lao_wu").get("/desk/dwellings/verification").content.decode()
    progress = visit("liu").get("/desk/dwellings/verification").context["rows"]
    assert [(row.path, row.total) for row in progress][:1] == [(COMMUNITY, 5)]


@pytest.mark.parametrize("who", ["yang", "liu", "xiao_tian", "sun"])
def test_posts_without_the_purpose_get_nothing(homes: Homes, visit: Visitor, who: str) -> None:
    desk = visit(who)
    for page in ("", f"/{homes['101'].id}", "/proposals", "/alike", "/files", "/sheet"):
        assert desk.get(f"/desk/dwellings{page}").status_code in (403, 404), page


def test_my_data_tells_where_one_is_registered(homes: Homes, visit: Visitor) -> None:
    settle(homes, "101")
    from linli.people import holdings

    (held,) = [one for one in holdings.of(homes.world.zhou) if one.code == "households"]
    assert "玉林小区" in held.facts[0].value


def test_the_command_reads_a_file(homes: Homes, tmp_path: Path) -> None:
    from django.core.management import call_command

    path = tmp_path / "rows.csv"
    path.write_bytes(as_file(GOOD + BAD))
    out, err = io.StringIO(), io.StringIO()
    call_command("import", "dwellings", str(path), "--area", COMMUNITY, stdout=out, stderr=err)
    assert "9 rows read, 5 bad" in out.getvalue()
    assert "row 6, compound: compound.unknown" in err.getvalue()
    assert "周" not in out.getvalue() + err.getvalue()
