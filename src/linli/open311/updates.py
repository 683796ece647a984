"""Service request updates, the extension of mySociety: what changed, for clients that keep their reporters informed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.cases.models import LogEntry
from linli.kernel import commands
from linli.kernel.errors import Invalid
from linli.open311 import actions, moments, queries, words
from linli.open311.arguments import Arguments
from linli.open311.documents import Reply
from linli.open311.door import Refused
from linli.open311.jurisdictions import find
from linli.open311.keys import sender
from linli.open311.requests import SHORT_LIVED, cut, page_of, status_of


def listed(request: HttpRequest) -> Reply:
    """GET servicerequestupdates: the changes of a range, the oldest first."""
    arguments = Arguments.of(request)
    place, page = find(request, arguments["jurisdiction_id"]), page_of(arguments)
    within = queries.span(
        moments.read(arguments["start_date"], field="start_date"),
        moments.read(arguments["end_date"], field="end_date", ends=True),
    )
    headers = dict(SHORT_LIVED)
    found = queries.updates(place, within, numbers=arguments.listed("service_request_id"), page=page)
    rows = [_shape(entry) for entry in cut(request, found, page, headers)]
    return Reply("service_request_updates", rows, headers=headers)


def _shape(entry: LogEntry) -> dict[str, Any]:
    return {
        "update_id": actions.update_id(entry.case.number, entry.sequence),
        "service_request_id": entry.case.number,
        "status": status_of(entry.to_state),
        "external_status_code": entry.to_state,
        "updated_datetime": moments.written(entry.at),
        "description": words.state(entry.to_state),
        "media_url": None,
    }


def sent(request: HttpRequest) -> Reply:
    """POST servicerequestupdates: a client writes on to a request that it sent."""
    arguments = Arguments.of(request)
    actor = sender(request, arguments["api_key"])
    find(request, arguments["jurisdiction_id"])
    number, text = arguments["service_request_id"], arguments["description"]
    wrong = [
        Invalid("open311.field", _("%(field)s was not provided.") % {"field": field}, field=field)
        for field, value in (("service_request_id", number), ("description", text))
        if not value
    ]
    if wrong:
        raise Refused(wrong)
    body = actions.body_of(
        {name: arguments[name] for name in ("service_request_id", "update_id", "status", "description")}
    )
    key = request.headers.get("Idempotency-Key", "").strip() or f"open311:update:{commands.body_hash(body).hex()[:48]}"
    answer = actions.write_update(actor, number, key=commands.check_key(key), body=body, text=_said(arguments, text))
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    return Reply("service_request_updates", [answer.body], status=201, headers=headers)


def _said(arguments: Arguments, text: str) -> str:
    links = [link for link in arguments.all("media_url") if link.startswith(("http://", "https://"))]
    if arguments["status"].lower() in ("closed", "fixed"):
        text = _("For the reporter this is solved. %(text)s") % {"text": text}
    return "\n".join([text, *links])[:1_000]
