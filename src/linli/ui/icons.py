"""The icons: Lucide's drawings (ISC licence), those named in frontend/icons.txt, written into the page as inline SVG."""

import json
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_FILE = Path(__file__).resolve().parent / "data" / "icons.json"


@lru_cache(maxsize=1)
def drawings() -> dict[str, str]:
    """Name → the inner markup of its SVG."""
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


@lru_cache(maxsize=1024)
def svg(name: str, *, size: str = "", label: str = "", extra: str = "") -> SafeString:
    """One icon. Without a label it is decoration, hidden from screen readers: the word stands beside it.

    :param size: "", "sm", "lg" or "xl"
    :raises KeyError: for a name that is not in frontend/icons.txt
    """
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", extra) if part)
    # the drawings are our own file, made at development time from a pinned package
    body = mark_safe(drawings()[name])  # noqa: S308
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', classes, label, body
        )
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, body)
