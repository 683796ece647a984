"""Dwellings at the door: the verification list in walking order, one dwelling, what is said to have changed. Works without a signal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.field import answers
from linli.field.frame import actor_of, address, member
from linli.households.actions import reading, visiting
from linli.households.models import Change, Kind, Outcome, Source, Status
from linli.households.place import address as place_words
from linli.households.place import dwelling_for, room, short_address
from linli.households.queries import lists, people
from linli.kernel import commands, ids, time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor
from linli.ui import undo
from linli.ui.casework import dwellings as form
from linli.ui.sent import day_in, id_in

MOST_KEPT = 40
"""Dwellings whose forms lie on the phone: the next ones of the walk."""
ACTS = ("same", "missed", "change", "undo")
NOT_SENT = frozenset({"csrfmiddlewaretoken", "key", "begun_at", "anyway"})
"""Of a form: what does not make it another command."""


def sheet(actor: Actor) -> dict[str, Any]:
    """The list of a post: entrances in walking order, each with its doors."""
    walk = lists.walk(actor)
    entrances: list[dict[str, Any]] = []
    for door in walk.doors:
        dwelling = door.dwelling
        name = _("%(compound)s, building %(building)s, entrance %(entrance)s") % {
            "compound": dwelling.entrance.building.compound.name,
            "building": dwelling.entrance.building.number,
            "entrance": dwelling.entrance.number,
        }
        if not entrances or entrances[-1]["name"] != name:
            entrances.append({"name": name, "doors": [], "done": 0})
        visit = door.last
        mine = visit is not None and visit.post_id == actor.post_id and visit.outcome != Outcome.CHANGED
        entrances[-1]["done"] += door.done
        entrances[-1]["doors"].append(
            {
                "id": dwelling.id,
                "room": room(dwelling),
                "label": short_address(dwelling),
                "status": str(Status(door.status).label) if door.status else _("not known"),
                "residents": door.residents,
                "done": door.done,
                "outcome": str(Outcome(visit.outcome).label) if visit else "",
                "missed": visit is not None and not door.done,
                "next_try_on": door.next_try_on,
                "due": bool(door.next_try_on and door.next_try_on <= time.today()),
                "pending": door.pending,
                "visit": visit.id if mine and visit else None,
            }
        )
    return {
        "entrances": entrances,
        "walk": walk,
        "left": walk.total - walk.done,
        "nav": "dwellings",
        "no_fab": True,
    }


@member
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The verification list: one tap each for as it was."""
    return render(request, "field/dwellings/list.html", sheet(actor_of(request)))


def kept_pages(actor: Actor) -> list[tuple[str, str]]:
    """For *sync*: the list and the forms of the next doors, each with what changes when it does."""
    walk = lists.walk(actor)
    if not walk.doors:
        return []
    marks = [
        f"{door.dwelling.id}:{door.last.id if door.last else ''}:{door.pending}:{door.residents}" for door in walk.doors
    ]
    pages = [(address("dwellings"), "|".join([time.today().isoformat(), *marks]))]
    ahead = [(door, mark) for door, mark in zip(walk.doors, marks, strict=True) if not door.done]
    return pages + [(address("dwelling", door.dwelling.id), mark) for door, mark in ahead[:MOST_KEPT]]


@member
@require_GET
def page(request: HttpRequest, dwelling_id: UUID) -> HttpResponse:
    """One dwelling: who is registered, masked; as it was, nobody met, or what has changed."""
    return _page(request, actor_of(request), dwelling_id)


def _page(request: HttpRequest, actor: Actor, dwelling_id: UUID, *, error: LinliError | None = None) -> HttpResponse:
    file = people.file_of(actor, dwelling_id, purpose=visiting.VERIFYING)
    typed = request.POST if error else {}
    context = {
        "file": file,
        "dwelling": file.dwelling,
        "title": place_words(file.dwelling),
        "label": short_address(file.dwelling),
        "status": str(Status(file.status.status).label) if file.status else _("not known"),
        "residents": residents_of(file),
        "pending": [one for one in file.proposals if one.proposal.state == "pending"],
        "changes": [(one.value, one.label) for one in Change],
        "statuses": [(one.value, one.label) for one in Status],
        "kinds": [(one.value, one.label) for one in Kind],
        "people": [(str(row["id"]), row["name"]) for row in residents_of(file)],
        "today": time.today().isoformat(),
        "key": str(ids.new_id()),
        "typed": typed,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error else {},
        "no_fab": True,
    }
    return render(request, "field/dwellings/page.html", context, status=error.status if error else 200)


def residents_of(file: people.File) -> list[dict[str, Any]]:
    """The people of a dwelling as rows, masked."""
    return [
        {
            "id": one.person.id,
            "name": one.person.name,
            "phone": one.person.phone,
            "kind": str(Kind(one.residency.kind).label),
            "source": str(Source(one.residency.source).label),
            "since": one.residency.valid_from,
            "child": one.child,
        }
        for one in file.residents
    ]


@member
@require_POST
def act(request: HttpRequest, dwelling_id: UUID, what: str) -> HttpResponse:
    """Carry out one of the acts at the door, once for its key however often it is sent."""
    if what not in ACTS:
        raise Http404
    actor, key = actor_of(request), request.POST.get("key", "") or str(ids.new_id())
    dwelling = dwelling_for(actor, dwelling_id, "household.verify")
    sent = sorted((name, request.POST.getlist(name)) for name in request.POST if name not in NOT_SENT)
    try:
        told = commands.run(
            actor, key, repr([str(dwelling_id), what, sent]).encode(), district=dwelling.district,
            action=lambda: (200, _carry_out(request, actor, dwelling_id, what)),
        ).body  # fmt: skip
    except LinliError as error:
        if answers.wanted(request) or what != "change":
            raise
        return _page(request, actor, dwelling_id, error=error)
    if answers.wanted(request):
        return answers.done(address("dwellings"), short_address(dwelling))
    label = short_address(dwelling)
    if told.get("visit") and what in ("same", "missed"):
        undo.done(
            request, f"{label}: {told['said']}", undo=address("dwelling-do", dwelling_id, "undo"), visit=told["visit"]
        )
    else:
        undo.done(request, f"{label}: {told['said']}")
    return HttpResponseRedirect(address("dwellings"))


def _carry_out(request: HttpRequest, actor: Actor, dwelling_id: UUID, what: str) -> dict[str, str]:
    at = answers.begun_at(request)
    match what:
        case "same":
            visit = visiting.verify(actor, dwelling_id, outcome=Outcome.AS_IT_WAS, at=at)
            return {"visit": str(visit.id), "said": str(Outcome.AS_IT_WAS.label)}
        case "missed":
            planned = day_in(request.POST, "next_try_on")
            visit = visiting.verify(actor, dwelling_id, outcome=Outcome.NOT_MET, next_try_on=planned, at=at)
            return {"visit": str(visit.id), "said": str(Outcome.NOT_MET.label)}
        case "undo":
            visiting.take_back(actor, id_in(request.POST.get("visit", "")) or dwelling_id)
            return {"said": _("taken back")}
        case _:
            form.propose(actor, dwelling_id, request.POST.dict(), source=Source.VISIT, at=at)
            return {"said": _("proposed; the community decides")}


@member
@never_cache
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, dwelling_id: UUID, person_id: UUID) -> HttpResponse:
    """Ring a neighbour: first what for, then name and number; the person can read who looked."""
    actor = actor_of(request)
    dwelling = dwelling_for(actor, dwelling_id, "household.read")
    context: dict[str, Any] = {
        "back": address("dwelling", dwelling_id),
        "title": place_words(dwelling),
        "purpose": request.POST.get("purpose", ""),
        "no_fab": True,
    }
    status = 200
    if request.method == "POST":
        try:
            context["told"] = reading.read_person(actor, person_id, purpose=context["purpose"])
        except Invalid as error:
            context["error"], status = str(error.message), error.status
    return render(request, "field/dwellings/person.html", context, status=status)
