"""A thousand open cockpits ask for the same panels when something has changed: they are drawn once and given to all."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from django.core.cache import cache
from django.utils.translation import get_language

from linli.cockpit.asked import COMMUNITY, Asked, level_of
from linli.kernel import time
from linli.kernel.trust import Actor
from linli.metrics import queries

SECONDS = 5
"""How old a drawn part may be given out: what is late, and who holds a grid, can change without a case."""


def drawn(actor: Actor, asked: Asked, draw: Callable[[], bytes]) -> bytes:
    """The part as it was drawn for somebody of the same post, area and language since figures last changed, or drawn now.

    Below the community nothing is kept: what is listed there does not go by the figures.
    """
    mark = queries.mark(asked.area.path) if level_of(asked.area) <= COMMUNITY else ""
    if not mark:
        return draw()
    own = (mark, actor.role, actor.area_path, actor.organisation_id, get_language(), time.today(), asked.href())
    key = "cockpit.part:" + sha256(repr(own).encode()).hexdigest()
    found: bytes | None = cache.get(key)
    if found is None:
        found = draw()
        cache.set(key, found, SECONDS)
    return found
