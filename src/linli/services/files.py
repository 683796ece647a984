"""Files of applications: photos as cases have them (a worker makes the copies that are shown), results as PDF."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Invalid
from linli.kernel.storage import intake, rendering
from linli.kernel.work import job
from linli.services.models import Attachment, AttachmentState

MAX_DOCUMENT = 10 * 1024 * 1024
LOOK_AT = 8
PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF on the private shelf: where it lies, its SHA-256 in hexadecimal, its bytes."""

    key: str
    sha256: str
    size: int


def receive_document(chunks: Iterable[bytes]) -> Document:
    """Take in a PDF and keep it as it is.

    Args:
        chunks: the body as it arrives; reading stops as soon as it is too long.

    Raises:
        Invalid: it is none, empty, or larger than 10 MB.
    """
    with tempfile.TemporaryFile(prefix="linli-document-") as file:
        digest, length = sha256(), 0
        for chunk in chunks:
            length += len(chunk)
            if length > MAX_DOCUMENT:
                raise Invalid("document.too_long", _("This document is larger than 10 MB."), field="document")
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)
        if file.read(len(PDF)) != PDF:
            raise Invalid(
                "document.not_pdf",
                _("This file is not a PDF."),
                field="document",
                mend=_("Save it as PDF and choose it again."),
            )
        name = digest.hexdigest()
        key = f"documents/{name[:2]}/{name[2:4]}/{name}.pdf"
        intake.put(intake.Shelf.PRIVATE, key, file)
    return Document(key, name, length)


@job("services.photos", every=1.0)
def prepare_one() -> int:
    """Prepare the photo that has waited longest; its row is locked meanwhile, so that two workers never do the same."""
    waiting = Attachment.objects.filter(state=AttachmentState.WAITING).order_by("at")
    for district, photo_id in waiting.values_list("district", "id")[:LOOK_AT]:
        if _prepare(district, photo_id):
            return 1
    return 0


def _prepare(district: str, photo_id: UUID) -> bool:
    with transaction.atomic():
        found = Attachment.objects.filter(district=district, id=photo_id, state=AttachmentState.WAITING)
        photo = found.select_for_update(skip_locked=True).first()
        if photo is None:
            return False
        try:
            made = rendering.process(photo.original_key, to=intake.Shelf.PRIVATE)
            photo.state, photo.shown_key, photo.thumb_key = AttachmentState.READY, made.photo.key, made.thumb.key
        except Invalid as refused:
            photo.state, photo.refusal = AttachmentState.REFUSED, refused.code
        except FileNotFoundError:
            photo.state, photo.refusal = AttachmentState.REFUSED, "photo.lost"
        photo.save(update_fields=["state", "shown_key", "thumb_key", "refusal"])
    return True


def open_file(one: Attachment, *, thumb: bool = False) -> BinaryIO | None:
    """The shown copy of a photo, its thumb, or a document; ``None`` while there is none. The caller has asked who may see it."""
    key = one.thumb_key if thumb else one.shown_key
    if one.state != AttachmentState.READY or not key:
        return None
    try:
        return cast("BinaryIO", intake.Shelf.PRIVATE.storage().open(key, "rb"))
    except FileNotFoundError:
        return None
