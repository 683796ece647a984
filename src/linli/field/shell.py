"""What makes the app installable, and what it shows without a signal: its shell, and the truth."""

from __future__ import annotations

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from linli.field.frame import address
from linli.ui import vite


@require_GET
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """How the app appears on a home screen."""
    icons = [
        {"src": static("field/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("field/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": static("field/icon-maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    body = {
        "id": "/field/",
        "name": _("Linli Field"),
        "short_name": _("Linli Field"),
        "description": _("What is due today in my grid"),
        "start_url": address("today"),
        "scope": "/field/",
        "display": "standalone",
        "background_color": "#F8FAFC",
        "theme_color": "#0F766E",
        "icons": icons,
        "shortcuts": [{"name": _("Report a problem"), "url": address("report")}],
    }
    return JsonResponse(body, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: the built file, and before it the list of what it keeps for everybody alike.

    Addresses with a hash in their name are their own version; the others change with the whole list.
    """
    try:
        script, hashed = vite.worker("field"), vite.everything()
    except vite.NotBuilt:
        script, hashed = "", []
    plain = [address("offline"), static("ui/mark.svg"), static("field/icon-192.png")]
    version = hashlib.sha256("\n".join([*plain, *hashed, script, get_language() or ""]).encode()).hexdigest()[:16]
    entries = [{"url": one, "revision": version} for one in plain] + [{"url": one, "revision": None} for one in hashed]
    told = json.dumps({"precache": entries, "offline": address("offline")})
    response = HttpResponse(f"self.LINLI = {told};\n{script}", content_type="text/javascript; charset=utf-8")
    response.headers["Vary"] = "Cookie"
    return response


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What the app says without a signal; it knows nobody, so that it can be kept."""
    return render(request, "field/offline.html")
