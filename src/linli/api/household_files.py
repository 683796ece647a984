"""Files of people and dwellings: sent in pieces, checked or read, with what is wrong by row; the template."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query

from linli.api.commanding import carry_out, once
from linli.api.door import ERRORS, KEYED, api, body_of
from linli.api.household_schemas import (
    GoOnIn,
    ImportIn,
    ImportOut,
    ProblemsQuery,
    RowProblem,
)
from linli.api.problems import of_error
from linli.api.reading import MediaType, actor_of
from linli.api.uploads import BODY, OFFSET, PIECE, number_in
from linli.households import workbooks
from linli.households.actions import importing
from linli.households.models import Import, ImportState, Source
from linli.households.queries import imports
from linli.kernel.errors import Conflict
from linli.kernel.trust import Actor, policy
from linli.kernel.workbooks import TYPE

TAGS = ["People and dwellings"]


def import_shape(one: Import) -> dict[str, Any]:
    """A file, and how far it is."""
    receiving = one.state == ImportState.RECEIVING
    return {
        "id": str(one.id), "district": one.district, "area_path": one.area_path, "name": one.name, "state": str(one.state),
        "size": one.size, "received": one.offset if receiving else one.size, "rows": one.rows, "bad": one.bad,
        "counts": one.counts, "problem": one.problem, "tries": one.tries,
        "next_try_at": one.next_try_at.isoformat() if one.next_try_at else None, "source": str(one.source), "dry_run": one.dry_run,
        "started_at": one.started_at.isoformat(), "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }  # fmt: skip


@api.get(
    "/households/imports", response={200: list[ImportOut], **ERRORS}, summary="Files", tags=TAGS,
    operation_id="list_imports",
)  # fmt: skip
def list_imports(request: HttpRequest) -> Any:
    """The last thirty files of one's area, and how far each is."""
    return [import_shape(one) for one in imports.recent(actor_of(request))]


@api.post(
    "/households/imports", response={201: ImportOut, **ERRORS}, openapi_extra=KEYED | body_of(ImportIn),
    summary="Begin to send a file", tags=TAGS, operation_id="begin_import",
)  # fmt: skip
def begin_import(request: HttpRequest) -> HttpResponse:
    """Announce a file, to be only checked or to be read; its pieces go to ``…/file``."""

    def act(actor: Actor, given: ImportIn) -> dict[str, Any]:
        return import_shape(
            importing.begin_pieces(
                actor,
                given.name,
                given.length,
                area_path=given.area_path or actor.area_path,
                source=Source(given.source),
                dry_run=given.dry_run,
            )
        )

    return carry_out(request, ImportIn, "household.import", act, verb="household.import", status=201)


@api.get(
    "/households/imports/{uuid:import_id}", response={200: ImportOut, **ERRORS}, summary="File", tags=TAGS,
    operation_id="get_import",
)  # fmt: skip
def get_import(request: HttpRequest, import_id: UUID) -> Any:
    """How many bytes are here, how many rows are read, what it brought."""
    return import_shape(imports.one(actor_of(request), import_id))


@api.patch(
    "/households/imports/{uuid:import_id}/file", response={204: None, **ERRORS},
    openapi_extra={"parameters": [OFFSET], **BODY}, summary="Send a piece of a file", tags=TAGS,
    operation_id="send_import_piece",
)  # fmt: skip
def send_piece(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The next piece, at most 1 MB. Another offset than the one that is here is answered with 409 and the right one."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != PIECE:
        raise MediaType("http.media_type", _("This kind of content is not taken here."), mend=f"Content-Type: {PIECE}")
    try:
        one = importing.append(actor, import_id, offset=number_in(request, "Upload-Offset"), piece=request.body)
    except Conflict as error:
        response = of_error(request, error)
        if "offset" in error.extra:
            response.headers["Upload-Offset"] = str(error.extra["offset"])
        return response
    receiving = one.state == ImportState.RECEIVING
    return HttpResponse(status=204, headers={"Upload-Offset": str(one.offset if receiving else one.size)})


@api.post(
    "/households/imports/{uuid:import_id}/stop", response={200: ImportOut, **ERRORS}, openapi_extra=KEYED,
    summary="Stop reading a file", tags=TAGS, operation_id="stop_import",
)  # fmt: skip
def stop_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What is in stays, the rest is forgotten."""
    actor = actor_of(request)
    policy.require(actor, "household.import")
    return once(
        request,
        actor,
        f"household.import_stop {import_id}",
        b"",
        lambda: import_shape(importing.stop(actor, import_id)),
    )


@api.post(
    "/households/imports/{uuid:import_id}/go-on", response={200: ImportOut, **ERRORS}, openapi_extra=KEYED | body_of(GoOnIn),
    summary="Read on in a file of which rows failed", tags=TAGS, operation_id="go_on_import",
)  # fmt: skip
def go_on_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Try the rows that failed once more, or leave them out: then each is among the rows to mend."""

    def act(actor: Actor, given: GoOnIn) -> dict[str, Any]:
        return import_shape(importing.go_on(actor, import_id, leave_out=given.leave_out))

    return carry_out(request, GoOnIn, f"household.import_go_on {import_id}", act, verb="household.import")


@api.get(
    "/households/imports/{uuid:import_id}/problems", response={200: list[RowProblem], **ERRORS}, summary="Rows to mend",
    tags=TAGS, operation_id="import_problems",
)  # fmt: skip
def import_problems(request: HttpRequest, import_id: UUID, filters: Query[ProblemsQuery]) -> Any:
    """What is wrong by row and column, without what stands in the cells."""
    actor = actor_of(request)
    rows = imports.problems(actor, imports.one(actor, import_id), after=filters.after, most=filters.size)
    return [{"row": one.row, "column": one.column, "code": one.code, "detail": imports.said(one.code)} for one in rows]


@api.get(
    "/households/imports/{uuid:import_id}/problems.xlsx", response={200: None, **ERRORS}, summary="Rows to mend, as a workbook",
    tags=TAGS, operation_id="import_workbook",
)  # fmt: skip
def import_workbook(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The rows as they came, with what is wrong in each: to be mended and sent again. It leaves an audit row."""
    actor = actor_of(request)
    content = workbooks.rows_to_mend(actor, imports.one(actor, import_id))
    return HttpResponse(content, content_type=TYPE)


@api.get(
    "/households/imports/template.xlsx", response={200: None, **ERRORS}, summary="Template of a file", tags=TAGS,
    operation_id="import_template",
)  # fmt: skip
def import_template(request: HttpRequest) -> HttpResponse:
    """The columns with an example, and the words that they take."""
    policy.require(actor_of(request), "household.import")
    return HttpResponse(workbooks.template(), content_type=TYPE)
