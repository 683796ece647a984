"""The small city, its browsers, and counterparts that really listen: a mail server and an HTTP server of the test's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import Client

from linli.cases.models import Case
from linli.kernel import crypto, ids, time
from linli.notices.handlers import deliver
from linli.notices.models import Address, Channel, Kind, Notice
from linli.notices.sending import ADDRESS_TABLE
from linli.people import sessions
from linli.people.models import Account
from tests.world import World, build, report


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


@pytest.fixture
def visit(world: World) -> Callable[[str], Client]:
    """Come in as one of the cast: ``visit("zhou")``; ``visit("")`` is nobody."""

    def come(login: str = "") -> Client:
        client = Client()
        if login:
            client.force_login(world.accounts[login])
            if post := world.posts.get(login):
                session = client.session
                session[sessions.POST_KEY] = f"{post.district}:{post.id}"
                session.save()
        return client

    return come


@dataclass
class Mailbox:
    """What a mail server took; ``refuse`` is what it answers instead, once for each entry."""

    host: str = "127.0.0.1"
    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        """Refuse when told to."""
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take it."""
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A real SMTP server (aiosmtpd) on a free port, and the house set to send through it."""
    box = Mailbox()
    # Port 0 would make the controller call itself at port 0; so it takes one that was free a moment ago.
    box.port = free_port()
    controller = Controller(box, hostname=box.host, port=box.port)
    controller.start()
    settings.LINLI_SMTP_URL = f"smtp://{box.host}:{box.port}"
    settings.LINLI_MAIL_FROM = "邻里 <news@linli.example>"
    settings.LINLI_PUBLIC_URL = "https://linli.example"
    yield box
    controller.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return int(server.server_address[1])


@dataclass
class Request:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass
class Counterpart:
    """A machine that listens; ``answers`` are the next answers (status, headers, body), 200 when there are none left."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def counterpart(settings: Any) -> Iterator[Counterpart]:
    """A real HTTP server on a free port, in a network of one's own that the settings allow."""
    other = Counterpart()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            other.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers, said = other.answers.pop(0) if other.answers else (200, {}, b"{}")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    other.url = f"http://127.0.0.1:{server.server_address[1]}"
    settings.LINLI_OUTBOUND_HOSTS = ["127.0.0.1"]
    yield other
    server.shutdown()
    thread.join()
    server.server_close()


def address(account: Account, channel: Channel, value: str) -> Address:
    """A verified address of an account."""
    address_id = ids.new_id()
    return Address.objects.create(
        id=address_id, account=account, channel=channel, value_enc=crypto.seal(ADDRESS_TABLE, address_id, value),
        value_hash=crypto.lookup_hash("name", value), label="***", verified_at=time.now(),
    )  # fmt: skip


@pytest.fixture
def case(world: World) -> Case:
    """周阿姨's street lamp."""
    return report(world.zhou)


@pytest.fixture
def tell(world: World, case: Case) -> Callable[..., Notice]:
    """Make a notice for 周阿姨 now, and plan its deliveries."""

    def make(kind: Kind = Kind.CLOSED, *, severity: int = 3) -> Notice:
        row = Notice.objects.create(
            id=ids.new_id(), district=case.district, event_id=ids.new_id(), account=world.accounts["zhou"], kind=kind,
            case_id=case.id, number=case.number, category=case.category, severity=severity, at=time.now(),
        )  # fmt: skip
        deliver([row])
        return row

    return make
