"""The check before something is sent down: it stands in the actions that send, so that no door goes past it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from linli.duties import queries
from linli.duties.models import Listing, Tier
from linli.duties.standing import Entry
from linli.duties.tasks import Task
from linli.kernel import time
from linli.kernel.errors import Conflict
from linli.territory import queries as territory


def may_send(task: Task, *, area_path: str, tier: Tier = Tier.COMMUNITY, day: date | None = None) -> bool:
    """Whether a task may be sent down to an area on a day (today unless told)."""
    return not queries.refusing(task, area_path=area_path, tier=tier, day=day or time.today())


def require_may_send(
    task: Task, *, area_path: str, tier: Tier = Tier.COMMUNITY, day: date | None = None, field: str = "area_path"
) -> None:
    """Refuse a task that must not be sent down to an area, or to one within it.

    Args:
        day: today unless told; for what begins later, the day on which it does.
        field: the input that names whom it is sent to.

    Raises:
        Conflict: ``duties.negative``, or ``duties.unfunded`` for a task of the assist list without its money and authority; the mend
            names the list, the day and the way to have the task admitted.
    """
    day = day or time.today()
    found = queries.refusing(task, area_path=area_path, tier=tier, day=day)
    if found:
        raise refusal(task, *found[0], tier=tier, day=day, field=field)


def refusal(task: Task, place: str, entry: Entry, *, tier: Tier, day: date, field: str) -> Conflict:
    """The error for a task that stands in the way of ``entry``."""
    words = {
        "task": queries.title_of(task, entry),
        "place": territory.place_name(place),
        "list": Listing(entry.listing).label,
        "tier": tier.label,
        "since": entry.valid_from.isoformat(),
        "day": day.isoformat(),
    }
    extra = {
        "list": entry.listing, "entry": str(entry.id), "area_path": place, "on": day.isoformat(), "kind": str(task.kind),
        "code": task.code,
    }  # fmt: skip
    if entry.listing == Listing.NEGATIVE:
        instead = queries.instead_of(entry)
        mend = _(
            "It is on the negative list of %(tier)s since %(since)s, as of %(day)s. The department does it itself, or applies for "
            "admission under Duty lists."
        )
        return Conflict(
            "duties.negative",
            _("“%(task)s” must not be sent down to %(place)s.") % words,
            field=field,
            mend=" ".join(filter(None, (mend % words, instead))),
            extra=extra,
        )
    return Conflict(
        "duties.unfunded",
        _("“%(task)s” comes to %(place)s only with its money and authority.") % words,
        field=field,
        mend=_(
            "It is on the assist list of %(tier)s since %(since)s, as of %(day)s without amount, source and authority. The "
            "department attaches them under Duty lists, or applies for admission."
        )
        % words,
        extra=extra,
    )
