"""The live process as a browser meets it: a real uvicorn, a real database, a real worker's round."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from django.test import RequestFactory

from linli.cases.actions import accepting
from linli.cases.live import audience
from linli.kernel import events, live
from linli.live import listening
from linli.live.streams import Streams
from tests.world import World, build, ref, report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None, clock: object) -> World:
    """The small city, committed."""
    return build()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """A live process on a free port."""
    application = Streams()
    server = uvicorn.Server(
        uvicorn.Config(application, port=0, log_level="error", lifespan="on", timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not (server.started and application.listening.is_set()):
            threading.Event().wait(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@asynccontextmanager
async def stream(address: str, token: str, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    """An open stream as its lines."""
    async with httpx.AsyncClient(timeout=20) as client:
        async with client.stream("GET", f"{address}/live", params={"token": token}, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert (await anext(lines)).startswith("retry:")
            yield lines


async def topics(lines: AsyncIterator[str], many: int) -> list[str]:
    """The data of the next ``many`` events."""
    found: list[str] = []
    async for line in lines:
        if line.startswith("data: "):
            found.append(line.removeprefix("data: "))
            if len(found) == many:
                break
    return found


def run(story: Callable[[], Awaitable[Any]]) -> Any:
    """Run a story in an event loop of its own, and in a thread of its own: a browser test may have left a loop in this one."""

    async def limited() -> Any:
        return await asyncio.wait_for(story(), 30)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, limited()).result()


def test_what_changes_elsewhere_is_heard_by_those_it_concerns(world: World, address: str) -> None:
    case = report(world.zhou)
    events.drain()
    tokens = {name: live.sign(audience(world.actors[name])) for name in ("xiao_xu", "zhou", "far_worker")}

    async def story() -> tuple[list[str], list[str], bool]:
        async with (
            stream(address, tokens["xiao_xu"]) as community,
            stream(address, tokens["zhou"]) as reporter,
            stream(address, tokens["far_worker"]) as far,
        ):
            await asyncio.to_thread(change)
            heard = await topics(community, 3)
            own = await topics(reporter, 1)
            nothing = asyncio.ensure_future(topics(far, 1))
            done, _waiting = await asyncio.wait({nothing}, timeout=0.5)
            nothing.cancel()
            return heard, own, bool(done)

    def change() -> None:
        from django.db import connection

        accepting.begin_verification(world.xiao_xu, ref(case), version=1)
        events.drain()
        connection.close()

    heard, own, leaked = run(story)
    assert heard[0] == f'{{"topic":"case:{case.id}","version":2}}'
    assert set(heard[1:]) == {'{"topic":"inbox"}', f'{{"topic":"area:{case.area_path}"}}'}
    assert own == [f'{{"topic":"case:{case.id}","version":2}}']
    assert not leaked


def test_who_comes_back_is_told_to_look_again(world: World, address: str) -> None:
    token = live.sign(audience(world.xiao_xu))

    async def story() -> list[str]:
        async with stream(address, token, **{"Last-Event-ID": "7"}) as lines:
            return await topics(lines, 1)

    assert run(story) == ['{"topic":"inbox"}']


def test_only_our_own_pages_may_read(world: World, address: str) -> None:
    token = live.sign(audience(world.xiao_xu))
    port = address.rpartition(":")[2]

    def allowed(origin: str) -> str | None:
        with httpx.stream("GET", f"{address}/live", params={"token": token}, headers={"Origin": origin}) as answer:
            return answer.headers.get("access-control-allow-origin")

    assert allowed("http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert allowed(f"http://127.0.0.1:{port}") is not None
    assert allowed("http://evil.example") is None


def test_without_a_good_token_there_is_no_stream(world: World, address: str) -> None:
    assert httpx.get(f"{address}/live").status_code == 401
    assert httpx.get(f"{address}/live?token=x").status_code == 401
    assert httpx.post(f"{address}/live").status_code == 405
    assert httpx.get(f"{address}/nowhere").status_code == 404
    assert httpx.get(f"{address}/healthz").json()["listening"] is True


def test_a_lost_database_connection_is_made_again(world: World, address: str) -> None:
    token = live.sign(audience(world.xiao_xu))

    async def story() -> list[str]:
        async with stream(address, token) as lines:
            await asyncio.to_thread(cut)
            return await topics(lines, 1)

    def cut() -> None:
        import psycopg

        named = listening.parameters()
        with psycopg.connect(**named, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )

    assert run(story) == ['{"topic":"inbox"}']


def test_a_page_knows_its_stream(world: World, rf: RequestFactory, settings: Any) -> None:
    from linli.live.address import page_address

    settings.LINLI_LIVE_PORT, settings.LINLI_LIVE_URL = "8001", ""
    request = rf.get("/desk/")
    assert page_address(request) == ""
    request.actor = world.xiao_xu  # type: ignore[attr-defined]
    address = page_address(request)
    assert address.startswith("http://testserver:8001/live?token=")
    found = live.read(address.partition("token=")[2])
    assert found is not None
    assert found.area_path == world.xiao_xu.area_path
