"""People and dwellings at the desk: finding, a dwelling's file, proposals, entries that look alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.cases import queries as cases
from linli.cases.models import Case
from linli.desk.frame import Tab, actor_of, address, staff, tabs_of
from linli.households.actions import deciding, matching, reading
from linli.households.models import Change, Kind, MatchState, Outcome, Source, Status
from linli.households.place import address as place_words
from linli.households.place import dwelling_for, room, short_address
from linli.households.queries import lists, people
from linli.kernel import commands, ids, time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor, policy
from linli.ui import undo
from linli.ui.casework import dwellings as form
from linli.ui.casework.names import Places, catalogue_for, category_name
from linli.ui.sent import id_in

PURPOSE = "serve who lives here"
"""The purpose under which a dwelling's file is opened at the desk."""


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The pages of the register that the post may open."""
    pages = (
        Tab("dwellings", _("Find"), ("household.view",)),
        Tab("proposals", _("Proposals"), ("household.decide",), count=lists.pending_count(actor) or None),
        Tab("duplicates", _("Look alike"), ("household.merge",)),
        Tab("campaigns", _("Verification"), ("household.progress",)),
        Tab("imports", _("Files"), ("household.import",)),
    )
    return tabs_of(actor, current, pages)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Dwellings by address; people by exact name or number, for a purpose."""
    actor = actor_of(request)
    policy.require(actor, "household.view")
    words = request.GET.get("q", "").strip()[:80]
    context: dict[str, Any] = {
        "tabs": tabs(actor, "dwellings"),
        "words": words,
        "doors": [_door(one) for one in people.find_dwellings(actor, words)] if words else [],
        "asked": request.POST.get("person", "").strip()[:60],
        "purpose": request.POST.get("purpose", ""),
        "may_read": bool(policy.reach(actor, "household.read")),
        "may_export": bool(policy.reach(actor, "household.export")),
    }
    status = 200
    if request.method == "POST":
        try:
            found = people.search(actor, context["asked"], purpose=context["purpose"])
            context["found"] = [
                {
                    "person": one.person,
                    "places": [_door(place) | {"kind": Kind(kind).label} for place, kind in one.places],
                }
                for one in found
            ]
        except Invalid as error:
            context |= {"errors": [error], "wrong": {error.field: str(error.message)}}
            status = error.status
    return render(request, "desk/dwellings/find.html", context, status=status)


def _door(dwelling: Any) -> dict[str, Any]:
    return {
        "id": dwelling.id,
        "label": short_address(dwelling),
        "compound": dwelling.entrance.building.compound.name,
        "room": room(dwelling),
        "href": address("dwelling", dwelling.id),
    }


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, dwelling_id: UUID) -> HttpResponse:
    """A dwelling's file: who lives here, what was before, sources side by side, its cases; and what has changed."""
    actor = actor_of(request)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            return _propose(request, actor, dwelling_id)
        except Invalid as wrong:
            error = wrong
    file = people.file_of(actor, dwelling_id, purpose=PURPOSE)
    context = {
        "tabs": tabs(actor, "dwellings"),
        "file": file,
        "title": place_words(file.dwelling),
        "place": " ".join(Places([file.dwelling.area_path]).steps(file.dwelling.area_path)),
        "residents": [_resident(one) for one in file.residents],
        "former": [_resident(one) for one in file.former],
        "statuses_before": [
            {"label": str(Status(one.status).label), "from": one.valid_from, "to": one.valid_to, "source": str(Source(one.source).label)}
            for one in file.statuses
        ],
        "proposals": [proposed(one) for one in file.proposals],
        "visits": [{"label": str(Outcome(one.outcome).label), "at": one.at, "next": one.next_try_on} for one in file.visits],
        "cases": _cases(actor, file.dwelling),
        "may_read": bool(policy.reach(actor, "household.read")),
        "changes": [(one.value, one.label) for one in Change],
        "statuses": [(one.value, one.label) for one in Status],
        "kinds": [(one.value, one.label) for one in Kind],
        "people": [(str(one.person.id), one.person.name) for one in file.residents],
        "today": time.today().isoformat(),
        "key": str(ids.new_id()),
        "typed": request.POST if error else {},
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error else {},
    }  # fmt: skip
    return render(request, "desk/dwellings/page.html", context, status=error.status if error else 200)


def _resident(one: people.Resident) -> dict[str, Any]:
    row = one.residency
    return {
        "id": one.person.id, "name": one.person.name, "phone": one.person.phone, "number": one.person.number, "child": one.child,
        "kind": str(Kind(row.kind).label), "source": str(Source(row.source).label), "from": row.valid_from, "to": row.valid_to,
    }  # fmt: skip


def _cases(actor: Actor, dwelling: Any) -> list[dict[str, Any]]:
    """Cases in reach whose address names the compound, building and entrance of this dwelling and its door."""
    entrance = dwelling.entrance
    found = []
    for case in cases.inbox(actor, cases.View.OPEN, filters=cases.Filters(area_path=dwelling.area_path), size=50).cases:
        if entrance.building.compound.name in case.address_text and room(dwelling) in case.address_text:
            found.append(_case(case))
    return found[:10]


def _case(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "title": category_name(case, catalogue_for(case.district)),
        "href": address("case", case.number),
        "state": case.state,
    }


def _propose(request: HttpRequest, actor: Actor, dwelling_id: UUID) -> HttpResponse:
    given = request.POST
    dwelling = dwelling_for(actor, dwelling_id, "household.propose")

    def once() -> tuple[int, Any]:
        proposal = form.propose(actor, dwelling_id, given.dict(), source=Source.OFFICE)
        return 200, {"proposal": str(proposal.id)}

    sent = sorted((name, given.getlist(name)) for name in given if name not in ("csrfmiddlewaretoken", "key"))
    commands.run(actor, given.get("key", ""), repr(sent).encode(), district=dwelling.district, action=once)
    undo.done(request, _("Proposed. It becomes a fact once it is accepted."))
    return HttpResponseRedirect(address("dwelling", dwelling_id))


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Ask what it is needed for, then show name and telephone number; an identity number is never shown whole."""
    actor = actor_of(request)
    policy.require(actor, "household.read")
    context: dict[str, Any] = {"tabs": tabs(actor, "dwellings"), "purpose": request.POST.get("purpose", "")}
    back = id_in(request.GET.get("at", ""))
    context["back"] = address("dwelling", back) if back else address("dwellings")
    status = 200
    if request.method == "POST":
        try:
            context["told"] = reading.read_person(actor, person_id, purpose=context["purpose"])
        except Invalid as error:
            context["error"], status = str(error.message), error.status
    return render(request, "desk/dwellings/person.html", context, status=status)


# --- proposals ------------------------------------------------------------------------------------------------------------------


def proposed(one: people.Suggested) -> dict[str, Any]:
    """A proposal as a row: what the register says, and beside it what is proposed, by which source."""
    row = one.proposal
    now = str(Status(one.now).label) if row.change == Change.STATUS and one.now else ""
    said = ""
    match row.change:
        case Change.STATUS:
            said = str(Status(row.status).label)
        case Change.MOVED_IN:
            who = one.told.name or (one.about.name if one.about else "")
            said = f"{who} · {Kind(row.kind).label}"
        case Change.MOVED_OUT:
            now, said = one.about.name if one.about else "", _("does not live here any more")
        case Change.PHONE:
            now, said = (one.about.phone or _("none")) if one.about else "", one.told.phone
    return {
        "id": row.id,
        "change": str(Change(row.change).label),
        "about": one.about.name if one.about and row.change == Change.PHONE else "",
        "now": now or _("nothing"),
        "said": said,
        "extra": " · ".join(
            part for part in (one.told.phone if row.change == Change.MOVED_IN else "", one.told.number) if part
        ),
        "note": one.note,
        "source": str(Source(row.source).label),
        "since": row.effective_on,
        "at": row.proposed_at,
        "state": str(row.state),
        "state_word": row.get_state_display(),
        "reason": row.reason,
        "dwelling": _door(one.dwelling),
    }


@staff
@never_cache
@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """What waits for a decision: the register's word and the proposed one side by side."""
    actor = actor_of(request)
    rows, following = people.queue(actor, after=request.GET.get("after", "")[:40])
    context = {
        "tabs": tabs(actor, "proposals"),
        "rows": [proposed(one) for one in rows],
        "next_href": address("proposals", query={"after": following}) if following else "",
        "first_href": address("proposals") if request.GET.get("after") else "",
    }
    return render(request, "desk/dwellings/proposals.html", context)


@staff
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Accept or refuse what is ticked, each by itself; or take the last decisions back."""
    actor = actor_of(request)
    policy.require(actor, "household.decide")
    what = request.POST.get("what", "")
    texts = ",".join(request.POST.getlist("proposal")).split(",")[:200]
    chosen = [key for text in texts if (key := id_in(text))]
    if not chosen:
        raise Invalid("proposal.nothing", _("Tick at least one proposal."), mend=_("The box stands before each row."))
    done, refused = [], []
    for key in chosen:
        try:
            match what:
                case "accept":
                    deciding.accept(actor, key)
                case "refuse":
                    deciding.refuse(actor, key, reason=request.POST.get("reason", ""))
                case _:
                    deciding.reopen(actor, key)
            done.append(str(key))
        except LinliError as error:
            refused.append(str(error.message))
    said = ngettext("%(n)d decided", "%(n)d decided", len(done)) % {"n": len(done)}
    if what not in ("accept", "refuse"):
        said = ngettext("%(n)d taken back", "%(n)d taken back", len(done)) % {"n": len(done)}
    if refused:
        said += " · " + "; ".join(dict.fromkeys(refused))
    if done and what in ("accept", "refuse"):
        undo.done(request, said, undo=address("proposals-decide"), proposal=",".join(done), what="reopen")
    else:
        undo.done(request, said)
    return HttpResponseRedirect(address("proposals"))


# --- entries that look alike ----------------------------------------------------------------------------------------------------


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def duplicates(request: HttpRequest) -> HttpResponse:
    """Entries that may be one person: merge them, or say that they are two; either can be taken back."""
    actor = actor_of(request)
    policy.require(actor, "household.merge")
    if request.method == "POST":
        return _match(request, actor)
    context = {
        "tabs": tabs(actor, "duplicates"),
        "pairs": [
            {"kept": one.kept, "other": one.other, "sure": one.sure, "dwelling": _door(one.dwelling)}
            for one in people.duplicates(actor)
        ],
        "lately": [
            {"id": one.id, "at": one.at, "merged": one.state == MatchState.MERGED}
            for one in people.merged_lately(actor)
        ],
    }
    return render(request, "desk/dwellings/duplicates.html", context)


def _match(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = request.POST
    try:
        if match := id_in(given.get("match", "")):
            matching.undo(actor, match)
            undo.done(request, _("Taken back."))
        else:
            kept, other = id_in(given.get("kept", "")), id_in(given.get("other", ""))
            if kept is None or other is None:
                raise Invalid("match.nothing", _("Choose two entries."))
            if given.get("what") == "merge":
                done, said = matching.merge(actor, kept, other), _("Merged.")
            else:
                done, said = matching.keep_apart(actor, kept, other), _("Noted: two persons.")
            undo.done(request, said, undo=address("duplicates"), match=str(done.id))
    except LinliError as error:
        undo.done(request, str(error.message))
    return HttpResponseRedirect(address("duplicates"))
