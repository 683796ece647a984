"""Text messages and WeChat messages in the providers' own form, sent to counterparts that listen and verify by themselves."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from linli.kernel import ids, time
from linli.notices import channels, chores
from linli.notices.channels import Gone, Message, NotTaken, Refused, approved, sms
from linli.notices.models import Address, Channel, Delivery, DeliveryState
from tests.conftest import Clock
from tests.notices.conftest import Counterpart, Request, address
from tests.world import World

KEY, SECRET = "AKIDlinli", "between-us"
CODE = Message("019a-1", "code", "Code", "Text", "en", facts=(("code", "123456"),))
TEMPLATES = "code=SMS_1(code) closed=SMS_2(no=number,state) *=SMS_9(title)"


def test_templates_are_named_by_the_setting() -> None:
    found = approved.read(TEMPLATES)
    assert approved.filled(found, CODE) == ("SMS_1", [("code", "123456")])
    closed = Message("1", "closed", "T", "", "en", facts=(("number", "N1"), ("state", "")))
    assert approved.filled(found, closed) == ("SMS_2", [("no", "N1"), ("state", "-")])
    assert approved.filled(found, Message("1", "late", "Late", "", "en")) == ("SMS_9", [("title", "Late")])
    with pytest.raises(NotTaken):
        approved.filled(approved.read("code=SMS_1(code)"), closed)
    for wrong in ("code", "code=", "code=A code=B", "code=A(b=c"):
        with pytest.raises(ValueError, match="template"):
            approved.read(wrong)


def test_signatures_are_those_that_the_providers_publish() -> None:
    """The examples with fixed values in Aliyun's "V3 request body and signature" and Tencent's "Signature v3"."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-version": "2014-05-26",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    }  # fmt: skip
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    query = sms.encoded({"RegionId": "cn-shanghai", "ImageId": image})
    names, signature = sms.aliyun_signature("YourAccessKeySecret", query=query, headers=headers)
    assert names == "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
    assert signature == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    names, signature = sms.tencent_signature(
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", service="cvm", body=body, at=datetime.fromtimestamp(1551113065, UTC),
        headers={"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
    )  # fmt: skip
    assert signature == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


def aliyun_verified(came: Request, secret: str = SECRET) -> bool:
    """What Aliyun does with a request: everything from what came over the wire, nothing from the house's own code."""
    scheme, _sep, rest = came.headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    names = parts["SignedHeaders"].split(";")
    needed = {name for name in came.headers if name == "host" or name.startswith("x-acs-")}
    url = urlsplit(came.path)
    pairs = sorted(parse_qsl(url.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    digest = hashlib.sha256(came.body).hexdigest()
    canonical = f"POST\n{url.path}\n{query}\n"
    for name in names:
        canonical += name + ":" + came.headers[name] + "\n"
    canonical += "\n" + ";".join(names) + "\n" + digest
    wanted = hmac.digest(
        secret.encode(), b"ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest().encode(), "sha256"
    )
    return (
        scheme == "ACS3-HMAC-SHA256"
        and parts["Credential"] == KEY
        and needed <= set(names)
        and names == sorted(names)
        and came.headers["x-acs-content-sha256"] == digest
        and hmac.compare_digest(wanted.hex(), parts["Signature"])
    )


def tencent_verified(came: Request, secret: str = SECRET) -> bool:
    """What Tencent does with a request, from what came over the wire alone."""
    scheme, _sep, rest = came.headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key, day, service, last = parts["Credential"].split("/")
    at = int(came.headers["x-tc-timestamp"])
    canonical = "POST\n/\n\n"
    for name in parts["SignedHeaders"].split(";"):
        canonical += f"{name}:{came.headers[name].lower()}\n"
    canonical += f"\n{parts['SignedHeaders']}\n{hashlib.sha256(came.body).hexdigest()}"
    text = f"TC3-HMAC-SHA256\n{at}\n{day}/{service}/{last}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = hmac.digest(b"TC3" + secret.encode(), day.encode(), "sha256")
    signing = hmac.digest(hmac.digest(signing, service.encode(), "sha256"), last.encode(), "sha256")
    return (
        (scheme, key, service, last) == ("TC3-HMAC-SHA256", KEY, "sms", "tc3_request")
        and datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d") == day
        and {"content-type", "host"} <= set(parts["SignedHeaders"].split(";"))
        and hmac.compare_digest(hmac.digest(signing, text.encode(), "sha256").hex(), parts["Signature"])
    )


@pytest.fixture
def by_sms(counterpart: Counterpart, settings: Any) -> Callable[[str], channels.Adapter]:
    """The house set to send text messages by a provider."""

    def choose(provider: str) -> channels.Adapter:
        settings.LINLI_SMS_PROVIDER, settings.LINLI_SMS_URL = provider, counterpart.url
        settings.LINLI_SMS_KEY, settings.LINLI_SMS_SECRET = KEY, SECRET
        settings.LINLI_SMS_SIGN, settings.LINLI_SMS_APP = "邻里 & 社区", "1400006666"
        settings.LINLI_SMS_TEMPLATES = TEMPLATES
        found = channels.adapter(Channel.SMS)
        assert found is not None
        return found

    return choose


def said(**answer: Any) -> tuple[int, dict[str, str], bytes]:
    """An answer with a JSON body."""
    return 200, {}, json.dumps(answer).encode()


def test_aliyun_gets_a_signed_request(by_sms: Callable[[str], Any], counterpart: Counterpart, clock: Clock) -> None:
    counterpart.answers = [said(Code="OK", Message="OK", BizId="900619746936498440^0", RequestId="r")]
    assert by_sms("aliyun").send("13800000001", CODE) == "900619746936498440^0"
    (came,) = counterpart.requests
    assert aliyun_verified(came)
    assert not aliyun_verified(came, "another secret")
    values = dict(parse_qsl(urlsplit(came.path).query))
    assert values["SignName"] == "邻里 & 社区"
    assert (values["PhoneNumbers"], values["TemplateCode"], values["OutId"]) == ("13800000001", "SMS_1", CODE.id)
    assert json.loads(values["TemplateParam"]) == {"code": "123456"}
    assert (came.headers["x-acs-action"], came.headers["x-acs-version"]) == ("SendSms", "2017-05-25")
    came.path = came.path.replace("13800000001", "13800000002")
    assert not aliyun_verified(came)


def test_tencent_gets_a_signed_request(by_sms: Callable[[str], Any], counterpart: Counterpart, clock: Clock) -> None:
    counterpart.answers = [said(Response={"SendStatusSet": [{"SerialNo": "5000:1", "Code": "Ok"}], "RequestId": "r"})]
    assert by_sms("tencent").send("13800000001", CODE) == "5000:1"
    (came,) = counterpart.requests
    assert tencent_verified(came)
    assert not tencent_verified(came, "another secret")
    assert came.json == {
        "PhoneNumberSet": ["+8613800000001"], "SmsSdkAppId": "1400006666", "SignName": "邻里 & 社区", "TemplateId": "SMS_1",
        "TemplateParamSet": ["123456"], "SessionContext": CODE.id,
    }  # fmt: skip
    assert came.headers["x-tc-region"] == "ap-guangzhou"
    came.body += b" "
    assert not tencent_verified(came)


def aliyun_says(code: str) -> tuple[int, dict[str, str], bytes]:
    """Aliyun's way of saying no."""
    return 400, {}, json.dumps({"Code": code, "Message": "..."}).encode()


def tencent_says(code: str) -> tuple[int, dict[str, str], bytes]:
    """Tencent's way of saying no to one number."""
    return said(Response={"SendStatusSet": [{"Code": code}]})


def test_a_no_is_sorted_into_gone_refused_and_again(by_sms: Callable[[str], Any], counterpart: Counterpart) -> None:
    for provider, say, kinds in (
        (
            "aliyun", aliyun_says,
            {
                "isv.MOBILE_NUMBER_ILLEGAL": Gone, "isv.PARAM_LENGTH_LIMIT": Refused, "isv.BUSINESS_LIMIT_CONTROL": NotTaken,
                "isv.AMOUNT_NOT_ENOUGH": NotTaken, "SignatureDoesNotMatch": NotTaken, "isp.SYSTEM_ERROR": NotTaken,
            },
        ),
        (
            "tencent", tencent_says,
            {
                "InvalidParameterValue.IncorrectPhoneNumber": Gone, "FailedOperation.ContainSensitiveWord": Refused,
                "LimitExceeded.DeliveryFrequencyLimit": NotTaken, "FailedOperation.InsufficientBalanceInSmsPackage": NotTaken,
            },
        ),
    ):  # fmt: skip
        adapter = by_sms(provider)
        for code, kind in kinds.items():
            counterpart.answers = [say(code)]
            with pytest.raises(kind):
                adapter.send("13800000001", CODE)
        for broken in ((502, {}, b"<html>"), (200, {}, b"[]"), (200, {}, b"{}")):
            counterpart.answers = [broken]
            with pytest.raises(NotTaken):
                adapter.send("13800000001", CODE)
    counterpart.answers = [said(Response={"Error": {"Code": "AuthFailure.SignatureFailure"}, "RequestId": "r"})]
    with pytest.raises(NotTaken):
        by_sms("tencent").send("13800000001", CODE)


def test_a_text_message_waits_for_the_morning_and_is_tried_again(
    world: World, by_sms: Callable[[str], Any], counterpart: Counterpart, tell: Callable[..., Any], clock: Clock
) -> None:
    by_sms("aliyun")
    address(world.accounts["zhou"], Channel.SMS, "13800000001")
    clock.forward(hours=13)  # 23:00
    tell()
    chores.deliver()
    assert counterpart.requests == []
    clock.forward(hours=10)
    counterpart.answers = [aliyun_says("isv.BUSINESS_LIMIT_CONTROL"), said(Code="OK", BizId="b-1")]
    chores.deliver()
    assert Delivery.objects.get().state == DeliveryState.WAITING
    clock.forward(minutes=1)
    chores.deliver()
    sent = Delivery.objects.get()
    assert (sent.state, sent.provider_id) == (DeliveryState.SENT, "b-1")
    assert all(aliyun_verified(one) for one in counterpart.requests)
    ids_sent = {dict(parse_qsl(urlsplit(one.path).query))["OutId"] for one in counterpart.requests}
    assert len(ids_sent) == 1
    assert len({one.headers["x-acs-signature-nonce"] for one in counterpart.requests}) == 2


# --- WeChat -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_wechat(counterpart: Counterpart, settings: Any, clock: Clock) -> channels.Adapter:
    """The house set to send through a service account of its own, whose token nobody has fetched yet."""
    settings.LINLI_WECHAT_APP, settings.LINLI_WECHAT_SECRET = f"wx{ids.new_id().hex[:16]}", SECRET
    settings.LINLI_WECHAT_URL = counterpart.url
    settings.LINLI_WECHAT_TEMPLATES = "*=TM-1_x(thing1=title,character_string2=number)"
    found = channels.adapter(Channel.WECHAT)
    assert found is not None
    return found


def token(value: str, seconds: int = 7200) -> tuple[int, dict[str, str], bytes]:
    """A token."""
    return said(access_token=value, expires_in=seconds)


NEWS = Message(
    "019a0b1c-0000-7000-8000-000000000001", "closed", "您的上报已经结案，请您评价一下处理结果好吗", "", "zh-hans",
    href="https://linli.example/n", facts=(("number", "0107-1"),),
)  # fmt: skip


def test_a_token_is_fetched_once_and_kept_until_it_ends(
    by_wechat: channels.Adapter, counterpart: Counterpart, clock: Clock
) -> None:
    counterpart.answers = [token("T1"), said(errcode=0, msgid=7), said(errcode=0, msgid=8)]
    assert by_wechat.send("oABC", NEWS) == "7"
    assert channels.adapter(Channel.WECHAT).send("oABC", NEWS) == "8"  # type: ignore[union-attr]
    asked, first, _again = counterpart.requests
    assert asked.path == "/cgi-bin/stable_token"
    assert asked.json["secret"] == SECRET
    assert asked.json["force_refresh"] is False
    assert first.path == "/cgi-bin/message/template/send?access_token=T1"
    assert SECRET not in first.path + first.body.decode()
    assert first.json == {
        "touser": "oABC", "template_id": "TM-1_x", "client_msg_id": NEWS.id.replace("-", ""), "url": NEWS.href,
        "data": {"thing1": {"value": NEWS.title[:19] + "…"}, "character_string2": {"value": "0107-1"}},
    }  # fmt: skip
    clock.forward(seconds=7200 - 299)  # fetched anew five minutes before its end
    counterpart.answers = [token("T2"), said(errcode=0, msgid=9)]
    assert by_wechat.send("oABC", NEWS) == "9"
    assert counterpart.requests[-1].path.endswith("=T2")


def test_a_token_that_is_no_longer_good_is_fetched_anew_once(
    by_wechat: channels.Adapter, counterpart: Counterpart
) -> None:
    counterpart.answers = [token("T1"), said(errcode=40001), token("T2"), said(errcode=0, msgid=1)]
    assert by_wechat.send("oABC", NEWS) == "1"
    # When the same one comes back, WeChat is told to make another.
    counterpart.answers = [said(errcode=40001), token("T2"), token("T3"), said(errcode=0, msgid=2)]
    assert by_wechat.send("oABC", NEWS) == "2"
    forced = [one.json["force_refresh"] for one in counterpart.requests if one.path == "/cgi-bin/stable_token"]
    assert forced == [False, False, False, True]
    counterpart.answers = [said(errcode=42001), token("T4"), said(errcode=40001)]
    with pytest.raises(NotTaken):
        by_wechat.send("oABC", NEWS)
    counterpart.answers = [said(errcode=40001), said(errcode=40164, errmsg="ip not in whitelist")]
    with pytest.raises(NotTaken):
        by_wechat.send("oABC", NEWS)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(43004, Gone), (40003, Gone), (47003, Refused), (45009, NotTaken), (-1, NotTaken), (40037, NotTaken)],
)
def test_what_wechat_says_is_sorted(
    code: int, kind: type[Exception], by_wechat: channels.Adapter, counterpart: Counterpart
) -> None:
    counterpart.answers = [token("T1"), said(errcode=code)]
    with pytest.raises(kind):
        by_wechat.send("oABC", NEWS)


def test_who_follows_no_more_gets_nothing_more(
    world: World, by_wechat: channels.Adapter, counterpart: Counterpart, tell: Callable[..., Any]
) -> None:
    to = address(world.accounts["zhou"], Channel.WECHAT, "oABC-123_x")
    tell()
    counterpart.answers = [token("T1"), said(errcode=43004)]
    chores.deliver()
    assert Address.objects.get(id=to.id).gone_at is not None
    assert Delivery.objects.get().state == DeliveryState.GIVEN_UP
    assert time.now() - Address.objects.get(id=to.id).gone_at < timedelta(minutes=1)
