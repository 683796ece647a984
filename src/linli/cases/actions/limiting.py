"""How much somebody without an account may report: by the network they come from, and by their session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import TooMany
from linli.kernel.trust import Actor, Role
from linli.people import limits
from linli.people.limits import Limit

SECONDS = {"hour": 3_600, "day": 86_400}
OFF = "off"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report comes from; kept for a day, and only as a keyed hash.

    Args:
        network: the address that asks.
        session: the key of the visitor's session, where there is one.
    """

    network: str
    session: str = ""


@lru_cache(maxsize=8)
def allowed(text: str) -> tuple[tuple[int, int], ...]:
    """``"20/hour, 60/day"`` as pairs of how many and of seconds; ``off`` is none.

    Raises:
        ValueError: it says something else.
    """
    if text.strip().lower() == OFF:
        return ()
    found = []
    for part in text.split(","):
        most, _slash, span = part.strip().partition("/")
        if not most.isdigit() or int(most) < 1 or span.strip() not in SECONDS:
            raise ValueError(f"LINLI_ANONYMOUS_REPORTS is {text!r}; it must be like '20/hour, 60/day', or 'off'.")
        found.append((int(most), SECONDS[span.strip()]))
    return tuple(found)


def count_report(actor: Actor, origin: Origin | None) -> None:
    """Count a report of somebody without an account; nothing is asked about anybody else's, or without an origin.

    Raises:
        TooMany: as many came from here as may; ``extra["retry_after"]`` says for how many seconds.
    """
    if origin is None or actor.role != Role.ANONYMOUS:
        return
    spans = allowed(settings.LINLI_ANONYMOUS_REPORTS)
    wait = limits.count_all(
        [
            (Limit(f"report:{by}:{seconds}", most, seconds), subject)
            for by, subject in (("net", origin.network), ("session", origin.session))
            if subject
            for most, seconds in spans
        ]
    )
    if wait:
        raise TooMany(
            "report.too_many",
            _("Many reports without an account came from here in a short time."),
            mend=_(
                "Please sign in, which has no such limit, or try again in %(minutes)d minutes. In danger please call now."
            )
            % {"minutes": -(-wait // 60)},
            extra={"retry_after": wait},
        )
