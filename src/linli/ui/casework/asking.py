"""A service's questions as every door draws them, and photos that are kept from one sending of a form to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from linli.kernel.errors import Invalid
from linli.kernel.storage.intake import receive
from linli.services.rules import Question
from linli.ui.casework.names import language

FIELD_KINDS = {"line": "text", "text": "textarea", "choice": "radio", "choices": "checkboxes", "number": "number", "date": "date",
               "yes": "checkbox"}  # fmt: skip


def question_row(
    one: Question, value: Any, *, error: str = "", photos: Sequence[Mapping[str, Any]] = (), prefix: str = ""
) -> dict[str, Any]:
    """A question, ready to be drawn by ``ui/service_question.html``.

    Args:
        value: what was answered so far.
        photos: those that are kept already, where it asks for some.
        prefix: before the question's code in the name of its field, where a form asks for other things too.
    """
    return {
        "name": f"{prefix}{one.code}",
        "kind": FIELD_KINDS.get(one.kind, one.kind),
        "label": one.called(language()),
        "hint": one.hint(language()),
        "value": value,
        "options": [(option.value, option.called(language())) for option in one.options],
        "required": one.required,
        "error": error,
        "most": one.most if one.kind in ("line", "text") else None,
        "kept": [dict(row) | {"kb": max(1, row["bytes"] // 1000)} for row in photos],
        "more": one.most - len(photos),
    }


def keep_photos(one: Question, kept: Sequence[dict[str, Any]], files: Sequence[UploadedFile]) -> list[dict[str, Any]]:
    """The photos of a question with those just sent; storage has taken them in.

    Raises:
        Invalid: there are too many, one is broken, or one is needed.
    """
    found = list(kept)
    if len(found) + len(files) > one.most:
        raise Invalid("photo.too_many", _("These are too many photos."), mend=_("Please leave some out."))
    for file in files:
        original = receive(file.chunks())
        if all(row["sha256"] != original.sha256 for row in found):
            name = (file.name or "")[:60]
            found.append({"key": original.key, "sha256": original.sha256, "bytes": original.bytes, "name": name})
    return found
