"""What the room does when the territory changes: posts on an area that is no more move to what follows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from linli.kernel import events
from linli.kernel.trust import SYSTEM
from linli.people import actions


@events.consumer("people.territory", "territory.area_ended")
def follow_regrouping(happened: Sequence[events.Happened]) -> None:
    """Posts follow the ground: see :func:`linli.people.actions.move_posts`."""
    for event in happened:
        actions.move_posts(
            SYSTEM,
            district=event.district,
            old_path=event.data["path"],
            new_paths=event.data["followed_by"],
            day=date.fromisoformat(event.data["day"]),
        )
