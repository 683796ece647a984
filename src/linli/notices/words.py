"""The words of notices, made when they are shown or sent, in the reader's language, from facts alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

from linli.catalog import queries as catalog
from linli.kernel.errors import NotFound
from linli.notices.channels import Message
from linli.notices.models import TOPIC_OF, Kind, Notice, Topic
from linli.notices.telling import MOST_URGENT

TITLES = {
    Kind.TAKEN_UP: gettext_lazy("Your report %(number)s was taken up"),
    Kind.CALLED: gettext_lazy("Departments were called to your report %(number)s"),
    Kind.EXTENDED: gettext_lazy("Your report %(number)s needs more time"),
    Kind.LATE: gettext_lazy("Your report %(number)s takes longer than promised"),
    Kind.QUESTION: gettext_lazy("We have a question about your report %(number)s"),
    Kind.MESSAGE: gettext_lazy("There is a message about your report %(number)s"),
    Kind.DONE: gettext_lazy("Work on your report %(number)s is done: please check"),
    Kind.NOT_TAKEN_UP: gettext_lazy("Your report %(number)s could not be taken up"),
    Kind.CLOSED: gettext_lazy("Your report %(number)s is closed"),
    Kind.ASSIGNED: gettext_lazy("New work: %(number)s"),
    Kind.CALLED_ON: gettext_lazy("You are called to %(number)s"),
    Kind.RETURNED: gettext_lazy("%(number)s was returned; a decision is needed"),
    Kind.FAILED: gettext_lazy("%(number)s is not solved on the spot"),
    Kind.REOPENED: gettext_lazy("%(number)s was taken up again"),
    Kind.ANSWERED: gettext_lazy("The reporter of %(number)s wrote"),
    Kind.MENTIONED: gettext_lazy("A note on %(number)s names you"),
    Kind.SUPERVISED: gettext_lazy("%(number)s is supervised now"),
    Kind.REMINDED: gettext_lazy("A reminder about %(number)s"),
    Kind.OVERDUE: gettext_lazy("A time limit of %(number)s has passed"),
    Kind.LEAVE_ASKED: gettext_lazy("Leave is asked for: %(days)s"),
    Kind.LEAVE_GRANTED: gettext_lazy("Your leave is agreed to: %(days)s"),
    Kind.LEAVE_REFUSED: gettext_lazy("Your leave is not agreed to: %(days)s"),
    Kind.COVERING: gettext_lazy("You stand in for a colleague: %(days)s"),
    Kind.COVERED: gettext_lazy("Somebody stands in for you: %(days)s"),
    Kind.LEAVE_ENDED: gettext_lazy("Your leave is over"),
    Kind.SWAP_ASKED: gettext_lazy("A colleague asks you to take a shift: %(days)s"),
    Kind.SWAP_AGREED: gettext_lazy("Your shift is taken: %(days)s"),
    Kind.SWAP_REFUSED: gettext_lazy("Your shift stays yours: %(days)s"),
    Kind.TRAINING: gettext_lazy("A training for you: %(days)s"),
    Kind.CERTIFICATE: gettext_lazy("A certificate of yours ends: %(days)s"),
    Kind.ASSESSED: gettext_lazy("There is news about your assessment"),
    Kind.POINTS_GIVEN: gettext_lazy("There are points for you"),
    Kind.POINTS_TAKEN: gettext_lazy("Points were taken away"),
    Kind.POINTS_REVERSED: gettext_lazy("An entry of your points was taken back"),
    Kind.POINTS_ANSWERED: gettext_lazy("Your objection about points is answered"),
    Kind.POINTS_REFUSED: gettext_lazy("Points that you asked for are not confirmed"),
    Kind.SUSPENDED: gettext_lazy("Your account of points is suspended"),
    Kind.LIFTED: gettext_lazy("Your account of points is no longer suspended"),
    Kind.RUNNING_OUT: gettext_lazy("Something of a compound runs out: %(days)s"),
    Kind.DEDICATED: gettext_lazy("A case arose in a dedicated grid: %(number)s"),
    Kind.TASK_SENT: gettext_lazy("A special operation for you, due %(days)s"),
    Kind.TASK_CHANGED: gettext_lazy("A special operation was amended, due %(days)s"),
    Kind.TASK_EXTENDED: gettext_lazy("A special operation has more time, until %(days)s"),
    Kind.TASK_REMINDED: gettext_lazy("A special operation waits for your answer, due %(days)s"),
    Kind.TASK_STOPPED: gettext_lazy("A special operation was stopped"),
    Kind.DRAFT_PREPARED: gettext_lazy("A draft of your special operation for %(days)s is prepared"),
    Kind.BRIEF_MADE: gettext_lazy("A brief is made: %(days)s"),
    Kind.WATCH_DRAWN: gettext_lazy("The list of quarterly supervision is drawn"),
    Kind.WATCH_GIVEN: gettext_lazy("An item of quarterly supervision for your office, due %(days)s"),
    Kind.WATCH_DONE: gettext_lazy("An item of quarterly supervision is said to be done"),
    Kind.WATCH_RETURNED: gettext_lazy("An item of quarterly supervision came back, due %(days)s"),
}
TEXTS = {
    Kind.TAKEN_UP: gettext_lazy("Somebody is on it. You can follow every step."),
    Kind.CALLED: gettext_lazy("It takes more than one office; they have been asked to join."),
    Kind.EXTENDED: gettext_lazy("The new date stands on the page of your report."),
    Kind.LATE: gettext_lazy("We are sorry. It has been shown to the next level up."),
    Kind.QUESTION: gettext_lazy("The work waits for your answer."),
    Kind.MESSAGE: gettext_lazy("Open your report to read it and to answer."),
    Kind.DONE: gettext_lazy("Somebody else checks it now. Tell us if it is not solved."),
    Kind.NOT_TAKEN_UP: gettext_lazy("The reason, and what else you can do, stand on the page of your report."),
    Kind.CLOSED: gettext_lazy("Please rate it. If it is not solved, you can have it taken up again."),
    Kind.ASSIGNED: gettext_lazy("Please take it on in time."),
    Kind.CALLED_ON: gettext_lazy("Please say that you join."),
    Kind.RETURNED: gettext_lazy("Agree, or send it back."),
    Kind.FAILED: gettext_lazy("The clock runs on with what was left."),
    Kind.REOPENED: gettext_lazy("Read what is not solved, and go on."),
    Kind.ANSWERED: gettext_lazy("Open the case to read it."),
    Kind.MENTIONED: gettext_lazy("Open the case to read it."),
    Kind.SUPERVISED: gettext_lazy("The reason stands in the case."),
    Kind.REMINDED: gettext_lazy("What is asked stands in the case."),
    Kind.OVERDUE: gettext_lazy("It is still owed; please say how it goes on."),
    Kind.LEAVE_ASKED: gettext_lazy("Please decide, and name who covers."),
    Kind.LEAVE_GRANTED: gettext_lazy("Who covers stands with it."),
    Kind.LEAVE_REFUSED: gettext_lazy("The reason stands with it."),
    Kind.COVERING: gettext_lazy("What comes for them in these days comes to you."),
    Kind.COVERED: gettext_lazy("What is open went over, and comes back to you afterwards."),
    Kind.LEAVE_ENDED: gettext_lazy("What is still open is in your hands again."),
    Kind.SWAP_ASKED: gettext_lazy("It is yours only if you agree."),
    Kind.SWAP_AGREED: gettext_lazy("Your colleague is on duty in your place."),
    Kind.SWAP_REFUSED: gettext_lazy("You can ask somebody else."),
    Kind.TRAINING: gettext_lazy("When and where, and what to read before, stand on its page."),
    Kind.CERTIFICATE: gettext_lazy("The next training stands on the page of yours."),
    Kind.ASSESSED: gettext_lazy("What it is computed from stands with it, and you can object."),
    Kind.POINTS_GIVEN: gettext_lazy("Which rule gave them stands with the entry."),
    Kind.POINTS_TAKEN: gettext_lazy("Why stands with the entry, and you can object."),
    Kind.POINTS_REVERSED: gettext_lazy("Why stands with the entry, and you can object."),
    Kind.POINTS_ANSWERED: gettext_lazy("The answer stands with the entry."),
    Kind.POINTS_REFUSED: gettext_lazy("The reason stands on the page of your points."),
    Kind.SUSPENDED: gettext_lazy("Why, and how to object, stand on the page of your points."),
    Kind.LIFTED: gettext_lazy("You gain and change points as before."),
    Kind.RUNNING_OUT: gettext_lazy(
        "A contract, a term, a fund statement or a renovation: what it is stands in the file."
    ),
    Kind.TASK_SENT: gettext_lazy("What is asked stands with your tasks; each takes minutes."),
    Kind.TASK_CHANGED: gettext_lazy("What you answered stays; only what was added is asked."),
    Kind.TASK_EXTENDED: gettext_lazy("What you have not answered yet has more time."),
    Kind.TASK_REMINDED: gettext_lazy("Some of your tasks have no answer yet."),
    Kind.TASK_STOPPED: gettext_lazy("What you have not answered is withdrawn; nothing more is needed."),
    Kind.DRAFT_PREPARED: gettext_lazy("Nothing was sent: look at it, change what has changed, and send it."),
    Kind.BRIEF_MADE: gettext_lazy("Read it, write what it means, and have it issued."),
    Kind.WATCH_DRAWN: gettext_lazy(
        "Your office answers for something on it: see what was seen, and write how it goes on."
    ),
    Kind.WATCH_GIVEN: gettext_lazy("See what was seen, and write how it goes on."),
    Kind.WATCH_DONE: gettext_lazy("Please check it: close it, or send it back."),
    Kind.WATCH_RETURNED: gettext_lazy("What is still missing stands with it."),
    Kind.DEDICATED: gettext_lazy("Its plan names you; whom to ring and what is planned stand with the case."),
}
ICONS = {
    Topic.PROGRESS: "clipboard-check", Topic.QUESTION: "message-circle", Topic.RESULT: "circle-check", Topic.WORK: "inbox",
    Topic.MENTION: "user-check", Topic.PRESSURE: "octagon-alert", Topic.TEAM: "users-round", Topic.POINTS: "star",
    Topic.PLACE: "building-2",
}  # fmt: skip


def title(notice: Notice) -> str:
    """The one line that says what happened."""
    return str(TITLES[Kind(notice.kind)]) % {"number": notice.number, "days": days(notice)}


def days(notice: Notice) -> str:
    """The day that it is about, or the first and the last; empty for none."""
    if notice.day is None:
        return ""
    # Translators: Django's date format of a short day, for example "18 Nov".
    first = str(date_format(notice.day, _("j M")))
    if notice.until is None or notice.until == notice.day:
        return first
    return f"{first} – {date_format(notice.until, _('j M'))}"


def text(notice: Notice) -> str:
    """What it is about and what to do now."""
    return " ".join(part for part in (category(notice), str(TEXTS[Kind(notice.kind)])) if part)


def category(notice: Notice) -> str:
    """The name of its category with a full stop; nothing for a restricted case."""
    if not notice.category:
        return ""
    try:
        entry = catalog.category(notice.category, district=notice.district)
    except NotFound:
        return ""
    chinese = (get_language() or "").startswith("zh")
    return f"{entry.name_zh}。" if chinese else f"{entry.name_en}."


def href(notice: Notice) -> str:
    """The address that notes that it was read and leads on to where one reads more."""
    return reverse("notices:open", args=[notice.id])


def absolute(path: str) -> str:
    """An address for messages; empty while the house does not know its own."""
    return f"{settings.LINLI_PUBLIC_URL}{path}" if settings.LINLI_PUBLIC_URL else ""


def message(notice: Notice, *, identity: str, language: str, unsubscribe: str = "") -> Message:
    """A notice as it is sent.

    Args:
        identity: the same at every try.
    """
    with override(language):
        name = category(notice).rstrip("。.")
        return Message(
            id=identity,
            template=str(notice.kind),
            title=title(notice),
            text=text(notice),
            language=language,
            href=absolute(href(notice)),
            unsubscribe=unsubscribe,
            facts=(
                ("number", notice.number),
                ("category", name),
                ("state", str(Kind(notice.kind).label)),
                ("days", days(notice)),
            ),
            urgent=notice.severity <= MOST_URGENT or TOPIC_OF[Kind(notice.kind)] == Topic.PRESSURE,
        )


def digest(notices: Sequence[Notice], *, identity: str, language: str, unsubscribe: str = "") -> Message:
    """What came up since the last digest, in one message, the oldest first."""
    with override(language):
        lines = []
        for one in notices:
            lines.append(title(one))
            if link := absolute(href(one)):
                lines.append(link)
        return Message(
            id=identity,
            template="digest",
            title=ngettext("%(count)d piece of news", "%(count)d pieces of news", len(notices))
            % {"count": len(notices)},
            text="\n".join(lines),
            language=language,
            href=absolute(reverse("notices:mine")),
            unsubscribe=unsubscribe,
            facts=(("count", str(len(notices))),),
        )


def code_message(code: str, *, identity: str, language: str) -> Message:
    """The code by which an address is verified."""
    with override(language):
        return Message(
            id=identity,
            template="code",
            title=_("Your code for Linli is %(code)s") % {"code": code},
            text=_("Enter it on the page where you asked for it. If you did not ask, ignore this."),
            language=language,
            facts=(("code", code),),
        )
