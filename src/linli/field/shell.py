"""What makes the app installable, and what it shows without a signal: its shell, and the truth."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
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
    """The service worker: keeps the shell, never a case; a page that cannot be had becomes the offline page."""
    assets: list[str] = []
    try:
        built = vite.entry("app")
        assets = [built.script.href, *(one.href for one in built.styles), *(one.href for one in built.preloads)]
    except vite.NotBuilt:
        assets = []
    shell = [address("offline"), *dict.fromkeys(assets), static("ui/mark.svg")]
    version = hashlib.sha256("\n".join(shell).encode()).hexdigest()[:12]
    return render(
        request,
        "field/worker.js",
        {"shell": shell, "version": version, "offline": address("offline")},
        content_type="text/javascript; charset=utf-8",
    )


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What the app says without a signal; it knows nobody, so that it can be kept."""
    return render(request, "field/offline.html")
