"""People are told of their own leave, cover, shifts and points: in their list, each once, and outside only if they choose so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.test import Client

from linli.kernel import events, ids, time
from linli.kernel.models import Event
from linli.kernel.trust import SYSTEM, Actor
from linli.ledger import book, queries
from linli.ledger.actions import claiming, objecting, publishing
from linli.ledger.book import Source
from linli.notices.models import Channel, Delivery, Kind, Notice, Settings
from linli.notices.own import on_own
from linli.workforce.actions import duty, leaving
from linli.workforce.models import Shift
from tests.conftest import Clock
from tests.notices.conftest import address
from tests.world import HOME, WUHOU, World


def hear() -> None:
    """Give the reader every event so far, as often as this is called: it tells of each once."""
    reader = events._consumers["notices.own"]
    told = [events._happened(one) for one in Event.objects.order_by("xid", "id")]
    on_own([one for one in told if reader.wants(one)])


def of(world: World, login: str) -> list[str]:
    """What somebody was told, the oldest first."""
    rows = Notice.objects.filter(account=world.accounts[login]).order_by("at", "id")
    return list(rows.values_list("kind", flat=True))


def asked(actor: Actor) -> leaving.Leave:
    """A leave from tomorrow for three days."""
    first = time.today() + timedelta(days=1)
    return leaving.ask(actor, first_day=first, last_day=first + timedelta(days=2), reason="annual")


def test_a_leave_and_its_cover_are_told_to_each_once(
    world: World, clock: Clock, visit: Callable[[str], Client]
) -> None:
    leave = asked(world.he_ming)
    hear()
    hear()
    assert of(world, "xiao_xu") == of(world, "xiao_li") == [Kind.LEAVE_ASKED]
    assert of(world, "he_ming") == []
    leaving.approve(
        world.xiao_xu,
        leave.id,
        district=leave.district,
        version=leave.version,
        covers=[world.posts["sibling_member"].id],
    )
    hear()
    assert of(world, "he_ming") == [Kind.LEAVE_GRANTED]
    assert of(world, "sibling_member") == [Kind.COVERING]
    assert of(world, "xiao_xu") == [Kind.LEAVE_ASKED]
    clock.forward(days=1)
    leaving.turn()
    hear()
    hear()
    assert of(world, "he_ming") == [Kind.LEAVE_GRANTED, Kind.COVERED]
    clock.forward(days=3)
    leaving.turn()
    hear()
    assert of(world, "he_ming")[-1] == Kind.LEAVE_ENDED

    page = visit("he_ming").get("/my/notices", headers={"accept-language": "en"}).content.decode()
    assert "Your leave is agreed to: 19 Nov – 21 Nov" in page
    own = Notice.objects.get(account=world.accounts["he_ming"], kind=Kind.LEAVE_GRANTED)
    assert visit("he_ming").get(f"/my/notices/{own.id}").headers["location"] == "/field/me/leave"
    assert Notice.objects.filter(account=world.accounts["he_ming"], read_at__isnull=False).count() == 1
    decided = Notice.objects.get(account=world.accounts["xiao_xu"])
    assert visit("xiao_xu").get(f"/my/notices/{decided.id}").headers["location"] == f"/desk/team/leave/{leave.id}"
    assert visit("xiao_xu").get(f"/desk/team/leave/{leave.id}").status_code == 200


def test_a_refusal_and_a_shift_to_take_are_told(world: World, clock: Clock) -> None:
    leave = asked(world.he_ming)
    leaving.refuse(world.xiao_xu, leave.id, district=leave.district, version=leave.version, words="那几天有检查")
    month = time.today() + timedelta(days=31)
    duty.plan(world.xiao_xu, area_path=f"{WUHOU}/012/003", month=month)
    mine = Shift.objects.filter(account=world.accounts["xiao_li"]).order_by("starts_at")[0]
    swap = duty.ask_swap(world.xiao_li, mine.id, to_post=world.posts["lao_wu"].id)
    hear()
    assert of(world, "he_ming") == [Kind.LEAVE_REFUSED]
    assert of(world, "lao_wu") == [Kind.SWAP_ASKED]
    assert Notice.objects.get(kind=Kind.SWAP_ASKED).day == mine.day
    duty.answer_swap(world.lao_wu, swap.id, agree=False)
    hear()
    assert of(world, "xiao_li")[-1] == Kind.SWAP_REFUSED
    again = duty.ask_swap(world.xiao_li, mine.id, to_post=world.posts["lao_wu"].id)
    duty.answer_swap(world.lao_wu, again.id, agree=True)
    hear()
    assert of(world, "xiao_li")[-1] == Kind.SWAP_AGREED


def test_points_are_told_without_how_many_and_go_out_only_if_chosen(
    world: World, clock: Clock, visit: Callable[[str], Client]
) -> None:
    publishing.load_rules()
    to = address(world.accounts["he_ming"], Channel.SMS, "13800000001")
    rules = queries.rules_at()

    def give(number: int) -> None:
        what = Source(WUHOU, HOME, "case", UUID(int=number), time.now())
        book.award(SYSTEM, rules.rules["care_visit"], world.he_ming.account_id, what, rules_number=rules.number)

    give(1)
    hear()
    hear()
    assert of(world, "he_ming") == [Kind.POINTS_GIVEN]
    assert not Delivery.objects.exists()  # in the list alone unless somebody chooses otherwise
    Settings.objects.create(account=world.accounts["he_ming"], chosen={"sms": ["points"]})
    where = Source(WUHOU, HOME, "case", ids.new_id(), time.now())
    charge = claiming.charge(
        world.xiao_xu, world.he_ming.account_id, rule="false_report", source=where, words="现场没有此事"
    )
    hear()
    assert of(world, "he_ming") == [Kind.POINTS_GIVEN]  # nothing has been taken yet
    claiming.decide(world.xiao_li, charge.id, grant=True)
    hear()
    assert of(world, "he_ming") == [Kind.POINTS_GIVEN, Kind.POINTS_TAKEN]
    assert Delivery.objects.get().address_id == to.id
    entry = queries.entries_of(world.he_ming, district=WUHOU).entries[0]
    made = objecting.object_to(world.he_ming, entry.id, words="照片是当天拍的")
    objecting.answer(world.liu, made.id, upheld=True, words="经核对时间属实")
    hear()
    assert of(world, "he_ming")[-1] == Kind.POINTS_ANSWERED  # once, and not for the entry that set it right as well
    assert len(of(world, "he_ming")) == 3
    for login in ("lao_wu", "xiao_xu", "liu"):
        assert not {Kind.POINTS_GIVEN, Kind.POINTS_TAKEN, Kind.POINTS_ANSWERED} & set(of(world, login))
    answered = Notice.objects.get(kind=Kind.POINTS_ANSWERED)
    to_read = visit("he_ming").get(f"/my/notices/{answered.id}").headers["location"]
    assert to_read == f"/field/points/entry/{entry.id}"
    assert visit("he_ming").get(to_read).status_code == 200
    settings_page = visit("he_ming").get("/my/notifications").content.decode()
    assert "sms:points" in settings_page
    assert "sms:team" in settings_page
    assert "sms:team" not in visit("zhou").get("/my/notifications").content.decode()
    assert "sms:points" in visit("zhou").get("/my/notifications").content.decode()
