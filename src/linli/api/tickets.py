"""A reporter without an account follows a case by its number and the code that the acknowledgement gave."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Header, UploadedFile

from linli.api import shapes, timeline
from linli.api.case_schemas import Done, EvidenceOut, TicketMessageIn, TicketOut, TicketRateIn, TicketReopenIn
from linli.api.cases import attach, photo_response
from linli.api.commanding import written
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.reading import json_body, key_of
from linli.api.schemas import Body
from linli.api.verbs import perform
from linli.cases import queries
from linli.cases.actions import intake, talking
from linli.cases.loop import Ref, require
from linli.cases.models import Case, EvidenceKind
from linli.cases.states import State
from linli.cases.verbs import VERBS, next_actions
from linli.catalog import queries as catalog
from linli.kernel import ids
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor
from linli.people import limits
from linli.people import queries as people

CODE: Any = Header("", alias="Ticket-Code", max_length=20, description="Eight figures from the acknowledgement.")
# 10^8 codes; at these rates a guess takes centuries.
WRONG_BY_NETWORK = limits.Limit("ticket:net", 30, 900)
WRONG_BY_NUMBER = limits.Limit("ticket:number", 20, 900)
OFFERED = ("rate", "message", "reopen")


def reporter_of(request: HttpRequest, number: str, code: str) -> tuple[Actor, Case]:
    """Who shows the right code, and the case.

    Raises:
        NotFound: number or code is wrong; the answer does not tell which.
        TooMany: too many wrong ones from here, or for this number.
    """
    try:
        actor = intake.actor_of(intake.participant_by_code(number, code))
        case = queries.get(actor, number)
    except NotFound:
        limits.count(WRONG_BY_NETWORK, request.META.get("REMOTE_ADDR", ""))
        limits.count(WRONG_BY_NUMBER, ids.parse_ticket_number(number) or "")
        raise NotFound(
            "ticket.not_found",
            _("Number and code do not fit."),
            mend=_("Please check both: they stand on the receipt of your report."),
        ) from None
    return actor, case


@api.get(
    "/tickets/{number}",
    auth=None,
    response={200: TicketOut, **ERRORS},
    summary="Follow a report",
    tags=["Tickets"],
    operation_id="get_ticket",
)
def get_ticket(request: HttpRequest, number: str, code: str = CODE) -> Any:
    """Where the report stands, until when, and what has been done."""
    actor, case = reporter_of(request, number, code)
    brief = shapes.brief(case)
    category = catalog.entry(case.category_version_id)
    holder = people.organisation(case.holder_id) if case.holder_id else None
    offered = [verb for verb in next_actions(actor, case) if verb.name in OFFERED]
    log = queries.log_of(case)
    return brief | {
        "description": case.description
        or talking.words_of_report(talking.read_own(actor, Ref(case.district, case.id)), log),
        "parts": [
            {
                "number": part.number,
                "code": code,
                "state": part.state,
                "state_label": str(State(part.state).label),
                "category": part.category,
                "category_name": catalog.entry(part.category_version_id).called(shapes.language()),
            }
            for part, code in intake.parts_for(actor, case, log)
        ],
        "state_label": str(State(case.state).label),
        "category_name": category.called(shapes.language()),
        "holder_name": holder.called(shapes.language()) if holder else "",
        "outcome": case.outcome,
        "rating": case.rating,
        "steps": timeline.steps(actor, case),
        "next": shapes.verbs(offered),
    }


def _command(request: HttpRequest, number: str, code: str, verb: str, model: type[Body]) -> HttpResponse:
    key = key_of(request)
    actor, _case = reporter_of(request, number, code)
    body, given = json_body(request, model)
    return written(perform(actor, number, VERBS[verb], key=key, body=body, given=given))


@api.post(
    "/tickets/{number}/message",
    auth=None,
    response={200: Done, **ERRORS},
    openapi_extra=KEYED | body_of(TicketMessageIn),
    summary="Write a message",
    tags=["Tickets"],
    operation_id="ticket_message",
)
def message(request: HttpRequest, number: str, code: str = CODE) -> HttpResponse:
    """Write to whoever handles the case."""
    return _command(request, number, code, "message", TicketMessageIn)


@api.post(
    "/tickets/{number}/rating",
    auth=None,
    response={200: Done, **ERRORS},
    openapi_extra=KEYED | body_of(TicketRateIn),
    summary="Rate what was done",
    tags=["Tickets"],
    operation_id="ticket_rating",
)
def rating(request: HttpRequest, number: str, code: str = CODE) -> HttpResponse:
    """One to five; it can be changed while the case is closed."""
    return _command(request, number, code, "rate", TicketRateIn)


@api.post(
    "/tickets/{number}/reopen",
    auth=None,
    response={200: Done, **ERRORS},
    openapi_extra=KEYED | body_of(TicketReopenIn),
    summary="Ask to take it up again",
    tags=["Tickets"],
    operation_id="ticket_reopen",
)
def reopen(request: HttpRequest, number: str, code: str = CODE) -> HttpResponse:
    """Within fifteen days of its closing."""
    return _command(request, number, code, "reopen", TicketReopenIn)


@api.post(
    "/tickets/{number}/evidence",
    auth=None,
    response={201: EvidenceOut, **ERRORS},
    openapi_extra=KEYED,
    summary="Add a photo",
    tags=["Tickets"],
    operation_id="ticket_evidence",
)
def evidence(
    request: HttpRequest,
    number: str,
    photo: File[UploadedFile],
    kind: Form[Literal["report", "document"]] = "report",
    code: str = CODE,
) -> HttpResponse:
    """Add a photo to one's report."""
    key = key_of(request)
    actor, case = reporter_of(request, number, code)
    require(actor, "case.add_evidence", case)
    return written(attach(actor, case, photo, kind=EvidenceKind(kind), key=key))


@api.get(
    "/tickets/{number}/evidence/{uuid:photo_id}/{size}",
    auth=None,
    response={200: None, **ERRORS},
    summary="Photo",
    tags=["Tickets"],
    operation_id="ticket_photo",
)
def photo(request: HttpRequest, number: str, photo_id: UUID, size: Literal["photo", "thumb"], code: str = CODE) -> Any:
    """The shown copy of a photo or its thumb."""
    _actor, case = reporter_of(request, number, code)
    return photo_response(case, photo_id, size=size)
