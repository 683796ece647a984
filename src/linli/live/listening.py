"""The one connection of the live process that listens to the database."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from linli.kernel import live
from linli.live.hub import Hub

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


def parameters() -> dict[str, Any]:
    """How to reach the application's database, as psycopg wants it."""
    given = connections["default"].settings_dict
    named = {
        "dbname": given["NAME"],
        "user": given["USER"],
        "password": given["PASSWORD"],
        "host": given["HOST"],
        "port": given["PORT"],
    }
    return {name: value for name, value in named.items() if value} | dict(given.get("OPTIONS", {}))


async def listen(hub: Hub, listening: asyncio.Event) -> None:
    """Hand every change to the hub, for ever; a connection that breaks is made again, and pages told to look again."""
    pause, before = FIRST_PAUSE_SECONDS, False
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters(), autocommit=True) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(live.CHANNEL)))
                if before:
                    hub.refresh()
                listening.set()
                pause, before = FIRST_PAUSE_SECONDS, True
                async for notice in connection.notifies():
                    _tell(hub, notice.payload)
        except (psycopg.Error, OSError) as error:
            listening.clear()
            log.warning("live pages lost the database (%s); again in %.1f s", type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_SECONDS, pause * 2)


def _tell(hub: Hub, payload: str) -> None:
    try:
        news = live.parse(payload)
    except ValueError:
        log.warning("a notification that is not ours came over the live channel")
        return
    for one in news:
        if isinstance(one, live.Change):
            hub.tell(one)
    hub.counted([one for one in news if isinstance(one, live.Counted)])
