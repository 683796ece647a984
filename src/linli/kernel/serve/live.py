"""Where a page finds the live process, and the permission for its browser to ask there.

In production a proxy gives both processes one address and `LINLI_LIVE_URL` names the path. Without a proxy live pages are on
another port of the same host: the page computes the address from the host it was asked for, and the content security policy of
that answer allows this one origin. Cookies do not tell ports apart, so the session is known there too.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


def live_url(request: HttpRequest) -> str:
    """Address of the live process for the browser that sent `request`; empty when there is none."""
    if settings.LINLI_LIVE_URL:
        return str(settings.LINLI_LIVE_URL)
    if not settings.LINLI_LIVE_PORT:
        return ""
    host = request.get_host()
    # "[::1]:8000" keeps its brackets.
    name = host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return f"{request.scheme}://{name}:{settings.LINLI_LIVE_PORT}"


def context(request: HttpRequest) -> dict[str, str]:
    """Template context: `live_url`, for `<meta name="linli-live">`."""
    return {"live_url": live_url(request)}


class LiveOriginMiddleware:
    """Adds the live process's origin to the policy of pages, when it is on another port."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.needed = bool(settings.LINLI_LIVE_PORT) and not settings.LINLI_LIVE_URL

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let `connect-src` of an HTML answer name the live origin."""
        response = self.get_response(request)
        if self.needed and response.headers.get("Content-Type", "").startswith("text/html"):
            # django-csp reads this attribute of a response.
            response._csp_update = {"connect-src": [live_url(request)]}  # type: ignore[attr-defined]
        return response
