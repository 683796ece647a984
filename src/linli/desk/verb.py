"""Doing something with a case: one form for every verb, in a dialog or as a page of its own."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import queries
from linli.cases.actions import disposal
from linli.cases.loop import Ref
from linli.cases.models import Case, EvidenceKind
from linli.cases.verbs import VERBS, Verb, next_actions
from linli.desk import case as case_page
from linli.desk import forms, inbox, story
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.kernel import commands
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid, LinliError, NotFound, Stale
from linli.kernel.trust import Actor
from linli.people import queries as people
from linli.ui import undo as undo_ui
from linli.ui.casework import evidence
from linli.ui.casework.names import Places, catalogue_for, category_name, language

INVERSE = {"supervise": "lift_supervision", "lift_supervision": "supervise"}
"""What has a natural inverse can be taken back for ten seconds."""
NOT_SENT = ("csrfmiddlewaretoken", "key", "version")


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
        return _show(request, actor, case, verb, forms.Form(actor, case, verb), key=str(uuid4()))
    form = forms.Form(actor, case, verb, request.POST)
    key = request.POST.get("key", "")
    values = form.read()
    if form.errors:
        return _show(request, actor, case, verb, form, key=key, status=422)
    seen = _version(request.POST)
    try:
        answer = commands.run(
            actor,
            key,
            _body(request, name),
            district=case.district,
            action=lambda: _carry_out(request, actor, case, verb, seen, values),
        )
    except NotFound:
        raise
    except Stale as error:
        form.errors.append(error)
        return _show(request, actor, queries.get(actor, number), verb, form, key=str(uuid4()), status=409, seen=seen)
    except LinliError as error:
        form.errors.append(error)
        return _show(request, actor, queries.get(actor, number), verb, form, key=str(uuid4()), status=error.status)
    return _done(request, actor, number, verb, version=answer.body["version"])


def _version(sent: QueryDict) -> int:
    text = sent.get("version", "")
    return int(text) if text.isdigit() else -1


def _body(request: HttpRequest, name: str) -> bytes:
    sent = {key: request.POST.getlist(key) for key in sorted(request.POST) if key not in NOT_SENT}
    photos = [[file.name, file.size] for file in request.FILES.getlist("photos")]
    return json.dumps([name, sent, photos], ensure_ascii=False).encode()


def _carry_out(
    request: HttpRequest, actor: Actor, case: Case, verb: Verb, seen: int, values: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    ref = Ref(case.district, case.id)
    if verb.name == "dispose" and request.FILES.getlist("photos"):
        # The photos are steps of their own and move the version on: what the user saw is compared before them.
        if seen != case.version:
            raise Stale("case.stale", _("Somebody changed this case in the meantime."))
        evidence.take_in(actor, case, request, kind=EvidenceKind.AFTER)
        seen = queries.get(actor, case.number).version
    result = verb.run(actor, ref, **values, **({"version": seen} if verb.takes_version else {}))
    changed = result if isinstance(result, Case) else queries.get(actor, case.number)
    return 200, {"version": changed.version, "number": case.number}


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
    queries.orders_of(case)
    offered = any(one.name == verb.name for one in next_actions(actor, case))
    entry = catalogue_for(case.district).get(case.category)
    context = {
        "case": case,
        "verb": verb,
        "icon": case_page.VERB_ICONS.get(verb.name, "arrow-right"),
        "title": category_name(case, catalogue_for(case.district)),
        "fields": form.fields(),
        "errors": [error for error in form.errors if not isinstance(error, Stale)],
        "key": key,
        "version": case.version,
        "offered": offered,
        "photo_field": verb.name == "dispose",
        "photo_needed": verb.name == "dispose" and _photo_needed(case),
        "note": _note(verb, case),
        "close_condition": entry.close_condition(language())
        if entry and verb.name in ("verify", "close", "dispose")
        else "",
        "changes": _changes(case, since=seen) if seen is not None and seen >= 0 else [],
        "stale": seen is not None,
        "action": address("do", case.number, verb.name),
        "back": address("case", case.number),
        "places_href": address("places", case.number),
        "heading": "h2" if wants_part(request) else "h1",
    }
    if not wants_part(request):
        return render(request, "desk/verb/page.html", context, status=status)
    response = render(request, "desk/verb/part.html", context, status=status)
    # A line that is typed on the page itself is put right in the dialog too.
    response["HX-Retarget"], response["HX-Reswap"] = "#verb-body", "innerHTML"
    return response


def _photo_needed(case: Case) -> bool:
    try:
        disposal.check_evidence(case)
    except Invalid:
        return True
    return False


def _note(verb: Verb, case: Case) -> str:
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


def _changes(case: Case, *, since: int) -> list[dict[str, Any]]:
    """What others did since the version that the user saw."""
    log = [entry for entry in queries.log_of(case) if entry.sequence > since]
    posts = people.holders(story.posts_in(log), districts={case.district, district_of(case.district[:4])})
    return story.tell(case, log, places=Places(story.paths_in(log)), posts=posts)


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
    VERBS[name].run(actor, Ref(case.district, case.id), version=_version(request.POST), reason=_("Taken back at once."))
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
    return render(request, "desk/verb/places.html", {"found": found, "asked": text, "name": "area_path"})
