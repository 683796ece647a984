"""Forms: registered first, filled in where the platform knows, answered in place, gone when nobody used them; and proofs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from linli.duties import queries
from linli.duties.actions import forms, lists, loading, proofs
from linli.duties.actions.lists import Place
from linli.duties.models import Listing, Proof, ReportForm, Review, Sheet, Tier
from linli.duties.tasks import Kind
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.duties.conftest import TOMORROW
from tests.world import WUHOU, World

YULIN = f"{WUHOU}/012/003"


def registered(town: World, *questions: str, title: str = "灯杆台账") -> ReportForm:
    """A form of 杨科's department."""
    return forms.register(
        town.yang, title=title, purpose="安排维修计划", basis="区城市照明管理办法", frequency="monthly", minutes=30,
        questions=questions or ("微网格数", "需要新增路灯的点位数"),
    )  # fmt: skip


def test_a_form_asks_only_what_nobody_knows_and_is_answered_in_place(town: World, clock) -> None:
    with pytest.raises(Invalid) as no:
        registered(town, "居民姓名和身份证号")
    assert (no.value.code, no.value.field) == ("duties.fact_held", "questions")
    with pytest.raises(Forbidden):
        forms.register(
            town.xiao_xu, title="表", purpose="用途用途", basis="依据依据", frequency="once", minutes=3, questions=["x"]
        )
    assert forms.looked_through(["未签责任书的商户数"])[0]["how"] == "asked"  # shops are no households
    form = registered(town)
    assert form.code == "F0001"
    assert form.asked == ["需要新增路灯的点位数"]
    sheets = forms.send(town.yang, form.id, area_path=f"{WUHOU}/012", due_on=date(2026, 11, 30))
    assert sorted(one.area_path for one in sheets) == [YULIN, f"{WUHOU}/012/004"]
    with pytest.raises(Conflict) as no:
        forms.send(town.yang, form.id, area_path=YULIN, due_on=date(2026, 11, 30))
    assert no.value.code == "form.sent"

    mine = queries.received(town.xiao_xu).get()
    assert mine.filled == {"micro_grids": 2}
    with pytest.raises(NotFound):
        forms.answer(town.sibling_worker, mine.id, answers={"需要新增路灯的点位数": "3"})
    with pytest.raises(Invalid) as no:
        forms.answer(town.xiao_xu, mine.id, answers={"需要新增路灯的点位数": "问王叔 13800000002"})
    assert no.value.code == "form.personal"
    forms.answer(town.xiao_xu, mine.id, answers={"需要新增路灯的点位数": "3"}, minutes=12)
    with pytest.raises(Conflict):
        forms.answer(town.xiao_li, mine.id, answers={"需要新增路灯的点位数": "4"})
    assert queries.to_answer(town.xiao_xu) == 0

    lists.put(
        town.wen, Place(Kind.FORM, form.code, Tier.COMMUNITY, YULIN), listing=Listing.NEGATIVE, title_zh="灯杆台账",
        starts_on=TOMORROW, basis="报表清理",
    )  # fmt: skip
    clock.forward(days=1)
    with pytest.raises(Conflict) as no:
        forms.send(town.yang, form.id, area_path=f"{WUHOU}/012", due_on=date(2026, 11, 30))
    assert no.value.code == "duties.negative"


def test_at_the_year_s_end_what_nobody_used_lapses_unless_it_was_renewed(town: World, clock) -> None:
    used, idle, kept = registered(town), registered(town, title="闲置台账"), registered(town, title="应急台账")
    with pytest.raises(Conflict):
        forms.note_use(town.yang, used.id, what="排进下年度维修计划")  # there is no result yet
    for sheet in forms.send(town.yang, used.id, area_path=YULIN, due_on=date(2026, 11, 30)):
        forms.answer(town.xiao_xu, sheet.id, answers={"需要新增路灯的点位数": "3"})
    forms.send(town.yang, idle.id, area_path=YULIN, due_on=date(2026, 11, 30))
    forms.note_use(town.yang, used.id, what="排进下年度维修计划")
    forms.renew(town.yang, kept.id, reason="只在应急时使用，今年没有险情")
    rows = {one.form.id: one for one in queries.review(town.wen, year=2026)}
    assert (rows[used.id].minutes, len(rows[used.id].uses), rows[used.id].will_lapse) == (30, 1, False)
    assert rows[idle.id].will_lapse
    assert not rows[kept.id].will_lapse
    with pytest.raises(Invalid):
        forms.close_year(2026)
    clock.set(datetime(2026, 12, 31, 17, tzinfo=UTC))  # the new year has begun in Chengdu
    assert forms.close_year(2026) == 2
    assert forms.close_year(2026) == 0
    outcomes = dict(Review.objects.values_list("form_id", "outcome"))
    assert outcomes == {used.id: "kept", idle.id: "lapsed", kept.id: "renewed"}
    assert not Sheet.objects.filter(form_id=idle.id).exists()  # nobody owes an answer to what is over
    with pytest.raises(Conflict) as no:
        forms.send(town.yang, idle.id, area_path=YULIN, due_on=date(2027, 1, 30))
    assert no.value.code == "form.lapsed"


def test_the_list_of_proofs_says_what_is_asked_and_what_is_abolished(town: World, clock) -> None:
    loading.load_base(city="5101")
    found = queries.proofs(town.zhou, area_path=YULIN)
    assert [one.abolished for one in found] == sorted(one.abolished for one in found)
    assert {one.proof.code for one in found if one.abolished} >= {"alive", "same_person"}
    with pytest.raises(Forbidden):
        proofs.add(
            town.wen, area_path=WUHOU, code="x", name_zh="某证明", purpose="某用途", basis="某法规", issuer_zh="某单位"
        )
    made = proofs.add(
        town.system_admin, area_path=WUHOU, code="shop", name_zh="经营场所证明", purpose="办理登记", basis="市场主体登记管理条例",
        issuer_zh="市场监管部门",
    )  # fmt: skip
    with pytest.raises(Conflict):
        proofs.add(
            town.system_admin, area_path=WUHOU, code="shop", name_zh="经营场所证明", purpose="办理登记", basis="某法规第几条",
            issuer_zh="市场监管部门",
        )  # fmt: skip
    proofs.abolish(town.system_admin, made.id, abolished_on=date(2026, 11, 18), instead="申报承诺")
    assert Proof.objects.get(id=made.id).instead == "申报承诺"
