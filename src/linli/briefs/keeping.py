"""A composed brief as data, and back: what is kept is enough to make the same files at any later time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings

from linli.briefs.models import Brief
from linli.kernel import time
from linli.kernel.documents import Block, Chart, ChartKind, Document, Heading, Note, Paragraph, Series, Table

PLAIN: Mapping[str, type[Heading | Paragraph | Note]] = {"heading": Heading, "paragraph": Paragraph, "note": Note}


def as_data(document: Document) -> dict[str, Any]:
    """A document as JSON can hold it."""
    return {
        "title": document.title,
        "issuer": document.issuer,
        "number": document.number,
        "language": document.language,
        "series": document.series_name,
        "mark": document.mark,
        "blocks": [_kept(one) for one in document.blocks],
    }


def _kept(block: Block) -> dict[str, Any]:
    name = type(block).__name__.lower()
    found = asdict(block)
    if isinstance(block, Table):
        found["figures"] = sorted(block.figures)
    if isinstance(block, Chart):
        found["kind"] = block.kind.value
    return {"is": name, **found}


def blocks_of(data: Mapping[str, Any]) -> tuple[Block, ...]:
    """The blocks that were kept."""
    return tuple(_block(one) for one in data["blocks"])


def _block(kept: Mapping[str, Any]) -> Block:
    name, told = kept["is"], {key: value for key, value in kept.items() if key != "is"}
    if name == "table":
        return Table(
            tuple(told["columns"]), tuple(tuple(row) for row in told["rows"]), told["caption"], told["note"],
            frozenset(told["figures"]), tuple(told["widths"]), tuple(told.get("links", ())),
        )  # fmt: skip
    if name == "chart":
        series = tuple(Series(one["name"], tuple(one["values"])) for one in told["series"])
        return Chart(
            ChartKind(told["kind"]), tuple(told["labels"]), series, told["caption"], told["source"], told["percent"]
        )
    return PLAIN[name](**told)


def document_of(brief: Brief) -> Document:
    """The document of a kept brief, from its row alone: its note and what changed stand before the figures."""
    data, words = brief.data, brief.data["words"]
    added: list[Block] = []
    if brief.changed:
        added += [Heading(words["changed"]), Paragraph(brief.changed)]
        added += [Paragraph(one) for one in data.get("differences", ())]
    if brief.note:
        added += [Heading(words["note"]), Paragraph(brief.note)]
    bears = brief.issued_at or brief.made_at
    return Document(
        title=data["title"],
        issuer=data["issuer"],
        number=data["number"] if brief.version == 1 else f"{data['number']} ({brief.version})",
        date=bears.astimezone(time.LOCAL_ZONE).date(),
        language=data["language"],
        blocks=(*added, *blocks_of(data)),
        series_name=data["series"],
        signed=(data["issuer"],) if brief.issued_at else (),
        mark="" if brief.issued_at else data["mark"],
        site=settings.LINLI_PUBLIC_URL,
    )
