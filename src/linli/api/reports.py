"""Reports come in: the hot path. ninja finds the endpoint and the actor; the body is read and the answer written by hand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from linli.api.case_schemas import Acknowledged, ReportIn
from linli.api.commanding import written
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.reading import actor_of, json_body, key_of
from linli.cases.actions import intake, photographed
from linli.cases.actions.limiting import Origin
from linli.cases.models import Channel
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, Role
from linli.people.pages import network_of

FREE_CHANNELS = frozenset({Channel.API, Channel.PORTAL})
STAFF_CHANNELS = FREE_CHANNELS | {Channel.FIELD, Channel.DESK, Channel.HOTLINE, Channel.COUNTER}


@api.post(
    "/cases",
    auth=ANYONE,
    response={201: Acknowledged, **ERRORS},
    openapi_extra=KEYED | body_of(ReportIn),
    summary="Report",
    tags=["Reports"],
    operation_id="report",
)
def report(request: HttpRequest) -> HttpResponse:
    """Take in a report. It is on the disk when this answers; a repeat with the same key gets the same answer.

    Anybody may report, signed in or not. Without an account the answer has a code that opens the case with its number.
    """
    actor, key = actor_of(request), key_of(request)
    body, what = json_body(request, ReportIn)
    told = what.report(_channel(actor, what.channel))
    origin = Origin(network_of(request))
    if what.photos:
        answer = photographed.report(actor, key, body, what=told, photos=what.photos, origin=origin)
    else:
        answer = intake.report(actor, key, body, what=told, origin=origin)
    response = written(answer)
    response.headers["Location"] = f"/api/v1/cases/{answer.body['number']}"
    return response


def _channel(actor: Actor, named: str | None) -> Channel:
    if actor.role == Role.MACHINE:
        allowed, channel = {Channel.MACHINE, Channel.API}, Channel(named or "machine")
    else:
        allowed = set(STAFF_CHANNELS if actor.post_id else FREE_CHANNELS)
        channel = Channel(named or "api")
    if channel not in allowed:
        raise Invalid("report.channel", _("You cannot report through this channel."), field="channel")
    return channel
