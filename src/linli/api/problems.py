"""Errors as problem details (RFC 9457): what is wrong, where, and what to do, with a code that stays the same."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pydantic
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as NinjaValidationError

from linli.kernel.errors import LinliError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
ABOUT = "/api/v1/docs#problems"


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    *,
    title: str,
    detail: str = "",
    field: str = "",
    mend: str = "",
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A problem as an answer.

    Args:
        code: stable, dotted; for programs. ``title`` and ``mend`` are words for people, in the language that was asked for.
        field: the input that is wrong, as the request names it.
        extra: more facts, such as the state and version of a case after a stale command.
    """
    body: dict[str, Any] = {
        "type": f"{ABOUT}-{code}",
        "title": title,
        "status": status,
        "code": code,
        "request_id": getattr(request, "request_id", ""),
    }
    body |= {name: value for name, value in (("detail", detail or mend), ("field", field), ("mend", mend)) if value}
    body |= {name: value for name, value in (extra or {}).items() if name not in body}
    response = HttpResponse(json.dumps(body, ensure_ascii=False, default=str), status=status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = translation.get_language() or ""
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if wait := (extra or {}).get("retry_after"):
        response.headers["Retry-After"] = str(wait)
    return response


def of_error(request: HttpRequest, error: LinliError) -> HttpResponse:
    """The problem of a refusal."""
    response = problem(
        request,
        error.status,
        error.code,
        title=str(error.message),
        field=error.field,
        mend=str(error.mend),
        extra=error.extra,
    )
    if error.code == "command.in_flight":
        response.headers["Retry-After"] = "1"
    return response


def of_validation(request: HttpRequest, errors: list[Any]) -> HttpResponse:
    """The problem of inputs that are not of their type: the first is named, all are listed under ``errors``."""
    found = [{"field": _field(error["loc"]), "code": error["type"], "detail": _words(error)} for error in errors]
    first = found[0] if found else {"field": "", "detail": ""}
    if errors and errors[0]["type"] == "json_invalid":
        return problem(
            request, 400, "request.json", title=_("The body is not JSON."), mend=_("Send one JSON object in UTF-8.")
        )
    return problem(
        request,
        422,
        "field.invalid",
        title=_("Some of what was sent cannot be taken."),
        detail=f"{first['field']}: {first['detail']}",
        field=first["field"],
        extra={"errors": found},
    )


def _field(place: tuple[Any, ...]) -> str:
    # ninja puts where it looked (body, query, path) and the argument's name before the field's own.
    parts = [str(part) for part in place]
    if parts and parts[0] in ("body", "query", "path", "header", "form", "file"):
        parts = parts[1:]
    if parts and parts[0] in ("payload", "filters", "data") and len(parts) > 1:
        parts = parts[1:]
    return ".".join(parts)


def _words(error: Any) -> str:
    match error["type"]:
        case "missing":
            return _("This is needed.")
        case "extra_forbidden":
            return _("This is not known here.")
        case "string_too_long":
            return _("Use at most %(most)d characters.") % {"most": error["ctx"]["max_length"]}
        case "string_too_short":
            return _("This is needed.")
        case _:
            # Pydantic's own words never repeat the input, which may be personal.
            return str(error["msg"])


TITLES = {
    400: ("http.bad_request", lambda: _("The request cannot be read.")),
    401: ("sign_in_needed", lambda: _("Please sign in first.")),
    403: ("http.forbidden", lambda: _("This may not be done.")),
    404: ("not_found", lambda: _("There is nothing at this address.")),
    405: ("http.method", lambda: _("This address does not take that method.")),
    413: ("http.too_large", lambda: _("What was sent is too large.")),
    415: ("http.media_type", lambda: _("This kind of content is not taken here.")),
}


def of_status(
    request: HttpRequest, status: int, *, mend: str = "", headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The problem of a plain HTTP status."""
    code, title = TITLES.get(status, (f"http.{status}", lambda: HTTPStatus(status).phrase))
    response = problem(request, status, code, title=title(), mend=mend)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def http_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """The problem in place of an answer that Django or ninja gave as text or HTML."""
    status = response.status_code
    if status >= 500:
        made = server_error(request, status)
    else:
        made = of_status(request, status)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response.headers:
            made.headers[name] = response.headers[name]
    return made


def server_error(request: HttpRequest, status: int = 500) -> HttpResponse:
    """The problem of a mistake on our side: no word of what it was, but the id by which we find it."""
    if status == 503:
        response = problem(
            request,
            503,
            "server.database",
            title=_("We cannot reach our records at this moment."),
            mend=_("Please try again in a few seconds, with the same key: nothing is done twice."),
        )
        response.headers["Retry-After"] = "2"
        return response
    return problem(
        request,
        status,
        "server.error",
        title=_("Something went wrong on our side."),
        mend=_("Please try again; if it stays, tell us the request id."),
    )


def respond(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to any error that an endpoint raised."""
    match error:
        case LinliError():
            return of_error(request, error)
        case NinjaValidationError():
            return of_validation(request, error.errors)
        case pydantic.ValidationError():
            return of_validation(request, error.errors(include_url=False, include_input=False))
        case RequestDataTooBig():
            return of_status(request, 413)
        case AuthenticationError():
            return of_status(request, 401)
        case HttpError():
            return of_status(request, error.status_code, mend="" if error.status_code >= 500 else str(error))
        case Http404():
            return of_status(request, 404)
        case TooManyFieldsSent() | SuspiciousOperation() | MultiPartParserError():
            return of_status(request, 400)
        case OperationalError() | InterfaceError():
            # The database restarts or is out of reach: it has its own alarm, so no ERROR for every request.
            log.warning("the database did not answer", exc_info=True)
            return server_error(request, 503)
        case _:
            log.error("unexpected error in the API", exc_info=error)
            return server_error(request)
