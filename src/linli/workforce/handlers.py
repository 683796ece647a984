"""What the room does when something happens to posts or to the ground: coverage is counted, and nothing stays with an ended post."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from linli.kernel import events
from linli.workforce import counting
from linli.workforce.actions import handing


def community_of(path: str) -> str:
    """The path of the community that an area lies in, or the path itself when it lies higher."""
    return "/".join(path.split("/")[:3])


@events.consumer("workforce.coverage", "post.appointed", "post.ended", "post.reinstated", "territory.regrouped")
def on_posts(batch: Sequence[events.Happened]) -> None:
    """Count the communities anew whose posts or grids changed."""
    touched: dict[str, set[str]] = defaultdict(set)
    for event in batch:
        paths = [event.area_path]
        if event.kind == "territory.regrouped":
            paths += [*event.data["ended"], *(area["path"] for area in event.data["begun"])]
        touched[event.district] |= {community_of(path) for path in paths if path.count("/") > 1}
    for district, communities in sorted(touched.items()):
        if communities:
            counting.count(district, communities)


@events.consumer("workforce.ended", "post.ended")
def on_ended(batch: Sequence[events.Happened]) -> None:
    """What a post that has ended leaves behind goes to its deputy."""
    ended: dict[str, set] = defaultdict(set)
    for event in batch:
        ended[event.district].add(event.subject_id)
    for district, posts in sorted(ended.items()):
        handing.release(district, posts)
