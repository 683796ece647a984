"""One typed endpoint for each verb of the loop, made from :data:`linli.cases.verbs.VERBS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, create_model

from linli.api import shapes
from linli.api.case_schemas import Done
from linli.api.commanding import written
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.reading import actor_of, json_body, key_of
from linli.api.schemas import Body, Line, Version, Words
from linli.cases import queries
from linli.cases.loop import Ref, missing
from linli.cases.models import Case
from linli.cases.verbs import VERBS, Input, Kind, Verb
from linli.kernel import commands, ids
from linli.kernel.commands import Answer
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor

Code = Annotated[str, StringConstraints(min_length=1, max_length=8)]
Number = Annotated[str, StringConstraints(min_length=13, max_length=24)]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9A-Z]+)*$", max_length=48)]
TYPES: dict[Kind, Any] = {
    Kind.LINE: Line,
    Kind.TEXT: Words,
    Kind.YES_NO: bool,
    Kind.MOMENT: AwareDatetime,
    Kind.ORGANISATION: UUID,
    Kind.ORGANISATIONS: Annotated[list[UUID], Field(max_length=8)],
    Kind.CATEGORY: Code,
    Kind.CATEGORIES: Annotated[list[Code], Field(min_length=1, max_length=5)],
    Kind.CASE: Number,
    Kind.AREA: AreaPath,
    Kind.SCORE: Annotated[int, Field(ge=1, le=5)],
}


def body_model(verb: Verb) -> type[BaseModel]:
    """The body of a verb's endpoint, from its inputs."""
    fields: dict[str, Any] = {"version": (Version, ...)} if verb.takes_version else {}
    for one in verb.inputs:
        kind = _type(one)
        fields[one.name] = (
            (kind, Field(..., description=_english(one)))
            if one.required
            else (kind | None, Field(None, description=_english(one)))
        )
    name = "".join(part.capitalize() for part in verb.name.split("_")) + "In"
    return create_model(name, __base__=Body, __doc__=f"What ``{verb.name}`` takes.", **fields)


def _type(one: Input) -> Any:
    if one.kind == Kind.CHOICE:
        return Literal[tuple(value for value, _label in one.choices)]
    return TYPES[one.kind]


def _english(one: Input) -> str:
    from django.utils.translation import override

    with override("en"):
        return str(one.label)


def arguments(actor: Actor, case: Case, verb: Verb, given: BaseModel) -> dict[str, Any]:
    """What the action takes, from the body: a case's number becomes its id; what was left out is left to the action."""
    found: dict[str, Any] = {"version": given.version} if verb.takes_version else {}  # type: ignore[attr-defined]
    for one in verb.inputs:
        value = getattr(given, one.name)
        if value is None:
            continue
        if one.kind == Kind.CASE:
            other = queries.get(actor, value)
            if other.district != case.district:
                raise missing()
            value = other.id
        found[one.name] = value
    return found


def perform(actor: Actor, number: str, verb: Verb, *, key: str, body: bytes, given: BaseModel) -> Answer:
    """Carry out a verb once for its key.

    Raises:
        NotFound: there is no such case that the actor may see; but whoever did this before gets the first answer, also when
            the case went out of sight by it.
    """
    written_number = ids.parse_ticket_number(number)
    if written_number is None:
        raise missing()
    # The key stands for this verb on this case: with the same body on another it is another command.
    command = f"{verb.name} {written_number}\n".encode() + body
    try:
        case = queries.get(actor, written_number)
    except NotFound:
        if actor.is_signed_in and (known := queries.by_number(written_number)):
            first = commands.replay(actor, key, commands.body_hash(command), district=known.district)
            if first is not None:
                return first
        raise

    def action() -> tuple[int, Any]:
        changed = verb.run(actor, Ref(case.district, case.id), **arguments(actor, case, verb, given))
        if isinstance(changed, list):
            now = Case.objects.get(district=case.district, id=case.id)
            return 200, shapes.done(now, children=changed)
        return 200, shapes.done(changed)

    return commands.run(actor, key, command, district=case.district, action=action)


def _endpoint(verb: Verb, model: type[BaseModel]) -> Callable[[HttpRequest, str], HttpResponse]:
    def endpoint(request: HttpRequest, number: str) -> HttpResponse:
        key = key_of(request)
        body, given = json_body(request, model)
        return written(perform(actor_of(request), number, verb, key=key, body=body, given=given))

    endpoint.__name__ = verb.name
    endpoint.__doc__ = (verb.run.__doc__ or "").strip().split("\n\n")[0]
    return endpoint


def _register() -> None:
    for verb in VERBS.values():
        model = body_model(verb)
        api.post(
            f"/cases/{{number}}/{verb.name}",
            response={200: Done, **ERRORS},
            openapi_extra=KEYED | body_of(model),
            summary=verb.name.replace("_", " ").capitalize(),
            tags=["Verbs"],
            operation_id=verb.name,
        )(_endpoint(verb, model))


_register()
