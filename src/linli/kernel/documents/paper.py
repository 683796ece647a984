"""Documents as PDF, set by typst with fonts of our own: tagged, with an outline, the same bytes for the same document."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Any, cast

import typst

from linli.kernel.documents.blocks import Chart, Document, Heading, Note, Paragraph, Table, numbered
from linli.kernel.documents.charts import svg

PICTURE_DPI = 200


def as_pdf(document: Document) -> bytes:
    """A document as PDF."""
    return cast("bytes", _set("document.typ", _data(document), document))


def as_pictures(document: Document, *, dpi: int = 100) -> list[bytes]:
    """The pages of a document as PNG."""
    found = _set("document.typ", _data(document), document, format="png", ppi=float(dpi))
    return found if isinstance(found, list) else [found]


def chart_picture(chart: Chart) -> bytes:
    """A chart as PNG, for writers that take no drawings."""
    found = _set("chart.typ", {"svg": svg(chart)}, None, format="png", ppi=float(PICTURE_DPI))
    return found[0] if isinstance(found, list) else found


@lru_cache(maxsize=1)
def fonts() -> str:
    """The folder of the fonts: Noto Sans SC and Noto Serif SC, under the SIL Open Font License."""
    return str(resources.files("pylopdf_fonts_zh_cn"))


def _set(source: str, data: dict[str, Any], document: Document | None, **options: Any) -> bytes | list[bytes]:
    made = datetime(document.date.year, document.date.month, document.date.day, tzinfo=UTC) if document else None
    return cast(
        "bytes | list[bytes]",
        typst.compile(
            resources.files("linli.kernel.documents").joinpath(f"data/{source}").read_bytes(),
            sys_inputs={"file": json.dumps(data, ensure_ascii=False, sort_keys=True)},
            font_paths=[fonts()],
            ignore_system_fonts=True,
            timestamp=int(made.timestamp()) if made else None,
            **options,
        ),
    )


def _data(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "issuer": document.issuer,
        "number": document.number,
        "day": document.day,
        "date": [document.date.year, document.date.month, document.date.day],
        "lang": "zh" if document.chinese else "en",
        "series": document.series_name,
        "addressee": document.addressee,
        "signed": list(document.signed),
        "printed": document.printed,
        "mark": document.mark,
        "blocks": [_block(block, document) for block in numbered(document)],
    }


def _block(block: Heading | Paragraph | Table | Chart | Note, document: Document) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"is": "heading", "text": block.text, "level": block.level}
    if isinstance(block, Table):
        return {
            "is": "table", "columns": list(block.columns), "rows": [list(row) for row in block.rows],
            "caption": block.caption, "note": block.note, "figures": sorted(block.figures),
            "widths": list(block.widths) or [1] * len(block.columns), "links": list(document.links(block)), "whole": block.stays_whole,
        }  # fmt: skip
    if isinstance(block, Chart):
        return {
            "is": "chart", "svg": svg(block), "caption": block.caption, "source": block.source, "words": block.words(),
        }  # fmt: skip
    return {"is": "note" if isinstance(block, Note) else "paragraph", "text": block.text}
