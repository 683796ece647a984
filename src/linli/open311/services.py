"""What may be requested: the categories of the catalogue that residents may report."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.catalog import queries as catalog
from linli.catalog.snapshot import Catalogue, Entry
from linli.kernel.errors import NotFound
from linli.open311 import words
from linli.open311.arguments import Arguments
from linli.open311.documents import Reply
from linli.open311.jurisdictions import find

CACHED = {"Cache-Control": "public, max-age=60"}


def offered(found: Catalogue) -> list[Entry]:
    """The services of a catalogue: what residents may report and what becomes a case."""
    return [entry for entry in found.all(residents=True) if entry.becomes_case]


def entry_of(code: str, *, district: str) -> Entry:
    """A service by its code.

    Raises:
        NotFound: there is none.
    """
    found = catalog.current(district=district).get(code)
    if found is None or not found.resident_reportable:
        raise no_such_service(code)
    return found


def no_such_service(code: str) -> NotFound:
    """The refusal of a code that names no service."""
    return NotFound(
        "open311.service", _("service_code %(code)s was not found.") % {"code": code[:40]}, field="service_code"
    )


def listed(request: HttpRequest) -> Reply:
    """GET services."""
    place = find(request, Arguments.of(request)["jurisdiction_id"])
    current = catalog.current(district=place.district)
    return Reply("services", [_service(entry, current) for entry in offered(current)], headers=dict(CACHED))


def _service(entry: Entry, current: Catalogue) -> dict[str, Any]:
    group = current.group(entry.group)
    return {
        "service_code": entry.code,
        "service_name": entry.called(words.language()),
        "description": _described(entry),
        "metadata": bool(_attributes(entry)),
        "type": "realtime",
        "keywords": ", ".join(words.keywords(entry)),
        "group": group.called(words.language()) if group else "",
    }


def _described(entry: Entry) -> str:
    first = entry.call_first(words.language())
    return " ".join(
        filter(None, [words.notice(entry), _("Call first: %(number)s.") % {"number": first} if first else ""])
    )


def definition(request: HttpRequest, code: str) -> Reply:
    """GET a service definition. Nothing is asked; whom to call first is told to people before they send anything."""
    place = find(request, Arguments.of(request)["jurisdiction_id"])
    entry = entry_of(code, district=place.district)
    if not entry.becomes_case:
        raise no_such_service(code)
    return Reply(
        "service_definition", {"service_code": entry.code, "attributes": _attributes(entry)}, headers=dict(CACHED)
    )


def _attributes(entry: Entry) -> list[dict[str, Any]]:
    first = entry.call_first(words.language())
    if not first:
        return []
    return [
        {
            "variable": False,
            "code": "call_first",
            "datatype": "string",
            "required": False,
            "datatype_description": None,
            "order": 1,
            "description": _("Before you send this, call %(number)s.") % {"number": first},
            "values": [],
        }
    ]
