"""The document that machines are built from."""

from __future__ import annotations

import pytest

import linli.urls  # noqa: F401 - registers the endpoints
from linli.api.door import Document, api, body_of
from linli.api.schemas import Body


def test_a_name_in_the_document_means_one_thing() -> None:
    document = Document(api, "/api/v1/")
    shapes = document["components"]["schemas"]
    assert shapes["DutyEntryOut"]["properties"].keys() != shapes["PointsEntryOut"]["properties"].keys()
    document.add_schema_definitions({"CaseOut": shapes["CaseOut"]})
    with pytest.raises(TypeError, match="CaseOut"):
        document.add_schema_definitions({"CaseOut": {"type": "string"}})
    report = type("ReportIn", (Body,), {"__doc__": "Another report."})
    with pytest.raises(TypeError, match="ReportIn"):
        body_of(report)


def test_words_that_rooms_name_alike_are_told_apart() -> None:
    shapes = api.get_openapi_schema()["components"]["schemas"]

    def words(shape: str, field: str) -> set[str]:
        found = shapes[shape]["properties"][field]
        return set(found.get("enum") or found["anyOf"][0]["enum"])

    assert "minutes" in words("FundIn", "source")
    assert words("ImportIn", "source") == {"visit", "office", "resident", "property", "police", "file"}
    assert words("ContractIn", "kind") & words("ProposalIn", "kind") == set()
