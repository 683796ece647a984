"""Template messages of a WeChat service account, by its public documentation: a token first, then the message.

The token is the *stable* one (``POST /cgi-bin/stable_token``): the secret stands in no address, and every process that asks gets
the same one, so that several workers never end each other's. It is kept in the process until five minutes before its end; when
WeChat says that it is no longer good (40001, 40014, 42001) it is fetched anew once, and the message sent again. Each message
carries its own id as ``client_msg_id``: WeChat drops a repeat.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from linli.kernel import time
from linli.notices.channels import Message, approved, gone, not_taken, refused
from linli.notices.channels.approved import Template
from linli.notices.channels.handing import handed

URL = "https://api.weixin.qq.com"
NO_TOKEN = (40001, 40014, 42001)
"""The token is wrong, or its time is over."""
GONE = (40003, 43004, 43019, 43101)
"""No such follower, follows no more, blocked, or refused messages."""
REFUSED = (40034, 40036, 40165, 47003, 45008)
"""The message itself is wrong; everything else (busy, limits, an unknown template, keys) is mended or passes."""
EARLY = timedelta(minutes=5)
LENGTHS = {
    "thing": 20,
    "character_string": 32,
    "short_thing": 5,
    "const": 20,
    "phrase": 5,
    "letter": 32,
    "symbol": 5,
    "number": 32,
}
"""How many characters a variable of a kind takes; its kind is its name without the figures at the end."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: datetime


_kept: dict[tuple[str, str], _Token] = {}
_lock = threading.Lock()


class WeChat:
    """Sends through one service account."""

    def __init__(self, *, app: str, secret: str, templates: Mapping[str, Template], url: str = "") -> None:
        self.app, self.secret, self.templates = app, secret, templates
        self.url = (url or URL).rstrip("/")

    def send(self, address: str, message: Message) -> str:
        """Send once; returns WeChat's ``msgid``."""
        template, values = approved.filled(self.templates, message)
        body: dict[str, Any] = {
            "touser": address,
            "template_id": template,
            "client_msg_id": message.id.replace("-", "")[:32],
            "data": {name: {"value": _cut(name, value)} for name, value in values},
        }
        if message.href:
            body["url"] = message.href
        token = self._token()
        found = self._send(token, body)
        if _code(found) in NO_TOKEN:
            found = self._send(self._token(instead_of=token), body)
        code = _code(found)
        if code == 0:
            return str(found.get("msgid") or message.id)[:200]
        if code in GONE:
            raise gone(code)
        if code in REFUSED:
            raise refused(code)
        raise not_taken(code)

    def _send(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._post(f"/cgi-bin/message/template/send?access_token={quote(token, safe='')}", body)

    def _token(self, *, instead_of: str = "") -> str:
        """The token that is good now; one asks and the others wait for it.

        Args:
            instead_of: a token that was refused. When WeChat gives the same one again, it is told to make a new one.
        """
        with _lock:
            kept = _kept.get((self.url, self.app))
            if kept is not None and kept.value != instead_of and time.now() < kept.until:
                return kept.value
            found = self._ask()
            if instead_of and found.value == instead_of:
                found = self._ask(anew=True)
            _kept[self.url, self.app] = found
            return found.value

    def _ask(self, *, anew: bool = False) -> _Token:
        body = {
            "grant_type": "client_credential",
            "appid": self.app,
            "secret": self.secret,
            "force_refresh": anew,
        }
        found = self._post("/cgi-bin/stable_token", body)
        value = found.get("access_token")
        if not value:
            raise not_taken(f"token: {_code(found)}")
        seconds = found.get("expires_in")
        lasts = timedelta(seconds=seconds if isinstance(seconds, int) else 0)
        return _Token(str(value), time.now() + max(lasts - EARLY, lasts / 2))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        data = json.dumps(body, ensure_ascii=False).encode()
        return handed(f"{self.url}{path}", data, {"Content-Type": "application/json"})


def _code(found: Mapping[str, Any]) -> int:
    code = found.get("errcode", 0)
    return code if isinstance(code, int) else -1


def _cut(name: str, value: str) -> str:
    most = LENGTHS.get(name.rstrip("0123456789"), 200)
    return value if len(value) <= most else f"{value[: most - 1]}…"
