"""Documents on their way to a browser: their forms and what their files are called."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import quote

from linli.kernel.documents.blocks import Document
from linli.kernel.documents.paper import as_pdf
from linli.kernel.documents.word import as_docx

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Form(StrEnum):
    """What a document is made into."""

    DOCX = "docx"
    PDF = "pdf"

    @property
    def content_type(self) -> str:
        """What the file is, for whoever receives it."""
        return WORD if self is Form.DOCX else "application/pdf"

    def made(self, document: Document) -> bytes:
        """A document in this form."""
        return as_docx(document) if self is Form.DOCX else as_pdf(document)


def file_name(title: str, form: Form) -> str:
    """The name of a file after its title, without what file systems refuse."""
    return re.sub(r'[\\/:*?"<>|\s]+', "_", title).strip("_. ")[:100] + f".{form.value}"


def sent(name: str, plain: str) -> str:
    """The header that names a download: as it is called, and in ASCII for what knows no other letters (RFC 6266).

    Args:
        name: with its ending, in any letters.
        plain: the same in ASCII.
    """
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
