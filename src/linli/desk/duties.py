"""Duty lists at the desk: what stands on them, admission, forms with their yearly review, and what a community has to answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.desk.frame import Tab, actor_of, address, draw, staff, tabs_of
from linli.duties import queries
from linli.duties.actions import admission as admitting
from linli.duties.actions import forms as asking
from linli.duties.actions import lists as listing_of
from linli.duties.actions.lists import Place
from linli.duties.models import AdmissionState, Frequency, Listing, Tier
from linli.duties.tasks import Kind
from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.ui import duties as shown
from linli.ui import undo
from linli.ui.sent import day_in, day_of, version_of

MOST_ROWS = 200


def _page(request: HttpRequest, template: str, tab: str, **context: Any) -> HttpResponse:
    actor = actor_of(request)
    tabs = (
        Tab("duties", _("Lists"), ("duties.read",), "list-checks"),
        Tab("admissions", _("Admission"), ("duties.view",), "clipboard-check", queries.waiting(actor) or None),
        Tab("duty-forms", _("Forms"), ("duties.view",), "file-text"),
        Tab("duty-sheets", _("To answer"), ("duties.answer_form",), "pencil", queries.to_answer(actor) or None),
        Tab("duty-review", _("Yearly review"), ("duties.view",), "rotate-ccw"),
    )
    return draw(request, f"duties/{template}", tabs_of(actor, tab, tabs), **context)


def _area(request: HttpRequest, actor: Actor) -> str:
    """The area that a page is about: the one chosen, the post's own down to its community otherwise."""
    own = "/".join(actor.area_path.split("/")[:3])
    asked = request.GET.get("area", "")
    return asked if asked and queries.paths_known([asked]) else own


def _areas(actor: Actor) -> list[tuple[str, str]]:
    return queries.areas_of(actor.district)


@staff
@never_cache
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """The three lists of an area: what stands on them today, or on a day, and what changed lately."""
    actor = actor_of(request)
    area, tier = _area(request, actor), request.GET.get("tier", "")
    tier = tier if tier in Tier.values else str(Tier.COMMUNITY)
    listing = request.GET.get("list", "")
    listing = listing if listing in Listing.values else ""
    words = request.GET.get("q", "")[:60]
    try:
        day = day_in(request.GET, "day")
    except Invalid:
        day = None
    found = queries.lists(actor, area_path=area, tier=tier, day=day, words=words)
    counts = {one: sum(row.row.listing == one for row in found) for one in Listing.values}
    rows = shown.listed_rows(one for one in found if not listing or one.row.listing == listing)
    kept = {"area": area, "tier": tier, "q": words, "day": day.isoformat() if day else ""}
    own_money = {one.id for one in queries.money(actor)} if policy.reach(actor, "duties.fund") else set()
    for row in rows:
        row["money_href"] = address("duty-money", row["id"]) if row["id"] in own_money else ""
    return _page(
        request, "lists", "duties", area=area, areas=_areas(actor), tier=tier, tiers=Tier.choices, words=words, rows=rows[:MOST_ROWS],
        day=kept["day"], place=queries.place(area),
        chips=[
            {"label": label, "href": address("duties", query=kept | {"list": value}), "current": value == listing,
             "count": counts.get(value, len(found))}
            for value, label in [("", _("All")), *Listing.choices]
        ],
        listing=listing, may_change=queries.is_office(actor), may_apply=bool(policy.reach(actor, "duties.apply")),
        changes=[shown.entry_row(one) for one in queries.changes(actor, area_path=area, limit=8)],
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Put a task on a list of an area, from tomorrow at the earliest: the social work department's."""
    actor = actor_of(request)
    policy.require(actor, "duties.decide")
    if not queries.is_office(actor):
        raise NotFound("not_found", _("There is nothing here that you can see."))
    error: LinliError | None = None
    if request.method == "POST":
        sent = request.POST
        try:
            task = listing_of.task_of(sent.get("task", ""))
            first = day_of(sent, "starts_on")
            listing_of.put(
                actor,
                Place(task.kind, task.code, _tier(sent.get("tier", "")), sent.get("area_path", ""), sent.get("department", "")),
                listing=_listing(sent.get("listing", "")),
                title_zh=shown.title_of(task.kind, task.code, sent.get("title", "") or task.code),
                starts_on=first,
                ends_on=day_in(sent, "ends_on"),
                basis=sent.get("basis", ""),
                instead=sent.get("instead", ""),
                money=shown.money_in(sent),
            )  # fmt: skip
            undo.done(request, _("The list changes on %(day)s.") % {"day": first.isoformat()})
            return HttpResponseRedirect(address("duties", query={"area": sent.get("area_path", "")}))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
    return _page(
        request, "change", "duties", error=error, tasks=[("", _("Please choose")), *shown.task_options()], areas=_areas(actor),
        lists=Listing.choices, tiers=Tier.choices, departments=shown.department_options(),
    )  # fmt: skip


def _listing(text: str) -> Listing:
    if text not in Listing.values:
        raise Invalid("duties.list", _("Choose one of the lists."), field="listing")
    return Listing(text)


def _tier(text: str) -> Tier:
    return Tier(text) if text in Tier.values else Tier.COMMUNITY


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def money(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Attach money and authority to an assist task of one's own department."""
    actor = actor_of(request)
    row = next((one for one in queries.money(actor) if one.id == entry_id), None)
    if row is None:
        raise NotFound("duties.no_entry", _("There is no assist task of your department like this."))
    error: LinliError | None = None
    if request.method == "POST":
        sent = request.POST
        try:
            listing_of.attach_money(
                actor, entry_id, area_path=sent.get("area_path", ""), starts_on=day_of(sent, "starts_on"),
                ends_on=day_in(sent, "ends_on"), money=shown.money_in(sent),
            )  # fmt: skip
            undo.done(request, _("The money is attached; the task can be sent from that day on."))
            return HttpResponseRedirect(address("duties", query={"list": "assist", "area": sent.get("area_path", "")}))
        except LinliError as wrong:
            error = wrong
    areas = [one for one in _areas(actor) if one[0].startswith(row.area_path)]
    return _page(request, "money", "duties", error=error, row=shown.entry_row(row), areas=areas)


@staff
@never_cache
@require_GET
def admissions(request: HttpRequest) -> HttpResponse:
    """Applications: those of one's department, those that one's office decides, those of one's area."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    state = state if state in AdmissionState.values else ""
    rows = [
        shown.admission_row(one, href=address("admission", one.id))
        for one in queries.admissions(actor, state=state)[:MOST_ROWS]
    ]
    chips = [
        {"label": label, "href": address("admissions", query={"state": value}), "current": value == state}
        for value, label in [("", _("All")), *AdmissionState.choices]
    ]
    return _page(
        request, "admissions", "admissions", rows=rows, chips=chips, may_apply=bool(policy.reach(actor, "duties.apply"))
    )


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for a task to be admitted: why, on what basis, what it costs a community, what money comes with it."""
    actor = actor_of(request)
    policy.require(actor, "duties.apply")
    error: LinliError | None = None
    if request.method == "POST":
        sent = request.POST
        try:
            named = sent.get("task", "")
            task = listing_of.task_of(named) if named else None
            first = day_of(sent, "starts_on")
            found = admitting.apply(
                actor, kind=task.kind if task else Kind.MATTER, code=task.code if task else "", title=sent.get("title", ""),
                area_path=sent.get("area_path", ""), tier=_tier(sent.get("tier", "")), listing=_listing(sent.get("listing", "")),
                why=sent.get("why", ""), basis=sent.get("basis", ""), minutes=shown.number_in(sent, "minutes"),
                money=shown.money_in(sent), starts_on=first, ends_on=day_in(sent, "ends_on"),
            )  # fmt: skip
            undo.done(request, _("Applied. The social work department decides; you read the decision here."))
            return HttpResponseRedirect(address("admission", found.id))
        except LinliError as wrong:
            error = wrong
    return _page(
        request, "apply", "admissions", error=error, tasks=[("", _("Something else, in words")), *shown.task_options()],
        areas=_areas(actor), tiers=Tier.choices, lists=Listing.choices[:2],
        task=request.POST.get("task", "") or request.GET.get("task", ""),
        area=request.POST.get("area_path", "") or request.GET.get("area", "") or actor.district,
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def admission(request: HttpRequest, admission_id: UUID) -> HttpResponse:
    """One application: the decision for the office, taking it back for the department."""
    actor = actor_of(request)
    found = queries.admission(actor, admission_id)
    error: LinliError | None = None
    if request.method == "POST":
        sent = request.POST
        try:
            if sent.get("decision") == "withdraw":
                admitting.withdraw(actor, found.id, version=version_of(sent))
                undo.done(request, _("The application is taken back."))
            elif sent.get("decision") in ("admit", "refuse"):
                admit = sent.get("decision") == "admit"
                admitting.decide(
                    actor, found.id, version=version_of(sent), admit=admit, reason=sent.get("reason", ""),
                    holds_from=day_in(sent, "holds_from") if admit else None,
                )  # fmt: skip
                undo.done(request, _("Decided. Everybody can read it with its reason."))
            else:
                raise Invalid("admission.decision", _("Choose one of the two."), field="decision")
            return HttpResponseRedirect(address("admission", found.id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
            found = queries.admission(actor, admission_id)
    waiting = found.state == AdmissionState.WAITING
    own = actor.organisation_id == found.organisation_id
    return _page(
        request, "admission", "admissions", error=error, row=shown.admission_row(found), waiting=waiting,
        decides=waiting and not own and actor.organisation_id == found.office_id,
        withdraws=waiting and own and policy.allows(actor, "duties.apply", found), first=found.starts_on.isoformat(),
    )  # fmt: skip


@staff
@never_cache
@require_GET
def forms(request: HttpRequest) -> HttpResponse:
    """The forms that are registered."""
    actor = actor_of(request)
    rows = [shown.form_row(one, href=address("duty-form", one.id)) for one in queries.forms(actor)[:MOST_ROWS]]
    return _page(request, "forms", "duty-forms", rows=rows, may_keep=bool(policy.reach(actor, "duties.keep_form")))


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new_form(request: HttpRequest) -> HttpResponse:
    """Register a form, with all that it asks."""
    actor = actor_of(request)
    policy.require(actor, "duties.keep_form")
    error: LinliError | None = None
    if request.method == "POST":
        sent = request.POST
        try:
            found = asking.register(
                actor, title=sent.get("title", ""), purpose=sent.get("purpose", ""), basis=sent.get("basis", ""),
                frequency=sent.get("frequency", ""), minutes=shown.number_in(sent, "minutes"),
                questions=sent.get("questions", "").splitlines(), matter=sent.get("matter", ""),
            )  # fmt: skip
            undo.done(request, _("Registered; it can be sent now."))
            return HttpResponseRedirect(address("duty-form", found.id))
        except LinliError as wrong:
            error = wrong
    return _page(
        request, "new_form", "duty-forms", error=error, frequencies=Frequency.choices,
        matters=[("", _("None of them")), *queries.matters(actor.district)],
    )  # fmt: skip


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """One form: send it, say who used its result, renew it; where it was sent and what came back."""
    actor = actor_of(request)
    found = queries.form(actor, form_id)
    error: LinliError | None = None
    if request.method == "POST":
        sent, what = request.POST, request.POST.get("do", "")
        try:
            if what == "send":
                due = day_of(sent, "due_on")
                sheets = asking.send(actor, found.id, area_path=sent.get("area_path", ""), due_on=due)
                undo.done(request, _("Sent to %(count)s communities.") % {"count": len(sheets)})
            elif what == "use":
                asking.note_use(actor, found.id, what=sent.get("what", ""), used_on=day_in(sent, "used_on"))
                undo.done(request, _("Noted; the yearly review counts it."))
            elif what == "renew":
                asking.renew(actor, found.id, reason=sent.get("reason", ""))
                undo.done(request, _("Renewed for this year."))
            else:
                raise Invalid("form.do", _("Choose what to do."), field="do")
            return HttpResponseRedirect(address("duty-form", found.id))
        except LinliError as wrong:
            error = wrong
    year = time.today().year
    return _page(
        request, "form", "duty-forms", error=error, row=shown.review_row(queries.reckon([found], year=year)[0]), year=year,
        own=found.organisation_id == actor.organisation_id and bool(policy.reach(actor, "duties.keep_form")),
        areas=_areas(actor), today=time.today().isoformat(),
        sheets=[shown.sheet_row(one) for one in queries.sheets_of(found)], uses=[shown.use_row(one) for one in queries.uses_of(found)],
    )  # fmt: skip


@staff
@never_cache
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """The yearly review from zero: each form with its cost in minutes and who used the result."""
    actor = actor_of(request)
    this_year = time.today().year
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else this_year
    rows = [shown.review_row(one, href=address("duty-form", one.form.id)) for one in queries.review(actor, year=year)]
    return _page(
        request, "review", "duty-review", rows=rows, year=year, minutes=sum(row["cost"] for row in rows),
        lapsing=sum(row["will_lapse"] for row in rows),
        chips=[
            {"label": str(one), "href": address("duty-review", query={"year": str(one)}), "current": one == year}
            for one in (this_year, this_year - 1)
        ],
    )  # fmt: skip


@staff
@never_cache
@require_GET
def sheets(request: HttpRequest) -> HttpResponse:
    """The forms that one's community was asked for, what is due first first."""
    actor = actor_of(request)
    rows = [shown.sheet_row(one, href=address("duty-sheet", one.id)) for one in queries.received(actor)[:MOST_ROWS]]
    return _page(request, "sheets", "duty-sheets", rows=rows)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Answer a form in place: what the platform knows stands there already."""
    actor = actor_of(request)
    found = queries.sheet(actor, sheet_id)
    error: LinliError | None = None
    questions = list(enumerate(found.form.asked))
    if request.method == "POST":
        sent = request.POST
        try:
            asking.answer(
                actor, found.id, answers={question: sent.get(f"answer-{number}", "") for number, question in questions},
                minutes=shown.number_in(sent, "minutes") if sent.get("minutes") else None,
            )  # fmt: skip
            undo.done(request, _("Answered."))
            return HttpResponseRedirect(address("duty-sheets"))
        except LinliError as wrong:
            places = {question: f"answer-{number}" for number, question in questions}
            error = Invalid(
                wrong.code,
                wrong.message,
                field=places.get(wrong.field, wrong.field),
                mend=wrong.mend,
                status=wrong.status,
            )
    fields = [
        {"name": f"answer-{number}", "label": question, "value": request.POST.get(f"answer-{number}", ""),
         "error": str(error.message) if error and error.field == f"answer-{number}" else ""}
        for number, question in questions
    ]  # fmt: skip
    return _page(request, "sheet", "duty-sheets", error=error, row=shown.sheet_row(found), fields=fields)
