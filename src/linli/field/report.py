"""Reporting what one comes across: photo, place, a few words, one page."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import placing, queries
from linli.cases.actions import intake, photographed
from linli.cases.loop import Ref
from linli.cases.models import Channel
from linli.cases.states import State
from linli.field import answers
from linli.field.frame import actor_of, address, member
from linli.kernel import commands, ids
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.models import Command
from linli.kernel.storage.intake import Original, receive
from linli.kernel.trust import Actor
from linli.suggesting import queries as suggesting
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
    photos, before = _kept(sent.get("kept", "")), []
    try:
        before = answers.uploads_of(request, most=MOST_PHOTOS)
        for file in request.FILES.getlist("photos")[: MOST_PHOTOS - len(photos)]:
            photos.append(list(astuple(receive(file.chunks()))))
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
        if answers.wanted(request):
            return answers.refused(errors[0])
        return _show(request, actor, values, photos, key=key, errors=errors, status=422)
    what = intake.Report(
        category=values["category"], description=values["description"], lng=lng, lat=lat, address=values["address"],
        district=actor.district, channel=Channel.FIELD, found_at=answers.begun_at(request),
    )  # fmt: skip
    try:
        if "anyway" not in sent and (found := _near(actor, what)):
            if answers.wanted(request) and not _known(actor, key):
                return answers.near(_words_of(one) for one in found)
            if not answers.wanted(request):
                return _show(request, actor, values, photos, key=key, near=found)
        number = _send(actor, key, what, [*(Original(*row) for row in photos), *before])
    except LinliError as error:
        if answers.wanted(request):
            return answers.refused(error)
        return _show(request, actor, values, photos, key=str(ids.new_id()), errors=[error], status=error.status)
    if answers.wanted(request):
        return answers.done(address("report-done", number), number, number=number)
    return HttpResponseRedirect(address("report-done", number))


def _known(actor: Actor, key: str) -> bool:
    """Whether this report was taken before, and only its answer was lost: then nobody is asked again."""
    return Command.objects.filter(district=actor.district, actor_key=actor.key, key=key).exists()


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


def _send(actor: Actor, key: str, what: intake.Report, photos: list[Original | UUID]) -> str:
    """The report and its photos in one transaction."""
    shown = [one.sha256 if isinstance(one, Original) else str(one) for one in photos]
    body = json.dumps(
        [what.category, what.description, what.lng, what.lat, what.address, shown], ensure_ascii=False
    ).encode()
    return str(photographed.report(actor, key, body, what=what, photos=photos).body["number"])


def _row(one: queries.Nearby) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "at": one.reported_at,
        "metres": max(10, round(one.metres, -1)),
        "people": one.participants,
    }


def _words_of(one: queries.Nearby) -> dict[str, str]:
    """A case nearby in words, for the outbox."""
    row = _row(one)
    told = _("about %(m)d m from here") % {"m": row["metres"]}
    return {
        "number": one.number,
        "words": f"{State(one.state).label} · {told}",
        "join": address("report-done", one.number),
    }


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
        "near": [_row(one) for one in near or ()],
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
    found = [one.entry for one in suggesting.suggest(words, district=actor.district) if one.entry.becomes_case]
    if words:
        found += [one for one in catalogue.search(words, limit=SUGGESTED + 3) if one.becomes_case and one not in found]
    found = found[:SUGGESTED]
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
        text, key = request.POST.get("description", ""), request.POST.get("key", "")

        def join() -> tuple[int, Any]:
            intake.join(actor, Ref(written.district, written.id), text=text)
            return 200, {"number": written.number}

        if key:
            commands.run(actor, key, f"join {written.number} {text}".encode(), district=written.district, action=join)
        else:
            join()
        if answers.wanted(request):
            return answers.done(address("report-done", written.number), written.number, number=written.number)
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
