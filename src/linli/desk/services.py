"""Services at the desk: the organisation's queue of applications, one application, what may be done with it; proofs asked of us."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.desk.frame import actor_of, address, staff
from linli.kernel import commands, ids
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.services import files, queries, rules
from linli.services.actions import handling, proving
from linli.services.models import Application, Channel, Consent, SaidKind
from linli.services.queries import LABELS, View
from linli.services.steps import ref_of
from linli.services.verbs import VERBS, Kind, Verb, next_verbs
from linli.territory import queries as territory
from linli.ui import undo
from linli.ui.casework import applications as shown
from linli.ui.casework.names import language

ICONS = {
    View.WAITING: "inbox",
    View.OPEN: "folder",
    View.PROOFS: "file-check",
    View.MISSING: "message-circle",
    View.LATE: "clock-alert",
    View.REVIEW: "scale",
    View.ENDED: "archive",
}
SIZE = 50
MAIN_VERBS = ("accept", "finish", "decide_appeal")


@staff
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The queue: views with their counts, and the chosen list, what is due first first."""
    actor = actor_of(request)
    policy.require(actor, "service.list")
    counted = queries.counts(actor)
    view = _view(request, counted)
    service = request.GET.get("service", "")[:8]
    after = request.GET.get("after", "")[:200]
    page = queries.queue(actor, view, service=service, after=after, size=SIZE)
    context: dict[str, Any] = {
        "views": [
            {
                "label": str(LABELS[one]),
                "icon": ICONS[one],
                "count": counted.get(one),
                "href": address("services", query={"view": str(one), "service": service}),
                "current": one == view,
                "tone": "late" if one == View.LATE and counted.get(one) else "",
            }
            for one in View
        ],
        "view": str(view),
        "title": str(LABELS[view]),
        "rows": [_row(one) for one in page.applications],
        "proofs": [_proof_row(one) for one in queries.proofs_asked(actor)] if view == View.PROOFS else [],
        "next_href": address("services", query={"view": str(view), "service": service, "after": page.next})
        if page.next
        else "",
        "first_href": address("services", query={"view": str(view), "service": service}) if after else "",
        "service": service,
        "service_name": _name(service),
        "clear_href": address("services", query={"view": str(view)}),
        "may_apply": policy.allows(actor, "service.apply"),
    }
    return render(request, "desk/services/queue.html", context)


def _view(request: HttpRequest, counted: dict[View, int]) -> View:
    named = request.GET.get("view", "")
    if named in set(View):
        return View(named)
    order = (View.REVIEW, View.WAITING, View.PROOFS, View.OPEN)
    return next((one for one in order if counted.get(one)), View.WAITING)


def _name(code: str) -> str:
    entry = queries.current().get(code) if code else None
    return entry.called(language()) if entry else ""


def _row(one: Application) -> dict[str, Any]:
    return shown.row_of(one, href=address("application", one.number)) | {"place": territory.place_name(one.area_path)}


def _proof_row(proof: Any) -> dict[str, Any]:
    entry = queries.promised(proof.application)
    return {
        "name": rules.proofs()[proof.kind].called(language()),
        "service": entry.called(language()),
        "number": proof.application.number,
        "asked_at": proof.asked_at,
        "href": address("proof", proof.id),
    }


@staff
@never_cache
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One application: masked; what is due, what may be done next, proofs, what has happened."""
    actor = actor_of(request)
    one = queries.get(actor, number)
    return render(request, "desk/services/application.html", _context(actor, one))


def _context(actor: Actor, one: Application) -> dict[str, Any]:
    entry = queries.promised(one)
    said = queries.said_masked(actor, one)
    verbs = next_verbs(actor, one)
    main = next((verb for verb in verbs if verb.name in MAIN_VERBS), None)
    slot = queries.slot_of(one)
    words = {str(row.id): row for row in said if row.kind in (SaidKind.MESSAGE, SaidKind.RESULT)}
    return {
        "application": one,
        "title": entry.called(language()),
        "department": entry.department(language()),
        "look": shown.look_of(one),
        "face": shown.face_of(one),
        "where": territory.place_name(one.area_path),
        "slot": shown.slot_words(slot.starts_at, slot.ends_at) if slot else "",
        "person": shown.person_rows(said),
        "facts": shown.open_answers(one),
        "sealed": shown.sealed_labels(said),
        "proofs": shown.proof_rows(one),
        "files": shown.files_of(one, lambda file, size: address("application-file", one.number, file, size)),
        "timeline": [shown.told(step, {}) | {"quote": ""} for step in reversed(queries.steps_of(one))],
        "written": len(words),
        "main": main,
        "verbs": [verb for verb in verbs if verb is not main],
        "may_read": policy.allows(actor, "service.read_answers", one),
        "restricted": one.is_restricted,
        "channel": Channel(one.channel).label,
        "agreed": Consent(agreed).label if (agreed := queries.agreed(one)) else "",
    }


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, number: str) -> HttpResponse:
    """Ask what it is needed for, then show in clear what the resident wrote."""
    actor = actor_of(request)
    one = queries.get(actor, number)
    policy.require(actor, "service.read_answers", one, view="service.view")
    context: dict[str, Any] = {
        "application": one,
        "title": queries.promised(one).called(language()),
        "purpose": request.POST.get("purpose", ""),
        "back": address("application", one.number),
    }
    status = 200
    if request.method == "POST":
        try:
            words = handling.read_answers(actor, ref_of(one), purpose=context["purpose"])
            context |= {"rows": shown.plain_rows(words), "written": shown.messages(words), "shown": True}
        except Invalid as error:
            context |= {"error": str(error.message)}
            status = 422
    return render(request, "desk/services/read.html", context, status=status)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """A verb's form, or its doing, once for its key however often it is sent."""
    verb = VERBS.get(name)
    if verb is None:
        raise Http404
    actor = actor_of(request)
    one = queries.get(actor, number)
    policy.require(actor, verb.row, one, view="service.view")
    context: dict[str, Any] = {
        "application": one,
        "verb": verb,
        "title": queries.promised(one).called(language()),
        "key": str(ids.new_id()),
        "version": one.version,
        "sent": request.POST,
        "back": address("application", one.number),
        "offered": verb in next_verbs(actor, one),
        "open_proofs": [row for row in shown.proof_rows(one) if row["tone"] != "good"],
    }
    if name == "rebook" and (entry := queries.promised(one)).booking is not None:
        context["slots"] = [
            (str(row.slot.id), shown.slot_words(row.slot.starts_at, row.slot.ends_at))
            for row in queries.windows(entry, one.area_path)
            if row.free
        ]
    if request.method == "GET":
        return render(request, "desk/services/do.html", context)
    sent = {key: request.POST.getlist(key) for key in sorted(request.POST) if key not in ("csrfmiddlewaretoken", "key")}
    try:
        values = _values(request, verb)
        commands.run(
            actor, request.POST.get("key", ""), json.dumps([name, one.number, sent]).encode(), district=one.district,
            action=lambda: (200, {"number": verb.run(actor, ref_of(one), **values).number}),
        )  # fmt: skip
    except NotFound:
        raise
    except LinliError as error:
        context |= {
            "errors": [error],
            "wrong": {error.field: str(error.message)},
            "version": queries.get(actor, number).version,
        }
        return render(request, "desk/services/do.html", context, status=error.status)
    undo.done(request, _("Done: %(verb)s") % {"verb": verb.label})
    return HttpResponseRedirect(address("application", one.number))


def _values(request: HttpRequest, verb: Verb) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if verb.takes_version:
        text = request.POST.get("version", "")
        found["version"] = int(text) if text.isdecimal() else 0
    for one in verb.inputs:
        text = request.POST.get(one.name, "").strip()
        match one.kind:
            case Kind.YES_NO:
                if text not in ("yes", "no"):
                    raise Invalid("field.choice", _("Please choose yes or no."), field=one.name)
                found[one.name] = text == "yes"
            case Kind.SCORE:
                found[one.name] = int(text) if text.isdecimal() else 0
            case Kind.SLOT:
                try:
                    found[one.name] = UUID(text)
                except ValueError:
                    raise Invalid("slot.needed", _("Please choose a time."), field=one.name) from None
            case _:
                found[one.name] = text
    if verb.takes_document and (sent := request.FILES.get("document")) is not None:
        found["document"] = files.receive_document(sent.chunks())
    return found


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def proof(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """A proof that another organisation asks of ours: whom it is about (with a purpose), and our answer."""
    actor = actor_of(request)
    found = queries.proof(actor, proof_id)
    policy.require(actor, "service.confirm_proof", found)
    kind = rules.proofs()[found.kind]
    context: dict[str, Any] = {
        "proof": found,
        "name": kind.called(language()),
        "service": queries.promised(found.application).called(language()),
        "years": max(1, kind.valid_days // 365),
        "purpose": request.POST.get("purpose", "") or _("Check of %(what)s") % {"what": kind.called(language())},
        "key": str(ids.new_id()),
        "back": address("services", query={"view": str(View.PROOFS)}),
    }
    if request.method == "GET":
        return render(request, "desk/services/proof.html", context)
    status = 200
    try:
        if "holds" in request.POST:
            return _answer(request, actor, proof_id, found.district)
        words = proving.read_for_proof(actor, proof_id, purpose=request.POST.get("purpose", ""))
        context |= {"rows": shown.plain_rows(words), "shown": True}
    except NotFound:
        raise
    except LinliError as error:
        context |= {"errors": [error]}
        status = error.status
    return render(request, "desk/services/proof.html", context, status=status)


def _answer(request: HttpRequest, actor: Actor, proof_id: UUID, district: str) -> HttpResponse:
    holds = request.POST.get("holds") == "yes"
    note = request.POST.get("note", "")[:200]

    def once() -> tuple[int, Any]:
        return 200, {"state": str(proving.confirm_proof(actor, proof_id, holds=holds, note=note).state)}

    body = json.dumps([str(proof_id), holds, note]).encode()
    commands.run(actor, request.POST.get("key", ""), body, district=district, action=once)
    undo.done(request, _("Your answer is noted. Thank you."))
    return HttpResponseRedirect(address("services", query={"view": str(View.PROOFS)}))


@staff
@require_GET
def file(request: HttpRequest, number: str, file: UUID, size: str) -> HttpResponseBase:
    """A photo's harmless copy, or a document, to whoever handles the application."""
    one = queries.get(actor_of(request), number)
    return shown.answer_file(one, file, size)
