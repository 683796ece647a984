"""Statements that are made once for each kind of post and kept: those that stand behind every page of a list.

A statement is made with stand-ins for what differs between posts of one kind, and each call puts its own values in their places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.sql import Literal

from linli.cases.queries.views import SOON
from linli.kernel import time
from linli.kernel.db import district_of, subtree
from linli.kernel.trust import Actor

Statement = tuple[str, Sequence[Any]]
"""The text, and the values of its places."""

_ACCOUNT, _POST, _ORGANISATION = UUID(int=1), UUID(int=2), UUID(int=3)
_PATHS = {0: "", 4: "0000", 6: "000000", 7: "000000/~"}
_DISTRICT = "999999"
MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for now: a kept statement is made under this clock."""


def own(actor: Actor, made: Callable[..., Statement], *what: Any) -> tuple[str, list[Any]]:
    """A kept statement with the actor's own values.

    Args:
        made: gives the statement for an actor and ``what``, made at :data:`MOMENT`; it keeps what it has made.
    """
    shape, values = _stand_ins(actor)
    sql, stand_ins = made(shape, *what)
    return sql, [values.get(value, value) for value in stand_ins]


def planned(actor: Actor, made: Callable[..., Statement], *what: Any) -> tuple[str, list[Any]]:
    """As :func:`own`, for :func:`linli.kernel.db.server_side`: what is the same for every post stands in the text.

    So the database can choose its indexes (those of open cases, of a state) without the actor's values, once.
    """
    shape, values = _stand_ins(actor)
    sql, stand_ins = _inlined(made, shape, what)
    return sql, [values[value] for value in stand_ins]


@lru_cache(maxsize=256)
def _inlined(made: Callable[..., Statement], shape: Actor, what: tuple[Any, ...]) -> Statement:
    text, stand_ins = made(shape, *what)
    known = _stand_ins(shape)[1]
    pieces, kept = text.split("%s"), []
    found = [pieces[0]]
    for piece, value in zip(pieces[1:], stand_ins, strict=True):
        if value in known:
            found.append("%s")
            kept.append(value)
        else:
            found.append(Literal(value).as_string(None).replace("%", "%%"))
        found.append(piece)
    return "".join(found), kept


def _stand_ins(actor: Actor) -> tuple[Actor, dict[Any, Any]]:
    """The kind of post that an actor is, and the actor's value for each stand-in."""
    shape = replace(
        actor,
        account_id=actor.account_id and _ACCOUNT,
        post_id=actor.post_id and _POST,
        organisation_id=actor.organisation_id and _ORGANISATION,
        area_path=_PATHS[min(len(actor.area_path), 7)],
        district=actor.district and _DISTRICT,
        name="",
        request_id="",
        purpose="",
    )
    now = time.now()
    values: dict[Any, Any] = dict(zip(subtree(shape.area_path), subtree(actor.area_path), strict=True))
    values |= {
        shape.area_path: actor.area_path,
        district_of(shape.area_path): district_of(actor.area_path),
        _ACCOUNT: actor.account_id,
        _POST: actor.post_id,
        _ORGANISATION: actor.organisation_id,
        _DISTRICT: actor.district,
        MOMENT: now,
        MOMENT + SOON: now + SOON,
    }
    return shape, values
