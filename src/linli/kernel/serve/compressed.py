"""Pages and lists travel compressed: on a phone's line the bytes of a page are most of its waiting."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

KINDS = ("text/html", "application/json", "application/geo+json", "application/atom+xml")
ONE_PACKET = 1400
"""Bytes: what goes in one packet anyway gains nothing, and the answers of machines are mostly that short."""


class CompressedMiddleware(GZipMiddleware):
    """Compress what is text and longer than a packet; files from disk have their compressed copy beside them already.

    Django's own class adds bytes of chance to each answer, so that its length tells nothing of a secret in it (BREACH).
    """

    def process_request(self, request: HttpRequest) -> None:
        """Compressing makes a page's tag a weak one; asked with again, it is compared without that mark, as its rule is."""
        if asked := request.META.get("HTTP_IF_NONE_MATCH"):
            request.META["HTTP_IF_NONE_MATCH"] = asked.replace('W/"', '"')

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress, or leave as it is."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in KINDS or len(getattr(response, "content", b"")) < ONE_PACKET:
            return response
        return super().process_response(request, response)
