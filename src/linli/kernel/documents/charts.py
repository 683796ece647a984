"""Charts as drawings (SVG): black on white, told apart by pattern, dash and mark, so that they hold on a grey copy. Pure.

Lengths are in points. Words on a drawing are set in the families :data:`FAMILIES`; the writers of documents bring those fonts with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10
from xml.sax.saxutils import escape, quoteattr

from linli.kernel.documents.blocks import Chart, ChartKind, shown

FAMILIES = "Noto Sans SC"
WIDTH = 442.0
"""The width between the margins of a page of GB/T 9704: 156 mm."""
HEIGHT = 196.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 20.0, 30.0, 20.0
ROW = 22.0
"""The height of one bar of a chart of bars, which lie."""
INK, GREY, LINE = "#111111", "#555555", "#BBBBBB"
TEAL, AMBER, BLUE, PLUM = "#0F766E", "#B45309", "#1D4ED8", "#7E22CE"
COLOURS = (TEAL, AMBER, BLUE, PLUM)
DASHES = ("", "6 3", "2 2", "8 3 2 3")


def svg(chart: Chart) -> str:
    """A chart as a drawing."""
    return _bars(chart) if chart.kind == ChartKind.BAR else _lines(chart)


def ticks(low: float, high: float, *, most: int = 5, least: float = 0.0) -> list[float]:
    """Round figures from at or below the lowest to at or above the highest, in even steps (1, 2 or 5 times a power of ten).

    Args:
        most: about how many steps.
        least: no step is smaller: 1 where only whole figures are counted.
    """
    if high <= low:
        high = low + (abs(low) or 1.0)
    rough = max((high - low) / most, least)
    power = 10.0 ** floor(log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _lines(chart: Chart) -> str:
    known = [value for one in chart.series for value in one.values if value is not None]
    if chart.percent:
        low, high = 0.0, 1.0
    else:
        low, high = min([0.0, *known]), max([0.0, *known])
    scale = ticks(low, high, least=1.0 if not chart.percent and all(one == int(one) for one in known) else 0.0)
    low, high = scale[0], scale[-1]
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    steps = max(len(chart.labels) - 1, 1)

    def x(n: int) -> float:
        return LEFT + (wide / 2 if len(chart.labels) == 1 else wide * n / steps)

    def y(value: float) -> float:
        return TOP + tall * (1 - (value - low) / (high - low))

    parts = [*_key(chart)]
    for value in scale:
        parts.append(_stroke(LEFT, y(value), WIDTH - RIGHT, y(value), LINE if value else INK, 0.5))
        parts.append(_text(LEFT - 5, y(value) + 3, shown(value, percent=chart.percent).replace(".0%", "%"), "end"))
    every = max(1, ceil(len(chart.labels) / 10))
    for n, label in enumerate(chart.labels):
        if n % every == 0:
            parts.append(_text(x(n), HEIGHT - BOTTOM + 14, label, "middle"))
    marked = len(chart.labels) <= 16
    for at, one in enumerate(chart.series):
        points = [(x(n), y(value)) for n, value in enumerate(one.values) if value is not None]
        runs = _runs([None if value is None else (x(n), y(value)) for n, value in enumerate(one.values)])
        for run in runs:
            joined = " ".join(f"{across:.2f},{down:.2f}" for across, down in run)
            dash = f' stroke-dasharray="{DASHES[at]}"' if DASHES[at] else ""
            parts.append(f'<polyline points="{joined}" fill="none" stroke="{COLOURS[at]}" stroke-width="1.5"{dash}/>')
        if marked or len(points) == 1:
            parts.extend(_mark(at, across, down) for across, down in points)
    return _drawing(parts, HEIGHT, chart)


def _runs(points: list[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Stretches without a gap: a line does not cross what is not known."""
    run: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _bars(chart: Chart) -> str:
    known = [value for one in chart.series for value in one.values if value is not None]
    high = 1.0 if chart.percent else max([0.0, *known]) or 1.0
    left = min(150.0, 16 + max((_measure(label) for label in chart.labels), default=40.0))
    wide = WIDTH - left - 56
    group = ROW * len(chart.series) * 0.72 + 8
    parts = [*_key(chart)]
    for n, label in enumerate(chart.labels):
        top = TOP + n * group
        parts.append(_text(left - 6, top + (group - 8) / 2 + 3, _fitted(label, left - 16), "end"))
        for at, one in enumerate(chart.series):
            value = one.values[n]
            down = top + at * ROW * 0.72
            length = 0.0 if value is None else max(wide * max(value, 0.0) / high, 0.5)
            tall = ROW * 0.72 - 3
            parts.append(
                f'<rect x="{left:.2f}" y="{down:.2f}" width="{length:.2f}" height="{tall:.2f}" fill="url(#p{at})" '
                f'stroke="{COLOURS[at]}" stroke-width="0.8"/>'
            )
            parts.append(_text(left + length + 5, down + tall - 3, shown(value, percent=chart.percent)))
    height = TOP + len(chart.labels) * group + 6
    parts.append(_stroke(left, TOP - 4, left, height - 6, INK, 0.8))
    return _drawing(parts, height, chart)


def _key(chart: Chart) -> Iterator[str]:
    """What each series is called; not for one alone, which the caption names."""
    if len(chart.series) < 2:
        return
    across = 4.0
    for at, one in enumerate(chart.series):
        if chart.kind == ChartKind.BAR:
            yield (
                f'<rect x="{across:.2f}" y="6" width="18" height="9" fill="url(#p{at})" stroke="{COLOURS[at]}" '
                'stroke-width="0.8"/>'
            )
        else:
            dash = f' stroke-dasharray="{DASHES[at]}"' if DASHES[at] else ""
            yield (
                f'<line x1="{across:.2f}" y1="10.5" x2="{across + 22:.2f}" y2="10.5" stroke="{COLOURS[at]}" '
                f'stroke-width="1.5"{dash}/>'
            )
            yield _mark(at, across + 11, 10.5)
        yield _text(across + 27, 14, one.name)
        across += 27 + _measure(one.name) + 18


def _mark(at: int, x: float, y: float) -> str:
    colour = COLOURS[at]
    if at == 0:
        return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="2.6" fill="{colour}"/>'
    if at == 1:
        return f'<rect x="{x - 2.4:.2f}" y="{y - 2.4:.2f}" width="4.8" height="4.8" fill="#FFFFFF" stroke="{colour}"/>'
    if at == 2:
        return f'<path d="M{x:.2f} {y - 3:.2f}l3 5.4h-6z" fill="{colour}"/>'
    return f'<path d="M{x - 2.4:.2f} {y - 2.4:.2f}l4.8 4.8m0 -4.8l-4.8 4.8" stroke="{colour}" fill="none"/>'


_PATTERNS = (
    f'<pattern id="p0" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="{TEAL}"/></pattern>',
    (
        '<pattern id="p1" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="#FFFFFF"/>'
        f'<path d="M0 5L5 0" stroke="{AMBER}" stroke-width="1"/></pattern>'
    ),
    (
        '<pattern id="p2" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="#FFFFFF"/>'
        f'<circle cx="2" cy="2" r="0.9" fill="{BLUE}"/></pattern>'
    ),
    (
        '<pattern id="p3" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="#FFFFFF"/>'
        f'<path d="M0 0L5 5M0 5L5 0" stroke="{PLUM}" stroke-width="0.7"/></pattern>'
    ),
)


def _drawing(parts: list[str], height: float, chart: Chart) -> str:
    patterns = "".join(_PATTERNS) if chart.kind == ChartKind.BAR else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label={quoteattr(chart.words())} '
        f'font-family="{FAMILIES}" font-size="9.5"><defs>{patterns}</defs>'
        f'<rect width="{WIDTH:.0f}" height="{height:.0f}" fill="#FFFFFF"/>{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    return f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="{colour}" stroke-width="{width}"/>'


def _measure(text: str) -> float:
    """About how wide a text is: a Chinese character is as wide as the type is high, others somewhat over half of it."""
    return sum(9.5 if ord(one) > 0x2E7F else 5.6 for one in text)


def _fitted(text: str, width: float) -> str:
    while len(text) > 1 and _measure(text) > width:
        text = text[:-2] + "…"
    return text
