"""Where one lives: found by an address or by where the phone is, kept down to the micro-grid and no finer, taken back at any time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.cases import placing
from linli.kernel.errors import Invalid, LinliError, SignInNeeded
from linli.kernel.trust import Actor
from linli.people.actions import accounts
from linli.people.pages import rows_of as error_rows
from linli.portal.frame import address, door, visitor
from linli.territory import address_search
from linli.territory import queries as territory
from linli.ui import undo

OFFERED = 5


def home_of(request: HttpRequest) -> str:
    """The micro-grid that the visitor has set as home; ``""`` without an account or a home."""
    return str(request.user.home_path) if visitor(request).is_signed_in else ""  # type: ignore[union-attr]


def community_of(path: str) -> str:
    """The community of a place: what lists and feeds are narrowed to."""
    return "/".join(path.split("/")[:3]) if path.count("/") > 1 else ""


@door
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the home; look for a place, choose one of those found, or take the home back."""
    actor = visitor(request)
    if not actor.is_signed_in:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    text = " ".join(request.POST.get("address", "").split())[:200]
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            found = _wanted(request, actor, text)
            if found is not None:
                return _set(request, actor, found)
        except LinliError as error:
            errors.append(error)
    return render(
        request,
        "portal/mine/home.html",
        _context(request, actor, text, errors),
        status=errors[0].status if errors else 200,
    )


def _wanted(request: HttpRequest, actor: Actor, text: str) -> str | None:
    """The path that is to be the home; ``None`` while there are several to choose from.

    Raises:
        Invalid: nothing was said, or no such place is known.
    """
    if "remove" in request.POST:
        return ""
    chosen = request.POST.get("place", "")
    lng, lat = _degrees(request.POST.get("lng", "")), _degrees(request.POST.get("lat", ""))
    if chosen:
        if not territory.place_name(chosen[:48]) or chosen.count("/") < 2:
            raise Invalid("home.place", _("There is no such place here."), field="address")
        return chosen[:48]
    if text:
        if _candidates(actor, text):
            return None
        raise Invalid(
            "home.unknown",
            _("We do not know this address."),
            field="address",
            mend=_("Write the compound or the street and number, or use “Where I am”."),
        )
    if lng is None or lat is None:
        raise Invalid("home.needed", _("Please write your address, or use “Where I am”."), field="address")
    place = placing.find(lng=lng, lat=lat, coordinates="wgs84", address="", district="")
    if place.how == "unplaced" or place.area_path.count("/") < 2:
        raise Invalid("home.outside", _("This place lies outside what we know."), field="address")
    return place.area_path


def _degrees(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return None


def _candidates(actor: Actor, text: str) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in address_search.locate_address(text, district=actor.district, limit=OFFERED):
        if one.path.count("/") >= 2:
            found.setdefault(one.path, {"path": one.path, "name": one.name, "grid": territory.full_name(one.path)})
    return list(found.values())


def _set(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    before = home_of(request)
    accounts.set_home(actor, home_path=path)
    said = _("Your home is %(place)s.") % {"place": territory.full_name(path)} if path else _("Your home is forgotten.")
    back = {"place": before} if before else {"remove": "1"}
    undo.done(request, said, undo=address("my-home"), **back)
    return HttpResponseRedirect(address("my-home"))


def _context(request: HttpRequest, actor: Actor, text: str, errors: list[LinliError]) -> dict[str, Any]:
    home = home_of(request)
    community = community_of(home)
    return {
        "place": "mine",
        "home": home,
        "home_name": territory.full_name(home) if home else "",
        "candidates": _candidates(actor, text) if text and not errors else [],
        "address": text,
        "near_href": f"{address('map')}?area={community}" if community else "",
        "feed_href": address("feed", community) if community else "",
        "ground": f"/map/ground/{actor.district or 'all'}",
        "errors": [row for error in errors for row in error_rows(error)],
        "wrong": {error.field: str(error.message) for error in errors},
    }
