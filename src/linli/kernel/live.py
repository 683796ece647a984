"""Live pages: who may hear of what, in a signed token, so that the process that holds thousands of streams asks no database.

The web process signs an :class:`Audience` for a page; the live process believes it until it runs out. What goes over the channel is
ids, versions and area paths, never a word about a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import connection

from linli.kernel import time

CHANNEL = "linli_live"
SALT = "linli.live"
TOKEN_SECONDS = 3_600
MAX_CASES = 100
PAYLOAD_BYTES = 7_500
"""PostgreSQL takes less than 8,000 bytes in one notification."""


@dataclass(frozen=True, slots=True)
class Audience:
    """What a listener may hear of.

    Args:
        area_path: every case in this subtree; ``None`` is nothing, ``""`` is everywhere.
        organisation: what is in the hands of this organisation, or was asked of it.
        cases: these cases.
        figures: that figures of areas in this subtree were counted anew; ``None`` and ``""`` as above.
    """

    area_path: str | None = None
    organisation: str = ""
    cases: tuple[str, ...] = ()
    figures: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A case has changed."""

    case: str
    version: int
    area_path: str
    organisations: tuple[str, ...] = ()
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of an area are new, and with them those of the areas around it."""

    area_path: str


News = Change | Counted


def sign(audience: Audience) -> str:
    """A token for an audience, good for :data:`TOKEN_SECONDS`."""
    until = int(time.now().timestamp()) + TOKEN_SECONDS
    return signing.Signer(salt=SALT).sign_object(
        [until, audience.area_path, audience.organisation, list(audience.cases[:MAX_CASES]), audience.figures],
        compress=True,
    )


def read(token: str) -> Audience | None:
    """The audience of a token; ``None`` when it is not ours or has run out."""
    try:
        until, area_path, organisation, cases, figures = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if time.now().timestamp() > until:
        return None
    return Audience(area_path, organisation, tuple(cases), figures)


def publish(news: Iterable[News]) -> None:
    """Tell every live process, when the transaction that is open commits."""
    with connection.cursor() as cursor:
        for payload in payloads(news):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def payloads(news: Iterable[News]) -> Iterator[str]:
    """The news as compact JSON, in portions that one notification holds."""
    portion: list[str] = []
    size = 2
    for one in news:
        text = json.dumps(_row(one), separators=(",", ":"))
        if portion and size + len(text) + 1 > PAYLOAD_BYTES:
            yield f"[{','.join(portion)}]"
            portion, size = [], 2
        portion.append(text)
        size += len(text) + 1
    if portion:
        yield f"[{','.join(portion)}]"


def parse(payload: str) -> list[News]:
    """The news of a notification.

    Raises:
        ValueError: it is none of ours.
    """
    return [_news(*row) for row in json.loads(payload)]


def _row(one: News) -> list[object]:
    if isinstance(one, Counted):
        return [one.area_path]
    return [one.case, one.version, one.area_path, list(one.organisations), int(one.restricted)]


def _news(*told: Any) -> News:
    match told:
        case (path,):
            return Counted(str(path))
        case (case, version, path, organisations, restricted):
            return Change(str(case), int(version), str(path), tuple(organisations), bool(restricted))
    raise ValueError(told)
