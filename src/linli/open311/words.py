"""What clients show to people, in the language that they ask for; never anything that a person wrote, but for
the version of it that somebody has let through (:mod:`linli.moderation`)."""

from __future__ import annotations

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from linli.cases.states import State
from linli.catalog.models import Clock
from linli.catalog.snapshot import Entry
from linli.territory import queries as territory
from linli.territory.models import Level

PRIVATE = "private"
"""The keyword by which clients know that a request of this service is not to be shown to others."""
_DAY = {Clock.CALENDAR: 24 * 60, Clock.WORKING: 8 * 60}
"""Minutes of a clock in a day; a working day has eight hours."""


def language() -> str:
    """The language of this answer."""
    return get_language() or "zh-hans"


def keywords(entry: Entry) -> list[str]:
    """Words by which people look for a service."""
    own = entry.keywords_zh if language().startswith("zh") else entry.keywords_en
    hidden = [PRIVATE] if entry.sensitivity != "normal" else []
    return [*(word.replace(",", " ") for word in own), *hidden]


def notice(entry: Entry) -> str:
    """What is promised for a kind: when somebody answers, and when it is solved."""
    return _("Answered within %(respond)s, solved within %(resolve)s.") % {
        "respond": _span(entry.respond_minutes, entry.clock),
        "resolve": _span(entry.resolve_minutes, entry.clock),
    }


def _span(minutes: int, clock: Clock) -> str:
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 2 * _DAY[clock] or minutes % _DAY[clock]:
        hours = round(minutes / 60)
        if clock == Clock.WORKING:
            return ngettext("%(n)d working hour", "%(n)d working hours", hours) % {"n": hours}
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = minutes // _DAY[clock]
    if clock == Clock.WORKING:
        return ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def state(name: str) -> str:
    """A state in words."""
    return str(State(name).label)


def address(path: str) -> str:
    """A place down to its community, from the smallest to the largest; in Chinese as addresses are written there."""
    if language().startswith("zh"):
        return territory.place_name(path, top=Level.CITY)
    return ", ".join(crumb.name for crumb in reversed(territory.breadcrumb(community(path))))


def community(path: str) -> str:
    """The part of a path down to the community: nobody is told the grid, which may be a single house."""
    return "/".join(path.split("/")[:3])


def description(entry: Entry, path: str) -> str:
    """What a request is about where no words are public: its kind and community."""
    return _("%(service)s, %(place)s") % {"service": entry.called(language()), "place": territory.place_name(path)}
