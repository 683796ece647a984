"""`{% load desk %}`: what the desk's templates need beside the components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from linli.kernel import ids

register = template.Library()


@register.simple_tag
def new_key() -> str:
    """A fresh key for a form, by which its command is carried out once however often it is sent."""
    return str(ids.new_id())


@register.simple_tag
def case_rows(rows: Sequence[dict[str, Any]], current: str = "") -> SafeString:
    """The rows of a list of cases (linli.desk.inbox.row_of); ``current`` is the number of the one that is open beside it."""
    drawn = render_to_string("desk/rows.html", {"rows": rows, "current": current}, using="jinja2")
    return mark_safe(drawn)  # noqa: S308 - Jinja2 has escaped what the rows hold


@register.simple_tag
def filter_groups(choices: Sequence[dict[str, Any]]) -> SafeString:
    """What a list can be narrowed to (linli.desk.inbox.choices_of): groups of ``label``, ``count`` and ``href``."""
    drawn = render_to_string("desk/options.html", {"choices": choices}, using="jinja2")
    return mark_safe(drawn)  # noqa: S308 - Jinja2 has escaped what the options hold


@register.simple_tag
def view_entries(entries: Sequence[dict[str, Any]]) -> SafeString:
    """The views beside a list, and the rooms below them (linli.desk.inbox.views_context)."""
    drawn = render_to_string("desk/views.html", {"entries": entries}, using="jinja2")
    return mark_safe(drawn)  # noqa: S308 - Jinja2 has escaped what the entries hold
