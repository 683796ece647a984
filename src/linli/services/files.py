"""Files of applications: photos as cases have them (a worker makes the copies that are shown), results as PDF."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Invalid
from linli.kernel.storage import intake
from linli.kernel.storage.shown import prepare_next
from linli.kernel.work import job
from linli.services.models import Attachment

MAX_DOCUMENT = 10 * 1024 * 1024
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
    """Prepare the photo that has waited longest; returns how many were done, one or none."""
    return prepare_next(Attachment)
