"""Writing to the reporter: who else is writing, what the reply may lack, and who was named in a note."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linli.cases import mentions
from linli.cases.actions import talking
from linli.cases.models import LogEntry
from linli.desk import reply_check
from linli.desk.reply_check import Asked, Hint
from tests.desk.conftest import do, page
from tests.world import ref, report

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def test_two_who_write_at_once_see_each_other_until_one_is_done(at_desk, world, clock) -> None:
    case = report(world.zhou)
    xu, li = at_desk("xiao_xu"), at_desk("xiao_li")
    there = f"/desk/case/{case.number}/writing"
    assert "writing" not in page(xu.post(there))
    assert "小徐 is writing" in page(li.post(there))
    assert "小徐 is writing" in page(li.get(f"/desk/case/{case.number}/writers"))
    assert "小徐 is writing" in page(li.get(f"/desk/case/{case.number}/aside"))
    do(xu, case, "message", text="您好,已安排电工明天上午来修。")
    assert "小徐" not in page(li.post(there))
    clock.forward(minutes=1)
    assert "小李" not in page(xu.post(there))


def test_a_reply_is_looked_at_and_never_barred(at_desk, world) -> None:
    case = report(world.zhou, description="路灯不亮,什么时候能修好?")
    xu = at_desk("xiao_xu")
    there = f"/desk/case/{case.number}/reply-check"
    hints = page(xu.post(there, {"text": "这不归我们管!!"}))
    assert "brushing off" in hints
    assert "asked when" in hints
    good = "您好,路灯已安排电工检修,预计明天下午修好,谢谢您的反映。"
    assert page(xu.post(there, {"text": good})).strip() == ""
    assert do(xu, case, "message", text="这不归我们管!!").status_code == 302


def test_what_is_late_is_said_to_be_late() -> None:
    asked = Asked("路灯不亮", "路灯", NOW - timedelta(hours=1))
    assert Hint.LATE in reply_check.look("您好,路灯正在安排检修,请您稍等。", asked, now=NOW)
    assert Hint.LATE not in reply_check.look("您好,抱歉让您久等,路灯明天上午修好。", asked, now=NOW)


@given(text=st.text(max_size=200), words=st.text(max_size=80))
def test_any_reply_can_be_looked_at(text, words) -> None:
    found = reply_check.look(text, Asked(words, "路灯", NOW), now=NOW)
    assert len(found) == len(set(found))
    assert bool(found) <= bool(text.strip())


def test_a_colleague_who_is_named_finds_the_case_under_mentioned(at_desk, world) -> None:
    case = report(world.zhou)
    talking.comment(world.xiao_xu, ref(case), text="@小李请看一下,也请@远社员看")
    entry = LogEntry.objects.get(case_id=case.id, kind="comment")
    assert mentions.note(entry) == 1
    assert mentions.note(entry) == 1
    li = at_desk("xiao_li")
    assert case.number in page(li.get("/desk/?view=mentioned"))
    assert case.number not in page(at_desk("xiao_xu").get("/desk/?view=mentioned"))
    assert "小徐 mentioned you" in page(li.get(f"/desk/case/{case.number}/aside"))
    li.post(f"/desk/case/{case.number}/seen")
    assert case.number not in page(li.get("/desk/?view=mentioned"))
