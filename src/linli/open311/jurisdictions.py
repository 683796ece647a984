"""Which part of the city an argument names: nothing, the city's or a district's code, or the name of the site itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.cases import placing
from linli.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A part of the city.

    Args:
        path: of its area; ``""`` for all of it.
        district: when it is one district, or there is only one.
    """

    path: str
    district: str


def find(request: HttpRequest, named: str) -> Jurisdiction:
    """The jurisdiction of a request. One endpoint serves them all, so that none has to be named.

    Raises:
        NotFound: there is no such jurisdiction.
    """
    districts = placing.districts()
    only = districts[0] if len(districts) == 1 else ""
    site = request.get_host().partition(":")[0].removeprefix("www.")
    if not named or named.lower().removeprefix("www.") == site.lower():
        return Jurisdiction("", only)
    if named in districts:
        return Jurisdiction(named, named)
    if len(named) == 4 and any(code.startswith(named) for code in districts):
        return Jurisdiction(named, only)
    raise NotFound(
        "open311.jurisdiction",
        _("jurisdiction_id %(named)s was not found.") % {"named": named[:40]},
        field="jurisdiction_id",
    )
