"""What the doors show alike of special operations: the form of a task, reading it, and what was answered, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from linli.kernel.storage import uploads
from linli.kernel.trust import Actor
from linli.operations import forms
from linli.operations.forms import MOST_PHOTOS, Field, FieldKind

PREFIX = "answer-"
"""Before the code of a question in a form, so that no code is taken for a field of the page."""


def words(one: Field, value: Any) -> str:
    """An answer in words."""
    if one.kind == FieldKind.YES_NO:
        return {forms.YES: _("yes"), forms.NO: _("no")}.get(value, str(value))
    if one.kind == FieldKind.PHOTO:
        return str(len(value))
    return str(value)


def said_rows(form: Sequence[Field], answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was answered, question by question, and which of it counts as a problem."""
    return [
        {
            "label": one.label,
            "words": words(one, answer[one.code]),
            "problem": bool(one.problem) and one.is_problem(answer[one.code]),
        }
        for one in form
        if one.code in answer
    ]


def filled_rows(form: Sequence[Field], area_path: str) -> list[tuple[str, int]]:
    """What the platform fills in for a target."""
    known = forms.filled(form, area_path)
    return [(one.label, known[one.code]) for one in form if one.code in known]


def field_rows(form: Sequence[Field], sent: Mapping[str, str], wrong: Mapping[str, str]) -> list[dict[str, Any]]:
    """The questions as they are drawn, with what was typed and what was wrong with it."""
    kinds = {
        FieldKind.YES_NO: "radio", FieldKind.CHOICE: "radio", FieldKind.NUMBER: "number", FieldKind.TEXT: "text",
        FieldKind.PHOTO: "photo",
    }  # fmt: skip
    return [
        {
            "name": PREFIX + one.code, "label": one.label, "kind": kinds[one.kind], "required": one.required,
            "value": sent.get(PREFIX + one.code, ""), "error": wrong.get(PREFIX + one.code, ""),
            "options": [(forms.YES, _("yes")), (forms.NO, _("no"))] if one.kind == FieldKind.YES_NO else list(one.choices),
            "look": "cards-2" if one.kind == FieldKind.YES_NO else "cards",
        }
        for one in form
        if one.is_asked
    ]  # fmt: skip


def values_of(form: Sequence[Field], sent: QueryDict, photos: Sequence[str] = ()) -> dict[str, Any]:
    """The answers that a page sent; photos belong to the first question that asks for them."""
    found: dict[str, Any] = {one.code: sent.get(PREFIX + one.code, "").strip() for one in form if one.is_asked}
    asked = [one.code for one in form if one.kind == FieldKind.PHOTO]
    for code in asked:
        found[code] = list(photos) if code == asked[0] else []
    return found


def photos_of(request: HttpRequest, actor: Actor, key: str) -> list[UUID]:
    """The photos that came with the page itself, kept as the outbox keeps its own; the same page sent twice keeps them once."""
    found = []
    for place, file in enumerate(request.FILES.getlist("photos")[:MOST_PHOTOS]):
        upload = uploads.begin(actor, f"{key}-{place}", length=file.size or 0)
        while upload.offset < upload.length:
            file.seek(upload.offset)
            upload = uploads.append(actor, upload.id, offset=upload.offset, piece=file.read(uploads.MAX_PIECE))
        found.append(upload.id)
    return found
