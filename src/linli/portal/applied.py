"""How an application goes on, for whoever made it: state and clock, what was said, and what one can do about it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.kernel import commands, ids
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.intake import receive
from linli.kernel.trust import Actor, Role
from linli.portal.frame import address, door, visitor
from linli.services import placing, queries
from linli.services.actions import applying
from linli.services.actions.applying import Photo
from linli.services.models import Application, SaidKind, Step
from linli.services.models import State as Stands
from linli.services.steps import ref_of
from linli.services.verbs import VERBS, Verb, next_verbs
from linli.ui import undo
from linli.ui.casework import applications as shown
from linli.ui.casework.names import language

FOLLOWED = "applications_followed"
KEPT = 20
OFFERED = ("message", "answer", "rebook", "rate", "appeal", "withdraw_consent", "withdraw")
SIZE = 20


def remember(request: HttpRequest, number: str, code: str) -> str:
    """Let this browser see an application from now on; returns its number as it is written.

    Raises:
        NotFound: number and code do not fit together.
    """
    me = applying.actor_by_code(number, code)
    application = queries.get(me, number)
    known: dict[str, list[str]] = dict(request.session.get(FOLLOWED, {}))
    known[application.number] = [str(application.id), application.district]
    request.session[FOLLOWED] = dict(list(known.items())[-KEPT:])
    return application.number


def application_for(request: HttpRequest, number: str) -> tuple[Actor, Application]:
    """The application that this visitor asks for, with the one who may see it: the account, else whoever showed the code here.

    Raises:
        NotFound: it is neither.
    """
    actor = visitor(request)
    known = request.session.get(FOLLOWED, {}) if request.session.session_key else {}
    written = ids.parse_ticket_number(number) or number
    if actor.is_signed_in:
        try:
            return actor, queries.get(actor, number)
        except NotFound:
            if written not in known:
                raise
    if written in known:
        person, district = known[written]
        actor = Actor(role=Role.RESIDENT, account_id=UUID(person), district=district)
    return actor, queries.get(actor, number)


def rows_of(applications: list[Application]) -> list[dict[str, Any]]:
    """Applications as rows of a list; one query for all their times."""
    slots = queries.slots_of(applications)
    rows = []
    for one in applications:
        slot = slots.get(one.id)
        words = shown.slot_words(slot.starts_at, slot.ends_at) if slot and one.is_open else ""
        rows.append(shown.row_of(one, href=address("application", one.number), slot=words))
    return rows


@door
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's applications, the newest first, a page at a time."""
    actor = visitor(request)
    known = list(request.session.get(FOLLOWED, {})) if request.session.session_key else []
    page = queries.mine(actor, after=request.GET.get("after", "")[:200], size=SIZE)
    context = {
        "place": "mine",
        "signed_in": actor.is_signed_in,
        "rows": rows_of(page.applications),
        "next": f"?after={page.next}" if page.next else "",
        "first": "after" not in request.GET,
        "known": known,
    }
    return render(request, "portal/services/mine.html", context)


@door
@never_cache
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One application, as the one who made it follows it."""
    actor, one = application_for(request, number)
    entry = queries.promised(one)
    said = {str(words.id): words for words in queries.said_own(actor, one)}
    slot = queries.slot_of(one)
    steps = queries.steps_of(one)
    verbs = [verb for verb in next_verbs(actor, one) if verb.name in OFFERED]
    given = shown.files_of(one, lambda file, size: address("application-file", one.number, file, size))
    result = next((words.text for words in said.values() if words.kind == SaidKind.RESULT), "")
    context = {
        "place": "mine",
        "application": one,
        "title": entry.called(language()),
        "look": shown.look_of(one),
        "unit": placing.called(one.organisation_id, language()),
        "face": shown.face_of(one),
        "slot": shown.slot_words(slot.starts_at, slot.ends_at) if slot else "",
        "result": result,
        "documents": [row for row in given if row["pdf"]],
        "photos": [row for row in given if not row["pdf"]],
        "facts": shown.answers_of(one, said.values()),
        "proofs": shown.proof_rows(one),
        "timeline": [shown.told(step, said, to_resident=True) for step in reversed(steps)],
        "verbs": [verb for verb in verbs if verb.name not in ("answer", "rate")],
        "may_answer": any(verb.name == "answer" for verb in verbs),
        "question": _question(steps, said) if one.state == Stands.NEEDS_MORE else "",
        "may_rate": any(verb.name == "rate" for verb in verbs),
        "refused": one.state == Stands.REFUSED,
        "may_appeal": any(verb.name == "appeal" for verb in verbs),
        "forget_on": one.forget_on,
        "key": str(ids.new_id()),
    }
    return render(request, "portal/services/application.html", context)


def _question(steps: list[Step], said: dict[str, queries.Words]) -> str:
    for step in reversed(steps):
        if step.kind == "ask_more":
            found = said.get(str(step.data.get("said")))
            return found.text if found else ""
    return ""


@door
@require_GET
def file(request: HttpRequest, number: str, file: UUID, size: str) -> HttpResponseBase:
    """A photo's harmless copy, or a document, to whoever made the application."""
    _actor, one = application_for(request, number)
    return shown.answer_file(one, file, size)


# --- what one can do ------------------------------------------------------------------------------------------------------------


@door
@never_cache
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """A small form of what one can do, or its doing, once for its key however often it is sent."""
    verb = VERBS.get(name)
    if verb is None or name not in OFFERED:
        raise Http404
    actor, one = application_for(request, number)
    entry = queries.promised(one)
    context: dict[str, Any] = {
        "place": "mine",
        "application": one,
        "verb": verb,
        "title": entry.called(language()),
        "key": str(ids.new_id()),
        "sent": request.POST,
        "back": address("application", one.number),
        "score": request.POST.get("score") or request.GET.get("score", ""),
        "offered": verb in next_verbs(actor, one),
    }
    if name == "rebook" and entry.booking is not None:
        from linli.portal.apply import days_of

        context["days"] = days_of(queries.windows(entry, one.area_path))
    if request.method == "GET":
        return render(request, "portal/services/do.html", context)
    body = json.dumps(
        [name, one.number, {k: request.POST.getlist(k) for k in sorted(request.POST) if k != "csrfmiddlewaretoken"}]
    )
    try:
        values = _read(request, verb)
        commands.run(
            actor, request.POST.get("key", ""), body.encode(), district=one.district,
            action=lambda: (200, {"number": verb.run(actor, ref_of(one), **values).number}),
        )  # fmt: skip
    except NotFound:
        raise
    except LinliError as error:
        message = " ".join(str(part) for part in (error.message, error.mend) if part)
        context |= {
            "errors": [{"message": message, "href": f"#id_{error.field}" if error.field else ""}],
            "wrong": {error.field: str(error.message)},
        }
        return render(request, "portal/services/do.html", context, status=error.status)
    undo.done(request, SAID[name]())
    return HttpResponseRedirect(address("application", one.number))


SAID = {
    "message": lambda: _("Your message is with them."),
    "answer": lambda: _("Thank you. It goes on."),
    "rebook": lambda: _("The new time is booked."),
    "rate": lambda: _("Thank you. Your rating helps to do it better."),
    "appeal": lambda: _("Somebody else looks at it now."),
    "withdraw": lambda: _("It is taken back."),
    "withdraw_consent": lambda: _("Your consent is taken back, and what was filled in by it is erased here."),
}


def _read(request: HttpRequest, verb: Verb) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in verb.inputs:
        text = request.POST.get(one.name, "").strip()
        if one.kind == "score":
            values[one.name] = int(text) if text.isdigit() else 0
        elif one.kind == "slot":
            try:
                values[one.name] = UUID(text)
            except ValueError:
                raise Invalid("slot.needed", _("Please choose a time."), field="slot") from None
        else:
            values[one.name] = text
    if verb.name == "answer":
        values["photos"] = tuple(_photos(request))
    return values


def _photos(request: HttpRequest) -> list[Photo]:
    taken = []
    for sent in request.FILES.getlist("photos")[: applying.MOST_PHOTOS]:
        original = receive(sent.chunks())
        taken.append(Photo(original.key, original.sha256, original.bytes))
    return taken
