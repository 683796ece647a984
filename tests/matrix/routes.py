"""Every route that Django knows, with its methods where the API tells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def routes(patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    """The routes below ``prefix`` as Django writes them, without its anchors."""
    found = get_resolver().url_patterns if patterns is None else patterns
    for one in found:
        route = prefix + re.sub(r"^\^|\\Z$|\$$", "", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def api_methods() -> dict[str, set[str]]:
    """The methods of each route of the API."""
    from linli.api.door import api

    found: dict[str, set[str]] = {}
    for path, view in _paths(api):
        route = "api/v1/" + re.sub(r"\{(?:([a-z]+):)?([a-z_]+)\}", _converter, path.lstrip("/"))
        for operation in view.operations:
            found.setdefault(route, set()).update(operation.methods)
    return found


def _paths(api: object) -> Iterator[tuple[str, object]]:
    for router in api._get_bound_routers():  # type: ignore[attr-defined]
        yield from router.path_operations.items()


def _converter(found: re.Match[str]) -> str:
    kind, name = found.groups()
    return f"<{kind}:{name}>" if kind else f"<{name}>"
