"""Quarterly supervision at the desk: the list of a quarter, an item with what came of it, and the same as a table."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, draw, staff
from linli.kernel import ids, time
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.kernel.workbooks import as_csv
from linli.supervision import actions, drawing, queries, saying
from linli.supervision.actions import Verdict
from linli.supervision.models import Item, ItemState, QuarterList, Reason, Step
from linli.territory import queries as territory
from linli.ui import undo
from linli.ui.casework.names import organisation_name
from linli.ui.sent import day_of, id_in, version_of

PAGE = 50
LOOKS = {
    ItemState.OPEN: ("info", "circle"),
    ItemState.DONE: ("soon", "clipboard-check"),
    ItemState.CLOSED: ("good", "circle-check"),
    ItemState.CARRIED: ("quiet", "arrow-right"),
}


def quarter_name(found: QuarterList) -> str:
    """A list's quarter in words."""
    return _("quarter %(quarter)d of %(year)d") % {
        "quarter": 1 + (found.quarter.month - 1) // 3, "year": found.quarter.year,
    }  # fmt: skip


@staff
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The items of a list that concern the post; the newest list unless told. ``form=csv`` as a file."""
    actor = actor_of(request)
    known = list(queries.lists(actor)[:40])
    wanted = id_in(request.GET.get("list", ""))
    chosen = next((one for one in known if one.id == wanted), known[0] if known else None)
    state = request.GET.get("state", "")
    state = state if state in set(ItemState) else ""
    rows: list[dict[str, Any]] = []
    shown = None
    chips: list[dict[str, Any]] = []
    if chosen is not None:
        found = queries.items(actor, chosen, state=state)
        if request.GET.get("form") == "csv":
            return _sheet(chosen, [_row(one) for one in found])
        shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
        rows = [_row(one) for one in shown]
        chips = _chips(actor, chosen, state)
    query = {"list": str(chosen.id), "state": state} if chosen else {}
    return draw(
        request, "supervision/list", [], rows=rows, shown=shown, chips=chips, chosen=chosen, state=state,
        name=quarter_name(chosen) if chosen else "", place=territory.full_name(chosen.district) if chosen else "",
        lists=[
            {"label": f"{territory.full_name(one.district)} · {quarter_name(one)}", "value": str(one.id)} for one in known
        ],
        base=f"{address('supervision', query=query)}&page=", csv=f"{address('supervision', query=query)}&form=csv",
        may_draw=_may_draw(actor), next_name=_next_name(actor, known), key=str(ids.new_id()),
    )  # fmt: skip


def _may_draw(actor: Actor) -> bool:
    path = actor.area_path
    return len(path) == DISTRICT_LENGTH and policy.allows(actor, queries.DRAW, policy.Spot(path))


def _next_name(actor: Actor, known: list[QuarterList]) -> str:
    """This quarter in words while it has no list yet; else empty."""
    if not _may_draw(actor):
        return ""
    quarter = drawing.quarter_of(time.today())
    if any(one.quarter == quarter and one.district == actor.area_path for one in known):
        return ""
    return quarter_name(QuarterList(quarter=quarter))


def _chips(actor: Actor, chosen: QuarterList, state: str) -> list[dict[str, Any]]:
    counts = queries.counts(actor, chosen)
    chips = [
        ("", _("All"), sum(counts.values())),
        *((one.value, one.label, counts.get(one.value, 0)) for one in ItemState),
    ]
    return [
        {
            "label": label, "count": count, "current": value == state, "icon": "", "tone": "",
            "href": address("supervision", query={"list": str(chosen.id), "state": value}),
        }
        for value, label, count in chips
        if count or not value or value == state
    ]  # fmt: skip


def _row(one: Item) -> dict[str, Any]:
    tone, icon = LOOKS[ItemState(one.state)]
    late = one.state == ItemState.OPEN and one.due_on < time.today()
    return {
        "id": str(one.id), "href": address("supervision-item", one.id), "words": saying.words(one),
        "reason": Reason(one.reason).label, "organisation": organisation_name(one.organisation_id), "due_on": one.due_on,
        "state": _("past its day") if late else one.get_state_display(), "tone": "late" if late else tone,
        "icon": "clock-alert" if late else icon, "carried": one.carried_from is not None, "cases": " ".join(one.cases),
    }  # fmt: skip


def _sheet(chosen: QuarterList, rows: list[dict[str, Any]]) -> HttpResponse:
    head = [_("Reason"), _("In words"), _("Cases"), _("Who answers for it"), _("Due"), _("State")]
    table = [
        [
            str(row["reason"]),
            row["words"],
            row["cases"],
            row["organisation"],
            row["due_on"].isoformat(),
            str(row["state"]),
        ]
        for row in rows
    ]
    name = f"linli-supervision-{chosen.district}-{chosen.quarter.isoformat()}.csv"
    return HttpResponse(
        as_csv([head, *table]), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@staff
@require_POST
def drawn(request: HttpRequest) -> HttpResponse:
    """Draw the list of this quarter."""
    actor = actor_of(request)
    policy.require(actor, queries.DRAW)
    if len(actor.area_path) != DISTRICT_LENGTH:
        raise NotFound("supervision.no_district", _("A list is drawn by a post of the district."))
    found = actions.draw(actor, actor.area_path, request.POST.get("key", "") or str(ids.new_id()))
    undo.done(request, _("The list is drawn."))
    return HttpResponseRedirect(address("supervision", query={"list": str(found.id)}))


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """An item: what was seen, the way to what is behind it, its entries, and what the post may do."""
    actor = actor_of(request)
    found = queries.item(actor, item_id)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            _do(request, actor, found)
            return HttpResponseRedirect(address("supervision-item", found.id))
        except NotFound:
            raise
        except LinliError as wrong:
            error = wrong
            found = queries.item(actor, item_id)
    is_open, is_done = found.state == ItemState.OPEN, found.state == ItemState.DONE
    return draw(
        request, "supervision/item", [], error=error, row=_row(found), item=found, name=quarter_name(found.of),
        list_href=address("supervision", query={"list": str(found.of_id)}),
        behind=_behind(found), cases=[{"number": one, "href": address("case", one)} for one in found.cases],
        entries=[{"step": Step(one.step).label, "text": one.text, "at": one.at, "name": one.name} for one in queries.entries(found)],
        may_follow=is_open and policy.allows(actor, queries.FOLLOW, found),
        may_assign=is_open and policy.allows(actor, queries.DRAW, found),
        may_check=is_done and policy.allows(actor, queries.CHECK, found) and found.done_by != actor.post_id,
        own_done=is_done and found.done_by == actor.post_id, organisations=_organisations(found),
    )  # fmt: skip


def _do(request: HttpRequest, actor: Actor, found: Item) -> None:
    sent, version = request.POST, version_of(request.POST)
    match sent.get("do", ""):
        case "note":
            actions.follow(actor, found.id, version, sent.get("text", ""))
        case "done":
            actions.follow(actor, found.id, version, sent.get("text", ""), Step.DONE)
        case "close" | "back" as verdict:
            actions.check(actor, found.id, version, Verdict(verdict), sent.get("text", ""))
        case "assign":
            organisation_id = id_in(sent.get("organisation", ""))
            if organisation_id is None:
                raise Invalid(
                    "supervision.organisation", _("Choose an organisation of the district."), field="organisation"
                )
            actions.assign(actor, found.id, version, organisation_id, day_of(sent, "due_on"))
        case _:
            raise Invalid("supervision.step", _("Say how it goes, or that it is done."))


def _behind(found: Item) -> str:
    """Where the figure or what stands out is shown with its cases, over the days that it was drawn from."""
    days = urlencode({"period": "own", "from": found.of.first.isoformat(), "to": found.of.last.isoformat()})
    match found.reason:
        case Reason.BELOW_AIM:
            return f"{reverse('cockpit:behind', args=[found.facts['metric'], found.area_path])}?{days}"
        case Reason.STANDS_OUT:
            community = "/".join(found.area_path.split("/")[:3])
            return f"{reverse('cockpit:unusual', args=[community])}?{days}"
    return ""


def _organisations(found: Item) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in queries.organisations(found)]
