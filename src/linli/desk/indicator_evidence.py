"""Evidence for indicators at the desk: handed in by a community, reviewed by somebody else above it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, staff
from linli.indicators import actions, proofs
from linli.indicators.models import Evidence, State
from linli.indicators.sets import Indicator, indicator_set, sets
from linli.indicators.sources import EVIDENCE
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.intake import Shelf, receive
from linli.kernel.storage.serving import photo_response
from linli.kernel.trust import policy
from linli.kernel.trust.policy import Spot
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo
from linli.ui.sent import day_of, id_in

PAGE = 30
HOLDS = timedelta(days=365)
TONES = {State.PENDING: "soon", State.ACCEPTED: "good", State.RETURNED: "late"}


@staff
@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The queue: what waits for review first; narrowed to a state, an area, a set."""
    actor = actor_of(request)
    view, area, chosen = (request.GET.get(name, "")[:60] for name in ("view", "area", "set"))
    views = {
        State.PENDING: _("Waits for review"), State.ACCEPTED: _("Evidence accepted"), State.RETURNED: _("Evidence returned"),
        proofs.EXPIRED: _("Expired"), State.WITHDRAWN: _("Withdrawn"),
    }  # fmt: skip
    view = view if view in views else State.PENDING
    asked = {"area": area, "set": chosen if chosen in sets() else ""}
    rows = proofs.listed(actor, view=view, area_path=area, set_id=asked["set"])
    paginator = Paginator(rows, PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    here = address("indicator-evidence", query=asked | {"view": view})
    context = {
        "views": [
            {"label": label, "href": address("indicator-evidence", query=asked | {"view": name}), "current": name == view}
            for name, label in views.items()
        ],
        "place": territory.full_name(area, top=Level.CITY) if area else "",
        "rows": [_face(one) for one in shown.object_list],
        "page": shown.number, "pages": paginator.num_pages, "total": paginator.count, "base": f"{here}&page=",
        "new_href": address("indicator-evidence-new", query=asked) if policy.allows(actor, actions.SUBMIT) else "",
        "back": address("indicators", query=asked),
    }  # fmt: skip
    return render(request, "desk/indicators/evidence.html", context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Hand evidence in for an indicator of one's community."""
    actor, sent = actor_of(request), request.POST
    policy.require(actor, actions.SUBMIT)
    error: LinliError | None = None
    if sent:
        try:
            made = actions.submit(
                actor, _facts(request), key=id_in(sent.get("key", "")) or ids.new_id(), originals=_photos(request)
            )
        except LinliError as wrong:
            error = wrong
        else:
            undo.done(request, _("Handed in; somebody else reviews it."))
            return HttpResponseRedirect(address("indicator-evidence-one", made.id))
    asked = sent or request.GET
    chosen = asked.get("of", "") or f"{asked.get('set', '')}.{asked.get('indicator', '')}"
    areas = _communities(actor.area_path)
    context = {
        "options": [
            (f"{one.id}.{row.id}", f"{one.name}: {row.name}")
            for one in sets().values() for row in one.indicators if row.source == EVIDENCE
        ],
        "chosen": chosen, "areas": areas, "area": asked.get("area", "") or actor.area_path, "sent": sent,
        "key": sent.get("key", "") or str(ids.new_id()), "today": time.today().isoformat(), "most": actions.MOST_FILES,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error and error.field else {},
    }  # fmt: skip
    return render(request, "desk/indicators/evidence_new.html", context, status=error.status if error else 200)


@staff
@never_cache
@require_GET
def page(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """A piece of evidence: what it claims, its photos, what the review said."""
    return _page(request, proofs.one(actor_of(request), evidence_id))


@staff
@require_POST
def do(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Accept, return or withdraw."""
    actor, sent = actor_of(request), request.POST
    found = proofs.one(actor, evidence_id)
    what = sent.get("what", "")
    try:
        if what == "accept":
            actions.accept(actor, evidence_id, value=_share(request), valid_until=day_of(sent, "valid_until"))
            said = _("Accepted; it counts in the score.")
        elif what == "return":
            actions.send_back(actor, evidence_id, reason=sent.get("reason", ""))
            said = _("Returned with the reason.")
        elif what == "withdraw":
            actions.withdraw(actor, evidence_id)
            said = _("Withdrawn.")
        else:
            raise NotFound("not_found", _("There is nothing here that you can see."))
    except NotFound:
        raise
    except LinliError as error:
        return _page(request, found, error)
    undo.done(request, said)
    return HttpResponseRedirect(address("indicator-evidence-one", evidence_id))


@staff
@never_cache
@require_GET
def photo(request: HttpRequest, evidence_id: UUID, file_id: UUID, size: str) -> HttpResponseBase:
    """A photo or scan of evidence, ``small`` or whole."""
    found = proofs.file(actor_of(request), evidence_id, file_id)
    return photo_response(found.thumb_key if size == "small" else found.shown_key, shelf=Shelf.PRIVATE)


def _page(request: HttpRequest, found: Evidence, error: LinliError | None = None) -> HttpResponse:
    actor, sent, spot = actor_of(request), request.POST, Spot(found.area_path)
    pending, mine = found.state == State.PENDING, found.noted_by == actor.account_id
    context: dict[str, Any] = {
        "one": _face(found),
        "evidence": found,
        "indicator": _indicator(found),
        "files": [
            {
                "src": address("indicator-evidence-file", found.id, one.id, "whole"),
                "thumb": address("indicator-evidence-file", found.id, one.id, "small"),
                "alt": _("Attached to the evidence"),
            }
            for one in proofs.files(found)
        ],
        "reviews": pending and not mine and policy.allows(actor, actions.REVIEW, spot),
        "withdraws": pending and mine and policy.allows(actor, actions.SUBMIT, spot),
        "again": address("indicator-evidence-new", query={"set": found.set_id, "indicator": found.indicator_id, "area": found.area_path})
        if not pending and policy.allows(actor, actions.SUBMIT, spot) else "",
        "card_href": address("indicators", query={"set": found.set_id, "area": found.area_path}),
        "value_now": sent.get("value") or f"{100 * found.value:g}",
        "until_now": sent.get("valid_until") or (time.today() + HOLDS).isoformat(),
        "sent": sent,
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error and error.field else {},
    }  # fmt: skip
    return render(request, "desk/indicators/evidence_one.html", context, status=error.status if error else 200)


def _face(one: Evidence) -> dict[str, Any]:
    indicator, expired = _indicator(one), one.expired(time.today())
    known = sets().get(one.set_id)
    return {
        "href": address("indicator-evidence-one", one.id),
        "name": indicator.name if indicator else one.indicator_id,
        "set": known.name if known else one.set_id,
        "place": proofs.place(one),
        "claimed": f"{100 * one.value:g} %",
        "accepted": "" if one.accepted_value is None else f"{100 * one.accepted_value:g} %",
        "dated": one.dated,
        "by": one.noted_as,
        "at": one.noted_at,
        "state": _("Expired") if expired else one.get_state_display(),
        "tone": "late" if expired else TONES.get(State(one.state), "quiet"),
    }


def _indicator(one: Evidence) -> Indicator | None:
    # A set is a file: it may have been taken away while its evidence is kept.
    known = sets().get(one.set_id)
    return next((row for row in known.indicators if row.id == one.indicator_id), None) if known else None


def _facts(request: HttpRequest) -> actions.EvidenceFacts:
    sent = request.POST
    set_id, _dot, indicator = sent.get("of", "")[:121].partition(".")
    if not set_id:
        raise Invalid("indicators.no_evidence", _("Choose an indicator."), field="indicator")
    indicator_set(set_id)
    return actions.EvidenceFacts(
        set_id, indicator, sent.get("area", "")[:48], sent.get("text", ""), _share(request), day_of(sent, "dated")
    )


def _share(request: HttpRequest) -> float:
    try:
        return float(request.POST.get("value", "").strip().removesuffix("%")) / 100
    except ValueError:
        raise Invalid("indicators.value", _("Give a percentage from 0 to 100."), field="value") from None


def _photos(request: HttpRequest) -> list[Any]:
    sent = request.FILES.getlist("photos")
    if len(sent) > actions.MOST_FILES:
        raise Invalid("indicators.files", _("Five photos are the most of one piece of evidence."), field="photos")
    return [receive(one.chunks()) for one in sent]


def _communities(reach: str) -> list[tuple[str, str]]:
    if reach.count("/") >= proofs.COMMUNITY:
        path = "/".join(reach.split("/")[: proofs.COMMUNITY + 1])
        return [(path, territory.place_name(path, top=Level.SUBDISTRICT))]
    return list(territory.choices(reach))
