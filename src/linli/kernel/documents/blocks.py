"""What a document is made of. Pure data; texts are plain, in the document's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from linli.kernel.documents.style import style

SHORT_ROWS = 16
"""A table of so many rows is not parted by the end of a page."""


class ChartKind(StrEnum):
    """How figures are drawn."""

    LINE = "line"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: where figures come from, what was left out."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its head comes again on every page that it reaches.

    Attributes:
        columns: the head.
        rows: as many cells each as there are columns.
        caption: stands above.
        note: stands below, small.
        figures: the columns, counted from 0, that hold figures and are set to the right.
        widths: how wide the columns are beside each other; all alike when empty.
        links: where the first cell of each row leads, empty for nowhere; none at all when empty.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    note: str = ""
    figures: frozenset[int] = frozenset()
    widths: tuple[int, ...] = ()
    links: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows) or len(self.widths) not in (0, len(self.columns)):
            raise ValueError("a row has as many cells as the table has columns")
        if len(self.links) not in (0, len(self.rows)):
            raise ValueError("a table has a link for each row, or none")

    @property
    def stays_whole(self) -> bool:
        """Whether it is short enough to stand on one page."""
        return len(self.rows) <= SHORT_ROWS


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of one line, or of one bar in each group; ``None`` where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Attributes:
        labels: what stands along the lower edge (a line) or at each group of bars.
        series: as many values each as there are labels; at most four.
        caption: stands below.
        source: of which table or query the figures come, in words.
        percent: whether the values are shares from 0 to 1.
    """

    kind: ChartKind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    caption: str = ""
    source: str = ""
    percent: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= 4 or any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError("a chart has one to four series, each with a value for every label")

    def words(self) -> str:
        """The chart in words, for whoever does not see it."""
        told = "; ".join(
            f"{one.name}: "
            + ", ".join(
                f"{label} {shown(value, percent=self.percent)}"
                for label, value in zip(self.labels, one.values, strict=True)
            )
            for one in self.series
        )
        return f"{self.caption}. {told}" if self.caption else told


def shown(value: float | None, *, percent: bool) -> str:
    """A value as it stands on a chart."""
    if value is None:
        return "—"
    if percent:
        return f"{value * 100:.1f}%"
    return f"{value:.1f}".removesuffix(".0")


Block = Heading | Paragraph | Table | Chart | Note


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes:
        issuer: who issues it; the red head.
        number: as offices number them: ``青羊社治〔2026〕第12期``; may be empty.
        date: the day that it bears; also the day of making that the file says.
        language: ``zh-CN`` or ``en``.
        blocks: what it says.
        series_name: the name of the series below the head (``周报``); may be empty.
        addressee: to whom; may be empty.
        signed: who signs, one a line: an organisation, a post.
        printed: the line at the end (印发); may be empty.
        mark: stands at the head of every page, of a draft for one; may be empty.
        site: what links that begin with a slash are joined to; where it is empty they are left out, for a file lies nowhere in particular.
    """

    title: str
    issuer: str
    number: str
    date: date
    language: str = "zh-CN"
    blocks: tuple[Block, ...] = field(default=())
    series_name: str = ""
    addressee: str = ""
    signed: tuple[str, ...] = ()
    printed: str = ""
    mark: str = ""
    site: str = ""

    def links(self, table: Table) -> tuple[str, ...]:
        """The addresses that a table's rows lead to, whole; one for each row."""
        return tuple(self._whole(one) for one in table.links) or ("",) * len(table.rows)

    def _whole(self, link: str) -> str:
        if not link.startswith("/"):
            return link
        return f"{self.site}{link}" if self.site else ""

    @property
    def chinese(self) -> bool:
        """Whether it is in Chinese."""
        return self.language.startswith("zh")

    @property
    def day(self) -> str:
        """Its day as it is written in its language."""
        if self.chinese:
            return style().day.format(year=self.date.year, month=self.date.month, day=self.date.day)
        return f"{self.date.day} {_MONTHS[self.date.month - 1]} {self.date.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def numeral(n: int) -> str:
    """A number from 1 to 99 in Chinese figures.

    Raises:
        ValueError: it is none of these.
    """
    if not 0 < n < 100:
        raise ValueError("headings are counted from 1 to 99")
    digits = style().digits
    tens, ones = divmod(n, 10)
    head = "" if not tens else digits[9] if tens == 1 else digits[tens - 1] + digits[9]
    return head + (digits[ones - 1] if ones else "")


def numbered(document: Document) -> tuple[Block, ...]:
    """The blocks with their headings numbered: 一、 （一） 1. in Chinese, 1. 1.1. 1.1.1. else."""
    counts = [0, 0, 0]
    found: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Heading):
            level = min(max(block.level, 1), 3)
            counts[level - 1] += 1
            counts[level:] = [0] * (3 - level)
            block = Heading(_number(counts, level, chinese=document.chinese) + block.text, level)
        found.append(block)
    return tuple(found)


def _number(counts: list[int], level: int, *, chinese: bool) -> str:
    if not chinese:
        return ".".join(str(max(n, 1)) for n in counts[:level]) + ". "
    n = counts[level - 1]
    return style().levels[level - 1].format(numeral=numeral(n), n=n)
