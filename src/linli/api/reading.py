"""Reading a request: its body, its idempotency key, its media type."""

from __future__ import annotations

from collections.abc import Set
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor

KEY_HEADER = "Idempotency-Key"
KEY_META = "HTTP_IDEMPOTENCY_KEY"

Model = TypeVar("Model", bound=BaseModel)


class MediaType(LinliError):
    """The body is of a kind that is not taken."""

    status = 415


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, as the authentication of the endpoint found."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def key_of(request: HttpRequest) -> str:
    """The idempotency key.

    Raises:
        Invalid: there is none.
    """
    key: str = request.META.get(KEY_META, "").strip()
    if not key:
        raise Invalid(
            "command.key",
            _("The command has no usable key."),
            field=KEY_HEADER,
            mend=_("Send a new UUID with each new command, and the same one when you try again."),
            status=400,
        )
    return key


def json_body(request: HttpRequest, model: type[Model]) -> tuple[bytes, Model]:
    """The body byte for byte, and as a model; parsed by pydantic at once, without an intermediate dictionary.

    Raises:
        MediaType: it is not declared as JSON.
        RequestDataTooBig: it is longer than ``DATA_UPLOAD_MAX_MEMORY_SIZE``.
        pydantic.ValidationError: it is not what the model says.
    """
    content_type = request.META.get("CONTENT_TYPE", "")
    if content_type and content_type.partition(";")[0].strip().lower() != "application/json":
        raise MediaType(
            "http.media_type", _("This kind of content is not taken here."), mend=_("Send application/json.")
        )
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is not None and int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise RequestDataTooBig
    body = request.body
    return body, model.model_validate_json(body or b"{}")


def file_body(request: HttpRequest, types: Set[str], *, most: int) -> bytes:
    """The body as a file, byte for byte.

    Args:
        types: the media types that are taken.
        most: the most bytes.

    Raises:
        MediaType: it is declared as another.
        RequestDataTooBig: it is longer.
    """
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() not in types:
        raise MediaType("http.media_type", _("This kind of content is not taken here."), mend=", ".join(sorted(types)))
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise RequestDataTooBig
    body: bytes = request.read(most + 1)
    if len(body) > most:
        raise RequestDataTooBig
    return body


def binary(types: Set[str]) -> dict[str, object]:
    """What the description says of a body that is a file of these media types."""
    return {
        "requestBody": {"content": {one: {"schema": {"type": "string", "format": "binary"}} for one in sorted(types)}}
    }
