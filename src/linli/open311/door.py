"""What every address stands in: the format, the methods, and refusals as ``errors`` documents."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from linli.kernel.errors import LinliError
from linli.open311.documents import Format, Reply, write

log = logging.getLogger(__name__)

View = Callable[..., Reply]


class Refused(Exception):
    """Several things are wrong at once.

    Args:
        errors: each in words, with its HTTP status; the answer has the status of the first.
    """

    def __init__(self, errors: Iterable[LinliError]) -> None:
        super().__init__()
        self.errors = list(errors)


def door(**methods: View) -> Callable[..., HttpResponse]:
    """One address as a Django view: a view for each method, ``door(GET=listed, POST=sent)``.

    The ending of the address names the format; without one the client's ``Accept`` does, and XML is what nobody objects to.
    """
    views = {"HEAD": methods["GET"]} | methods if "GET" in methods else dict(methods)

    @csrf_exempt  # a session has no meaning here, see keys.py
    @wraps(next(iter(methods.values())))
    def guarded(request: HttpRequest, *args: Any, ending: str = "", **kwargs: Any) -> HttpResponse:
        wanted = _format(request, ending)
        if wanted is None:
            return write(_no_such_address(), Format.XML)
        if request.method == "OPTIONS":
            return _preflight(views)
        view = views.get(request.method or "")
        if view is None:
            reply = errors(405, _("This method is not taken here."))
            reply.headers["Allow"] = ", ".join(sorted(views))
            return write(reply, wanted)
        return write(_answer(view, request, *args, **kwargs), wanted)

    return guarded


def _format(request: HttpRequest, ending: str) -> Format | None:
    if ending:
        found = ending.removeprefix(".").lower()
        return Format(found) if found in set(Format) else None
    return (
        Format.JSON
        if request.get_preferred_type(["text/xml", "application/json"]) == "application/json"
        else Format.XML
    )


def _preflight(views: Iterable[str]) -> HttpResponse:
    allowed = ", ".join(sorted({*views, "OPTIONS"}))
    response = HttpResponse(status=204, headers={"Allow": allowed})
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = allowed
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Idempotency-Key, Prefer"
    return response


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> Reply:
    try:
        return view(request, *args, **kwargs)
    except Refused as refused:
        return _refusal(refused.errors)
    except LinliError as error:
        return _refusal([error])
    except RequestDataTooBig:
        return errors(400, _("This is too large."))
    except (SuspiciousOperation, MultiPartParserError):
        return errors(400, _("The request could not be read."))
    except (OperationalError, InterfaceError):
        # The database restarts or is out of reach: it has its own alarm, so no ERROR for every request.
        log.warning("the database did not answer", exc_info=True)
        reply = errors(503, _("We cannot reach our records at this moment. Please send it again in a few seconds."))
        reply.headers["Retry-After"] = "5"
        return reply
    except Exception:
        log.exception("unexpected error in Open311")
        return errors(500, _("Something went wrong on our side."))


def _refusal(found: list[LinliError]) -> Reply:
    statuses = [_status(error) for error in found]
    rows = [
        {"code": status, "description": f"{error.message} {error.mend}".strip()}
        for status, error in zip(statuses, found, strict=True)
    ]
    reply = Reply("errors", rows, status=statuses[0])
    if wait := found[0].extra.get("retry_after"):
        reply.headers["Retry-After"] = str(wait)
    return reply


def _status(error: LinliError) -> int:
    # The specification: 404 for what is not there, 403 for the key, 400 for anything else. 429 is HTTP's own word for "later".
    match error.status:
        case 401 | 403:
            return 403
        case 404 | 429:
            return error.status
        case _:
            return 400


def errors(status: int, *descriptions: str) -> Reply:
    """A refusal in words for people."""
    return Reply("errors", [{"code": status, "description": text} for text in descriptions], status=status)


def _no_such_address() -> Reply:
    return errors(404, _("There is nothing at this address."))


def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address below ours."""
    wanted = Format.JSON if rest.lower().endswith(".json") else _format(request, "") or Format.XML
    return write(_no_such_address(), wanted)
