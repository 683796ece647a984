"""The second template language: Jinja2, compiled to Python, for the few pieces that a page draws fifty times over.

Everything else is Django's own. What is drawn here holds no words of its own: rows come with theirs (docs/decisions/rows-by-jinja.md).
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, StrictUndefined

from linli.ui.icons import svg


def environment(**options: Any) -> Environment:
    """What Django's Jinja2 engine works with: nothing undefined passes, and icons can be drawn."""
    made = Environment(**options | {"undefined": StrictUndefined})  # noqa: S701 - Django's engine switches escaping on
    made.globals["svg"] = svg
    return made
