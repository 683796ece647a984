"""What a case's clock shows: words, a tone and how far the bar has run. Pure: everything is passed in.

The face says one of these: on time, soon, late, paused, kept (answered in time), missed (answered, but late). Late is said in
words as well as in red. "Soon" begins when a quarter of the time is left (or four hours, where the start is unknown), unless the
caller knows better and passes `soon_at`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from linli.ui.words import short_span, span, when

SOON_SHARE = 0.25
SOON_WITHOUT_START = timedelta(hours=4)


class Running(StrEnum):
    """How a clock stands."""

    ON_TIME = "on_time"
    SOON = "soon"
    LATE = "late"
    PAUSED = "paused"
    KEPT = "kept"
    MISSED = "missed"
    STOPPED = "stopped"


class Promised(StrEnum):
    """What is to be done by the due time; each has its own sentence, so that it reads well in both languages."""

    REPLY = "reply"
    SIGN_IN = "sign_in"
    HANDLE = "handle"
    JOIN = "join"
    VERIFY = "verify"
    DECIDE = "decide"
    REVIEW = "review"
    DONE = "done"


_DUE: dict[Promised, Promise] = {
    Promised.REPLY: gettext_lazy("Answer due %(when)s"),
    Promised.SIGN_IN: gettext_lazy("Sign-in due %(when)s"),
    Promised.HANDLE: gettext_lazy("To be solved by %(when)s"),
    Promised.JOIN: gettext_lazy("Department due %(when)s"),
    Promised.VERIFY: gettext_lazy("Check due %(when)s"),
    Promised.DECIDE: gettext_lazy("Decision due %(when)s"),
    Promised.REVIEW: gettext_lazy("Review due %(when)s"),
    Promised.DONE: gettext_lazy("Due %(when)s"),
}

_MET: dict[Promised, Promise] = {
    Promised.REPLY: gettext_lazy("Answered %(when)s"),
    Promised.SIGN_IN: gettext_lazy("Signed in %(when)s"),
    Promised.HANDLE: gettext_lazy("Solved %(when)s"),
    Promised.JOIN: gettext_lazy("Department joined %(when)s"),
    Promised.VERIFY: gettext_lazy("Checked %(when)s"),
    Promised.DECIDE: gettext_lazy("Decided %(when)s"),
    Promised.REVIEW: gettext_lazy("Reviewed %(when)s"),
    Promised.DONE: gettext_lazy("Done %(when)s"),
}

_LOOK: dict[Running, tuple[str, str]] = {
    Running.ON_TIME: ("quiet", "clock"),
    Running.SOON: ("soon", "hourglass"),
    Running.LATE: ("late", "clock-alert"),
    Running.PAUSED: ("quiet", "circle-pause"),
    Running.KEPT: ("good", "circle-check"),
    Running.MISSED: ("late", "circle-check"),
    Running.STOPPED: ("quiet", "timer-off"),
}


@dataclass(frozen=True)
class ClockFace:
    """A clock ready to be drawn."""

    running: Running
    tone: str
    icon: str
    lead: str
    """The strong words: "2 hours left", "Overdue by 3 hours"."""
    detail: str
    """The rest of the sentence: "Answer due today 17:30"."""
    note: str
    """Why and until when a paused clock waits; else empty."""
    short: str
    """For a row: "2 h left", "overdue 3 h"."""
    percent: int | None
    """How much of the time has passed, 0 to 100; None draws no bar."""
    due_at: datetime | None


def read_clock(
    *,
    due_at: datetime | None,
    now: datetime,
    started_at: datetime | None = None,
    soon_at: datetime | None = None,
    met_at: datetime | None = None,
    paused_reason: str = "",
    paused_until: datetime | None = None,
    percent: int | None = None,
    promised: Promised | str = Promised.DONE,
) -> ClockFace:
    """How a clock stands at ``now``.

    :param due_at: when it is due (aware); None when no clock runs
    :param started_at: when it began; draws the bar and sets the default for "soon"
    :param soon_at: from when on it is soon, if the rules say so
    :param met_at: when the promise was kept, if it was
    :param paused_reason: why it waits; anything but an empty string pauses the face
    :param percent: the share of *working* time that has passed, where the caller knows it (else wall-clock time)
    :param promised: what is due (:class:`Promised` or its value)
    """
    promised = Promised(promised)
    if met_at is not None:
        return _met(due_at=due_at, met_at=met_at, now=now, promised=promised)
    if paused_reason:
        return _paused(due_at=due_at, reason=paused_reason, until=paused_until, now=now)
    if due_at is None:
        return _face(Running.STOPPED, lead=_("No deadline"), short=_("No deadline"))
    passed = percent if percent is not None else _passed(started_at, due_at, now)
    said = _said(get_language())
    detail = said[promised] % {"when": when(due_at, now)}
    left = due_at - now
    if left <= timedelta():
        return _face(
            Running.LATE,
            lead=said["late"] % {"span": span(left)},
            detail=detail,
            short=said["short_late"] % {"span": short_span(left)},
            percent=100 if passed is not None else None,
            due_at=due_at,
        )
    running = (
        Running.SOON
        if _is_soon(left, started_at=started_at, due_at=due_at, soon_at=soon_at, now=now)
        else Running.ON_TIME
    )
    return _face(
        running,
        lead=said["left"] % {"span": span(left)},
        detail=detail,
        short=said["left"] % {"span": short_span(left)},
        percent=passed,
        due_at=due_at,
    )


@lru_cache
def _said(_language: str | None) -> dict[str, str]:
    # What fifty rows of a list say, looked up once for each language.
    due = {str(promised): str(sentence) for promised, sentence in _DUE.items()}
    return due | {
        "late": _("Overdue by %(span)s"), "short_late": _("overdue %(span)s"), "left": _("%(span)s left"),
    }  # fmt: skip


def _face(
    running: Running,
    *,
    lead: str,
    short: str,
    detail: str = "",
    note: str = "",
    percent: int | None = None,
    due_at: datetime | None = None,
) -> ClockFace:
    tone, icon = _LOOK[running]
    return ClockFace(running, tone, icon, lead, detail, note, short, percent, due_at)


def _met(*, due_at: datetime | None, met_at: datetime, now: datetime, promised: Promised) -> ClockFace:
    detail = str(_MET[promised]) % {"when": when(met_at, now)}
    if due_at is None or met_at <= due_at:
        return _face(Running.KEPT, lead=_("in time"), detail=detail, short=_("in time"), due_at=due_at)
    lead = _("%(span)s late") % {"span": span(met_at - due_at)}
    return _face(Running.MISSED, lead=lead, detail=detail, short=_("late"), due_at=due_at)


def _paused(*, due_at: datetime | None, reason: str, until: datetime | None, now: datetime) -> ClockFace:
    note = _("Goes on by %(when)s at the latest") % {"when": when(until, now)} if until else ""
    lead = _("Paused: %(reason)s") % {"reason": reason}
    return _face(Running.PAUSED, lead=lead, note=note, short=_("paused"), due_at=due_at)


def _passed(started_at: datetime | None, due_at: datetime, now: datetime) -> int | None:
    if started_at is None or due_at <= started_at:
        return None
    return max(0, min(100, round(100 * ((now - started_at) / (due_at - started_at)))))


def _is_soon(
    left: timedelta, *, started_at: datetime | None, due_at: datetime, soon_at: datetime | None, now: datetime
) -> bool:
    if soon_at is not None:
        return now >= soon_at
    if started_at is None or due_at <= started_at:
        return left <= SOON_WITHOUT_START
    return left <= (due_at - started_at) * SOON_SHARE
