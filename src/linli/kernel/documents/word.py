"""Documents as Word files, by python-docx: real styles, heads of tables that come again, charts with words for those who do not see them.

The families are those of a Chinese office (小标宋, 仿宋, 黑体, 楷体) by name, each with another that a machine without it may take; the
file's own table of fonts says which.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from linli.kernel.documents.blocks import Chart, Document, Heading, Note, Paragraph, Table, numbered
from linli.kernel.documents.charts import WIDTH
from linli.kernel.documents.paper import chart_picture
from linli.kernel.documents.style import style

STYLE = style()
SONG, FANG, HEI, KAI = (
    family[0] for family in (STYLE.title_family, STYLE.body_family, STYLE.heading_family, STYLE.second_family)
)
OTHERS = dict((STYLE.title_family, STYLE.body_family, STYLE.heading_family, STYLE.second_family))
"""For each family another that is taken where the machine does not have it."""
LATIN = "Times New Roman"
RED = RGBColor(0xC0, 0x00, 0x00)
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every part of the file bears: that of making is not part of what it says."""
LEADING = Pt(28)
HYPERLINK = RELATIONSHIP_TYPE.HYPERLINK


def as_docx(document: Document) -> bytes:
    """A document as a Word file."""
    made = docx.Document()
    _styles(made, document)
    _page(made, document)
    _head(made, document)
    for block in numbered(document):
        if isinstance(block, Heading):
            made.add_paragraph(block.text, style=f"Heading {block.level}")
        elif isinstance(block, Paragraph):
            made.add_paragraph(block.text, style="Normal")
        elif isinstance(block, Note):
            made.add_paragraph(block.text, style="Note")
        elif isinstance(block, Table):
            _table(made, block, document.links(block))
        else:
            _chart(made, block)
    _end(made, document)
    _properties(made, document)
    kept = io.BytesIO()
    made.save(kept)
    return _steady(kept.getvalue())


def _family(style: Any, east: str, *, latin: str = LATIN) -> None:
    style.font.name = latin
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith(("Theme", "theme")):
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), east)
    fonts.set(qn("w:hAnsi"), latin)


def _styles(made: Any, document: Document) -> None:
    styles = made.styles
    zh = document.chinese
    lang = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr")).find(qn("w:lang"))
    lang.set(qn("w:val"), "en-US" if zh else "en-GB")
    lang.set(qn("w:eastAsia"), "zh-CN")
    body, small = (Pt(16), Pt(10.5)) if zh else (Pt(12), Pt(9.5))

    normal = styles["Normal"]
    _family(normal, FANG)
    normal.font.size = body
    normal.paragraph_format.space_after = Pt(0) if zh else Pt(8)
    if zh:
        normal.paragraph_format.first_line_indent = Emu(body * 2)
        normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        normal.paragraph_format.line_spacing = LEADING
    for level, east in ((1, HEI), (2, KAI), (3, FANG)):
        style = styles[f"Heading {level}"]
        _family(style, east)
        style.font.size = body if zh else (Pt(14), Pt(12.5), Pt(12))[level - 1]
        style.font.bold = not zh
        style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before = Pt(0) if zh else Pt(14)
        style.paragraph_format.space_after = Pt(0) if zh else Pt(6)
        style.paragraph_format.keep_with_next = True
    title = styles["Title"]
    _family(title, SONG)
    _plain(title, Pt(22) if zh else Pt(18), centred=True, after=Pt(14))
    borders = title.element.pPr.find(qn("w:pBdr"))
    if borders is not None:
        title.element.pPr.remove(borders)
    caption = styles["Caption"]
    _family(caption, HEI)
    _plain(caption, Pt(12) if zh else Pt(10.5), centred=True, after=Pt(4))
    caption.paragraph_format.space_before = Pt(8)
    for name, east, size in (
        ("Issuer", SONG, Pt(30) if zh else Pt(22)), ("Series", HEI, Pt(18) if zh else Pt(14)),
        ("Number line", FANG, Pt(14) if zh else Pt(11)), ("Note", FANG, small), ("Cell", FANG, small),
        ("Signature", FANG, body), ("Printed", FANG, Pt(14) if zh else Pt(10.5)), ("Addressee", FANG, body),
    ):  # fmt: skip
        style = styles.add_style(name, 1) if name not in styles else styles[name]
        style.base_style = normal
        _family(style, east)
        _plain(style, size, centred=name in ("Issuer", "Series"), after=Pt(0 if name in ("Cell", "Number line") else 6))
        if name in ("Issuer", "Series"):
            style.font.color.rgb = RED
        if name == "Signature":
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _plain(style: Any, size: Pt, *, centred: bool, after: Pt) -> None:
    style.font.size = size
    style.font.bold = False
    style.font.italic = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    form = style.paragraph_format
    form.first_line_indent = Pt(0)
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    form.space_before, form.space_after = Pt(0), after
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT


def _page(made: Any, document: Document) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    foot = section.footer.paragraphs[0]
    foot.paragraph_format.first_line_indent = Pt(0)
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("— ", None, " —"):
        run = foot.add_run(text or "")
        run.font.size = Pt(14)
        if text is None:
            for kind in ("begin", "", "end"):
                run._r.append(_field(kind))
    if document.mark:
        head = section.header.paragraphs[0]
        head.paragraph_format.first_line_indent = Pt(0)
        head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        head.add_run(document.mark).font.size = Pt(10)


def _field(kind: str) -> Any:
    """One of the three marks of the field that shows the number of the page."""
    if not kind:
        found = OxmlElement("w:instrText")
        found.text = "PAGE"
        return found
    found = OxmlElement("w:fldChar")
    found.set(qn("w:fldCharType"), kind)
    return found


def _head(made: Any, document: Document) -> None:
    made.add_paragraph(document.issuer, style="Issuer")
    if document.series_name:
        made.add_paragraph(document.series_name, style="Series")
    line = made.add_paragraph(f"{document.number}\t{document.day}", style="Number line")
    properties = line._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="18" w:space="4" w:color="C00000"/></w:pBdr>')
    )
    line.paragraph_format.tab_stops.add_tab_stop(Mm(156), 2)
    line.paragraph_format.space_after = Pt(18)
    made.add_paragraph(document.title, style="Title")
    if document.addressee:
        made.add_paragraph(document.addressee + (STYLE.colon if document.chinese else ":"), style="Addressee")


def _table(made: Any, block: Table, links: tuple[str, ...]) -> None:
    if block.caption:
        made.add_paragraph(block.caption, style="Caption").paragraph_format.keep_with_next = True
    table = made.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = block.widths or (1,) * len(block.columns)
    shares = [Mm(156 * one / sum(widths)) for one in widths]
    head = table.rows[0]
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    head._tr.get_or_add_trPr().append(mark)
    _row(head, block.columns, shares, frozenset(), bold=True)
    for cells, link in zip(block.rows, links, strict=True):
        row = table.add_row()
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(whole)
        _row(row, cells, shares, block.figures, bold=False, link=link)
    if block.stays_whole:
        for row in table.rows[:-1]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    if block.note:
        made.add_paragraph(block.note, style="Note")
    else:
        made.add_paragraph("", style="Note")


def _row(
    row: Any, texts: tuple[str, ...], widths: list[Any], figures: frozenset[int], *, bold: bool, link: str = ""
) -> None:
    for n, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.style = "Cell"
        run = paragraph.add_run(text)
        run.bold = bold or None
        if link and n == 0:
            run.underline = True
            leading = OxmlElement("w:hyperlink")
            leading.set(qn("r:id"), paragraph.part.relate_to(link, HYPERLINK, is_external=True))
            leading.append(run._r)
            paragraph._p.append(leading)
        if bold:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif n in figures:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _chart(made: Any, block: Chart) -> None:
    paragraph = made.add_paragraph(style="Cell")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_before = Pt(10)
    picture = paragraph.add_run().add_picture(io.BytesIO(chart_picture(block)), width=Pt(WIDTH))
    drawn = picture._inline.docPr
    drawn.set("name", block.caption or "Chart")
    drawn.set("descr", block.words())
    if block.caption:
        made.add_paragraph(block.caption, style="Caption")
    if block.source:
        made.add_paragraph(block.source, style="Note").alignment = WD_ALIGN_PARAGRAPH.CENTER


def _end(made: Any, document: Document) -> None:
    if document.signed:
        first = made.add_paragraph(document.signed[0], style="Signature")
        first.paragraph_format.space_before = Pt(28)
        for line in (*document.signed[1:], document.day):
            made.add_paragraph(line, style="Signature")
    if document.printed:
        last = made.add_paragraph(document.printed, style="Printed")
        last.paragraph_format.space_before = Pt(28)
        last._p.get_or_add_pPr().append(
            parse_xml(
                f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="8" w:space="4" w:color="000000"/>'
                '<w:bottom w:val="single" w:sz="8" w:space="4" w:color="000000"/></w:pBdr>'
            )
        )


def _properties(made: Any, document: Document) -> None:
    told = made.core_properties
    moment = datetime(document.date.year, document.date.month, document.date.day, tzinfo=UTC)
    told.title, told.author, told.language = document.title, document.issuer, document.language
    told.subject, told.comments, told.last_modified_by = document.number, "", document.issuer
    told.created = told.modified = moment.replace(tzinfo=None)
    told.revision = 1
    for part in made.part.package.iter_parts():
        if part.partname == PackURI("/word/fontTable.xml"):
            part._blob = _font_table()


def _font_table() -> bytes:
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in OTHERS.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{rows}'
        f'<w:font w:name="{LATIN}"><w:charset w:val="00"/></w:font></w:fonts>'
    ).encode()


def _steady(content: bytes) -> bytes:
    """The same file with no hour in it."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return kept.getvalue()
