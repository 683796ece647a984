"""Time in words, in both languages: "today 17:30", "3 days ago", "2 hours left". Wall-clock time, not working time.

All functions take aware datetimes and are pure: the present is passed in.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from linli.kernel.time import LOCAL_ZONE

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


_WEEKDAYS = (noop("Mon"), noop("Tue"), noop("Wed"), noop("Thu"), noop("Fri"), noop("Sat"), noop("Sun"))
_MONTHS = (
    *(noop("Jan"), noop("Feb"), noop("Mar"), noop("Apr"), noop("May"), noop("Jun")),
    *(noop("Jul"), noop("Aug"), noop("Sep"), noop("Oct"), noop("Nov"), noop("Dec")),
)


def day_words(moment: datetime, now: datetime) -> str:
    """The day alone: "today", "yesterday", "tomorrow", "Fri 20 Nov", and with the year when it is another one."""
    return _day_words(moment.astimezone(LOCAL_ZONE).date(), now.astimezone(LOCAL_ZONE).date(), get_language())


@lru_cache(maxsize=4096)
def _day_words(day: date, today: date, _language: str | None) -> str:
    # A page says the same days again and again; the language is there to keep those of each apart.
    away = (day - today).days
    if away == 0:
        return _("today")
    if away == -1:
        return _("yesterday")
    if away == 1:
        return _("tomorrow")
    if away == 2:
        return _("the day after tomorrow")
    parts = {
        "weekday": _(_WEEKDAYS[day.weekday()]),
        "day": day.day,
        "month": _(_MONTHS[day.month - 1]),
        "year": day.year,
    }
    if day.year != today.year:
        return _("%(day)s %(month)s %(year)s") % parts
    return _("%(weekday)s %(day)s %(month)s") % parts


def when(moment: datetime, now: datetime) -> str:
    """Day and time of day: "today 17:30", "Fri 20 Nov 09:00"."""
    local, language = moment.astimezone(LOCAL_ZONE), get_language()
    day = _day_words(local.date(), now.astimezone(LOCAL_ZONE).date(), language)
    return _day_and_time(language) % {"day": day, "time": f"{local.hour:02d}:{local.minute:02d}"}


@lru_cache
def _day_and_time(_language: str | None) -> str:
    return _("%(day)s %(time)s")


def span(length: timedelta) -> str:
    """A length of time as people say it, rounded down: two parts while the second one still matters.

    "2 hours 10 minutes", "5 hours", "1 day 4 hours", "12 days"; under a minute "less than a minute".
    """
    return _span(int(abs(length) / MINUTE), get_language())


@lru_cache(maxsize=4096)
def _span(minutes: int, _language: str | None) -> str:
    if not minutes:
        return _("less than a minute")
    hours, days = minutes // 60, minutes // 1440
    if hours < 1:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if hours < 3:
        rest = minutes - hours * 60
        first = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
        if not rest:
            return first
        return _("%(first)s %(rest)s") % {
            "first": first,
            "rest": ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest},
        }
    if days < 1:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    first = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    rest = hours - days * 24
    if days >= 3 or not rest:
        return first
    return _("%(first)s %(rest)s") % {"first": first, "rest": ngettext("%(n)d hour", "%(n)d hours", rest) % {"n": rest}}


def short_span(length: timedelta) -> str:
    """The largest part alone, for narrow places: "12 min", "2 h", "3 d"."""
    return _short_span(max(1, int(abs(length) / MINUTE)), get_language())


@lru_cache(maxsize=4096)
def _short_span(minutes: int, _language: str | None) -> str:
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 1440:
        return _("%(n)d h") % {"n": minutes // 60}
    return _("%(n)d d") % {"n": minutes // 1440}


def ago(moment: datetime, now: datetime) -> str:
    """How far away: "just now", "5 minutes ago", "2 hours ago", "yesterday", "3 days ago", "in 2 hours", then the day itself."""
    away = moment - now
    if abs(away) < MINUTE:
        return _("just now")
    day, today = moment.astimezone(LOCAL_ZONE).date(), now.astimezone(LOCAL_ZONE).date()
    days = (day - today).days
    if abs(away) < 12 * HOUR or days == 0:
        hours, minutes = int(abs(away) / HOUR), int(abs(away) / MINUTE)
        length = (
            ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
            if hours
            else ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
        )
        return (_("in %(length)s") if away > timedelta() else _("%(length)s ago")) % {"length": length}
    if abs(days) <= 1:
        return day_words(moment, now)
    if abs(days) <= 6:
        length = ngettext("%(n)d day", "%(n)d days", abs(days)) % {"n": abs(days)}
        return (_("in %(length)s") if days > 0 else _("%(length)s ago")) % {"length": length}
    return day_words(moment, now)
