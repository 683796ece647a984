"""Ringing one's grid member: the public number of the place where one lives, or of a community that one chooses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.organisations import queries as organisations
from linli.people import queries as people
from linli.people.words import role_word
from linli.portal.frame import door, visitor
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.casework.names import language
from linli.workforce import queries as workforce

PATH_LENGTH = 48


@door
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Whom to ring, with the number as large as it goes; ``?community=`` asks for another place, ``?district=`` lists one."""
    actor = visitor(request)
    asked = request.GET.get("community", "")[:PATH_LENGTH]
    home = request.user.home_path if actor.is_signed_in else ""  # type: ignore[union-attr]
    path = asked if _is_community(asked) else "" if "district" in request.GET else home
    districts = _districts()
    district = request.GET.get("district", "")[:6] or path[:6] or actor.district
    if district not in dict(districts):
        district = districts[0][0] if len(districts) == 1 else ""
    context: dict[str, Any] = {
        "place": "home",
        "path": path,
        "own": bool(path) and path == home,
        "neighbour": _card(path),
        "duty": _on_duty(path),
        "organisations": _organisations(path),
        "place_name": territory.full_name(path) if path else "",
        "districts": districts,
        "district": district,
        "communities": communities_of(district) if district else [],
        "community": "/".join(path.split("/")[:3]),
    }
    return render(request, "portal/call.html", context)


def _card(path: str) -> dict[str, str] | None:
    found = people.neighbour(path) if path else None
    if found is None:
        return None
    return {
        "phone": found.phone,
        "dial": _dialled(found.phone),
        "name": found.called(language()),
        "role": role_word(found.role) if found.role else "",
        "area": territory.full_name(found.area_path, top=Level.COMMUNITY),
    }


def _on_duty(path: str) -> dict[str, Any] | None:
    found = workforce.on_duty(path) if path else None
    if found is None or not found.phone:
        return None
    return {
        "name": found.name,
        "phone": found.phone,
        "dial": _dialled(found.phone),
        "until": found.until,
    }


def _organisations(path: str) -> list[dict[str, str]]:
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "description": one.description,
            "phone": one.phone,
            "dial": _dialled(one.phone),
        }
        for one in (organisations.public_of(path) if path else ())
    ]


def _dialled(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


def _is_community(path: str) -> bool:
    return path.count("/") == people.COMMUNITY_RUNG and bool(territory.place_name(path, top=Level.COMMUNITY))


def _districts() -> list[tuple[str, str]]:
    """The districts that are here, whatever the city."""
    return [row for city, _name in territory.choices("") for row in territory.choices(city)]


def communities_of(district: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The communities of a district, below their subdistricts."""
    found = []
    for path, name in territory.choices(district):
        if not path.endswith("/000") and (below := territory.choices(path)):
            found.append((name, below))
    return found
