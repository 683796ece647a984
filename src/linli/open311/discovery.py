"""Service discovery: where the endpoint is, what it speaks, and how to get a key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.catalog import queries as catalog
from linli.open311 import moments, words
from linli.open311.documents import Format, Reply
from linli.open311.services import CACHED, offered

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
ENDPOINT = "/open311/v2"


def discovery(request: HttpRequest) -> Reply:
    """GET discovery."""
    return Reply("discovery", document(request), headers=dict(CACHED))


def document(request: HttpRequest) -> dict[str, Any]:
    """What discovery tells; its changeset moves when the services do."""
    changeset = moments.written(max((entry.valid_from for entry in catalog.current().all()), default=None))
    return {
        "changeset": changeset,
        "contact": settings.LINLI_OPEN311_CONTACT
        or _("The operation centre of the district; telephone 12345 in all cities of China."),
        "key_service": _key_service(),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": request.build_absolute_uri(ENDPOINT),
                "changeset": changeset,
                "type": "production" if settings.LINLI_MODE == "production" else "test",
                "formats": [one.media_type for one in Format],
            }
        ],
    }


def _key_service() -> str:
    if settings.LINLI_OPEN311_DEMO_KEY:
        return _("This is a demo: use the key %(key)s.") % {"key": settings.LINLI_OPEN311_DEMO_KEY}
    if settings.LINLI_OPEN311_KEYLESS:
        return _("No key is needed.")
    return settings.LINLI_OPEN311_KEY_SERVICE or _(
        "The security administrator of the city makes keys for applications."
    )


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    found = document(request)
    return render(
        request,
        "open311/discovery.html",
        {
            "discovery": found,
            "endpoint": found["endpoints"][0],
            "services": [(entry.code, entry.called(words.language())) for entry in offered(catalog.current())],
        },
    )
