"""Doing something with a case at any door: which verb is next, what its form shows, and how it is carried out once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.cases.actions import disposal
from linli.cases.loop import Ref
from linli.cases.models import Case, EvidenceKind
from linli.cases.verbs import Verb, is_obvious, next_actions
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid, Stale
from linli.kernel.trust import Actor
from linli.people import queries as people
from linli.ui.casework import evidence, forms, story
from linli.ui.casework.names import Places, catalogue_for, category_name, language

VERB_ICONS = {
    "register": "clipboard-check",
    "begin_verification": "search",
    "propose_rejection": "ban",
    "confirm_rejection": "scale",
    "reclassify": "tag",
    "relocate": "map-pinned",
    "merge": "git-merge",
    "split": "split",
    "dispatch": "send",
    "sign_in": "user-check",
    "request_return": "corner-up-left",
    "decide_return": "scale",
    "call": "megaphone",
    "join_call": "handshake",
    "finish_call": "check-check",
    "withdraw_call": "undo-2",
    "start": "hammer",
    "wait_resident": "message-circle",
    "resume": "play",
    "request_extension": "calendar-clock",
    "decide_extension": "scale",
    "request_suspension": "circle-pause",
    "approve_suspension": "scale",
    "review_suspension": "circle-pause",
    "dispose": "check",
    "verify": "badge-check",
    "feedback": "phone-call",
    "close": "circle-check",
    "rate": "star",
    "reopen": "refresh-cw",
    "request_exclusion": "scale",
    "decide_exclusion": "scale",
    "comment": "message-square",
    "message": "mail",
    "supervise": "flag",
    "lift_supervision": "flag",
    "remind": "bell-ring",
}
INLINE = "comment"
"""The verb that the page offers as a line to type into, not in the menu."""
AT_ONCE = frozenset({"sign_in", "start", "resume", "begin_verification"})
"""Steps that ask for nothing: as the page's next step they are one press, without a form in between."""
NOT_SENT = ("csrfmiddlewaretoken", "key", "version")


def offered(verbs: Sequence[Verb], case: Case) -> tuple[dict[str, str] | None, list[dict[str, str]]]:
    """The one next step, and the rest for the menu; what cannot be undone comes last."""
    rows = [verb for verb in verbs if verb.name != INLINE]
    first = next((verb for verb in rows[:1] if is_obvious(verb, case)), None)
    rest = sorted((verb for verb in rows if verb is not first), key=lambda verb: verb.tone == "careful")
    return (verb_row(first) if first else None), [verb_row(verb) for verb in rest]


def beside(primary: dict[str, str] | None, rest: list[dict[str, str]]) -> dict[str, str] | None:
    """What stands beside the next step, taken out of the menu: whoever has done a case in one go need not say first that it begins.

    The loop's published rule (``cases/rules/loop.csv``) lets a case that is signed in be disposed of; somebody else verifies it.
    """
    if primary is None or primary["name"] != "start":
        return None
    found = next((row for row in rest if row["name"] == "dispose"), None)
    if found:
        rest.remove(found)
    return found


def verb_row(verb: Verb) -> dict[str, str]:
    """A verb as a button."""
    return {
        "name": verb.name,
        "label": str(verb.label),
        "icon": VERB_ICONS.get(verb.name, "arrow-right"),
        "tone": verb.tone,
    }


def version_of(sent: QueryDict) -> int:
    """The version that the user saw; -1 for none."""
    text = sent.get("version", "")
    return int(text) if text.isdigit() else -1


def body_of(request: HttpRequest, name: str) -> bytes:
    """What was sent, as the command's body."""
    sent = {key: request.POST.getlist(key) for key in sorted(request.POST) if key not in NOT_SENT}
    photos = [[file.name, file.size] for file in request.FILES.getlist("photos")]
    return json.dumps([name, sent, photos], ensure_ascii=False).encode()


def carry_out(
    request: HttpRequest, actor: Actor, case: Case, verb: Verb, seen: int, values: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """Run the verb's action; the photos of a form go before it, in the same transaction."""
    ref = Ref(case.district, case.id)
    if verb.name == "dispose" and evidence.given(request):
        # The photos are steps of their own and move the version on: what the user saw is compared before them.
        if seen != case.version:
            raise Stale("case.stale", _("Somebody changed this case in the meantime."))
        evidence.take_in(actor, case, request, kind=EvidenceKind.AFTER)
        seen = queries.get(actor, case.number).version
    result = verb.run(actor, ref, **values, **({"version": seen} if verb.takes_version else {}))
    changed = result if isinstance(result, Case) else queries.get(actor, case.number)
    return 200, {"before": case.version, "version": changed.version, "number": case.number}


def context_of(
    actor: Actor,
    case: Case,
    verb: Verb,
    form: forms.Form,
    *,
    key: str,
    action: str,
    back: str,
    places: str,
    ground: str,
    seen: int | None = None,
) -> dict[str, Any]:
    """What ``ui/verb/form.html`` draws.

    Args:
        key: of the command, kept for its repeats.
        action: the address that the form is sent to.
        back: the address of the case.
        places: the address that finds places for an address text.
        ground: the address of the outlines under the map.
        seen: the version that the user saw, when somebody was faster.
    """
    queries.orders_of(case)
    offered = any(one.name == verb.name for one in next_actions(actor, case))
    entry = catalogue_for(case.district).get(case.category)
    return {
        "case": case,
        "verb": verb,
        "icon": VERB_ICONS.get(verb.name, "arrow-right"),
        "title": category_name(case, catalogue_for(case.district)),
        "fields": form.fields(),
        "errors": [error for error in form.errors if not isinstance(error, Stale)],
        "key": key,
        "version": case.version,
        "offered": offered,
        "photo_field": verb.name == "dispose",
        "photo_needed": verb.name == "dispose" and photo_needed(case),
        "note": note_of(verb),
        "close_condition": entry.close_condition(language())
        if entry and verb.name in ("verify", "close", "dispose")
        else "",
        "changes": changes_of(case, since=seen) if seen is not None and seen >= 0 else [],
        "stale": seen is not None,
        "action": action,
        "back": back,
        "places_href": places,
        "ground_href": ground,
    }


def photo_needed(case: Case) -> bool:
    """Whether the category asks for a photo of the result that is not there yet."""
    try:
        disposal.check_evidence(case)
    except Invalid:
        return True
    return False


def note_of(verb: Verb) -> str:
    """What follows from a verb, where it does not say so by itself."""
    notes = {
        "register": _("The solution clock starts, and the case goes to its first handler at once."),
        "propose_rejection": _("A second person decides. The reporter reads both texts."),
        "request_return": _("Somebody else decides within four working hours. The solution clock runs on."),
        "wait_resident": _(
            "The clock stands for at most five working days, twice a case. Say how the resident was asked."
        ),
        "request_extension": _("The clock runs until somebody else grants it."),
        "request_suspension": _("Two levels approve. The case is reviewed at least once a quarter."),
        "dispose": _("The solution clock stops; somebody else verifies on the spot."),
        "merge": _("The other case leads; every reporter of this one is kept informed there."),
        "close": _("It can be taken up again with a reason."),
        "message": _("The reporter reads this. Write plainly; say what happens next and when."),
        "comment": _("Only colleagues read this."),
    }
    return notes.get(verb.name, "")


def changes_of(case: Case, *, since: int) -> list[dict[str, Any]]:
    """What others did since the version that the user saw."""
    log = [entry for entry in queries.log_of(case) if entry.sequence > since]
    posts = people.holders(story.posts_in(log), districts={case.district, district_of(case.district[:4])})
    return story.tell(case, log, places=Places(story.paths_in(log)), posts=posts)
