"""What is known: written by one, let through by another, dated, found by what callers say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from linli.hotline import queries, rules
from linli.hotline.actions import articles
from linli.hotline.actions.articles import Draft
from linli.hotline.models import ArticleVersion, VersionState
from linli.kernel.errors import Conflict, Forbidden, Invalid
from tests.desk.conftest import page
from tests.world import World

DRAFT = Draft(
    code="shared-tools", title_zh="社区工具借用", title_en="Borrowing tools", body_zh="到党群服务中心登记,当天归还。",
    body_en="Sign at the service centre, bring them back the same day.", words=("借梯子", "borrow a ladder"), categories=("LV06",),
)  # fmt: skip


def codes(found) -> list[str]:
    return [one.code for one in found]


def test_it_shows_when_a_second_person_has_let_it_through(world: World) -> None:
    made = articles.write(world.ma, DRAFT)
    assert "shared-tools" not in codes(queries.knowledge(world.xiao_tian, "想借梯子"))
    with pytest.raises(Conflict):
        articles.decide(world.ma, "shared-tools", made.number, agree=True)
    with pytest.raises(Forbidden):
        articles.decide(world.xiao_tian, "shared-tools", made.number, agree=True)
    articles.decide(world.sun, "shared-tools", made.number, agree=True)
    assert codes(queries.knowledge(world.xiao_tian, "想借梯子")) == ["shared-tools"]


def test_the_version_before_stays_until_then(world: World, clock) -> None:
    articles.decide(world.sun, "shared-tools", articles.write(world.ma, DRAFT).number, agree=True)
    clock.forward(days=1)
    second = articles.write(world.xiao_tian, replace(DRAFT, body_zh="改到社区大厅登记。"))
    with pytest.raises(Conflict):
        articles.write(world.ma, DRAFT)
    assert queries.articles(world.xiao_tian, "梯子")[0].number == 1
    articles.decide(world.ma, "shared-tools", second.number, agree=True)
    assert queries.articles(world.xiao_tian, "社区大厅")[0].number == 2
    states = [one.state for one in queries.article(world.xiao_tian, "shared-tools")]
    assert states == [VersionState.CURRENT, VersionState.PAST]


def test_sent_back_with_words_and_written_again(world: World) -> None:
    first = articles.write(world.xiao_tian, DRAFT)
    with pytest.raises(Invalid):
        articles.decide(world.ma, "shared-tools", first.number, agree=False)
    articles.decide(world.ma, "shared-tools", first.number, agree=False, words="写明归还时间")
    assert articles.write(world.xiao_tian, DRAFT).number == 2
    assert not queries.articles(world.xiao_tian)


def test_what_no_longer_holds_is_gone_at_once(world: World) -> None:
    articles.decide(world.sun, "shared-tools", articles.write(world.ma, DRAFT).number, agree=True)
    articles.withdraw(world.ma, "shared-tools", reason="服务停办")
    assert not queries.articles(world.xiao_tian)


def test_the_database_keeps_two_people(world: World) -> None:
    made = articles.write(world.ma, DRAFT)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVersion.objects.filter(id=made.id).update(state="current", decided_by=made.written_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVersion.objects.filter(id=made.id).update(state="current")


@pytest.mark.parametrize(
    "wrong", [{"code": "Shared Tools"}, {"title_en": ""}, {"body_zh": "字" * 2001}, {"categories": ("ZZ99",)}]
)
def test_what_is_wrong_is_named(world: World, wrong: dict) -> None:
    with pytest.raises(Invalid) as found:
        articles.write(world.ma, replace(DRAFT, **wrong))
    assert found.value.field == next(iter(wrong))


def test_those_that_come_with_linli_wait_for_the_place(world: World) -> None:
    assert articles.load_articles() == len(rules.articles()) >= 20
    assert articles.load_articles() == 0
    assert not queries.articles(world.xiao_tian)
    call_command("load_articles", let_through_by="ma")
    assert len(queries.articles(world.xiao_tian)) == len(rules.articles())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("厨房闻到很浓的燃气味", "gas-smell"), ("旧沙发往哪里扔", "bulky-waste"), ("楼上漏水滴到我家", "leak-between-floors"),
        ("半夜工地还在施工吵得睡不着", "noise-at-night"), ("路灯不亮好几天了", "street-light"), ("小区有流浪狗追小孩", "stray-dogs"),
        ("被困在电梯里了", "lift-trapped"), ("物业费涨价不合理", "property-fee-dispute"), ("my card's refund from a gym", "prepaid-card"),
        ("老板拖欠工资", "unpaid-wages"),
    ],
)  # fmt: skip
def test_found_by_what_callers_say(world: World, known: int, said: str, code: str) -> None:
    assert codes(queries.knowledge(world.xiao_tian, said))[0] == code


def test_on_the_page(at_desk, world: World) -> None:
    client = at_desk("xiao_tian")
    given = {
        "code": DRAFT.code, "title_zh": DRAFT.title_zh, "title_en": DRAFT.title_en, "body_zh": DRAFT.body_zh, "body_en": DRAFT.body_en,
        "words": "借梯子, borrow a ladder", "categories": "lv06", "look_again_on": "2026-11-18",
    }  # fmt: skip
    wrong = client.post("/hotline/articles/new", given | {"title_en": ""})
    assert wrong.status_code == 422
    assert DRAFT.body_zh in page(wrong)
    assert client.post("/hotline/articles/new", given)["Location"] == "/hotline/articles/shared-tools"
    assert "Whoever wrote it does not let it through" in page(client.get("/hotline/articles/shared-tools"))
    second = at_desk("ma")
    assert "Let it through" in page(second.get("/hotline/articles/shared-tools"))
    second.post("/hotline/articles/shared-tools/decide", {"number": "1", "agree": "yes"})
    listed = page(client.get("/hotline/articles?q=梯子"))
    assert "Borrowing tools" in listed
    assert "to be read again" in listed
    assert second.post("/hotline/articles/shared-tools/withdraw", {}).status_code == 422
    second.post("/hotline/articles/shared-tools/withdraw", {"reason": "停办"})
    assert "Withdrawn" in page(client.get("/hotline/articles/shared-tools"))
    assert client.get("/hotline/articles/none-such").status_code == 404
