"""What everybody may know as an Atom feed (RFC 4287): everywhere, in a district or in a community; of all kinds, a group or one kind.

An entry says the kind, the state and where it is down to the community, with the rounded place (GeoRSS), and the
report's words where somebody has let them through.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_GET

from linli.cases import public
from linli.cases.models import Case
from linli.kernel.errors import NotFound
from linli.moderation import queries as moderation
from linli.portal.frame import address, door
from linli.portal.open import categories_of
from linli.portal.wording import place_of
from linli.territory import queries as territory
from linli.ui.casework.names import catalogue_for, category_name, language
from linli.ui.looks import look_of

ENTRIES = 50
EVERYWHERE = "all"
STATES = ("open", "solved")


class GeoFeed(Atom1Feed):
    """Atom with the rounded place of each entry."""

    def root_attributes(self) -> dict[str, str]:
        """The namespaces."""
        return super().root_attributes() | {"xmlns:georss": "http://www.georss.org/georss"}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """The entry, and where it is."""
        super().add_item_elements(handler, item)
        if item["point"]:
            handler.addQuickElement("georss:point", f"{item['point'].lat} {item['point'].lng}")


@door
@require_GET
def cases(request: HttpRequest, area: str) -> HttpResponseBase:
    """The newest fifty; ``?category=`` or ``?group=`` and ``?show=open|solved`` narrow them."""
    path = "" if area == EVERYWHERE else area
    if path and (path.count("/") > 2 or not territory.place_name(path)):
        raise NotFound("area.none", _("There is no such area."))
    states = request.GET.get("show", "")
    kind, group = request.GET.get("category", "")[:40], request.GET.get("group", "")[:40]
    kinds = [kind] if kind else categories_of(group)
    if group and not kinds:
        raise NotFound("category.none", _("There is no such category."))
    found = public.listed(path, states=states if states in STATES else "", categories=kinds, limit=ENTRIES)
    body = _drawn(request, path, found)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    changed = max((_changed(case) for case in found), default=None)
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    response["ETag"] = etag
    stamp = int(changed.timestamp()) if changed else None
    if stamp:
        response["Last-Modified"] = http_date(stamp)
    return get_conditional_response(request, etag=etag, last_modified=stamp, response=response) or response


def _changed(case: Case) -> datetime:
    return case.closed_at or case.reported_at


def _drawn(request: HttpRequest, path: str, found: list[Case]) -> bytes:
    place = territory.place_name(path) if path else ""
    title = _("Open and solved problems")
    feed = GeoFeed(
        title=f"{place} · {title}" if place else title,
        link=request.build_absolute_uri(f"{address('map')}?area={path[:6] if path else ''}"),
        description="",
        language=language(),
        feed_url=request.build_absolute_uri(),
        feed_guid=f"tag:{request.get_host().partition(':')[0]},2026:feed:{path or EVERYWHERE}",
    )
    words = moderation.wordings(found)
    for case in found:
        kind = category_name(case, catalogue_for(case.district))
        state = str(look_of(case.state).resident)
        feed.add_item(
            title=_("%(category)s, %(place)s") % {"category": kind, "place": place_of(case)},
            link=request.build_absolute_uri(address("problem", case.number)),
            description=f"{state} · {words[case.id]}" if case.id in words else state,
            unique_id=f"urn:uuid:{case.id}",
            pubdate=case.reported_at,
            updateddate=_changed(case),
            categories=[kind, state],
            point=public.rounded(case),
        )
    return feed.writeString("utf-8").encode()
