"""Undo instead of "are you sure": a done action leaves a message that can take it back for ten seconds."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse

_MARK = "undo:"


def done(request: HttpRequest, text: str, *, undo: str = "", **undo_fields: str) -> None:
    """Say on the next page what was done; with ``undo`` (an address that takes a POST of ``undo_fields``) it can be undone."""
    tags = _MARK + json.dumps({"href": undo, "fields": undo_fields}) if undo else ""
    messages.success(request, text, extra_tags=tags)


def toast(response: HttpResponse, text: str, *, undo: str = "", **undo_fields: str) -> HttpResponse:
    """The same on an htmx answer: the page shows it at once."""
    said: dict[str, Any] = {"text": text}
    if undo:
        said |= {"undo": undo, "fields": undo_fields}
    response["HX-Trigger"] = json.dumps({"toast": said})
    return response


def of(message: Message) -> dict[str, Any] | None:
    """The undo that a message carries: {"href", "fields"}, or None."""
    tags = message.extra_tags or ""
    return dict(json.loads(tags.removeprefix(_MARK))) if tags.startswith(_MARK) else None
