"""A thousand open cockpits ask for the same panels when something has changed: they are drawn once and given to all.

A part may be given out again for less time than a page waits between hearing of a change and asking (``SETTLE_MS`` in
``frontend/src/live.ts``), so that what is given out is never older than the change that was asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256

from django.core.cache import cache
from django.http import QueryDict
from django.utils.translation import get_language

from linli.cockpit.asked import COMMUNITY, top_of
from linli.cockpit.frame import VERB
from linli.kernel import time
from linli.kernel.trust import Actor, policy

SECONDS = 0.9
_drawing = threading.Lock()


def drawn(actor: Actor, path: str, query: QueryDict, draw: Callable[[], bytes]) -> bytes:
    """The part as it was drawn a moment ago for somebody of the same post, area and language, or drawn now.

    Below the community nothing is shared: few look there.

    Args:
        path: the area's as the address has it.
        query: what the address asks for.
    """
    area = path.strip("/") or top_of(actor)
    if not area.isascii() or area.count("/") >= COMMUNITY or not policy.allows(actor, VERB, policy.Spot(area)):
        return draw()
    own = (area, query.urlencode(), actor.role, actor.area_path, actor.organisation_id, get_language(), time.today())
    key = "cockpit.part:" + sha256(repr(own).encode()).hexdigest()
    found: bytes | None = cache.get(key)
    if found is None:
        with _drawing:  # whoever comes while it is drawn waits for it
            found = cache.get(key)
            if found is None:
                found = draw()
                cache.set(key, found, SECONDS)
    return found
