"""One answer in two formats: the JSON is the XML by the Spark convention, so both come from the same data.

A list becomes an element with one child for each of its members; JSON drops the root. There are no attributes and no namespaces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MEMBERS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
}
"""What the members of a list are called in XML."""
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Format(StrEnum):
    """The formats that are spoken, by the ending of the address."""

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """As discovery lists it."""
        return "text/xml" if self is Format.XML else "application/json"


@dataclass(slots=True)
class Reply:
    """What a view answers: the root's name, and below it a mapping or a list of mappings."""

    root: str
    data: Mapping[str, Any] | Sequence[Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def write(reply: Reply, wanted: Format) -> HttpResponse:
    """The answer in the format that was asked for, in UTF-8."""
    text = _xml(reply) if wanted is Format.XML else json.dumps(reply.data, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(
        text.encode(), status=reply.status, content_type=f"{wanted.media_type}; charset=utf-8", headers=reply.headers
    )
    # Pages of other sites may read what anybody may read; no cookie has any meaning here.
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


def _xml(reply: Reply) -> str:
    root = ElementTree.Element(reply.root)
    _fill(root, reply.data)
    return DECLARATION + ElementTree.tostring(root, encoding="unicode")


def _fill(element: ElementTree.Element, value: Any) -> None:
    match value:
        case None | "":
            return
        case bool():
            element.text = "true" if value else "false"
        case Mapping():
            for name, below in value.items():
                _fill(ElementTree.SubElement(element, name), below)
        case list() | tuple():
            for member in value:
                _fill(ElementTree.SubElement(element, MEMBERS[element.tag]), member)
        case _:
            element.text = _ILLEGAL.sub("", str(value))
