"""The API object: who may come in by default, how errors are answered, and what the OpenAPI document says of itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from pydantic import BaseModel

from linli.api import problems
from linli.api.schemas import ProblemOut
from linli.people.auth import ANYONE, SIGNED_IN

__all__ = ["ANYONE", "ERRORS", "KEYED", "SIGNED_IN", "api", "body_of"]

DESCRIPTION = """The closed loop of a city's neighbourhoods: report, dispatch, call up, handle, verify, close, rate.

Every command takes an `Idempotency-Key`; a repeat gets the first answer with `Idempotency-Replayed: true`. Commands that change a
case name the `version` that their user saw; a stale one is 409 with the current state. Errors are problem details (RFC 9457)."""


_bodies: dict[str, type[BaseModel]] = {}
REFERENCE = "#/components/schemas/{model}"


class Document(OpenAPISchema):
    """ninja's document, in which a name means one thing."""

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Take shapes in by their names.

        Raises:
            TypeError: another shape has this name; whoever reads the document would be told that one.
        """
        for name, shape in definitions.items():
            if self.schemas.setdefault(name, shape) != shape:
                raise TypeError(f"Two shapes of the API are called {name}.")


class Api(NinjaAPI):
    """ninja, with problems for errors, and bodies in the document that endpoints read themselves."""

    _document: Any = None

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Any error of an endpoint as a problem."""
        return problems.respond(request, exc)

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The document, with those bodies, and errors under their media type; made once, since anybody may ask for it."""
        if self._document is None:
            path = kwargs.get("path_prefix")
            document = Document(self, self.get_root_path(kwargs.get("path_params") or {}) if path is None else path)
            self._document = self._described(document)
        return self._document

    @staticmethod
    def _described(document: Document) -> Document:
        for name, model in _bodies.items():
            shape = model.model_json_schema(ref_template=REFERENCE)
            document.add_schema_definitions(shape.pop("$defs", {}) | {name: shape})
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {problems.MEDIA_TYPE: next(iter(answer["content"].values()))}
        return document


api = Api(
    title="Linli",
    version="1.0.0",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=SIGNED_IN,
    docs_url=None,
    openapi_url="/openapi.json",
)

ERRORS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429, 503), ProblemOut)
"""The problems that any endpoint may answer with."""
KEYED: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "A new UUID for each new command, the same one for its repeats.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 80},
        }
    ]
}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI of a body that the endpoint reads itself, byte for byte, because its hash is kept with the key.

    Raises:
        TypeError: another body has this name.
    """
    if _bodies.setdefault(model.__name__, model) is not model:
        raise TypeError(f"Two bodies of the API are called {model.__name__}.")
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}},
        }
    }
