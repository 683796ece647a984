"""Which area a page or a figure is about: the one that was asked for, within what a post sees by a verb."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.kernel.db import within
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.territory import queries


def reach_of(actor: Actor, verb: str) -> str:
    """The area that the actor sees by a verb; ``""`` for everything.

    Raises:
        Forbidden, SignInNeeded: the post may not do this anywhere.
    """
    policy.require(actor, verb)
    return "" if "city" in policy.reach(actor, verb) else actor.area_path


def place_of(actor: Actor, verb: str, path: str, *, code: str) -> str:
    """The path that the actor asked for, their own area when they named none.

    Args:
        code: of the error.

    Raises:
        NotFound: it lies outside their reach, or does not exist.
    """
    reach = reach_of(actor, verb)
    chosen = path or reach or actor.area_path
    if (reach and not within(chosen, reach)) or not chosen:
        raise NotFound(code, _("There is no such area, or none that you can see."), field="area_path")
    return queries.area_at(chosen).path
