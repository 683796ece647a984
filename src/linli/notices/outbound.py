"""Calls to addresses that others gave us: to public hosts only, checked when the connection is made, with nothing followed.

A name can answer with one address when it is checked and with another when it is used (DNS rebinding), so the name is resolved once,
each address is checked, and the connection goes to the address that was checked. Redirects are not followed. Hosts of one's own
network are named in ``LINLI_OUTBOUND_HOSTS``; only those may be spoken to without TLS.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Invalid, LinliError

TIMEOUT_SECONDS = 5.0
LONGEST_SECONDS = 15.0
MOST_BYTES = 65_536
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(LinliError):
    """There was no answer: nobody there, too slow, not public, no valid certificate."""

    status = 503


def check(url: str, *, field: str = "url") -> str:
    """An address that may be kept: https, a host, no user in it. Whether the host is public is asked when it is called.

    Raises:
        Invalid: it is not of this form.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    schemes = ("https", "http") if host in settings.LINLI_OUTBOUND_HOSTS else ("https",)
    if parts.scheme not in schemes or not host or parts.username or parts.password or len(text) > LONGEST:
        raise Invalid(
            "outbound.address", _("This is no address that can be called."), field=field,
            mend=_("It begins with https:// and names a host."),
        )  # fmt: skip
    if host not in settings.LINLI_OUTBOUND_HOSTS and _is_inside(host):
        raise _inside(field)
    return text


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """POST once.

    Raises:
        Invalid: the address is of no form that is called, or leads into our own network.
        Unreachable: there was no answer; the code says of what kind (``outbound.unreachable``).
    """
    parts = urlsplit(check(url))
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = _resolve(host, port)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = _Tls(host, port, target)
    else:
        connection = _Plain(host, port, target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # Each byte may take its time, the whole may not: else one slow host would hold up all others.
    watch = threading.Timer(LONGEST_SECONDS, lambda: _cut(connection))
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", path, body=body, headers={"User-Agent": "Linli", **headers})
        response = connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read(MOST_BYTES))
    except (OSError, http.client.HTTPException, ssl.SSLError) as error:
        raise _no_answer(type(error).__name__) from error
    finally:
        watch.cancel()
        connection.close()
    return answer


def _cut(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _resolve(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _no_answer(type(error).__name__) from error
    addresses = [str(one[4][0]) for one in found]
    if host not in settings.LINLI_OUTBOUND_HOSTS and any(_is_inside(one) for one in addresses):
        raise _inside("url")
    return addresses[0]


def _is_inside(text: str) -> bool:
    """Whether a literal address is of no public network; a name is not known to be."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.rstrip(".").rpartition(".")[2].lower() in ("localhost", "local", "internal")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global or (mapped or address).is_multicast


def _inside(field: str) -> Invalid:
    return Invalid(
        "outbound.inside",
        _("This address leads into our own network."),
        field=field,
        mend=_("Use a public address; the operator can name hosts of our own in LINLI_OUTBOUND_HOSTS."),
    )


def _no_answer(kind: str) -> Unreachable:
    return Unreachable("outbound.unreachable", _("There was no answer."), extra={"kind": kind})


class _Plain(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, target: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)
        self.target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self.target, self.port), TIMEOUT_SECONDS)


class _Tls(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int, target: str) -> None:
        self.context = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=self.context)
        self.target = target

    def connect(self) -> None:
        plain = socket.create_connection((self.target, self.port), TIMEOUT_SECONDS)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
