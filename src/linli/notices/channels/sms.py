"""Text messages by the providers' own signed requests: Aliyun (``ACS3-HMAC-SHA256``) and Tencent Cloud (``TC3-HMAC-SHA256``).

Both by their public documentation: Aliyun "V3 request body and signature mechanism" and Dysmsapi 2017-05-25 ``SendSms``; Tencent
"Signature v3" and SMS 2021-01-11 ``SendSms``. A signature is a function of what is signed alone, so that it can be tried against
the examples that they publish. What they answer is sorted into three kinds: the number is none (gone), this message never goes
(refused), try again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from linli.kernel import ids, time
from linli.notices.channels import Message, approved, gone, not_taken, refused
from linli.notices.channels.approved import Template
from linli.notices.channels.handing import handed

ALIYUN_URL, ALIYUN_VERSION = "https://dysmsapi.aliyuncs.com", "2017-05-25"
TENCENT_URL, TENCENT_VERSION = "https://sms.tencentcloudapi.com", "2021-01-11"
TENCENT_TYPE = "application/json; charset=utf-8"
TENCENT_SIGNED = ("content-type", "host", "x-tc-action")
CHINA = "86"

ALIYUN_GONE = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "MOBILE_NOT_ON_SERVICE")
"""The number is none, or its owner wants no messages."""
ALIYUN_REFUSED = (
    "isv.INVALID_PARAMETERS", "isv.INVALID_JSON_PARAM", "isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL",
    "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.DAY_LIMIT_CONTROL", "isv.MOBILE_COUNT_OVER_LIMIT",
)  # fmt: skip
"""Sent again it would be refused again; everything else (limits of the minute, money, keys, templates) is mended or passes."""
TENCENT_GONE = (
    "FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber", "UnsupportedOperation.UnsupportedRegion",
)  # fmt: skip
TENCENT_REFUSED = (
    "FailedOperation.ContainSensitiveWord", "InvalidParameterValue.TemplateParameterFormatError",
    "InvalidParameterValue.TemplateParameterLengthLimit", "LimitExceeded.PhoneNumberDailyLimit",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
)  # fmt: skip


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def encoded(values: Mapping[str, str]) -> str:
    """A query as both providers sign it: sorted by name, everything but ``A-Za-z0-9-_.~`` as ``%XX`` (RFC 3986)."""
    return urlencode(sorted(values.items()), quote_via=quote, safe="-_.~")


def aliyun_signature(secret: str, *, query: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[str, str]:
    """The names of the signed headers and the signature of a ``POST /`` to Aliyun.

    Args:
        query: canonical (:func:`encoded`).
        headers: by lower-case name; ``host``, ``content-type`` and ``x-acs-*`` are signed.
    """
    signed = {
        name: value.strip()
        for name, value in sorted(headers.items())
        if name in ("host", "content-type") or name.startswith("x-acs-")
    }
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    request = "\n".join(("POST", "/", query, lines, names, _sha256(body)))
    return names, _hmac(secret.encode(), f"ACS3-HMAC-SHA256\n{_sha256(request.encode())}").hex()


def tencent_signature(
    secret: str, *, service: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> tuple[str, str]:
    """The names of the signed headers and the signature of a ``POST /`` to Tencent Cloud.

    Args:
        headers: by lower-case name; ``content-type``, ``host`` and ``x-tc-action`` are signed.
        at: aware; the moment of ``X-TC-Timestamp``.
    """
    signed = {name: value.strip().lower() for name, value in sorted(headers.items()) if name in TENCENT_SIGNED}
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    request = "\n".join(("POST", "/", "", lines, names, _sha256(body)))
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    text = "\n".join(("TC3-HMAC-SHA256", str(int(at.timestamp())), scope, _sha256(request.encode())))
    key = f"TC3{secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return names, _hmac(key, text).hex()


def _judge(code: str, *, gone_for: tuple[str, ...], refused_for: tuple[str, ...]) -> None:
    if code in gone_for:
        raise gone(code)
    if code in refused_for:
        raise refused(code)
    raise not_taken(code)


class Aliyun:
    """Sends by Aliyun's Short Message Service; the message's id goes along as ``OutId``."""

    def __init__(self, *, key: str, secret: str, sign: str, templates: Mapping[str, Template], url: str = "") -> None:
        self.key, self.secret, self.sign, self.templates = key, secret, sign, templates
        self.url = (url or ALIYUN_URL).rstrip("/")

    def send(self, address: str, message: Message) -> str:
        """Send once; returns Aliyun's ``BizId``."""
        template, values = approved.filled(self.templates, message)
        query = encoded(
            {
                "PhoneNumbers": address.lstrip("+"),
                "SignName": self.sign,
                "TemplateCode": template,
                "TemplateParam": json.dumps(dict(values), ensure_ascii=False, separators=(",", ":")),
                "OutId": message.id,
            }
        )
        headers = {
            "host": urlsplit(self.url).netloc,
            "x-acs-action": "SendSms",
            "x-acs-version": ALIYUN_VERSION,
            "x-acs-date": time.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": f"{ids.random_bits(128):032x}",
            "x-acs-content-sha256": _sha256(b""),
        }
        names, signature = aliyun_signature(self.secret, query=query, headers=headers)
        headers["Authorization"] = f"ACS3-HMAC-SHA256 Credential={self.key},SignedHeaders={names},Signature={signature}"
        found = handed(f"{self.url}/?{query}", b"", headers)
        code = str(found.get("Code", ""))
        if code == "OK":
            return str(found.get("BizId") or message.id)[:200]
        _judge(code, gone_for=ALIYUN_GONE, refused_for=ALIYUN_REFUSED)
        return ""


class Tencent:
    """Sends by Tencent Cloud's SMS; the message's id goes along as ``SessionContext``."""

    def __init__(
        self,
        *,
        key: str,
        secret: str,
        app: str,
        sign: str,
        region: str,
        templates: Mapping[str, Template],
        url: str = "",
    ) -> None:
        self.key, self.secret, self.app, self.sign, self.region = key, secret, app, sign, region
        self.templates = templates
        self.url = (url or TENCENT_URL).rstrip("/")

    def send(self, address: str, message: Message) -> str:
        """Send once; returns Tencent's ``SerialNo``."""
        template, values = approved.filled(self.templates, message)
        body = json.dumps(
            {
                "PhoneNumberSet": [address if address.startswith("+") else f"+{CHINA}{address}"],
                "SmsSdkAppId": self.app,
                "SignName": self.sign,
                "TemplateId": template,
                "TemplateParamSet": [value for _name, value in values],
                "SessionContext": message.id,
            },
            ensure_ascii=False,
        ).encode()
        at = time.now()
        headers = {
            "content-type": TENCENT_TYPE,
            "host": urlsplit(self.url).netloc,
            "x-tc-action": "SendSms",
            "x-tc-version": TENCENT_VERSION,
            "x-tc-region": self.region,
            "x-tc-timestamp": str(int(at.timestamp())),
        }
        names, signature = tencent_signature(self.secret, service="sms", headers=headers, body=body, at=at)
        scope = f"{at.astimezone(UTC):%Y-%m-%d}/sms/tc3_request"
        headers["Authorization"] = (
            f"TC3-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        answer = handed(f"{self.url}/", body, headers).get("Response") or {}
        one: dict[str, Any] = next(iter(answer.get("SendStatusSet") or ()), {})
        code = str((answer.get("Error") or one).get("Code", ""))
        if code == "Ok":
            return str(one.get("SerialNo") or message.id)[:200]
        _judge(code, gone_for=TENCENT_GONE, refused_for=TENCENT_REFUSED)
        return ""
