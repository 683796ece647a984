"""The reference page, made from the OpenAPI document itself: no script, so our content policy needs no exception."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.api.door import api

METHODS = ("get", "post", "put", "patch", "delete")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every endpoint with its inputs and answers."""
    return render(request, "api/reference.html", {"document": document(), "sections": sections()})


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = api.get_openapi_schema()
    return found


@lru_cache(maxsize=1)
def sections() -> list[dict[str, Any]]:
    """Endpoints by tag, in the order of the document."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                tag = (operation.get("tags") or ["Other"])[0]
                found.setdefault(tag, []).append(_endpoint(path, method, operation))
    return [{"tag": tag, "endpoints": endpoints} for tag, endpoints in found.items()]


def _endpoint(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = next(iter(operation.get("requestBody", {}).get("content", {}).items()), None)
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": one["name"],
                "where": one["in"],
                "type": _kind(one.get("schema", {})),
                "required": one.get("required", False),
                "description": one.get("description", ""),
            }
            for one in operation.get("parameters", [])
        ],
        "media_type": body[0] if body else "",
        "fields": _fields(body[1]["schema"]) if body else [],
        "answers": [
            {"status": status, "fields": _fields(_schema(answer))}
            for status, answer in operation["responses"].items()
            if int(status) < 400
        ],
        "errors": [status for status in operation["responses"] if int(status) >= 400],
    }


def _schema(answer: dict[str, Any]) -> dict[str, Any]:
    content: list[dict[str, Any]] = list(answer.get("content", {}).values())
    found: dict[str, Any] = content[0].get("schema", {}) if content else {}
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found: dict[str, Any] = document()["components"]["schemas"].get(name, {})
        return found
    return schema


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = _resolved(schema)
    if found.get("type") == "array":
        found = _resolved(found.get("items", {}))
    needed = set(found.get("required", []))
    return [
        {
            "name": name,
            "type": _kind(one),
            "required": name in needed,
            "description": one.get("description", ""),
        }
        for name, one in found.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        found = _resolved(schema)
        return "object" if found.get("type") == "object" else _kind(found)
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return " | ".join(dict.fromkeys(kinds))
    if "allOf" in schema:
        return _kind(schema["allOf"][0])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind
