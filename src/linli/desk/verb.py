"""Doing something with a case: one form for every verb, in a dialog or as a page of its own."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import queries
from linli.cases.loop import Ref
from linli.cases.models import Case
from linli.cases.verbs import VERBS, Verb
from linli.desk import actions, inbox, reply
from linli.desk import case as case_page
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.kernel import commands, ids
from linli.kernel.errors import LinliError, NotFound, Stale
from linli.kernel.trust import Actor
from linli.ui import undo as undo_ui
from linli.ui.casework import doing, forms

INVERSE = {"supervise": "lift_supervision", "lift_supervision": "supervise"}
"""What has a natural inverse can be taken back for ten seconds."""


@staff
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show a verb's form, or carry it out."""
    verb = VERBS.get(name)
    if verb is None:
        raise Http404
    actor = actor_of(request)
    case = queries.get(actor, number)
    if request.method == "GET":
        return _show(request, actor, case, verb, forms.Form(actor, case, verb), key=str(ids.new_id()))
    form = forms.Form(actor, case, verb, request.POST)
    key = request.POST.get("key", "")
    values = form.read()
    if form.errors:
        return _show(request, actor, case, verb, form, key=key, status=422)
    seen = doing.version_of(request.POST)
    try:
        answer = commands.run(
            actor,
            key,
            doing.body_of(request, name),
            district=case.district,
            action=lambda: doing.carry_out(request, actor, case, verb, seen, values),
        )
    except NotFound:
        raise
    except Stale as error:
        form.errors.append(error)
        return _show(
            request, actor, queries.get(actor, number), verb, form, key=str(ids.new_id()), status=409, seen=seen
        )
    except LinliError as error:
        form.errors.append(error)
        return _show(request, actor, queries.get(actor, number), verb, form, key=str(ids.new_id()), status=error.status)
    if name == "message":
        actions.stop_writing(actor, case)
    return _done(request, actor, number, verb, version=answer.body["version"])


def _show(
    request: HttpRequest,
    actor: Actor,
    case: Case,
    verb: Verb,
    form: forms.Form,
    *,
    key: str,
    status: int = 200,
    seen: int | None = None,
) -> HttpResponse:
    context = doing.context_of(
        actor,
        case,
        verb,
        form,
        key=key,
        seen=seen,
        action=address("do", case.number, verb.name),
        back=address("case", case.number),
        places=address("places", case.number),
        ground=address("ground", case.area_path),
    )
    if verb.name == "message":
        context |= reply.context_of(actor, case)
    context["heading"] = "h2" if wants_part(request) else "h1"
    if not wants_part(request):
        return render(request, "desk/verb/page.html", context, status=status)
    response = render(request, "desk/verb/part.html", context, status=status)
    # A line that is typed on the page itself is put right in the dialog too.
    response["HX-Retarget"], response["HX-Reswap"] = "#verb-body", "innerHTML"
    return response


def _done(request: HttpRequest, actor: Actor, number: str, verb: Verb, *, version: int) -> HttpResponse:
    try:
        context = case_page.pane_context(request, number)
    except NotFound:
        undo_ui.done(request, _("Done. The case is in other hands now."))
        home = address("inbox")
        return HttpResponse(headers={"HX-Redirect": home}) if wants_part(request) else HttpResponseRedirect(home)
    said = context["timeline"][0]["title"] if context["timeline"] else str(verb.label)
    back = (
        {"undo": address("undo", number), "verb": INVERSE[verb.name], "version": str(version)}
        if verb.name in INVERSE
        else {}
    )
    if not wants_part(request):
        undo_ui.done(request, said, **back)
        return HttpResponseRedirect(address("case", number))
    response = render(
        request, "desk/case/pane.html", context | {"heading": "h2", "place_query": inbox.place_of(request).query()}
    )
    undo_ui.toast(response, said, **back)
    told = json.loads(response["HX-Trigger"]) | {"desk-done": {"number": number}}
    response["HX-Trigger"] = json.dumps(told)
    response["HX-Retarget"], response["HX-Reswap"] = "#case", "innerHTML"
    return response


@staff
@require_POST
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take back what has a natural inverse, as long as nothing else has happened since."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    name = request.POST.get("verb", "")
    if name not in INVERSE.values():
        raise Http404
    VERBS[name].run(
        actor, Ref(case.district, case.id), version=doing.version_of(request.POST), reason=_("Taken back at once.")
    )
    undo_ui.done(request, _("Taken back."))
    if wants_part(request):
        return HttpResponse(headers={"HX-Redirect": address("case", number)})
    return HttpResponseRedirect(address("case", number))


@staff
@require_GET
def places(request: HttpRequest, number: str) -> HttpResponse:
    """The places of an address, to choose from."""
    case = queries.get(actor_of(request), number)
    text = request.GET.get("address", "").strip()[:120]
    found = forms.places_named(forms.places_for(text, case.district)) if text else []
    return render(request, "ui/verb/places.html", {"found": found, "asked": text, "name": "area_path"})
