"""The short way for the API: what only pages need (language cookies, messages, script policies) is not done for machines.

Reports come in here by the thousand; the chain of a page costs as much as the whole endpoint. Measured in docs/reference/api.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.module_loading import import_string

from linli.api.problems import MEDIA_TYPE, http_problem, server_error

log = logging.getLogger(__name__)

PREFIX = "/api/"
PAGES = frozenset({"/api/v1/docs"})
"""Addresses below the prefix that are pages for people and go the long way."""
CHAIN = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "linli.people.middleware.ActorMiddleware",
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}

Handler = Callable[[HttpRequest], HttpResponseBase]


class _Short(BaseHandler):
    """Django's own handling of a request, with a chain of our choice."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for name in reversed(names):
            handler = convert_exception_to_response(_or_unavailable(import_string(name)(handler)))
        self.handle: Handler = handler


def _or_unavailable(handler: Handler) -> Handler:
    """The database can go away as well while we ask who calls: that is 503, as it is in an endpoint, and not our mistake."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        try:
            return handler(request)
        except (OperationalError, InterfaceError):
            log.warning("the database did not answer", exc_info=True)
            return server_error(request, 503)

    return handle


class ApiMiddleware:
    """Takes requests to the API out of the chain of pages, and answers whatever went wrong as a problem."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.short = _Short(CHAIN).handle

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request of the API; hand on all others."""
        if not request.path_info.startswith(PREFIX) or request.path_info in PAGES:
            return self.get_response(request)
        translation.activate(translation.get_language_from_request(request))
        response = self.short(request)
        headers = response.headers
        if response.status_code >= 400 and not headers.get("Content-Type", "").startswith(MEDIA_TYPE):
            response = http_problem(request, response)
            headers = response.headers
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if isinstance(response, HttpResponse):  # the others stream
            headers.setdefault("Content-Length", str(len(response.content)))
        return response


def content_language(response: HttpResponse) -> HttpResponse:
    """Say in which language the words of an answer are."""
    response.headers["Content-Language"] = translation.get_language() or ""
    return response
