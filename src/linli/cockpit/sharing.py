"""A thousand open cockpits ask for the same panels when something has changed: they are drawn once and given to all."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from django.core.cache import cache
from django.http import QueryDict
from django.utils.translation import get_language

from linli.cockpit.asked import COMMUNITY, top_of
from linli.cockpit.frame import VERB
from linli.kernel import time
from linli.kernel.trust import Actor, policy
from linli.metrics import queries

SECONDS = 5
"""How old a drawn part may be given out: what is late, and who holds a grid, can change without a case."""
MARK_SECONDS = 0.25
"""How long the reader's place is remembered: pages wait that long before they ask (``frontend/src/live.ts``)."""


def drawn(actor: Actor, path: str, query: QueryDict, draw: Callable[[], bytes]) -> bytes:
    """The part as it was drawn for somebody of the same post, area and language since figures last changed, or drawn now.

    Below the community nothing is kept: what is listed there does not go by the figures.

    Args:
        path: the area's as the address has it.
        query: what the address asks for.
    """
    area = path.strip("/") or top_of(actor)
    if not area.isascii() or area.count("/") >= COMMUNITY or not policy.allows(actor, VERB, policy.Spot(area)):
        return draw()
    mark = _mark(area)
    if not mark:
        return draw()
    own = (
        mark,
        area,
        query.urlencode(),
        actor.role,
        actor.area_path,
        actor.organisation_id,
        get_language(),
        time.today(),
    )
    key = "cockpit.part:" + sha256(repr(own).encode()).hexdigest()
    found: bytes | None = cache.get(key)
    if found is None:
        found = draw()
        cache.set(key, found, SECONDS)
    return found


def _mark(area: str) -> str:
    key = f"cockpit.mark:{sha256(area.encode()).hexdigest()}"
    found: str | None = cache.get(key)
    if found is None:
        found = queries.mark(area)
        cache.set(key, found, MARK_SECONDS)
    return found
