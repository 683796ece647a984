"""Every route that Django knows, with the methods that it takes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What a caller may send; HEAD is asked wherever GET is."""
IGNORED = ("static/", "__debug__/")
NINJAS = {"api/v1/": set[str](), "api/v1/openapi.json": {"GET"}}
"""Two views of ninja's own that look at no method: its name for the root, which has no page, and the document."""


def routes(patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    """The routes below ``prefix`` as Django writes them, without its anchors."""
    return (route for route, _view in _views(patterns, prefix))


def methods() -> dict[str, set[str]]:
    """The methods of each route; none for a view that does not say."""
    found: dict[str, set[str]] = {}
    for route, view in _views():
        if not route.startswith(IGNORED):
            found.setdefault(route, set()).update(NINJAS[route] if route in NINJAS else _taken(view))
    return {route: taken for route, taken in found.items() if route != "api/v1/"}


def _views(
    patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + re.sub(r"^\^|\\Z$|\$$", "", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _views(one.url_patterns, route)
        else:
            yield route, one.callback


def _taken(view: Any) -> set[str]:
    """What ``require_http_methods`` and its like, a class of Django's, ninja's operations or a view for each let through."""
    while view is not None:
        if kind := getattr(view, "view_class", None):
            return {name.upper() for name in kind.http_method_names if name != "options" and hasattr(kind, name)}
        known = inspect.getclosurevars(view).nonlocals
        if isinstance(path := known.get("self"), PathView):
            return {method for operation in path.operations for method in operation.methods}
        if "request_method_list" in known:
            return set(known["request_method_list"])
        if isinstance(views := known.get("views"), dict):  # a view for each method
            return set(views)
        view = getattr(view, "__wrapped__", None)
    return set()
