"""What the outbox reads: the same forms as on the pages, answered in JSON when they are posted with ``Accept: application/json``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError

JSON = "application/json"
ENDED = "session.ended"
CLEAR = '"storage"'
"""``Clear-Site-Data``: what the app kept on the phone. Not the cookies (the language is one), not the cache of what everybody has."""


def wanted(request: HttpRequest) -> bool:
    """Whether the outbox asks, and not a page."""
    return request.headers.get("Accept", "").startswith(JSON)


def done(href: str, title: str, **more: Any) -> HttpResponse:
    """It has arrived: where it is now, and what to call it."""
    return _answer({"href": href, "title": title, **more}, status=200)


def refused(error: LinliError, **more: Any) -> HttpResponse:
    """It was refused: why, in words, and what to do about it."""
    body = {"code": error.code, "title": str(error.message), "mend": str(error.mend), "field": error.field}
    return _answer(body | {"status": error.status} | error.extra | more, status=error.status)


def near(rows: Iterable[dict[str, Any]]) -> HttpResponse:
    """Before it is taken: is it one of these?"""
    title = _("Is it one of these?")
    return _answer({"code": "report.near", "title": title, "status": 409, "near": list(rows)}, status=409)


def unknown(*, ended: bool) -> HttpResponse:
    """Nobody is signed in; ``ended`` when the session was ended on purpose, and what the phone keeps has to go."""
    body = {"code": ENDED if ended else "sign_in_needed", "title": _("Please sign in first."), "status": 401}
    response = _answer(body, status=401)
    if ended:
        response.headers["Clear-Site-Data"] = CLEAR
    return response


def _answer(body: dict[str, Any], *, status: int) -> HttpResponse:
    # The wrapper by which the outbox knows our answer from that of a hotel's sign-in page.
    options = {"ensure_ascii": False}
    response = JsonResponse({"linli": body}, status=status, json_dumps_params=options)
    response.headers["Cache-Control"] = "no-store"
    return response


def uploads_of(request: HttpRequest, *, most: int) -> list[UUID]:
    """The photos that came before the form.

    Raises:
        Invalid: there are too many, or one is no id.
    """
    given = request.POST.getlist("uploads")
    try:
        found = [UUID(one) for one in given]
    except ValueError:
        raise Invalid("upload.none", _("This photo is not here any more."), field="photos") from None
    if len(found) > most:
        raise Invalid("photo.too_many", _("At most five photos at once."), field="photos")
    return found


def begun_at(request: HttpRequest) -> datetime | None:
    """When the form was begun on the phone, if that was earlier than now."""
    try:
        moment = datetime.fromisoformat(request.POST.get("begun_at", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment < time.now() else None
