"""What others can read of one's own words on a case, why, and what one can do about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases.models import Case
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Actor
from linli.moderation import actions, queries
from linli.moderation.models import Objection, Text, TextState
from linli.moderation.texts import ref_of
from linli.people.pages import rows_of as error_rows
from linli.portal.follow import case_for
from linli.portal.frame import address, door
from linli.ui import undo
from linli.ui.casework.names import catalogue_for, category_name

TONES = {
    TextState.WAITING: ("info", "hourglass"),
    TextState.PUBLISHED: ("good", "globe"),
    TextState.WITHHELD: ("soon", "eye-off"),
    TextState.PRIVATE: ("quiet", "lock"),
}


@door
@never_cache
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that one wrote on a case: the original, what is public of it, and why."""
    actor, case = case_for(request, number)
    return render(request, "portal/case/words.html", _context(actor, case))


def _context(actor: Actor, case: Case) -> dict[str, Any]:
    return {
        "place": "mine",
        "case": case,
        "title": category_name(case, catalogue_for(case.district)),
        "back": address("case", case.number),
        "rows": [_row(case, one) for one in queries.own(actor, case)],
    }


def _row(case: Case, one: queries.Own) -> dict[str, Any]:
    text = one.text
    tone, icon = TONES[TextState(text.state)]

    def way(step: str) -> str:
        return address("own-words-do", case.number, text.id, step)

    decided = text.state in (TextState.PUBLISHED, TextState.WITHHELD)
    return {
        "id": text.id,
        "source": text.get_source_display(),
        "at": text.said_at,
        "original": one.original,
        "wording": text.wording,
        "changed": bool(text.wording) and text.wording.split() != one.original.split(),
        "state": text.get_state_display(),
        "tone": tone,
        "icon": icon,
        "reason": text.get_reason_display() if text.reason else "",
        "objection": text.get_objection_display() if text.objection else "",
        "answer": one.answer,
        "keep_private": "" if text.state == TextState.PRIVATE else way("keep-private"),
        "allow": way("allow") if text.state == TextState.PRIVATE else "",
        "object": way("object") if decided and _may_object(text) else "",
    }


def _may_object(text: Text) -> bool:
    return text.objection == Objection.NONE and text.objection_against is None


@door
@never_cache
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, number: str, text_id: UUID, step: str) -> HttpResponse:
    """Keep one's words private, let them be looked through again, or object to what was decided; sent twice is done once."""
    actor, case = case_for(request, number)
    text = queries.get_own(actor, case, text_id)
    if step not in ("keep-private", "allow", "object"):
        raise NotFound("not_found", _("There is nothing here that you can see."))
    back = address("own-words", case.number)
    if step != "object":
        if request.method == "POST":
            _once(request, actor, text, step)
        return HttpResponseRedirect(back)
    context: dict[str, Any] = {
        "place": "mine",
        "case": case,
        "title": category_name(case, catalogue_for(case.district)),
        "back": back,
        "sent": request.POST,
        "text": text,
        "open": _may_object(text),
    }
    if request.method == "GET":
        return render(request, "portal/case/object.html", context)
    try:
        actions.object_to(actor, ref_of(text), words=request.POST.get("words", "")[:500])
    except LinliError as error:
        context |= {"errors": error_rows(error), "wrong": {error.field: str(error.message)}}
        return render(request, "portal/case/object.html", context, status=error.status)
    undo.done(request, _("Your objection is with them; somebody else than before decides."))
    return HttpResponseRedirect(back)


def _once(request: HttpRequest, actor: Actor, text: Text, step: str) -> None:
    if step == "keep-private":
        actions.keep_private(actor, ref_of(text))
        again = address("own-words-do", text.case.number, text.id, "allow")
        undo.done(request, _("Nobody but those who work on it reads these words now."), undo=again)
    elif text.state == TextState.PRIVATE:
        actions.allow(actor, ref_of(text))
        undo.done(request, _("Somebody looks through them before they become public."))
