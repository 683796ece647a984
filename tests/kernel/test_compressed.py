"""What is long and text travels compressed to whoever takes it; a tag is known again all the same."""

from __future__ import annotations

import gzip

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from linli.kernel.serve.compressed import CompressedMiddleware


def ask(body: str, kind: str, **headers: str) -> HttpResponse:
    """The answer with this body to a browser that takes gzip, unless it names the tag that it has."""

    def view(request: HttpRequest) -> HttpResponse:
        if request.headers.get("If-None-Match") == '"one"':
            return HttpResponse(status=304)
        return HttpResponse(body, content_type=kind, headers={"ETag": '"one"'})

    request = RequestFactory().get("/", headers={"accept-encoding": "gzip, br"} | headers)
    return CompressedMiddleware(view)(request)  # type: ignore[return-value,arg-type]


def test_a_long_page_is_compressed_and_a_short_one_or_a_picture_is_not() -> None:
    page = ask("灯" * 3000, "text/html; charset=utf-8")
    assert gzip.decompress(page.content).decode() == "灯" * 3000
    assert len(page.content) < 1000
    assert "Content-Encoding" not in ask("灯" * 100, "text/html").headers
    assert "Content-Encoding" not in ask("x" * 9000, "image/jpeg").headers


def test_a_tag_that_was_given_is_known_again() -> None:
    first = ask("x" * 9000, "application/geo+json")
    again = ask("x" * 9000, "application/geo+json", **{"if-none-match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
