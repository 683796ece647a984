"""Reporting: one question a page, each with its own address, all of it without a script.

What → (whom to ring first) → where → words and photos → neighbours' reports → contact → check → receipt. A page whose
questions before it are not answered leads back to the first of them. Whoever begins with a photo has answered the words with it
and, when the phone knows well enough where it is, the place too: what is left is what it is, and to send it; a visitor's number is
asked on the page that sends.
"""

from __future__ import annotations

import time as system_time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import placing, public, queries
from linli.cases.actions import intake, talking
from linli.cases.actions.limiting import Origin
from linli.cases.loop import Ref
from linli.cases.models import Channel, EvidenceKind
from linli.catalog.snapshot import Entry
from linli.kernel import commands, masking
from linli.kernel.errors import InFlight, Invalid, LinliError, NotFound
from linli.kernel.storage.intake import receive
from linli.kernel.trust import Actor
from linli.people.actions import contacts
from linli.people.pages import network_of
from linli.portal import draft as drafts
from linli.portal import follow, printed
from linli.portal.draft import Draft
from linli.portal.frame import address, door, visitor, wants_part
from linli.portal.wording import entry_row, is_private, rings_first
from linli.suggesting import queries as suggesting
from linli.territory import address_search
from linli.territory import queries as territory
from linli.ui.casework.names import Places, catalogue_for, language

MOST_PHOTOS = 5
MOST_FOUND = 8
SURE_LEAD = 0.15
"""By how much the best place of an address must lead before it is taken without asking."""
EXACT_METRES = 50.0
"""How exactly a phone must know where it is before nobody is asked for the place; else the map begins there."""
MOST_OFTEN = 6
"""How many of the commonest categories are offered at once."""
OFTEN_KEPT = 300
"""Seconds."""


def entry_of(draft: Draft) -> Entry | None:
    """The draft's category, when a resident may report it."""
    found = catalogue_for(draft.district).get(draft.category)
    return found if found is not None and found.resident_reportable else None


def next_step(draft: Draft, actor: Actor) -> str:
    """The first page whose question is not answered yet."""
    entry = entry_of(draft)
    if entry is None:
        return "report"
    if rings_first(entry) and (not draft.call_done or not entry.becomes_case):
        return "report-call"
    if not draft.placed:
        return "report-where"
    if not draft.words_done:
        return "report-words"
    if not draft.near_done and _near(draft):
        return "report-near"
    if not draft.contact_done and not actor.is_signed_in and not draft.by_photo:
        return "report-contact"
    return "report-check"


ORDER = ("report", "report-call", "report-where", "report-words", "report-near", "report-contact", "report-check")


def _onward(draft: Draft, actor: Actor) -> HttpResponseRedirect:
    return HttpResponseRedirect(address(next_step(draft, actor)))


def _too_early(draft: Draft, actor: Actor, page: str) -> bool:
    return ORDER.index(next_step(draft, actor)) < ORDER.index(page)


def _page(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"portal/report/{name}.html", {"place": "report", **context}, status=status)


def _errors(errors: list[LinliError]) -> dict[str, Any]:
    rows = [
        {
            "message": " ".join(str(part) for part in (one.message, one.mend) if part),
            "href": f"#id_{one.field}" if one.field else "",
        }
        for one in errors
    ]
    return {"errors": rows, "wrong": {one.field: str(one.message) for one in errors if one.field}}


# --- what -----------------------------------------------------------------------------------------------------------------------


@door
@require_http_methods(["GET", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    """What it is about: by words, with suggestions, or by leafing through the groups."""
    draft, actor = drafts.load(request), visitor(request)
    if request.method == "POST":
        entry = catalogue_for(draft.district).get(request.POST.get("category", ""))
        if entry is None or not entry.resident_reportable:
            error = Invalid("case.category", _("Please choose what it is about."), field="category")
            return _page(request, "what", _what_context(request, draft) | _errors([error]), status=422)
        if entry.code != draft.category:
            draft.category, draft.call_done, draft.near_done = entry.code, False, False
        drafts.save(request, draft)
        return _onward(draft, actor)
    context = _what_context(request, draft)
    if wants_part(request):
        return render(request, "portal/report/found.html", context)
    return _page(request, "what", context)


def _what_context(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    actor = visitor(request)
    words = request.GET.get("q", "").strip()[:200]
    group = request.GET.get("group", "")
    catalogue = catalogue_for(draft.district)
    groups = [
        {
            "code": one.code, "name": one.called(language()), "icon": one.icon, "open": one.code == group,
            "entries": [entry_row(entry) for entry in entries],
        }
        for one, entries in catalogue.groups(residents=True)
    ]  # fmt: skip
    chosen = entry_of(draft)
    likely = suggesting.suggest(words, district=draft.district, residents=True)
    said = {one.entry.code for one in likely}
    return {
        "words": words,
        "likely": [entry_row(one.entry) | {"percent": one.percent, "because": one.words} for one in likely],
        "found": [
            entry_row(entry)
            for entry in catalogue.search(words, residents=True, limit=MOST_FOUND)
            if entry.code not in said
        ]
        if words
        else [],
        "often": [] if words else _often(draft, actor),
        "photos": len(draft.photos),
        "grid": territory.full_name(draft.area_path) if draft.placed and draft.area_path.count("/") > 1 else "",
        "groups": groups,
        "chosen": entry_row(chosen) if chosen else None,
        "resumes": address(next_step(draft, actor)) if chosen else "",
        "max_photos": MOST_PHOTOS,
    }


def _often(draft: Draft, actor: Actor) -> list[dict[str, Any]]:
    """What neighbours report most: in the community when that is known, then in the district, then everywhere."""
    catalogue = catalogue_for(draft.district)
    groups = {one.code: one.icon for one, _entries in catalogue.groups(residents=True)}
    community = "/".join(draft.area_path.split("/")[:3]) if draft.placed and draft.area_path.count("/") > 1 else ""
    codes: list[str] = []
    for path in dict.fromkeys((community, draft.district or _home_district(actor), "")):
        if len(codes) < MOST_OFTEN:
            codes += [code for code in _commonest(path) if code not in codes]
    entries = [entry for code in codes if (entry := catalogue.get(code)) and entry.resident_reportable]
    return [entry_row(entry) | {"icon": groups.get(entry.group, "circle-help")} for entry in entries[:MOST_OFTEN]]


def _commonest(path: str) -> list[str]:
    key = f"portal.commonest.{path}"
    found: list[str] | None = cache.get(key)
    if found is None:
        found = public.commonest(path, limit=2 * MOST_OFTEN)
        cache.set(key, found, OFTEN_KEPT)
    return found


@door
@require_POST
def photo(request: HttpRequest) -> HttpResponse:
    """Begin with a photo: it stands for the words, and where the phone is for the place."""
    draft, actor = drafts.load(request), visitor(request)
    try:
        _take_photos(request, draft)
        if not draft.photos:
            raise Invalid("photo.none", _("No photo was chosen."), mend=_("Take one, or write a few words below."))
    except LinliError as error:
        error.field = "photos"
        return _page(request, "what", _what_context(request, draft) | _errors([error]), status=422)
    draft.words_done, draft.by_photo, draft.near_done = True, True, False
    if not draft.placed:
        _place_by_phone(request, draft)
    drafts.save(request, draft)
    return _onward(draft, actor)


def _place_by_phone(request: HttpRequest, draft: Draft) -> None:
    """Take the place from where the phone is, when it says so exactly enough and we know the place."""
    lng, lat, metres = (_number(request.POST.get(name, "")) for name in ("lng", "lat", "accuracy"))
    if lng is None or lat is None or metres is None:
        return
    try:
        found = placing.find(lng=lng, lat=lat, coordinates="wgs84", address="", district="")
    except LinliError:
        return
    if found.how == "unplaced":
        return
    draft.lng, draft.lat, draft.district = lng, lat, found.district
    draft.area_path, draft.placed = found.area_path, metres <= EXACT_METRES


@door
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Throw the draft away and begin anew."""
    drafts.drop(request)
    return HttpResponseRedirect(address("report"))


@door
@require_http_methods(["GET", "POST"])
def call_first(request: HttpRequest) -> HttpResponse:
    """Whom to ring before the report; where nothing is registered here, the way ends with the number."""
    draft, actor = drafts.load(request), visitor(request)
    entry = entry_of(draft)
    if entry is None:
        return HttpResponseRedirect(address("report"))
    if request.method == "POST" and entry.becomes_case:
        draft.call_done = True
        drafts.save(request, draft)
        return _onward(draft, actor)
    return _page(request, "call", {"entry": entry_row(entry), "back": address("report")})


# --- where ----------------------------------------------------------------------------------------------------------------------


@door
@require_http_methods(["GET", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """Where it is: a point on the map, "where I am", or an address in words."""
    draft, actor = drafts.load(request), visitor(request)
    if _too_early(draft, actor, "report-where"):
        return _onward(draft, actor)
    if request.method == "GET":
        sent: dict[str, Any] = {"lng": draft.lng, "lat": draft.lat, "address": draft.address}
        return _where_page(request, draft, actor, sent)
    sent = {
        "lng": _number(request.POST.get("lng", "")),
        "lat": _number(request.POST.get("lat", "")),
        "address": " ".join(request.POST.get("address", "").split())[:200],
    }
    district = request.POST.get("district", "")[:6]
    chosen = request.POST.get("candidate", "")
    try:
        if chosen == "none" or (chosen == "" and district and sent["lng"] is None):
            found = _unplaced(sent["address"], district)
        elif chosen:
            sent["lng"], sent["lat"] = (_number(part) for part in (chosen + ",").split(",")[:2])
            found = placing.find(lng=sent["lng"], lat=sent["lat"], coordinates="wgs84", address="", district="")
        elif sent["lng"] is not None and sent["lat"] is not None:
            found = placing.find(lng=sent["lng"], lat=sent["lat"], coordinates="wgs84", address="", district=district)
        elif sent["address"]:
            sure = _only_place(sent["address"], _home_district(actor))
            if sure is None:
                return _where_page(request, draft, actor, sent, ask=True)
            sent["lng"], sent["lat"] = sure.lng, sure.lat
            found = placing.find(lng=sure.lng, lat=sure.lat, coordinates="wgs84", address="", district="")
        else:
            raise Invalid("place.needed", _("Please say where it is."), field="address",
                          mend=_("Point to it on the map, use “Where I am”, or write an address."))  # fmt: skip
    except LinliError as error:
        return _where_page(request, draft, actor, sent, errors=[error])
    moved = (draft.lng, draft.lat, draft.area_path) != (sent["lng"], sent["lat"], found.area_path)
    draft.lng, draft.lat, draft.address = sent["lng"], sent["lat"], sent["address"]
    draft.district, draft.area_path, draft.placed = found.district, found.area_path, True
    if moved:
        draft.near_done = False
    drafts.save(request, draft)
    return _onward(draft, actor)


def _number(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return None


def _home_district(actor: Actor) -> str:
    return actor.district


def _only_place(text: str, district: str) -> address_search.AddressCandidate | None:
    """The place of an address when there is no doubt."""
    found = address_search.locate_address(text, district=district, limit=2)
    if not found or found[0].score < placing.SURE:
        return None
    sure = len(found) == 1 or found[0].score - found[1].score >= SURE_LEAD or found[0].path == found[1].path
    return found[0] if sure else None


def _unplaced(text: str, district: str) -> placing.Place:
    """The district's queue: somebody there places it by the words."""
    if not text:
        raise Invalid("place.words", _("Please write an address or describe the place."), field="address",
                      mend=_("For example: the lane behind the market, beside number 12."))  # fmt: skip
    waiting = dict(districts())
    only = next(iter(waiting)) if len(waiting) == 1 else district
    if only not in waiting:
        raise Invalid("place.district", _("Please choose the district."), field="district")
    return placing.unplaced(only)


def districts() -> list[tuple[str, str]]:
    """The districts that take reports, by their names."""
    return [(path, territory.place_name(path)) for path in placing.districts()]


def lively_district() -> str:
    """The one district that lately had reports, for a map that has nothing else to begin with; ``""`` when there are several."""
    found: str | None = cache.get("portal.lively")
    if found is None:
        lately = public.districts()
        found = lately[0] if len(lately) == 1 else ""
        cache.set("portal.lively", found, 300)
    return found


def _where_page(
    request: HttpRequest, draft: Draft, actor: Actor, sent: dict[str, Any], *, ask: bool = False, errors: list[LinliError] | None = None
) -> HttpResponse:  # fmt: skip
    waiting = districts()
    home = _home_district(actor)
    found: list[dict[str, Any]] = []
    if ask:
        candidates = address_search.locate_address(sent["address"], district=home, limit=6)
        names = Places([one.path for one in candidates])
        found = [
            {
                "value": f"{one.lng:.6f},{one.lat:.6f}",
                "name": one.name,
                "address": one.address,
                "grid": names.short(one.path),
            }
            for one in candidates
        ]
        if not found:
            errors = [
                Invalid(
                    "place.unknown",
                    _("We do not know this place by its name."),
                    field="address",
                    mend=_(
                        "Point to it on the map, or choose the district and go on: somebody there will find it by your words."
                    ),
                )
            ]
    start = draft.district or home or (waiting[0][0] if len(waiting) == 1 else lively_district())
    context = {
        "sent": sent,
        "candidates": found,
        "ask": ask,
        "unknown": ask and not found,
        "districts": waiting,
        "district": start,
        "ground": address("ground", start or "all"),
        "back": _back(draft, "report-where"),
        **_found_context(sent["lng"], sent["lat"], ""),
        **_errors(errors or []),
    }
    return _page(request, "where", context, status=422 if errors else 200)


@door
@require_GET
def place(request: HttpRequest) -> HttpResponse:
    """Which grid a point or an address is in; shown under the map while one looks for it."""
    lng, lat = _number(request.GET.get("lng", "")), _number(request.GET.get("lat", ""))
    return render(
        request,
        "portal/report/place.html",
        _found_context(lng, lat, request.GET.get("address", "")[:200], _home_district(visitor(request))),
    )


def _found_context(lng: float | None, lat: float | None, text: str, district: str = "") -> dict[str, Any]:
    try:
        if lng is not None and lat is not None:
            found = placing.find(lng=lng, lat=lat, coordinates="wgs84", address="", district="")
            if found.how == "unplaced":
                return {"grid_unknown": True}
            return {"grid": territory.full_name(found.area_path)}
        if len(text.strip()) >= 2:
            near = address_search.locate_address(text, district=district, limit=4)
            return {"alike": [{"name": one.name, "address": one.address} for one in near], "asked": True}
    except LinliError:
        return {"grid_unknown": True}
    return {}


def _back(draft: Draft, page: str) -> str:
    """The page before, so that "back" works without the browser's history."""
    entry = entry_of(draft)
    before = {"report-where": "report", "report-words": "report-where", "report-near": "report-words",
              "report-contact": "report-words", "report-check": "report-words"}[page]  # fmt: skip
    if page == "report-where" and entry is not None and rings_first(entry):
        before = "report-call"
    return address(before)


# --- words and photos -----------------------------------------------------------------------------------------------------------


@door
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """What one sees, in a sentence or two, with photos if there are any; neither is a must."""
    draft, actor = drafts.load(request), visitor(request)
    if _too_early(draft, actor, "report-words"):
        return _onward(draft, actor)
    if request.method == "GET":
        return _words_page(request, draft)
    draft.description = request.POST.get("description", "").strip()
    draft.keep_private = "keep_private" in request.POST
    errors: list[LinliError] = []
    if len(draft.description) > intake.MAX_WORDS:
        errors.append(Invalid("field.too_long", _("This is too long."), field="description",
                              mend=_("Use at most %(most)d characters.") % {"most": intake.MAX_WORDS}))  # fmt: skip
    drop = set(request.POST.getlist("drop"))
    draft.photos = [one for one in draft.photos if one["sha256"] not in drop]
    try:
        _take_photos(request, draft)
    except LinliError as error:
        error.field = "photos"
        errors.append(error)
    if not errors and not draft.description and not draft.photos and is_bare(draft):
        errors.append(Invalid("report.bare", _("Please write a sentence or add a photo."), field="description",
                              mend=_("So that whoever comes knows what to look for.")))  # fmt: skip
    if errors:
        drafts.save(request, draft)
        return _words_page(request, draft, errors=errors)
    draft.words_done = "drop" not in request.POST
    draft.near_done = False
    drafts.save(request, draft)
    return _onward(draft, actor)


def is_bare(draft: Draft) -> bool:
    """Whether the category alone says too little: "something else" needs words."""
    entry = entry_of(draft)
    return entry is not None and entry.group == "other"


def _take_photos(request: HttpRequest, draft: Draft) -> None:
    files = request.FILES.getlist("photos")
    if len(draft.photos) + len(files) > MOST_PHOTOS:
        raise Invalid("photo.too_many", _("At most five photos."), mend=_("Please leave some out."))
    for file in files:
        original = receive(file.chunks())
        if all(one["sha256"] != original.sha256 for one in draft.photos):
            draft.photos.append(
                {
                    "key": original.key,
                    "sha256": original.sha256,
                    "bytes": original.bytes,
                    "name": (file.name or "")[:60],
                }
            )


def _words_page(request: HttpRequest, draft: Draft, *, errors: list[LinliError] | None = None) -> HttpResponse:
    entry = entry_of(draft)
    context = {
        "draft": draft,
        "entry": entry_row(entry) if entry else None,
        "private": is_private(entry) if entry else False,
        "kept": [one | {"kb": max(1, one["bytes"] // 1000)} for one in draft.photos],
        "more_photos": MOST_PHOTOS - len(draft.photos),
        "grid": territory.full_name(draft.area_path) if draft.area_path.count("/") > 1 else "",
        "back": _back(draft, "report-words"),
        "longest": intake.MAX_WORDS,
        **_errors(errors or []),
    }
    return _page(request, "words", context, status=422 if errors else 200)


# --- neighbours -----------------------------------------------------------------------------------------------------------------


def _near(draft: Draft) -> list[queries.Nearby]:
    entry = entry_of(draft)
    if entry is None or is_private(entry) or draft.area_path.count("/") < 2:
        return []
    return queries.near(
        district=draft.district, category=draft.category, lng=draft.lng, lat=draft.lat, area_path=draft.area_path,
        words=draft.description,
    )  # fmt: skip


@door
@require_http_methods(["GET", "POST"])
def near(request: HttpRequest) -> HttpResponse:
    """What neighbours reported here already: join it, or say that yours is another."""
    draft, actor = drafts.load(request), visitor(request)
    if _too_early(draft, actor, "report-near"):
        return _onward(draft, actor)
    found = _near(draft)
    if request.method == "POST":
        number = request.POST.get("join", "")
        chosen = next((one for one in found if one.number == number), None)
        if chosen is not None:
            return _join(request, actor, draft, chosen)
        draft.near_done = True
        drafts.save(request, draft)
        return _onward(draft, actor)
    if not found:
        draft.near_done = True
        drafts.save(request, draft)
        return _onward(draft, actor)
    rows = [
        {
            "number": one.number,
            "state": one.state,
            "at": one.reported_at,
            "metres": max(10, round(one.metres, -1)),
            "people": one.participants,
        }
        for one in found
    ]
    entry = entry_of(draft)
    context = {"rows": rows, "people": max(one.participants for one in found), "entry": entry_row(entry) if entry else None,
               "back": _back(draft, "report-near")}  # fmt: skip
    return _page(request, "near", context)


def _join(request: HttpRequest, actor: Actor, draft: Draft, chosen: queries.Nearby) -> HttpResponse:
    """Join a neighbour's report, once for this draft however often it is sent; the draft's photos go along."""
    ref = Ref(chosen.district, chosen.id)

    def carry_out() -> tuple[int, dict[str, Any]]:
        joined = intake.join(actor, ref, text=draft.description, keep_private=draft.keep_private)
        person = joined.participant
        _attach(actor if person.account_id else intake.actor_of(person), ref, draft)
        return 200, {"number": joined.case.number, "joined": "" if person.account_id else str(person.id)}

    answer = commands.run(
        actor, f"{draft.key}:join", chosen.number.encode(), district=chosen.district, action=carry_out
    )
    joined_by = answer.body.get("joined")
    code = intake.joiner_code(chosen, UUID(joined_by)) if joined_by else ""
    drafts.keep_receipt(
        request,
        draft.id,
        {"number": chosen.number, "code": code, "district": chosen.district, "joined": True, "due_at": ""},
    )
    if code:
        follow.remember(request, chosen.number, code)
    return HttpResponseRedirect(address("report-done", draft.id))


# --- contact, check, send -------------------------------------------------------------------------------------------------------


@door
@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """How to reach a visitor without an account; all of it may stay empty."""
    draft, actor = drafts.load(request), visitor(request)
    if actor.is_signed_in or _too_early(draft, actor, "report-contact"):
        return _onward(draft, actor)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            _take_contact(request, draft)
            draft.contact_done = True
            drafts.save(request, draft)
            return _onward(draft, actor)
        except Invalid as error:
            errors.append(error)
    context = {
        "draft": draft,
        "back": _back(draft, "report-contact"),
        "check": address("report-check"),
        **_errors(errors),
    }
    return _page(request, "contact", context, status=422 if errors else 200)


def _take_contact(request: HttpRequest, draft: Draft) -> None:
    draft.name = request.POST.get("name", "").strip()[: contacts.NAME_LENGTH]
    draft.phone = request.POST.get("phone", "").strip()[: contacts.PHONE_LENGTH]
    if draft.phone:
        contacts.phone_hash(draft.phone)


def _asks_contact(draft: Draft, actor: Actor) -> bool:
    """Whether the page that sends also asks how to reach the visitor: after a photo no page of its own does."""
    return draft.by_photo and not draft.contact_done and not actor.is_signed_in


@door
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Every answer once more, each with its way back; then it is sent, once however often the button is pressed."""
    actor = visitor(request)
    if request.method == "POST" and (sent := request.POST.get("draft", "")) and drafts.receipt_of(request, sent):
        return HttpResponseRedirect(address("report-done", sent))
    draft = drafts.load(request)
    if _too_early(draft, actor, "report-check"):
        return _onward(draft, actor)
    if request.method == "GET":
        if not draft.near_done:
            draft.near_done = True  # or the report's twin would find the report itself and ask about it
            drafts.save(request, draft)
        return _check_page(request, draft, actor)
    origin = Origin(network_of(request), request.session.session_key or "")
    if _asks_contact(draft, actor):
        try:
            _take_contact(request, draft)
        except Invalid as error:
            return _check_page(request, draft, actor, errors=[error], status=422)
        drafts.save(request, draft)
    try:
        answer = _until_taken(lambda: _send(actor, draft, origin))
    except LinliError as error:
        response = _check_page(request, draft, actor, errors=[error], status=error.status)
        if wait := error.extra.get("retry_after"):
            response["Retry-After"] = str(wait)
        return response
    drafts.keep_receipt(request, draft.id, answer)
    if answer["code"]:
        follow.remember(request, answer["number"], answer["code"])
    return HttpResponseRedirect(address("report-done", draft.id))


def _until_taken(send: Callable[[], dict[str, Any]], *, tries: int = 10, pause: float = 0.3) -> dict[str, Any]:
    """Ask again while the same report is being taken in by another request: a double tap waits for its twin's answer."""
    for left in range(tries, 0, -1):
        try:
            return send()
        except InFlight:
            if left == 1:
                raise
            system_time.sleep(pause)
    raise AssertionError("unreachable")


def _send(actor: Actor, draft: Draft, origin: Origin) -> dict[str, Any]:
    """The report and its photos in one transaction."""
    signed_in = actor.is_signed_in
    words, place_words = draft.description, draft.address
    if draft.area_path.count("/") < 2:
        # None of the places that we know was the one: the words go along, and nobody guesses by them again.
        words, place_words = "\n".join(part for part in (words, place_words) if part), ""
    what = intake.Report(
        category=draft.category, description=words, lng=draft.lng, lat=draft.lat, address=place_words,
        district=draft.district, channel=Channel.PORTAL,
        reporter=intake.Reporter() if signed_in else intake.Reporter(name=draft.name, phone=draft.phone),
        keep_private=draft.keep_private,
    )  # fmt: skip
    with transaction.atomic():
        answer = intake.report(actor, draft.key, draft.body(), what=what, origin=origin)
        told = answer.body
        if not answer.replayed and draft.photos:
            reporter = actor
            if not signed_in:
                reporter = intake.actor_of(intake.participant_by_code(told["number"], told["code"]))
            _attach(reporter, Ref(told["district"], UUID(told["id"])), draft)
    return {"number": told["number"], "code": told["code"], "district": told["district"], "due_at": told["due_at"],
            "joined": False, "severity": told["severity"]}  # fmt: skip


def _attach(actor: Actor, ref: Ref, draft: Draft) -> None:
    for one in draft.photos:
        talking.add_evidence(
            actor,
            ref,
            kind=EvidenceKind.REPORT,
            original_key=one["key"],
            sha256=bytes.fromhex(one["sha256"]),
            size=one["bytes"],
        )


def _check_page(
    request: HttpRequest, draft: Draft, actor: Actor, *, errors: list[LinliError] | None = None, status: int = 200
) -> HttpResponse:
    entry = entry_of(draft)
    if entry is None:
        raise NotFound("category.none", _("There is no such category."))
    unplaced = draft.area_path.count("/") < 2
    grid = (
        _("Somebody of the district will find it by your words.") if unplaced else territory.full_name(draft.area_path)
    )
    rows = [
        {"label": _("What"), "value": entry.called(language()), "href": address("report")},
        {
            "label": _("The place"),
            "value": " · ".join(part for part in (draft.address, grid) if part),
            "href": address("report-where"),
        },
        {
            "label": _("What you see"),
            "value": draft.description or _("Nothing written"),
            "href": address("report-words"),
        },
        {"label": _("Photos"), "value": len(draft.photos) or _("None"), "href": address("report-words")},
    ]
    asks = _asks_contact(draft, actor)
    if not actor.is_signed_in and not asks:
        reach = " · ".join(part for part in (masking.mask_name(draft.name), masking.mask_phone(draft.phone)) if part)
        rows.append(
            {"label": _("How to reach you"), "value": reach or _("Not given"), "href": address("report-contact")}
        )
    context = {"rows": rows, "draft": draft, "entry": entry_row(entry), "private": is_private(entry),
               "hours": entry.respond_minutes // 60, "asks_contact": asks,
               "back": _back(draft, "report-check"), **_errors(errors or [])}  # fmt: skip
    return _page(request, "check", context, status=status)


@door
@never_cache
@require_GET
def done(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The receipt: number, code, what happens next and until when; to be kept, printed or photographed."""
    kept = drafts.receipt_of(request, str(draft_id))
    if kept is None:
        raise NotFound("receipt.none", _("This receipt is no longer here."))
    return _page(request, "done", printed.receipt(request, kept, signed_in=visitor(request).is_signed_in))
