"""Giving a rendition out over HTTP. Originals are never given out."""

from __future__ import annotations

import re

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from linli.kernel.errors import NotFound
from linli.kernel.storage.intake import Shelf

_RENDITION = re.compile(r"photos/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}\.jpg")
_A_YEAR = 365 * 24 * 3600


def photo_response(key: str, *, shelf: Shelf) -> FileResponse:
    """The rendition as a response; whoever calls this has asked the policy when the shelf is private.

    Args:
        key: of a :class:`~linli.kernel.storage.rendering.Rendition`.
        shelf: where it lies. What is private may be kept by the reader's browser but by no proxy between.

    Raises:
        NotFound: there is no such rendition, or the key is no rendition's.
    """
    if not _RENDITION.fullmatch(key):
        raise NotFound("photo.not_found", _("There is no such photo."))
    try:
        file = shelf.storage().open(key, "rb")
    except FileNotFoundError:
        raise NotFound("photo.not_found", _("There is no such photo.")) from None
    response = FileResponse(file, content_type="image/jpeg")
    reach = "public" if shelf is Shelf.PUBLIC else "private"
    response["Cache-Control"] = f"{reach}, max-age={_A_YEAR}, immutable"
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def public_photo(request: HttpRequest, key: str) -> FileResponse:
    """A view over the public shelf, for an installation without a bucket or a web server in front (``files/<path:key>``)."""
    return photo_response(key, shelf=Shelf.PUBLIC)
