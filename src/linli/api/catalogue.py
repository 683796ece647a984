"""The catalogue in force, for forms and for other systems; unchanged, it costs a client nothing (ETag)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import Query
from pydantic import Field, StringConstraints

from linli.api.cases import etag_of
from linli.api.door import ANYONE, ERRORS, api
from linli.api.ground_schemas import CatalogueOut, CategoryOut, SuggestionOut
from linli.api.schemas import Body, Line
from linli.api.shapes import language
from linli.catalog import queries as catalog
from linli.catalog.snapshot import Entry
from linli.suggesting import queries as suggesting

District = Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")]


class CatalogueQuery(Body):
    """Which part of the catalogue."""

    district: District = Field("", description="The district's own version where it has one.")
    residents: bool = Field(default=False, description="Only what a resident may report.")


class SearchQuery(CatalogueQuery):
    """What somebody wrote."""

    words: Line
    limit: Annotated[int, Field(ge=1, le=20)] = 8


class SuggestQuery(CatalogueQuery):
    """A description, to which the likely categories are wanted."""

    text: Annotated[str, StringConstraints(max_length=2000)]


def shape(entry: Entry) -> dict[str, Any]:
    """A category."""
    return {
        "code": entry.code,
        "name": entry.called(language()),
        "name_en": entry.name_en,
        "group": entry.group,
        "severity": int(entry.severity),
        "clock": str(entry.clock),
        "respond_minutes": entry.respond_minutes,
        "resolve_minutes": entry.resolve_minutes,
        "sensitivity": str(entry.sensitivity),
        "evidence_required": list(entry.evidence_required),
        "resident_reportable": entry.resident_reportable,
        "becomes_case": entry.becomes_case,
        "call_first": entry.call_first(language()),
        "call_first_numbers": list(entry.call_first_numbers),
    }


@api.get(
    "/categories",
    auth=ANYONE,
    response={200: CatalogueOut, **ERRORS},
    summary="Catalogue",
    tags=["Catalogue"],
    operation_id="list_categories",
)
def categories(request: HttpRequest, filters: Query[CatalogueQuery]) -> HttpResponse:
    """Every category in force, by groups, with its clocks, severity, evidence and the number to call first."""
    found = catalog.current(district=filters.district)
    groups = [
        {
            "code": group.code,
            "name": group.called(language()),
            "name_en": group.name_en,
            "categories": [shape(entry) for entry in entries],
        }
        for group, entries in found.groups(residents=filters.residents)
    ]
    text = json.dumps({"groups": groups}, ensure_ascii=False, separators=(",", ":"))
    tag = etag_of(text)
    asked = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
    response: HttpResponse
    if tag in asked:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(text, content_type="application/json")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@api.get(
    "/categories/search",
    auth=ANYONE,
    response={200: list[CategoryOut], **ERRORS},
    summary="Find a category",
    tags=["Catalogue"],
    operation_id="search_categories",
)
def search(request: HttpRequest, filters: Query[SearchQuery]) -> Any:
    """The categories that fit what somebody wrote, the best first."""
    current = catalog.current(district=filters.district)
    return [shape(one) for one in current.search(filters.words, residents=filters.residents, limit=filters.limit)]


@api.get(
    "/categories/suggest",
    auth=ANYONE,
    response={200: list[SuggestionOut], **ERRORS},
    summary="Suggest a category",
    tags=["Catalogue"],
    operation_id="suggest_categories",
)
def suggest(request: HttpRequest, filters: Query[SuggestQuery]) -> Any:
    """At most three categories for what somebody wrote, each with its chance; none when nothing is likely enough. The text is not kept."""
    found = suggesting.suggest(filters.text, district=filters.district, residents=filters.residents)
    return [
        {"category": shape(one.entry), "probability": round(one.chance, 4), "words": list(one.words)} for one in found
    ]


@api.get(
    "/categories/{code}",
    auth=ANYONE,
    response={200: CategoryOut, **ERRORS},
    summary="Category",
    tags=["Catalogue"],
    operation_id="get_category",
)
def category(request: HttpRequest, code: str, district: str = Query("", pattern=r"^([0-9]{6})?$")) -> Any:
    """One category in force."""
    return shape(catalog.category(code, district=district))
