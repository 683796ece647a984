"""Office documents: one description in blocks, set as Word or as PDF in the style of a Chinese office document (GB/T 9704).

Words: a *document* has a title, an issuer, a number, a day and *blocks*: headings, paragraphs, tables, charts, notes. Numbers of headings
(一、 （一） 1.) are set by the writer, not written by whoever makes the document.

Invariants: the same document gives the same bytes, on any machine and at any hour (no clock is asked; the fonts of PDFs and charts
come with a package, those of the machine are not used); nothing is fetched; what people wrote is data, never markup; every chart says its
figures in words for whoever does not see it, and is told apart by pattern and label, not by colour alone.
"""

from linli.kernel.documents.blocks import (
    Block,
    Chart,
    ChartKind,
    Document,
    Heading,
    Note,
    Paragraph,
    Series,
    Table,
)
from linli.kernel.documents.paper import as_pdf, as_pictures
from linli.kernel.documents.sending import WORD, Form, file_name, sent
from linli.kernel.documents.word import as_docx

__all__ = [
    "WORD",
    "Block",
    "Chart",
    "ChartKind",
    "Document",
    "Form",
    "Heading",
    "Note",
    "Paragraph",
    "Series",
    "Table",
    "as_docx",
    "as_pdf",
    "as_pictures",
    "file_name",
    "sent",
]
