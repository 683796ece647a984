"""A case in the hand: what, where, until when; one obvious next step, big, at the bottom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import queries
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.cases.router import community_of
from linli.cases.states import State
from linli.cases.verbs import VERBS, Facts, Verb, next_actions
from linli.field import answers
from linli.field.frame import actor_of, address, keep, member, wants_part
from linli.kernel import commands, ids
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid, LinliError, NotFound, Stale
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.people import queries as people
from linli.territory import mapping
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.casework import doing, evidence, forms, story
from linli.ui.casework import reporter as shared_reporter
from linli.ui.casework.names import Places, catalogue_for, category_name, face_of, language

DEEP = 2


@member
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The case; refreshes by itself."""
    context = context_of(actor_of(request), number)
    return render(request, "field/case/part.html" if wants_part(request) else "field/case/page.html", context)


def context_of(actor: Actor, number: str) -> dict[str, Any]:
    """All that the page shows; a fixed number of queries however long the log is.

    Raises:
        NotFound: there is no such case, or none that the actor may see.
    """
    case = queries.get(actor, number)
    orders, approvals = queries.orders_of(case), queries.approvals_of(case)
    verbs = next_actions(actor, case, Facts(tuple(approvals), tuple(orders)))
    primary, rest = doing.offered([verb for verb in verbs if verb.name != "message"], case)
    log, photos = queries.log_of(case), queries.evidence_of(case)
    posts = people.holders(story.posts_in(log), districts={case.district, district_of(case.district[:4])})
    places = Places({case.area_path, *story.paths_in(log)})
    catalogue = catalogue_for(case.district)
    entry = catalogue.get(case.category)
    return {
        "case": case,
        "title": category_name(case, catalogue),
        "where": where_of(case, places),
        "face": face_of(case),
        "primary": primary,
        "beside": doing.beside(primary, rest),
        "at_once": primary is not None and primary["name"] in doing.AT_ONCE,
        "key": str(ids.new_id()),
        "menu": rest,
        "may_write": any(verb.name == "message" for verb in verbs) and case.is_open,
        "may_call": policy.allows(actor, "case.read_reporter", case),
        "may_add_photo": case.is_open and policy.allows(actor, "case.add_evidence", case),
        "photo_needed": primary is not None and primary["name"] == "dispose" and doing.photo_needed(case),
        "close_condition": entry.close_condition(language()) if entry and case.is_open else "",
        "photos": [picture_of(case, one, n) for n, one in enumerate(photos, start=1)],
        "timeline": story.tell(case, log, places=places, posts=posts),
        "joined": case.participants_count - 1,
    }


def where_of(case: Case, places: Places) -> str:
    """Community and grid, and the address where it says more."""
    grid = places.short(case.area_path)
    return grid if case.address_text in grid else f"{grid} · {case.address_text}"


def picture_of(case: Case, one: Evidence, number: int) -> dict[str, str]:
    """A photo for the gallery; without ``src`` while it is being prepared."""
    ready = one.state == FileState.READY
    label = str(one.get_kind_display())
    return {
        "src": address("photo", case.number, one.id, "large") if ready else "",
        "thumb": address("photo", case.number, one.id, "small") if ready else "",
        "alt": _("%(kind)s, photo %(n)d") % {"kind": label, "n": number},
        "caption": label,
    }


@member
@require_GET
def photo(request: HttpRequest, number: str, photo: UUID, size: str) -> HttpResponseBase:
    """A photo's harmless copy, to whoever may see the case."""
    response = evidence.answer(queries.get(actor_of(request), number), photo, size)
    keep(response)
    return response


@member
@require_http_methods(["GET", "POST"])
def photos(request: HttpRequest, number: str) -> HttpResponse:
    """Photos from before or after the work."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    context: dict[str, Any] = {
        "case": case,
        "title": category_name(case, catalogue_for(case.district)),
        "back": address("case", case.number),
        "kind": "before",
        "key": str(ids.new_id()),
    }
    if request.method == "GET":
        return render(request, "field/case/photos.html", context)
    kind = EvidenceKind.AFTER if request.POST.get("kind") == "after" else EvidenceKind.BEFORE

    def add() -> tuple[int, Any]:
        count = evidence.take_in(actor, case, request, kind=kind)
        return 200, {"count": count, "before": case.version, "version": queries.get(actor, number).version}

    try:
        if not evidence.given(request):
            raise Invalid("photo.none", _("No photo was chosen."), field="photos", mend=_("Choose one, then add it."))
        key = request.POST.get("key") or str(ids.new_id())
        told = commands.run(
            actor, key, doing.body_of(request, f"photos {number}"), district=case.district, action=add
        ).body
    except NotFound:
        raise
    except LinliError as error:
        if answers.wanted(request):
            return answers.refused(error)
        return render(
            request,
            "field/case/photos.html",
            context | {"errors": [error], "wrong": str(error.message), "kind": str(kind)},
            status=error.status,
        )
    count = told["count"]
    if answers.wanted(request):
        return answers.done(context["back"], _("Add a photo"), **told)
    undo.done(
        request,
        ngettext("%(n)d photo added; it is being prepared.", "%(n)d photos added; they are being prepared.", count)
        % {"n": count},
    )
    return HttpResponseRedirect(address("case", case.number))


@member
@never_cache
@require_http_methods(["GET", "POST"])
def reporter(request: HttpRequest, number: str) -> HttpResponse:
    """Ring the reporter: first what for, then the number; the person can read who looked."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    context = shared_reporter.asked(request, actor, case, action=address("reporter", case.number))
    return render(
        request,
        "field/case/reporter.html",
        context | {"back": address("case", case.number)},
        status=422 if "error" in context else 200,
    )


@member
@require_GET
def places(request: HttpRequest, number: str) -> HttpResponse:
    """The places of an address, to choose from."""
    case = queries.get(actor_of(request), number)
    text = request.GET.get("address", "").strip()[:120]
    found = forms.places_named(forms.places_for(text, case.district)) if text else []
    return render(request, "ui/verb/places.html", {"found": found, "asked": text, "name": "area_path"})


@member
@require_GET
def ground(request: HttpRequest, path: str) -> HttpResponse:
    """The micro-grids of the community that a path lies in; of a higher area its communities."""
    place = community_of(path[:48])
    found = mapping.outlines(Level.MICRO_GRID if place.count("/") >= DEEP else Level.COMMUNITY, within_path=place)
    if request.headers.get("If-None-Match") == found.etag:
        return HttpResponseNotModified()
    headers = {"ETag": found.etag, "Cache-Control": "private, max-age=600"}
    return HttpResponse(found.body, content_type="application/geo+json", headers=headers)


# --- doing ----------------------------------------------------------------------------------------------------------------------


@member
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show a verb's form, or carry it out, once for its key however often it is sent."""
    verb = VERBS.get(name)
    if verb is None:
        raise Http404
    actor, key = actor_of(request), request.POST.get("key", "")
    try:
        case = queries.get(actor, number)
    except NotFound:
        if request.method == "POST" and (first := _done_before(request, actor, number, name, key)):
            return first
        raise
    if request.method == "GET":
        return _show(request, actor, case, verb, forms.Form(actor, case, verb), key=str(ids.new_id()))
    form = forms.Form(actor, case, verb, request.POST)
    values = form.read()
    if form.errors:
        if answers.wanted(request):
            return answers.refused(form.errors[0])
        return _show(request, actor, case, verb, form, key=key, status=422)
    seen = doing.version_of(request.POST)
    try:
        told = commands.run(
            actor, key, doing.body_of(request, name), district=case.district,
            action=lambda: doing.carry_out(request, actor, case, verb, seen, values),
        )  # fmt: skip
    except NotFound:
        raise
    except Stale as error:
        if answers.wanted(request):
            now = queries.get(actor, number)
            return answers.refused(error, version=now.version, state=str(State(now.state).label))
        form.errors.append(error)
        return _show(
            request, actor, queries.get(actor, number), verb, form, key=str(ids.new_id()), status=409, seen=seen
        )
    except LinliError as error:
        if answers.wanted(request):
            return answers.refused(error)
        form.errors.append(error)
        return _show(request, actor, queries.get(actor, number), verb, form, key=str(ids.new_id()), status=error.status)
    if answers.wanted(request):
        return answers.done(address("case", case.number), str(verb.label), **told.body)
    return _done(request, actor, number, verb)


def _done_before(request: HttpRequest, actor: Actor, number: str, name: str, key: str) -> HttpResponse | None:
    """The first answer again, when the act itself took the case out of sight."""
    case = queries.by_number(number)
    if case is None or not key:
        return None
    first = commands.replay(actor, key, commands.body_hash(doing.body_of(request, name)), district=case.district)
    if first is None:
        return None
    if answers.wanted(request):
        return answers.done(address("today"), str(VERBS[name].label), **first.body)
    return HttpResponseRedirect(address("today"))


def _show(
    request: HttpRequest, actor: Actor, case: Case, verb: Verb, form: forms.Form, *, key: str, status: int = 200, seen: int | None = None
) -> HttpResponse:  # fmt: skip
    context = doing.context_of(
        actor, case, verb, form, key=key, seen=seen, action=address("do", case.number, verb.name), back=address("case", case.number),
        places=address("places", case.number), ground=address("ground", case.area_path),
    )  # fmt: skip
    # What is kept for a dead zone is also the form of the step after the next.
    ahead = {"offered": True} if request.method == "GET" and "ahead" in request.GET else {}
    return render(request, "field/case/verb.html", context | ahead | {"plain": True, "outbox": True}, status=status)


def _done(request: HttpRequest, actor: Actor, number: str, verb: Verb) -> HttpResponse:
    try:
        queries.get(actor, number)
    except NotFound:
        undo.done(request, _("Done. The case is in other hands now."))
        return HttpResponseRedirect(address("today"))
    undo.done(request, _("Done: %(what)s") % {"what": verb.label})
    return HttpResponseRedirect(address("case", number))
