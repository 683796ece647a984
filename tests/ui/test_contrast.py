"""WCAG contrast, computed from tokens.css for every pair that is used, in light, dark and large-text mode."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "frontend" / "src" / "styles"
TOKENS = STYLES / "tokens.css"

TEXT = 4.5
SIGN = 3.0
"""WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for the edges of controls and meaningful shapes (1.4.11)."""

GROUNDS = ("paper", "surface", "sunken")
STATES = ("late", "soon", "good", "info", "brand")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS),
    *((state, ground, TEXT) for state in STATES for ground in GROUNDS),
    *((state, f"{state}-soft", TEXT) for state in STATES),
    *((ink, f"{state}-soft", TEXT) for state in STATES for ink in ("ink", "ink-2")),
    ("brand-strong", "brand-soft", TEXT),
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-strong", TEXT),
    ("on-late", "late", TEXT),
    ("on-scrim", "scrim", TEXT),
    ("surface", "ink", TEXT),  # toasts
    *((state, "brand-soft", TEXT) for state in STATES),  # words of state in the chosen row
    *(("line-strong", ground, SIGN) for ground in ("surface", "paper")),
    ("map-label", "map-halo", TEXT),
    ("map-label", "map-land", TEXT),
]


def _block(text: str, start: int) -> str:
    """The body of the braces that open at or after ``start``."""
    begin = text.index("{", start) + 1
    depth, at = 1, begin
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[begin : at - 1]


def _values(block: str) -> dict[str, str]:
    flat = re.sub(r"@variant dark \{.*?\n    \}", "", block, flags=re.DOTALL)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", flat))


def _dark(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", _block(block, block.index("@variant dark"))))


def palettes() -> dict[str, dict[str, str]]:
    """The colours in force in each mode."""
    text = TOKENS.read_text(encoding="utf-8")
    base = _block(text, text.index(":root {"))
    large = _block(text, text.index(':root[data-text="large"]'))
    light = _values(base)
    dark = light | _dark(base)
    return {
        "light": light,
        "dark": dark,
        "light, large": light | _values(large),
        "dark, large": dark | _values(large) | _dark(large),
    }


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert ratio("#0F766E", "#FFFFFF") == pytest.approx(5.47, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark", "light, large", "dark, large"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_every_pair_can_be_read(mode: str, front: str, back: str, least: float) -> None:
    colours = palettes()[mode]
    found = ratio(colours[front], colours[back])
    assert found >= least, f"{front} on {back} in {mode}: {found:.2f}:1, wants {least}:1"


def test_the_house_colours_are_those_of_the_design() -> None:
    light = palettes()["light"]
    assert [light[name] for name in ("brand", "ink", "paper", "line", "late", "soon", "good", "info")] == [
        "#0f766e", "#0f172a", "#f8fafc", "#e2e8f0", "#b91c1c", "#b45309", "#15803d", "#1d4ed8",
    ]  # fmt: skip


def test_no_other_file_names_a_colour() -> None:
    for path in [*STYLES.glob("*.css"), *(ROOT / "src" / "linli").rglob("templates/**/*.html")]:
        if path == TOKENS:
            continue
        text = path.read_text(encoding="utf-8").replace("#0F766E", "")  # theme-color and the mark need a literal
        found = re.findall(r"(?<![\w&/\"'=?])#[0-9a-fA-F]{6}\b|rgba?\(|oklch\(", text)
        assert not found, f"{path.relative_to(ROOT)} names colours of its own: {found}"


def test_large_text_keeps_its_promise() -> None:
    """18 to 30 px of text, targets of 60 px and more."""
    text = TOKENS.read_text(encoding="utf-8")
    large = _block(text, text.index(':root[data-text="large"]'))
    sizes = [float(size) * 16 for size in re.findall(r"--type-[\w]+: ([\d.]+)rem", large)]
    assert len(sizes) == 7
    assert min(sizes) >= 18
    assert max(sizes) <= 30
    assert int(re.findall(r"--target: (\d+)px", large)[0]) >= 60
