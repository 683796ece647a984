"""What the room does when the territory changes: posts on an area that is no more move to what follows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from linli.kernel import events
from linli.kernel.trust import SYSTEM
from linli.people import actions


@events.consumer("people.territory", "territory.regrouped")
def follow_regrouping(happened: Sequence[events.Happened]) -> None:
    """Posts follow the ground: see :func:`linli.people.actions.move_posts`."""
    for event in happened:
        begun = [area["path"] for area in event.data["begun"]]
        follows = event.data.get("follows", {})
        for path in event.data["ended"]:
            actions.move_posts(
                SYSTEM,
                district=event.district,
                old_path=path,
                new_paths=follows.get(path, begun),
                day=date.fromisoformat(event.data["from_day"]),
            )
