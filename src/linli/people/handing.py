"""What is in a post's hands, told by every room that puts work into them: a room registers a holder, hand-overs ask them all.

A holder answers what is open in the hands of some posts, and moves it to another post in the transaction that is open, each thing
with an entry in its own log. So a room that comes later is part of every hand-over without being named anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.utils.functional import Promise

from linli.kernel.trust import Actor


@dataclass(frozen=True, slots=True)
class Thing:
    """One open thing in the hands of a post: what it is called and where it is, without anybody's personal data."""

    kind: str
    id: UUID
    district: str
    post_id: UUID
    number: str
    title: str
    area_path: str
    due_at: datetime | None = None


class Holder(Protocol):
    """How a room takes part in hand-overs."""

    def held(self, post_ids: Collection[UUID], *, district: str) -> Sequence[Thing]:
        """What is open in the hands of these posts of a district, what is due first first; a query or two for all of them."""

    def hand(
        self, actor: Actor, thing_ids: Collection[UUID], *, district: str, from_post: UUID, to_post: UUID, why: str
    ) -> Collection[UUID]:
        """Move those of the things that are still open in ``from_post``'s hands; returns which they were.

        Args:
            why: a code that stands in the log: ``left``, ``leave_began``, ``leave_ended``, ``post_ended``, ``undone``.
        """


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things, as pages call it."""

    code: str
    title: str | Promise
    holder: Holder


_kinds: dict[str, Kind] = {}


def announce(code: str, title: str | Promise, holder: Holder) -> None:
    """Register what a room puts into people's hands; the same code again takes the earlier one's place."""
    _kinds[code] = Kind(code, title, holder)


def kinds() -> list[Kind]:
    """What can be in somebody's hands."""
    return list(_kinds.values())


def held(post_ids: Collection[UUID], *, district: str) -> list[Thing]:
    """Everything that is open in the hands of some posts, room by room, what is due first first."""
    if not post_ids:
        return []
    return [thing for kind in _kinds.values() for thing in kind.holder.held(post_ids, district=district)]


def hand(actor: Actor, things: Sequence[Thing], *, to_post: UUID, why: str) -> list[Thing]:
    """Move things into the hands of another post; returns those that moved. The caller holds the transaction."""
    moved: list[Thing] = []
    groups = {(thing.kind, thing.district, thing.post_id) for thing in things}
    for code, district, from_post in sorted(groups):
        own = [one for one in things if (one.kind, one.district, one.post_id) == (code, district, from_post)]
        gone = set(
            _kinds[code].holder.hand(
                actor, [one.id for one in own], district=district, from_post=from_post, to_post=to_post, why=why
            )
        )
        moved += [one for one in own if one.id in gone]
    return moved
