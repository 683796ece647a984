"""Reporting what one comes across: photo, place, a few words, one page."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import placing, queries
from linli.cases.actions import intake, talking
from linli.cases.loop import Ref
from linli.cases.models import Channel, EvidenceKind
from linli.field.frame import actor_of, address, member
from linli.kernel import ids
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.storage.intake import receive
from linli.kernel.trust import Actor
from linli.ui import undo
from linli.ui.casework import forms
from linli.ui.casework.names import Places, catalogue_for, language

MOST_PHOTOS = 5
SUGGESTED = 6
SALT = "field.report.photos"


@member
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The page, and its taking in; the same page sent twice is one report."""
    actor = actor_of(request)
    sent = request.POST
    if request.method == "GET":
        return _show(request, actor, {}, [], key=str(ids.new_id()))
    key = sent.get("key", "")
    values = {name: sent.get(name, "").strip() for name in ("category", "description", "lng", "lat", "address")}
    errors: list[LinliError] = []
    photos = _kept(sent.get("kept", ""))
    try:
        for file in request.FILES.getlist("photos")[: MOST_PHOTOS - len(photos)]:
            original = receive(file.chunks())
            photos.append([original.key, original.sha256, original.bytes])
    except Invalid as error:
        error.field = "photos"
        errors.append(error)
    entry = catalogue_for(actor.district).get(values["category"])
    if entry is None or not entry.becomes_case:
        errors.append(
            Invalid(
                "case.category", _("Choose a category."), field="category", mend=_("A few words above suggest some.")
            )
        )
    lng, lat = forms.number_of(values["lng"]), forms.number_of(values["lat"])
    if (lng is None or lat is None) and not values["address"]:
        errors.append(
            Invalid(
                "place.needed",
                _("Say where it is."),
                field="address",
                mend=_("Tap “Where I am”, the map, or write an address."),
            )
        )
    if errors:
        return _show(request, actor, values, photos, key=key, errors=errors, status=422)
    what = intake.Report(
        category=values["category"], description=values["description"], lng=lng, lat=lat, address=values["address"],
        district=actor.district, channel=Channel.FIELD,
    )  # fmt: skip
    try:
        if "anyway" not in sent and (found := _near(actor, what)):
            return _show(request, actor, values, photos, key=key, near=found)
        number = _send(actor, key, what, photos)
    except LinliError as error:
        return _show(request, actor, values, photos, key=str(ids.new_id()), errors=[error], status=error.status)
    return HttpResponseRedirect(address("report-done", number))


def _kept(text: str) -> list[Any]:
    """The photos that came with the page before, as this server signed them."""
    try:
        found: list[Any] = signing.loads(text, salt=SALT) if text else []
    except signing.BadSignature:
        return []
    return found


def _near(actor: Actor, what: intake.Report) -> list[queries.Nearby]:
    place = placing.find(lng=what.lng, lat=what.lat, coordinates="wgs84", address=what.address, district=what.district)
    if place.how == "unplaced":
        return []
    return queries.near(
        district=place.district,
        category=what.category,
        lng=place.lng,
        lat=place.lat,
        area_path=place.area_path,
        words=what.description,
    )


def _send(actor: Actor, key: str, what: intake.Report, photos: list[Any]) -> str:
    """The report and its photos in one transaction."""
    body = json.dumps(
        [what.category, what.description, what.lng, what.lat, what.address, photos], ensure_ascii=False
    ).encode()
    with transaction.atomic():
        answer = intake.report(actor, key, body, what=what)
        told = answer.body
        if not answer.replayed and photos:
            # As the reporter: a grid member also reports what lies outside the own grid.
            reporter = intake.actor_of(
                intake.participant_by_code(
                    told["number"], told["code"] or intake.ticket_code(told["district"], told["number"])
                )
            )
            for original_key, sha256, size in photos:
                talking.add_evidence(
                    reporter, Ref(told["district"], UUID(told["id"])), kind=EvidenceKind.REPORT, original_key=original_key,
                    sha256=bytes.fromhex(sha256), size=size,
                )  # fmt: skip
    return str(told["number"])


def _show(
    request: HttpRequest, actor: Actor, sent: dict[str, Any], photos: list[Any], *, key: str,
    errors: list[LinliError] | None = None, near: list[queries.Nearby] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "nav": "report",
        "key": key,
        "sent": sent,
        "kept": signing.dumps(photos, salt=SALT) if photos else "",
        "kept_count": len(photos),
        "more_photos": MOST_PHOTOS - len(photos),
        "errors": errors or [],
        "wrong": {error.field: str(error.message) for error in errors or () if error.field},
        "near": [
            {
                "number": one.number,
                "state": one.state,
                "at": one.reported_at,
                "metres": max(10, round(one.metres, -1)),
                "people": one.participants,
            }
            for one in near or ()
        ],
        "ground": address("ground", actor.area_path or actor.district),
        "own": actor.area_path,
        **_category_context(actor, sent.get("description", ""), sent.get("category", "")),
    }
    return render(request, "field/report/page.html", context, status=status)


@member
@require_GET
def categories(request: HttpRequest) -> HttpResponse:
    """Categories for the words so far; the chosen one stays chosen."""
    actor = actor_of(request)
    context = _category_context(
        actor, request.GET.get("description", "").strip()[:400], request.GET.get("category", "")
    )
    return render(request, "field/report/categories.html", context)


def _category_context(actor: Actor, words: str, chosen: str) -> dict[str, Any]:
    catalogue = catalogue_for(actor.district)
    found = (
        [one for one in catalogue.search(words, limit=SUGGESTED + 3) if one.becomes_case][:SUGGESTED] if words else []
    )
    kept = catalogue.get(chosen)
    if kept is not None and kept not in found:
        found = [kept, *found]
    first = kept if kept is not None else (found[0] if found else None)
    return {
        "suggested": [{"value": one.code, "label": one.called(language()), "chosen": one is kept} for one in found],
        "groups": [] if found else forms.category_choices(actor.district, set()),
        "call_first": first.call_first_numbers if first else (),
    }


@member
@require_http_methods(["GET", "POST"])
def done(request: HttpRequest, number: str) -> HttpResponse:
    """The number; joining a neighbour's report ends here too."""
    actor = actor_of(request)
    if request.method == "POST":
        written = queries.by_number(number)
        if written is None or written.district != actor.district:
            raise Invalid("case.number", _("There is no case with this number here."))
        intake.join(actor, Ref(written.district, written.id), text=request.POST.get("description", ""))
        undo.done(request, _("Joined."))
        return HttpResponseRedirect(address("report-done", written.number))
    case = queries.by_number(number)
    visible = None
    try:
        visible = queries.get(actor, number)
    except LinliError:
        visible = None
    # Of a case elsewhere only whoever reported or joined it learns that it is there.
    if case is None or (visible is None and all(one.post_id != actor.post_id for one in queries.log_of(case))):
        raise Invalid("case.number", _("There is no case with this number here."), status=404)
    place = Places([case.area_path]).short(case.area_path) if visible else ""
    return render(
        request,
        "field/report/done.html",
        {
            "nav": "report",
            "number": case.number,
            "place": place,
            "href": address("case", case.number) if visible else "",
        },
    )
