"""Services for residents: the catalogue with what it asks, times, applications and the proofs that departments answer for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Header, Query
from pydantic import BaseModel, Field, StringConstraints, create_model

from linli.api.commanding import once, written
from linli.api.door import ANYONE, ERRORS, KEYED, api, body_of
from linli.api.lists import Path, Size, link_next
from linli.api.reading import actor_of, json_body, key_of
from linli.api.schemas import Body, Line, PurposeIn, Version, Words, in_place
from linli.api.service_schemas import (
    ApplicationDone,
    ApplicationIn,
    ApplicationOut,
    ApplicationPage,
    ApplicationReceipt,
    ProofAnswerIn,
    ProofOut,
    SaidOut,
    ServiceOut,
    SlotOut,
)
from linli.api.shapes import language
from linli.api.tickets import WRONG_BY_NETWORK, WRONG_BY_NUMBER
from linli.kernel import ids
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, Role, policy
from linli.people import limits
from linli.people import queries as people
from linli.services import facts, queries, rules
from linli.services.actions import applying, handling, proving
from linli.services.actions.applying import Wanted
from linli.services.models import Application, Channel, State
from linli.services.queries import View
from linli.services.snapshot import Entry
from linli.services.steps import ref_of
from linli.services.verbs import VERBS, Kind, Verb, next_verbs

CODE: Any = Header(
    "", alias="Ticket-Code", max_length=20, description="Eight figures from the receipt, without an account."
)
Code = Annotated[str, StringConstraints(min_length=1, max_length=8)]
District = Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")]


class ServicesQuery(Body):
    """Which services."""

    district: District = ""
    words: Line = Field("", description="Chinese, English or pinyin; empty for all.")


class SlotsQuery(Body):
    """For which place."""

    area_path: Path = Field(description="The community, or a grid in it.")


class QueueQuery(Body):
    """Which applications of the queue."""

    view: Annotated[View, in_place(View)] = View.WAITING
    service: Annotated[str, StringConstraints(max_length=8)] = ""
    after: Annotated[str, StringConstraints(max_length=200)] = ""
    size: Size = queries.PAGE


class MineQuery(Body):
    """Which page of one's own."""

    after: Annotated[str, StringConstraints(max_length=200)] = ""
    size: Size = queries.PAGE


def service_shape(entry: Entry, held: queries.Held) -> dict[str, Any]:
    """A service, with what it asks of whoever reads this."""
    counted = facts.count(entry, held=held.codes, language=language())
    known = people.functions()
    return {
        "code": entry.code,
        "name": entry.called(language()),
        "name_en": entry.name_en,
        "group": entry.group,
        "department": entry.department(language()),
        "way": str(entry.way),
        "category": entry.category,
        "online": entry.is_online,
        "identity_level": entry.identity_level,
        "proxy_allowed": entry.proxy_allowed,
        "fee": entry.fee,
        "days": entry.days,
        "clock": entry.clock,
        "unverified": entry.is_unverified,
        "channels": list(entry.channels),
        "place": entry.place(language()),
        "hours": entry.hours(language()),
        "phone": entry.phone,
        "result": entry.result(language()),
        "materials": [{"name": one.called(language()), "how": list(one.how)} for one in entry.materials],
        "asked": counted.asked,
        "spared": counted.spared,
        "facts": [{"code": one.code, "label": one.label, "how": str(one.how)} for one in counted.needed],
        "questions": [
            {
                "code": one.code, "label": one.called(language()), "kind": one.kind, "required": one.required,
                "options": [{"value": option.value, "label": option.called(language())} for option in one.options],
            }
            for one in entry.questions()
        ],
        "proofs": [
            {"code": code, "name": rules.proofs()[code].called(language()), "holder": known[rules.proofs()[code].holder].called(language())}
            for code in entry.proofs
        ],
        "books_time": entry.booking is not None,
    }  # fmt: skip


def application_shape(actor: Actor, one: Application) -> dict[str, Any]:
    """An application; nothing personal in it."""
    entry = queries.promised(one)
    holder = people.organisation(one.organisation_id)
    slot = queries.slot_of(one)
    return brief(one) | {
        "service_name": entry.called(language()),
        "organisation_name": holder.called(language()) if holder else "",
        "facts": one.facts,
        "slot": {"id": slot.id, "starts_at": slot.starts_at, "ends_at": slot.ends_at, "free": 0} if slot else None,
        "proofs": [proof_shape(proof, one) for proof in queries.proofs_of(one)],
        "steps": [
            {"kind": step.kind, "at": step.at, "role": step.actor_role, "state": step.to_state}
            for step in queries.steps_of(one)
        ],
        "next": [verb.name for verb in next_verbs(actor, one)],
    }


def brief(one: Application) -> dict[str, Any]:
    """An application in a list."""
    return {
        "id": one.id,
        "number": one.number,
        "district": one.district,
        "service": one.service,
        "state": one.state,
        "state_label": str(State(one.state).label),
        "is_open": one.is_open,
        "area_path": one.area_path,
        "organisation_id": one.organisation_id,
        "submitted_at": one.submitted_at,
        "due_at": one.due_at,
        "closed_at": one.closed_at,
        "asked": one.asked,
        "spared": one.spared,
        "rating": one.rating,
        "version": one.version,
    }


def proof_shape(proof: Any, one: Application) -> dict[str, Any]:
    """A proof and how it stands."""
    return {
        "id": proof.id,
        "number": one.number,
        "service": one.service,
        "kind": proof.kind,
        "name": rules.proofs()[proof.kind].called(language()),
        "state": proof.state,
        "asked_at": proof.asked_at,
        "answered_at": proof.answered_at,
    }


@api.get(
    "/services", auth=ANYONE, response={200: list[ServiceOut], **ERRORS}, summary="Services", tags=["Services"],
    operation_id="list_services",
)  # fmt: skip
def list_services(request: HttpRequest, filters: Query[ServicesQuery]) -> Any:
    """Every service, or those that fit the words; each says how many facts it asks of the one who reads, and how many no longer."""
    catalogue = queries.current(district=filters.district)
    held = queries.held_of(actor_of(request))
    found = catalogue.search(filters.words, limit=20) if filters.words.strip() else catalogue.all()
    return [service_shape(entry, held) for entry in found]


@api.get(
    "/services/{code}", auth=ANYONE, response={200: ServiceOut, **ERRORS}, summary="Service", tags=["Services"],
    operation_id="get_service",
)  # fmt: skip
def get_service(request: HttpRequest, code: Code, district: District = "") -> Any:
    """One service with its guide, its questions and its proofs."""
    return service_shape(queries.service(code, district=district), queries.held_of(actor_of(request)))


@api.get(
    "/services/{code}/slots", auth=ANYONE, response={200: list[SlotOut], **ERRORS}, summary="Times", tags=["Services"],
    operation_id="list_slots",
)  # fmt: skip
def list_slots(request: HttpRequest, code: Code, filters: Query[SlotsQuery]) -> Any:
    """The times that can still be booked in a place, with how many seats are free."""
    entry = queries.service(code, district=filters.area_path[:6])
    return [
        {"id": one.slot.id, "starts_at": one.slot.starts_at, "ends_at": one.slot.ends_at, "free": one.free}
        for one in queries.windows(entry, filters.area_path)
    ]


@api.post(
    "/applications", auth=ANYONE, response={201: ApplicationReceipt, **ERRORS}, openapi_extra=KEYED | body_of(ApplicationIn),
    summary="Apply", tags=["Services"], operation_id="apply",
)  # fmt: skip
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for a service. Facts that the platform holds may be left out with ``use_held``; that is a consent, and is written down.

    A post applies for a resident who came to the counter, rang or was visited: ``consent`` says how they agreed, a telephone number
    is not needed, and the answer's number and code are what they follow it with.
    """
    actor, key = actor_of(request), key_of(request)
    body, given = json_body(request, ApplicationIn)
    wanted = Wanted(
        service=given.service, answers=given.answers, person=given.person, area_path=given.area_path, slot=given.slot,
        use_held=given.use_held, use_proofs=given.use_proofs, on_behalf=given.on_behalf,
        channel=_channel(actor, given.channel), consent=given.consent or "", seen=tuple(given.seen),
    )  # fmt: skip
    return written(applying.apply(actor, key, body, wanted=wanted))


def _channel(actor: Actor, named: str | None) -> Channel:
    if actor.post_id is not None:
        return Channel(named or ("hotline" if actor.role == Role.CALL_TAKER else "counter"))
    if named is not None:
        raise Invalid("application.channel", _("You cannot apply through this channel."), field="channel")
    return Channel.API


@api.get(
    "/applications",
    response={200: ApplicationPage, **ERRORS},
    summary="Queue",
    tags=["Services"],
    operation_id="list_applications",
)
def list_applications(request: HttpRequest, response: HttpResponse, filters: Query[QueueQuery]) -> Any:
    """A page of what the post's organisation handles: what is due first comes first, of ended ones the newest."""
    actor = actor_of(request)
    policy.require(actor, "service.list")
    found = queries.queue(actor, filters.view, service=filters.service, after=filters.after, size=filters.size)
    link_next(request, response, found.next)
    return {"items": [brief(one) for one in found.applications], "next": found.next}


@api.get(
    "/applications/mine", response={200: ApplicationPage, **ERRORS}, summary="My applications", tags=["Services"],
    operation_id="my_applications",
)  # fmt: skip
def my_applications(request: HttpRequest, response: HttpResponse, filters: Query[MineQuery]) -> Any:
    """One's own applications, the newest first."""
    found = queries.mine(actor_of(request), after=filters.after, size=filters.size)
    link_next(request, response, found.next)
    return {"items": [brief(one) for one in found.applications], "next": found.next}


def reader_of(request: HttpRequest, number: str, code: str) -> tuple[Actor, Application]:
    """Who asks for an application: whoever is signed in, or shows its code.

    Raises:
        NotFound: it may not be seen, or number and code do not fit.
        TooMany: too many wrong codes from here, or for this number.
    """
    actor = actor_of(request)
    if not code:
        return actor, queries.get(actor, number)
    try:
        me = applying.actor_by_code(number, code)
    except NotFound:
        limits.count(WRONG_BY_NETWORK, request.META.get("REMOTE_ADDR", ""))
        limits.count(WRONG_BY_NUMBER, ids.parse_ticket_number(number) or "")
        raise
    return me, queries.get(me, number)


@api.get(
    "/applications/{number}", auth=ANYONE, response={200: ApplicationOut, **ERRORS}, summary="Application", tags=["Services"],
    operation_id="get_application",
)  # fmt: skip
def get_application(request: HttpRequest, number: str, code: str = CODE) -> Any:
    """Where an application stands, for whoever made it and whoever handles it."""
    actor, one = reader_of(request, number, code)
    return application_shape(actor, one)


@api.post(
    "/applications/{number}/read", response={200: list[SaidOut], **ERRORS}, openapi_extra=body_of(PurposeIn),
    summary="What it says of the person", tags=["Services"], operation_id="read_application",
)  # fmt: skip
def read_application(request: HttpRequest, number: str) -> Any:
    """What the resident wrote, in clear. Each reading is noted with its purpose, and the resident can read it."""
    actor = actor_of(request)
    _body, given = json_body(request, PurposeIn)
    one = queries.get(actor, number)
    return [_said(words) for words in handling.read_answers(actor, ref_of(one), purpose=given.purpose)]


def _said(words: queries.Words) -> dict[str, Any]:
    return {
        "kind": words.kind,
        "field": words.field,
        "text": words.text,
        "side": words.side,
        "held": words.held,
        "at": words.at,
    }


@api.get(
    "/proofs",
    response={200: list[ProofOut], **ERRORS},
    summary="Proofs asked",
    tags=["Services"],
    operation_id="list_proofs",
)
def list_proofs(request: HttpRequest) -> Any:
    """The proofs that others wait for from the post's own organisation, the oldest first."""
    actor = actor_of(request)
    policy.require(actor, "service.confirm_proof")
    return [proof_shape(one, one.application) for one in queries.proofs_asked(actor)]


@api.post(
    "/proofs/{uuid:proof_id}/person", response={200: list[SaidOut], **ERRORS}, openapi_extra=body_of(PurposeIn),
    summary="Whom a proof is about", tags=["Services"], operation_id="read_proof_person",
)  # fmt: skip
def read_proof_person(request: HttpRequest, proof_id: UUID) -> Any:
    """Name, identity number and address of the person, as far as the proof needs them; noted with its purpose."""
    _body, given = json_body(request, PurposeIn)
    return [_said(words) for words in proving.read_for_proof(actor_of(request), proof_id, purpose=given.purpose)]


@api.post(
    "/proofs/{uuid:proof_id}/answer", response={200: ProofOut, **ERRORS}, openapi_extra=KEYED | body_of(ProofAnswerIn),
    summary="Answer for a proof", tags=["Services"], operation_id="answer_proof",
)  # fmt: skip
def answer_proof(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """Say whether it holds; what holds is held from now on, so that nobody asks for it again."""
    actor = actor_of(request)
    body, given = json_body(request, ProofAnswerIn)

    def act() -> dict[str, Any]:
        found = proving.confirm_proof(actor, proof_id, holds=given.holds, note=given.note)
        shape = proof_shape(found, found.application)
        return shape | {
            "id": found.id, "asked_at": found.asked_at, "state": str(found.state), "answered_at": found.answered_at,
        }  # fmt: skip

    return once(request, actor, f"proof {proof_id}", body, act)


TYPES: dict[Kind, Any] = {
    Kind.TEXT: Words,
    Kind.YES_NO: bool,
    Kind.SCORE: Annotated[int, Field(ge=1, le=5)],
    Kind.SLOT: UUID,
    Kind.PROOF: Annotated[str, StringConstraints(min_length=1, max_length=40)],
}


def _model(verb: Verb) -> type[BaseModel]:
    from django.utils.translation import override

    inputs: dict[str, Any] = {"version": (Version, ...)} if verb.takes_version else {}
    with override("en"):
        for one in verb.inputs:
            label = str(one.label)
            kind = TYPES[one.kind]
            inputs[one.name] = (
                (kind, Field(..., description=label)) if one.required else (kind, Field("", description=label))
            )
    name = "Application" + "".join(part.capitalize() for part in verb.name.split("_")) + "In"
    return create_model(name, __base__=Body, __doc__=f"What ``{verb.name}`` takes.", **inputs)


def _endpoint(verb: Verb, model: type[BaseModel]) -> Callable[..., HttpResponse]:
    def endpoint(request: HttpRequest, number: str, code: str = CODE) -> HttpResponse:
        body, given = json_body(request, model)
        actor, one = reader_of(request, number, code)
        values = {name: getattr(given, name) for name in type(given).model_fields}

        def act() -> dict[str, Any]:
            changed = verb.run(actor, ref_of(one), **values)
            return {
                "number": changed.number, "state": str(changed.state), "is_open": changed.is_open, "version": changed.version,
                "due_at": changed.due_at,
            }  # fmt: skip

        return once(request, actor, f"{verb.name} {one.number}", body, act, district=one.district)

    endpoint.__name__ = f"application_{verb.name}"
    endpoint.__doc__ = (verb.run.__doc__ or "").strip().split("\n\n")[0]
    return endpoint


for _verb in VERBS.values():
    _taken = _model(_verb)
    api.post(
        f"/applications/{{number}}/{_verb.name}",
        auth=ANYONE,
        response={200: ApplicationDone, **ERRORS},
        openapi_extra=KEYED | body_of(_taken),
        summary=_verb.name.replace("_", " ").capitalize(),
        tags=["Services"],
        operation_id=f"application_{_verb.name}",
    )(_endpoint(_verb, _taken))
