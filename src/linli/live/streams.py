"""The ASGI application: opens streams, keeps them alive, lets slow listeners go."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from linli.kernel import live
from linli.live.hub import Hub, Listener
from linli.live.listening import listen

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEARTBEAT_SECONDS = 20.0
"""A comment in an idle stream, so that proxies keep it open and a dead listener is noticed."""
RETRY_MILLISECONDS = 3_000
LONGEST_SECONDS = 6 * live.TOKEN_SECONDS
"""Rights change: a stream ends after this long, and the page opens another with a new token."""


class Streams:
    """The live process."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._task = asyncio.create_task(listen(self.hub, self.listening))
                await send({"type": "lifespan.startup.complete"})
            else:
                self._stopping.set()
                if self._task is not None:
                    self._task.cancel()
                    await asyncio.gather(self._task, return_exceptions=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        cross = self._cross_origin(scope)
        if path == "/healthz" and method in ("GET", "HEAD"):
            body = {"status": "up", "listening": self.listening.is_set(), "listeners": self.hub.count}
            await _answer(send, 200 if self.listening.is_set() else 503, body, cross)
        elif path.rstrip("/") != "/live":
            await _answer(send, 404, _problem(404, "not_found"), cross)
        elif method == "OPTIONS":
            await _answer(send, 204, None, [*cross, (b"access-control-allow-methods", b"GET")])
        elif method != "GET":
            await _answer(send, 405, _problem(405, "http.method"), [*cross, (b"allow", b"GET, OPTIONS")])
        else:
            query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
            audience = live.read(query.get("token", [""])[0])
            if audience is None:
                await _answer(send, 401, _problem(401, "token.invalid"), cross)
                return
            await self._stream(scope, audience, receive, send, cross)

    async def _stream(
        self, scope: Scope, audience: live.Audience, receive: Receive, send: Send, cross: list[tuple[bytes, bytes]]
    ) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
            *cross,
        ]
        listener = Listener(audience)
        self.hub.add(listener)
        left = asyncio.create_task(_until_left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            first = f"retry: {RETRY_MILLISECONDS}\n\n".encode()
            if any(name == b"last-event-id" for name, _value in scope["headers"]) or _again(scope):
                # It was here before and may have missed something: nothing is kept here, so it looks again by itself.
                first += b'data: {"topic":"inbox"}\n\ndata: {"topic":"figures:"}\n\n'
            await send({"type": "http.response.body", "body": first, "more_body": True})
            await self._pump(listener, left, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, RuntimeError):
            return
        finally:
            left.cancel()
            self.hub.remove(listener)

    async def _pump(self, listener: Listener, left: asyncio.Task[None], send: Send) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            while not listener.gone and not left.done() and not stopping.done() and loop.time() < end:
                coming = asyncio.ensure_future(listener.queue.get())
                await asyncio.wait(
                    {coming, left, stopping}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if coming.done():
                    body = coming.result()
                    while not listener.queue.empty():
                        body += listener.queue.get_nowait()
                else:
                    coming.cancel()
                    if left.done() or stopping.done():
                        return
                    body = b": still here\n\n"
                # Waits while the listener's socket is full; meanwhile its queue fills, and then it is let go.
                sending = asyncio.ensure_future(send({"type": "http.response.body", "body": body, "more_body": True}))
                await asyncio.wait(
                    {sending, left, stopping}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if not sending.done():
                    sending.cancel()
                    return
                sending.result()
        finally:
            stopping.cancel()

    def _cross_origin(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"").decode("latin-1")
        if not origin:
            return []
        headers = [(b"vary", b"Origin")]
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        if allowed(origin, host):
            headers += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
            ]
        return headers


def allowed(origin: str, host: str) -> bool:
    """Whether pages of ``origin`` may read streams: the web process's own origins.

    Without a proxy the web is another port of the very host that was asked; behind one the address is the same.
    """
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    name = urlsplit(origin).hostname or ""
    return bool(name) and name == (urlsplit(f"//{host}").hostname or "")


def _again(scope: Scope) -> bool:
    return b"again=1" in scope.get("query_string", b"")


async def _until_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _problem(status: int, code: str) -> dict[str, Any]:
    return {"type": "about:blank", "status": status, "code": code}


async def _answer(send: Send, status: int, body: Any, headers: list[tuple[bytes, bytes]]) -> None:
    kind = b"application/problem+json" if status >= 400 and status != 503 else b"application/json"
    content = b"" if body is None else json.dumps(body).encode()
    named = [(b"content-type", kind), (b"content-length", str(len(content)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": [*named, *headers]})
    await send({"type": "http.response.body", "body": content})
