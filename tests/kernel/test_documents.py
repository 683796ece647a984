"""Office documents: the same bytes for the same document, real styles, text that is found again, charts that say their figures."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from linli.kernel.documents import (
    Chart,
    ChartKind,
    Document,
    Form,
    Heading,
    Note,
    Paragraph,
    Series,
    Table,
    as_docx,
    as_pdf,
    file_name,
    sent,
)
from linli.kernel.documents.blocks import numbered, numeral
from linli.kernel.documents.charts import svg, ticks

CHART = Chart(
    ChartKind.LINE,
    ("11-09", "11-10", "11-11"),
    (Series("上报", (3, None, 9)), Series("结案", (2, 4, 6))),
    "图1 每天上报和结案",
)
DOCUMENT = Document(
    "草市街街道治理周报", "成都市青羊区草市街街道", "〔2026〕第 46 期", date(2026, 11, 16), "zh-CN",
    (
        Heading("总体情况"), Paragraph("本周上报事件 124 件。#set text(red) *不是标记* <b>也不是</b>"), Heading("每天情况", 2), CHART,
        Heading("各社区"),
        Table(("社区", "上报"), tuple((f"第{n}社区", str(n)) for n in range(60)), "表1", "区间重叠的不排名。", frozenset({1})),
        Note("数据截至 11 月 16 日 08:00"),
    ),
    series_name="周报", signed=("草市街街道办事处",), printed="2026年11月16日印发",
)  # fmt: skip


def test_a_word_file_has_styles_heads_that_come_again_and_words_for_charts() -> None:
    content = as_docx(DOCUMENT)
    assert content == as_docx(DOCUMENT)
    found = docx.Document(io.BytesIO(content))
    told = [(one.style.name, one.text) for one in found.paragraphs if one.text and one.style]
    assert ("Issuer", "成都市青羊区草市街街道") in told
    assert ("Title", "草市街街道治理周报") in told
    assert ("Heading 1", "一、总体情况") in told
    assert ("Heading 2", "（一）每天情况") in told
    assert ("Normal", "本周上报事件 124 件。#set text(red) *不是标记* <b>也不是</b>") in told
    (table,) = found.tables
    assert table.rows[0]._tr.trPr is not None
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [cell.text for cell in table.rows[12].cells] == ["第11社区", "11"]
    drawn = found.element.body.findall(".//" + qn("wp:docPr"))
    assert [one.get("descr") for one in drawn] == [CHART.words()]
    assert "PAGE" in found.sections[0].footer._element.xml
    lang = found.styles.element.find(".//" + qn("w:lang"))
    assert lang.get(qn("w:eastAsia")) == "zh-CN"
    assert found.core_properties.created is not None
    assert found.core_properties.created.date() == date(2026, 11, 16)


def test_a_row_leads_to_its_address_where_the_house_knows_its_own() -> None:
    table = Table(
        ("社区", "上报"),
        (("甲", "1"), ("乙", "2"), ("丙", "3")),
        links=("/figure/1", "", "https://elsewhere.example/x"),
    )
    for site, wanted in (
        ("https://linli.example", {"https://linli.example/figure/1", "https://elsewhere.example/x"}),
        ("", {"https://elsewhere.example/x"}),
    ):
        document = replace(DOCUMENT, blocks=(table,), site=site)
        parts = docx.Document(io.BytesIO(as_docx(document)))
        assert {one.target_ref for one in parts.part.rels.values() if one.is_external} == wanted
        assert [[cell.text for cell in row.cells] for row in parts.tables[0].rows[1:]] == [
            list(row) for row in table.rows
        ]
        notes = [
            one.get_object()
            for page in PdfReader(io.BytesIO(as_pdf(document))).pages
            for one in page.get("/Annots", ())
        ]
        assert {one["/A"]["/URI"] for one in notes} == wanted


def test_a_pdf_is_tagged_has_an_outline_and_its_text_is_found_again() -> None:
    content = as_pdf(DOCUMENT)
    assert content == as_pdf(DOCUMENT)
    read = PdfReader(io.BytesIO(content))
    text = "".join(page.extract_text() for page in read.pages).replace(" ", "").replace("\n", "")
    for words in ("草市街街道治理周报", "一、总体情况", "*不是标记*<b>也不是</b>", "第59社区59", "—1—", "印发"):
        assert words in text, words
    assert text.count("社区上报") >= 2, "the head of the table comes again on the next page"
    root: Any = read.trailer["/Root"]
    outline: Any = read.outline
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert [one["/Title"] for one in outline if isinstance(one, dict)] == ["一、总体情况", "二、各社区"]
    assert read.metadata is not None
    assert read.metadata.title == "草市街街道治理周报"


def test_an_english_document_is_whole() -> None:
    document = replace(DOCUMENT, language="en", title="Weekly brief", blocks=(Heading("In all"), Heading("By day", 2)))
    text = PdfReader(io.BytesIO(as_pdf(document))).pages[0].extract_text()
    assert "1. In all" in text
    assert "1.1. By day" in text
    assert "16 November 2026" in text


@given(
    kind=st.sampled_from(ChartKind),
    values=st.lists(
        st.none() | st.floats(-1e6, 1e6, allow_nan=False).map(lambda n: round(n, 2)), min_size=1, max_size=40
    ),
    name=st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable()),
    percent=st.booleans(),
)
def test_a_chart_is_drawn_of_any_figures(
    *, kind: ChartKind, values: list[float | None], name: str, percent: bool
) -> None:
    chart = Chart(
        kind, tuple(f"{name}{n}" for n in range(len(values))), (Series(name, tuple(values)),) * 2, name, percent=percent
    )
    ElementTree.fromstring(svg(chart))


@given(low=st.integers(-(10**9), 10**9), spread=st.integers(0, 10**9))
def test_steps_of_a_scale_are_even_and_reach_both_ends(low: int, spread: int) -> None:
    found = ticks(low, low + spread)
    assert 2 <= len(found) <= 9
    assert found[0] <= low + 1e-6
    assert found[-1] >= low + spread - 1e-6


def test_headings_are_numbered_anew_below_each_other() -> None:
    blocks = (Heading("a"), Heading("b", 2), Heading("c", 2), Heading("d", 3), Heading("e"), Heading("f", 2))
    told = [one.text for one in numbered(replace(DOCUMENT, blocks=blocks)) if isinstance(one, Heading)]
    assert told == ["一、a", "（一）b", "（二）c", "1.d", "二、e", "（一）f"]
    assert [numeral(n) for n in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]
    with pytest.raises(ValueError, match="1 to 99"):
        numeral(100)
    with pytest.raises(ValueError, match="as many cells"):
        Table(("a", "b"), (("1",),))
    with pytest.raises(ValueError, match="link"):
        Table(("a",), (("1",), ("2",)), links=("/only-one",))


def test_a_file_has_its_name_and_one_in_ascii() -> None:
    name = file_name("草市街街道 周报/第46期", Form.PDF)
    assert name == "草市街街道_周报_第46期.pdf"
    assert sent(name, "brief.pdf").startswith("attachment; filename=\"brief.pdf\"; filename*=UTF-8''%E8%8D%89")
