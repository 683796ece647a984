"""How each state of a case looks and is called: tone, icon, the office's word and the resident's plainer one.

The states are those of the closed loop (catalogue/case_states.csv). The words are the interface's; what a state *means* is the
cases room's matter.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

TONES = ("quiet", "info", "soon", "late", "good", "brand")


@dataclass(frozen=True)
class Look:
    """A state's face."""

    tone: str
    icon: str
    office: str | Promise
    resident: str | Promise


UNKNOWN = Look("quiet", "circle-help", "", "")

STATES: dict[str, Look] = {
    "draft": Look("quiet", "pencil", _("Draft"), _("Draft")),
    "submitted": Look("info", "inbox", _("Reported"), _("Received")),
    "verifying": Look("info", "search", _("Being verified"), _("Being checked on the spot")),
    "rejected": Look("quiet", "ban", _("Not accepted"), _("Cannot be taken on")),
    "merged": Look("quiet", "git-merge", _("Merged"), _("Joined with another report")),
    "registered": Look("info", "clipboard-check", _("Registered"), _("Accepted")),
    "dispatched": Look("info", "send", _("Dispatched"), _("Passed on")),
    "returned": Look("soon", "corner-up-left", _("Returned"), _("Being passed on again")),
    "signed_in": Look("info", "user-check", _("Signed in"), _("Taken on")),
    "called": Look("soon", "megaphone", _("Called up"), _("Departments called")),
    "joined": Look("info", "handshake", _("Joined"), _("Departments on it")),
    "in_disposal": Look("brand", "hammer", _("In progress"), _("Being solved")),
    "waiting_resident": Look("soon", "message-circle", _("Waiting for reporter"), _("Waiting for your answer")),
    "extension_requested": Look("soon", "calendar-clock", _("Extension requested"), _("Being solved")),
    "extended": Look("quiet", "calendar-clock", _("Extended"), _("Extended")),
    "suspended": Look("quiet", "circle-pause", _("Suspended"), _("On hold, with a plan")),
    "disposed": Look("brand", "clipboard-list", _("Done, to be verified"), _("Done, being checked")),
    "verify_failed": Look("late", "rotate-ccw", _("Verification failed"), _("Being done again")),
    "verified": Look("good", "badge-check", _("Verified"), _("Checked")),
    "feedback": Look("brand", "phone-call", _("Call-back"), _("We are asking you")),
    "closed": Look("good", "circle-check", _("Closed"), _("Solved")),
    "reopened": Look("soon", "refresh-cw", _("Reopened"), _("Opened again")),
    "escalated": Look("late", "octagon-alert", _("Supervised"), _("Followed up from above")),
}


def look_of(state: str) -> Look:
    """The look of a state; a quiet question mark for one that is not known here."""
    return STATES.get(state, UNKNOWN)


def office_words() -> dict[str, str]:
    """The office's word for each state, in the language of the page: for lists, which say them fifty times."""
    return _office_words(get_language())


@lru_cache
def _office_words(_language: str | None) -> dict[str, str]:
    return {state: str(look.office) for state, look in STATES.items()}
