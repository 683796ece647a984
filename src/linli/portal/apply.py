"""Applying for a service: one question a page, each with its own address, all of it without a script.

(For whom →) where → the form's pages → when → who you are → check → receipt. What the platform holds, with consent, is not asked;
a page whose questions before it are open leads back to the first of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import placing as case_placing
from linli.kernel import masking, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.portal import applied, printed
from linli.portal import service_draft as drafts
from linli.portal.frame import address, door, visitor
from linli.portal.report import districts, lively_district
from linli.portal.service_draft import Draft
from linli.portal.services import service_of
from linli.services import facts, placing, queries, rules
from linli.services.actions import applying
from linli.services.facts import Person
from linli.services.queries import Held
from linli.services.rules import Question
from linli.services.snapshot import Entry
from linli.territory import queries as territory
from linli.ui.casework import applications, asking
from linli.ui.casework.names import language
from linli.ui.words import day_words, when

DAYS_SHOWN = 4
MASKS = {
    Person.NAME: masking.mask_name,
    Person.PHONE: masking.mask_phone,
    Person.IDENTITY_NUMBER: masking.mask_id,
}


class _Sitting:
    """One visitor before one form: the draft, the service, what is held, and the pages that follow from them."""

    def __init__(self, request: HttpRequest, code: str) -> None:
        self.request, self.actor = request, visitor(request)
        self.entry: Entry = service_of(self.actor, code)
        found = drafts.load(request, self.entry.code)
        if found is None:
            raise NotFound("draft.none", _("This form has not been begun, or was sent already."))
        self.draft: Draft = found
        self.held: Held = queries.held_of(self.actor)
        self.known = drafts.used(self.draft, self.held)
        self.steps = drafts.steps(self.draft, self.entry, self.held)

    @property
    def next(self) -> str:
        """The first page that is not done."""
        return next((step for step in self.steps if step not in self.draft.done), "check")

    def onward(self) -> HttpResponseRedirect:
        """To the first page that is not done."""
        drafts.save(self.request, self.draft)
        return HttpResponseRedirect(address("apply-step", self.entry.code, self.next))

    def back(self, step: str) -> str:
        """The page before, so that "back" works without the browser's history."""
        at = self.steps.index(step)
        return address("apply-step", self.entry.code, self.steps[at - 1]) if at else address("service", self.entry.code)


def _errors(errors: list[LinliError]) -> dict[str, Any]:
    rows = [
        {
            "message": " ".join(str(part) for part in (one.message, one.mend) if part),
            "href": f"#id_{one.field}" if one.field else "",
        }
        for one in errors
    ]
    return {"errors": rows, "wrong": {one.field: str(one.message) for one in errors if one.field}}


def _page(sitting: _Sitting, step: str, name: str, context: dict[str, Any], errors: list[LinliError]) -> HttpResponse:
    shared = {
        "place": "services",
        "entry": sitting.entry,
        "service": sitting.entry.called(language()),
        "n": sitting.steps.index(step) + 1,
        "of": len(sitting.steps),
        "back": sitting.back(step),
        "action": address("apply-step", sitting.entry.code, step),
        "for_relative": sitting.draft.on_behalf,
        **_errors(errors),
    }
    status = errors[0].status if errors else 200
    return render(sitting.request, f"portal/services/{name}.html", shared | context, status=status)


@door
@never_cache
@require_GET
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """To the first open page of a form that was begun, else to the service."""
    try:
        sitting = _Sitting(request, code)
    except NotFound:
        return HttpResponseRedirect(address("service", service_of(visitor(request), code).code))
    return HttpResponseRedirect(address("apply-step", sitting.entry.code, sitting.next))


@door
@require_POST
def again(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    entry = service_of(visitor(request), code)
    drafts.drop(request, entry.code)
    return HttpResponseRedirect(address("service", entry.code))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One page of the form."""
    if request.method == "POST" and (sent := request.POST.get("draft", "")) and drafts.receipt_of(request, sent):
        return HttpResponseRedirect(address("apply-done", sent))
    try:
        sitting = _Sitting(request, code)
    except NotFound:
        return HttpResponseRedirect(address("service", service_of(visitor(request), code).code))
    open_before = sitting.steps.index(sitting.next)
    if step not in sitting.steps or sitting.steps.index(step) > open_before:
        return sitting.onward()
    if step.startswith("q"):
        return _questions(sitting, step)
    return {"relative": _relative, "place": _place, "time": _time, "contact": _contact, "check": _check}[step](sitting)


# --- for whom -------------------------------------------------------------------------------------------------------------------


def _relative(sitting: _Sitting) -> HttpResponse:
    """Who the relative is, and that they agree."""
    draft, post = sitting.draft, sitting.request.POST
    errors: list[LinliError] = []
    if sitting.request.method == "POST":
        for one in (Person.RELATIVE_NAME, Person.RELATION, Person.RELATIVE_PHONE):
            value = " ".join(post.get(one, "").split())
            draft.person[one] = value
            if value or one != Person.RELATIVE_PHONE:
                _collect(errors, one, value)
        if "agrees" not in post:
            errors.append(
                Invalid(
                    "relative.agrees",
                    _("Please ask them first, then tick this."),
                    field="agrees",
                    mend=_("Nobody applies for somebody who does not want it."),
                )
            )
        drafts.save(sitting.request, draft)
        if not errors:
            draft.finish("relative")
            return sitting.onward()
    context = {"sent": {str(key): text for key, text in draft.person.items()}, "agreed": "relative" in draft.done}
    return _page(sitting, "relative", "relative", context, errors)


def _collect(errors: list[LinliError], one: Person, value: str) -> None:
    try:
        applying.checked(one, value)
    except Invalid as error:
        errors.append(error)


# --- where ----------------------------------------------------------------------------------------------------------------------


def _place(sitting: _Sitting) -> HttpResponse:
    """Where it is for: the street address where the service needs it, and the community."""
    draft, entry, post = sitting.draft, sitting.entry, sitting.request.POST
    home = "/".join(sitting.known.home.split("/")[:3]) if not draft.on_behalf else ""
    errors: list[LinliError] = []
    if sitting.request.method == "POST":
        text = " ".join(post.get("address", "").split())[:200]
        chosen = post.get("community", "")[:48]
        draft.person[Person.ADDRESS] = text
        if entry.needs_address and not text:
            errors.append(
                Invalid(
                    "field.needed",
                    _("Please give the address."),
                    field="address",
                    mend=_("Street, number, building and dwelling."),
                )
            )
        path = chosen or placing.community_of(sitting.actor, text)
        if not errors and not _is_place(path):
            errors.append(
                Invalid(
                    "place.unknown",
                    _("Please choose the community."),
                    field="community",
                    mend=_("We do not know this address by itself."),
                )
            )
        drafts.save(sitting.request, draft)
        if not errors:
            if draft.area_path != path:
                draft.area_path, draft.slot = path, ""
                draft.done = [one for one in draft.done if one != "time"]
            draft.finish("place")
            return sitting.onward()
    at = draft.area_path or home
    district = at[:6] or sitting.actor.district or lively_district() or (districts()[0][0] if districts() else "")
    held = sitting.held.values.get(Person.ADDRESS.value, "") if draft.use_held and not draft.on_behalf else ""
    context = {
        "needs_address": entry.needs_address,
        "address": draft.person.get(Person.ADDRESS, "") or held,
        "chosen": at,
        "communities": _communities(district),
        "home": bool(home),
    }
    return _page(sitting, "place", "place", context, errors)


def _is_place(path: str) -> bool:
    return placing.is_community(path) and case_placing.area_in_force(path) is not None


def _communities(district: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The communities of a district below their subdistricts."""
    found = []
    for path, name in territory.choices(district):
        if not path.endswith("/000"):
            found.append((name, territory.choices(path)))
    return found


# --- the form -------------------------------------------------------------------------------------------------------------------


def _questions(sitting: _Sitting, step: str) -> HttpResponse:
    """One page of the service's own questions."""
    draft, request = sitting.draft, sitting.request
    page = sitting.entry.form[int(step[1:]) - 1]
    known = rules.questions()
    asked = [known[code] for code in drafts.open_questions(page, sitting.entry, sitting.known)]
    errors: list[LinliError] = []
    if request.method == "POST":
        for one in asked:
            try:
                _take(request, draft, one)
            except LinliError as error:
                error.field = one.code
                errors.append(error)
        drafts.save(request, draft)
        if "drop" in request.POST:
            return HttpResponseRedirect(address("apply-step", sitting.entry.code, step))
        if not errors:
            draft.finish(step)
            return sitting.onward()
    wrong = {one.field: str(one.message) for one in errors}
    rows = [
        asking.question_row(
            one, draft.answers.get(one.code, ""), error=wrong.get(one.code, ""), photos=draft.photos.get(one.code, [])
        )
        for one in asked
    ]
    title = rows[0]["label"] if len(rows) == 1 else sitting.entry.called(language())
    context = {
        "questions": rows,
        "title": title,
        "alone": len(rows) == 1,
        "files": any(one.kind == "photos" for one in asked),
    }
    return _page(sitting, step, "questions", context, errors)


def _take(request: HttpRequest, draft: Draft, one: Question) -> None:
    if one.kind == "photos":
        _take_photos(request, draft, one)
        return
    given: Any = request.POST.getlist(one.code) if one.kind == "choices" else request.POST.get(one.code, "")
    draft.answers[one.code] = given
    value = applying.answered(one, given)
    if value is None:
        draft.answers.pop(one.code)
    else:
        draft.answers[one.code] = value


def _take_photos(request: HttpRequest, draft: Draft, one: Question) -> None:
    dropped = set(request.POST.getlist("drop"))
    kept = [row for row in draft.photos.get(one.code, []) if row["sha256"] not in dropped]
    draft.photos[one.code] = kept
    draft.photos[one.code] = kept = asking.keep_photos(one, kept, request.FILES.getlist(one.code))
    if one.required and not kept and not dropped:
        raise Invalid("photo.needed", _("Please add a photo."))


# --- when -----------------------------------------------------------------------------------------------------------------------


def _time(sitting: _Sitting) -> HttpResponse:
    """Which of the times; a tap on one chooses it."""
    draft = sitting.draft
    area = draft.area_path or sitting.known.home
    shown = queries.windows(sitting.entry, area)
    errors: list[LinliError] = []
    if sitting.request.method == "POST":
        chosen = next((one for one in shown if str(one.slot.id) == sitting.request.POST.get("slot", "")), None)
        if chosen is None or not chosen.free:
            errors.append(
                Invalid(
                    "slot.needed",
                    _("Please choose a time that is free."),
                    field="slot",
                    mend=_("Somebody may have been faster."),
                )
            )
        else:
            draft.slot = str(chosen.slot.id)
            draft.finish("time")
            return sitting.onward()
    days = days_of(shown, draft.slot)
    context = {"days": days[:DAYS_SHOWN], "later": days[DAYS_SHOWN:], "phone": sitting.entry.phone}
    return _page(sitting, "time", "time", context, errors)


def days_of(shown: list[queries.Window], chosen: str = "") -> list[dict[str, Any]]:
    """Times by day, each with its words and how many places are free."""
    now = time.now()
    days: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        day = day_words(one.slot.starts_at, now)
        days.setdefault(day, []).append(
            {
                "value": str(one.slot.id),
                "words": hours_of(one.slot.starts_at, one.slot.ends_at),
                "free": one.free,
                "chosen": str(one.slot.id) == chosen,
            }
        )
    return [{"day": day, "times": times} for day, times in days.items()]


def hours_of(starts: datetime, ends: datetime) -> str:
    """ "9:00–11:00"."""
    zone = time.LOCAL_ZONE
    return f"{starts.astimezone(zone):%H:%M}–{ends.astimezone(zone):%H:%M}"


# --- who ------------------------------------------------------------------------------------------------------------------------


def _contact(sitting: _Sitting) -> HttpResponse:
    """Who one is and how to reach one, as far as the service needs it and nobody holds it."""
    draft = sitting.draft
    wanted = drafts.missing(sitting.entry, sitting.known)
    errors: list[LinliError] = []
    if sitting.request.method == "POST":
        for one in wanted:
            value = " ".join(sitting.request.POST.get(one, "").split())
            draft.person[one] = value
            _collect(errors, one, value)
        drafts.save(sitting.request, draft)
        if not errors:
            draft.finish("contact")
            return sitting.onward()
    context = {
        "wanted": [str(one) for one in wanted],
        "sent": {str(key): text for key, text in draft.person.items()},
        "signed_in": sitting.actor.is_signed_in,
        "here": address("apply-step", sitting.entry.code, "contact"),
    }
    return _page(sitting, "contact", "contact", context, errors)


# --- check and send -------------------------------------------------------------------------------------------------------------


def _check(sitting: _Sitting) -> HttpResponse:
    """Every answer once more, each with its way back, and what is taken from what is held; then it is sent, once."""
    draft, errors = sitting.draft, list[LinliError]()
    if sitting.request.method == "POST":
        if sitting.next != "check":
            return sitting.onward()
        try:
            answer = applying.apply(sitting.actor, draft.id, draft.body(), wanted=draft.wanted())
        except NotFound:
            raise
        except LinliError as error:
            errors.append(error)
            if error.field == "slot":
                draft.done = [one for one in draft.done if one != "time"]
                draft.slot = ""
                drafts.save(sitting.request, draft)
        else:
            told = answer.body | {"service": sitting.entry.code}
            drafts.keep_receipt(sitting.request, draft, told)
            if told["code"]:
                applied.remember(sitting.request, told["number"], told["code"])
            return HttpResponseRedirect(address("apply-done", draft.id))
    context = {
        "rows": _rows(sitting),
        "held": _held_rows(sitting),
        "proofs": [rules.proofs()[code].called(language()) for code in sitting.entry.proofs]
        if draft.use_proofs
        else [],
        "to_bring": []
        if draft.use_proofs
        else [rules.proofs()[code].called(language()) for code in sitting.entry.proofs],
        "draft": draft,
        "time_gone": any(one.field == "slot" for one in errors),
        "keep_months": sitting.entry.keep_days // 30,
        "department": sitting.entry.department(language()),
    }
    return _page(sitting, "check", "check", context, errors)


def _rows(sitting: _Sitting) -> list[dict[str, Any]]:
    draft, entry = sitting.draft, sitting.entry

    def href(step: str) -> str:
        return address("apply-step", entry.code, step) if step in sitting.steps else ""

    rows = []
    if draft.on_behalf:
        who = " · ".join(draft.person.get(one, "") for one in (Person.RELATIVE_NAME, Person.RELATION))
        rows.append({"label": _("For"), "value": who, "href": href("relative")})
    area = draft.area_path or sitting.known.home
    where = draft.person.get(Person.ADDRESS, "") or (
        sitting.known.values.get(Person.ADDRESS.value, "") if entry.needs_address else ""
    )
    place = " · ".join(part for part in (where, territory.place_name(area)) if part)
    rows.append({"label": _("The place"), "value": place, "href": href("place")})
    for number, page in enumerate(entry.form, start=1):
        for code in drafts.open_questions(page, entry, sitting.known):
            question = rules.questions()[code]
            value = applications.shown_answer(question, draft.answers.get(code))
            if question.kind == "photos":
                value = str(len(draft.photos.get(code, []))) if draft.photos.get(code) else _("None")
            rows.append(
                {
                    "label": question.called(language()),
                    "value": value or _("Nothing written"),
                    "href": href(f"q{number}"),
                }
            )
    if draft.slot:
        found = next((one.slot for one in queries.windows(entry, area) if str(one.slot.id) == draft.slot), None)
        if found is not None:
            words = f"{day_words(found.starts_at, time.now())} {hours_of(found.starts_at, found.ends_at)}"
            rows.append({"label": _("Time"), "value": words, "href": href("time")})
    for one in drafts.missing(entry, sitting.known):
        text = MASKS[one](draft.person.get(one, ""))
        rows.append({"label": str(facts.LABELS[one]), "value": text, "href": href("contact")})
    return rows


def _held_rows(sitting: _Sitting) -> list[dict[str, str]]:
    """What is filled in from what the platform holds, masked as staff would see it."""
    known, rows = sitting.known, []
    if not sitting.draft.use_held:
        return []
    for one in facts.person_facts(sitting.entry):
        text = known.values.get(one.value, "")
        if one == Person.HOME:
            text = territory.place_name(known.home) if known.home and not sitting.draft.area_path else ""
        elif one in MASKS and text:
            text = MASKS[one](text)
        if text and not sitting.draft.person.get(one):
            rows.append({"label": str(facts.LABELS[one]), "value": text})
    asked = {code for page in sitting.entry.form for code in drafts.open_questions(page, sitting.entry, known)}
    rows += [
        {"label": one.called(language()), "value": applications.shown_answer(one, known.values[one.code])}
        for one in sitting.entry.questions()
        if one.code not in asked and one.code in known.values
    ]
    return rows


@door
@never_cache
@require_GET
def done(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The receipt: number, code, what happens next and until when."""
    kept = drafts.receipt_of(request, str(draft_id))
    if kept is None:
        raise NotFound("receipt.none", _("This receipt is no longer here."))
    actor = visitor(request)
    entry = service_of(actor, kept["service"])
    now = time.now()
    code = kept["code"]
    by = when(datetime.fromisoformat(kept["due_at"]), now) if kept["due_at"] else ""
    steps = [
        {"text": _("%(who)s takes it up.") % {"who": entry.department(language())}},
        {"text": _("If something is missing, you are asked here; the clock stands meanwhile.")},
        {"text": _("You get the result here."), "when": _("By %(when)s at the latest.") % {"when": by} if by else ""},
    ]
    if kept["state"] == "accepted":
        steps[0] = {"text": _("Your time is booked. You can change it here until shortly before.")}
    follow = request.build_absolute_uri(address("follow")) + f"?number={kept['number']}&code={code}"
    context = {
        "place": "services",
        "number": kept["number"],
        "code": f"{code[:4]} {code[4:]}" if code else "",
        "service": entry.called(language()),
        "booked": kept["state"] == "accepted",
        "spared": kept["spared"],
        "steps": steps,
        "square": printed.square(follow) if code else "",
    }
    return render(request, "portal/services/done.html", context)
