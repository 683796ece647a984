"""A service for somebody without a phone: filled in for them at the counter, at their door or while they ring; a slip to take along."""

from __future__ import annotations

import json
from typing import Any

import segno
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import placing as case_placing
from linli.desk.frame import actor_of, address, staff
from linli.kernel import ids
from linli.kernel.db import district_of
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, Role, policy
from linli.services import facts, placing, queries, rules
from linli.services.actions import applying
from linli.services.actions.applying import Photo, Wanted
from linli.services.facts import Person
from linli.services.models import Channel, Consent, ProofState
from linli.services.snapshot import Entry
from linli.territory import queries as territory
from linli.ui.casework import applications as shown
from linli.ui.casework import asking
from linli.ui.casework.names import language
from linli.ui.sent import id_in
from linli.ui.templatetags.ui import address as page_address

CHANNELS = (Channel.COUNTER, Channel.DOORSTEP, Channel.HOTLINE)
MOST_FOUND = 12
PREFIX = "q_"
"""Before the questions' codes: the sheet asks for the person and the place too."""
NOT_SENT = ("csrfmiddlewaretoken", "key", "drop")
KEPT = "linli.desk.counter"
RELATIVE = (Person.RELATIVE_NAME, Person.RELATION, Person.RELATIVE_PHONE)


@staff
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which service: by words, or from the groups."""
    actor = actor_of(request)
    policy.require(actor, "service.apply")
    text = request.GET.get("q", "").strip()[:80]
    catalogue = queries.current(district=actor.district)
    found = catalogue.search(text, limit=MOST_FOUND) if text else []
    groups = [] if found else [(group.called(language()), _rows(members)) for group, members in catalogue.groups()]
    context = {
        "q": text,
        "found": _rows(found),
        "groups": [(label, rows) for label, rows in groups if rows],
    }
    return render(request, "desk/services/choose.html", context)


def _rows(entries: list[Entry]) -> list[dict[str, str]]:
    return [
        {"name": one.called(language()), "department": one.department(language()), "href": address("counter", one.code)}
        for one in entries
        if one.is_online
    ]


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def fill(request: HttpRequest, code: str) -> HttpResponse:
    """The sheet of one service, and its sending; the same sheet sent twice is one application."""
    actor = actor_of(request)
    policy.require(actor, "service.apply")
    entry = queries.service(code, district=actor.district)
    if not entry.is_online:
        raise NotFound("service.not_online", _("This is not applied for online here."))
    if request.method == "GET":
        start = QueryDict(mutable=True)
        start["channel"] = Channel.HOTLINE if actor.role == Role.CALL_TAKER else Channel.COUNTER
        start["area_path"] = _own_community(actor)
        return _show(request, actor, entry, start, key=str(ids.new_id()))
    key, sent, errors = request.POST.get("key", ""), request.POST, list[LinliError]()
    photos = _photos(request, entry, errors)
    if "drop" in sent:
        return _show(request, actor, entry, sent, key=key, photos=photos)
    wanted = _wanted(actor, entry, sent, photos, errors)
    if errors:
        return _show(request, actor, entry, sent, key=key, photos=photos, errors=errors, status=422)
    body = {name: sent.getlist(name) for name in sorted(sent) if name not in NOT_SENT}
    try:
        answer = applying.apply(actor, key, json.dumps(body, ensure_ascii=False).encode(), wanted=wanted)
    except NotFound:
        raise
    except LinliError as error:
        again = str(ids.new_id())
        return _show(request, actor, entry, sent, key=again, photos=photos, errors=[error], status=error.status)
    return HttpResponseRedirect(address("application-slip", answer.body["number"]))


def _own_community(actor: Actor) -> str:
    path = "/".join(actor.area_path.split("/")[:3])
    return path if placing.is_community(path) else ""


Photos = dict[str, list[dict[str, Any]]]


def _photos(request: HttpRequest, entry: Entry, errors: list[LinliError]) -> Photos:
    """The photos of the sheet: those that came with an earlier sending, those just sent, without those that were left out."""
    try:
        kept: Photos = signing.loads(request.POST.get("kept", ""), salt=KEPT)
    except signing.BadSignature:
        kept = {}
    dropped, found = set(request.POST.getlist("drop")), Photos()
    for one in entry.questions():
        if one.kind != "photos":
            continue
        rows = [row for row in kept.get(one.code, []) if row["sha256"] not in dropped]
        try:
            rows = asking.keep_photos(one, rows, request.FILES.getlist(PREFIX + one.code))
        except LinliError as error:
            error.field = PREFIX + one.code
            errors.append(error)
        found[one.code] = rows
    return found


def _wanted(actor: Actor, entry: Entry, sent: QueryDict, photos: Photos, errors: list[LinliError]) -> Wanted:
    """What the sheet asks for; what is missing or wrong goes to ``errors``, all at once."""
    person: dict[str, str] = {}
    on_behalf = entry.proxy_allowed and bool(sent.get("on_behalf"))
    for one in [*_person(entry), *(RELATIVE if on_behalf else ())]:
        person[one] = " ".join(sent.get(one, "").split())
        if person[one] or one not in (Person.PHONE, Person.RELATIVE_PHONE):
            _collect(errors, lambda one=one: applying.checked(one, person[one]), str(one))
    if entry.proxy_allowed and not on_behalf and any(sent.get(one, "").strip() for one in RELATIVE):
        errors.append(
            Invalid("relative.agrees", _("Please ask the relative first, then tick this."), field="on_behalf")
        )
    area = sent.get("area_path", "")[:48] or placing.community_of(actor, person.get(Person.ADDRESS, ""))
    if not placing.is_community(area) or case_placing.area_in_force(area) is None:
        errors.append(Invalid("place.unknown", _("Please choose the community."), field="area_path"))
    answers: dict[str, Any] = {}
    for question in entry.questions():
        if question.kind == "photos":
            if question.required and not photos.get(question.code):
                errors.append(Invalid("photo.needed", _("Please add a photo."), field=PREFIX + question.code))
            continue
        given = _given(question.kind, sent, question.code)
        answers[question.code] = given
        _collect(errors, lambda one=question, given=given: applying.answered(one, given), PREFIX + question.code)
    if sent.get("consent", "") not in Consent.values:
        errors.append(Invalid("consent.needed", _("How did they agree?"), field="consent"))
    slot = id_in(sent.get("slot", ""))
    if entry.booking is not None and slot is None:
        errors.append(Invalid("slot.needed", _("Please choose a time."), field="slot"))
    channel = sent.get("channel", "")
    return Wanted(
        service=entry.code, answers=answers, person=person, area_path=area, slot=slot, on_behalf=on_behalf,
        use_proofs=bool(sent.get("use_proofs")), seen=tuple(sent.getlist("seen")), consent=sent.get("consent", ""),
        channel=Channel(channel) if channel in CHANNELS else Channel.COUNTER,
        photos={code: tuple(Photo(row["key"], row["sha256"], row["bytes"]) for row in rows) for code, rows in photos.items()},
    )  # fmt: skip


def _person(entry: Entry) -> list[Person]:
    return [one for one in facts.person_facts(entry) if one != Person.HOME]


def _given(kind: str, sent: QueryDict, code: str) -> Any:
    return sent.getlist(PREFIX + code) if kind == "choices" else sent.get(PREFIX + code, "")


def _collect(errors: list[LinliError], check: Any, field: str) -> None:
    try:
        check()
    except Invalid as error:
        error.field = field
        errors.append(error)


def _show(
    request: HttpRequest,
    actor: Actor,
    entry: Entry,
    sent: QueryDict,
    *,
    key: str,
    photos: Photos | None = None,
    errors: list[LinliError] | None = None,
    status: int = 200,
) -> HttpResponse:
    wrong = {error.field: str(error.message) for error in errors or () if error.field}
    known = rules.proofs()
    photos = photos or {}
    context = {
        "key": key,
        "entry": entry,
        "title": entry.called(language()),
        "department": entry.department(language()),
        "errors": errors or [],
        "wrong": wrong,
        "sent": {name: sent.get(name, "") for name in (*Person, "channel", "area_path", "consent", "on_behalf", "use_proofs")},
        "person": [str(one) for one in _person(entry)],
        "channels": [(str(one), str(one.label)) for one in CHANNELS],
        "consents": [(str(one), str(one.label)) for one in Consent],
        "communities": _communities(actor),
        "questions": [
            asking.question_row(
                one, _given(one.kind, sent, one.code), error=wrong.get(PREFIX + one.code, ""), photos=photos.get(one.code, ()),
                prefix=PREFIX,
            )
            for one in entry.questions()
        ],
        "files": any(one.kind == "photos" for one in entry.questions()),
        "kept": signing.dumps(photos, salt=KEPT) if any(photos.values()) else "",
        "proofs": [
            {"code": code, "name": known[code].called(language()), "seen": code in sent.getlist("seen")}
            for code in entry.proofs
        ],
        "keep_months": entry.keep_days // 30,
        **_times_context(entry, sent),
    }  # fmt: skip
    return render(request, "desk/services/counter.html", context, status=status)


def _communities(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """The communities of the post's district below their subdistricts; the post's own comes chosen."""
    district = actor.district or district_of(actor.area_path)
    return [(name, territory.choices(path)) for path, name in territory.choices(district) if not path.endswith("/000")]


@staff
@require_GET
def times(request: HttpRequest, code: str) -> HttpResponse:
    """The times that can be booked in the community that is chosen now."""
    actor = actor_of(request)
    policy.require(actor, "service.apply")
    entry = queries.service(code, district=actor.district)
    return render(request, "desk/services/times.html", _times_context(entry, request.GET))


def _times_context(entry: Entry, sent: QueryDict) -> dict[str, Any]:
    area = sent.get("area_path", "")[:48]
    windows = queries.windows(entry, area) if entry.booking is not None and placing.is_community(area) else []
    return {
        "booking": entry.booking is not None,
        "slot": sent.get("slot", ""),
        "slots": [
            (str(one.slot.id), shown.slot_words(one.slot.starts_at, one.slot.ends_at)) for one in windows if one.free
        ],
        "no_place": not placing.is_community(area),
    }


@staff
@never_cache
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """The slip to hand over: number, code and square, until when, what to bring. For the post that took it in, for a day."""
    one = queries.taken_in(actor_of(request), number)
    code = applying.application_code(one.district, one.number)
    link = request.build_absolute_uri(page_address("portal:follow", "/follow"))
    drawing = segno.make(f"{link}?number={one.number}&code={code}", error="m")
    known, slot = rules.proofs(), queries.slot_of(one)
    entry = queries.promised(one)
    context = {
        "application": one,
        "title": entry.called(language()),
        "department": entry.department(language()),
        "where": territory.place_name(one.area_path),
        "code": f"{code[:4]} {code[4:]}",
        "link": link,
        "qr": mark_safe(  # noqa: S308 - drawn by us from the number
            drawing.svg_inline(scale=5, border=2, dark="#000", light="#fff", omitsize=True)
        ),
        "slot": shown.slot_words(slot.starts_at, slot.ends_at) if slot else "",
        "to_bring": [
            known[proof.kind].called(language())
            for proof in queries.proofs_of(one)
            if proof.state == ProofState.TO_BRING
        ],
        "phone": entry.phone,
        "may_open": policy.allows(actor_of(request), "service.view", one),
    }
    return render(request, "desk/services/slip.html", context)
