"""Handing a message over by HTTP, for every adapter that does: what cannot be called now is tried again later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from linli.kernel.errors import Invalid
from linli.notices import outbound
from linli.notices.channels import not_taken


def posted(url: str, body: bytes, headers: Mapping[str, str]) -> outbound.Answer:
    """Post once.

    Raises:
        NotTaken: nobody answered, or the address cannot be called.
    """
    try:
        return outbound.post(url, body, headers)
    except outbound.Unreachable as error:
        raise not_taken(error.extra.get("kind", "")) from error
    except Invalid as error:  # the operator's mistake, to be mended there: the message waits
        raise not_taken(error.code) from error


def handed(url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Post to a provider; what it answered, as JSON. Providers say in the body what came of it, whatever the status.

    Raises:
        NotTaken: nobody answered, the address cannot be called, or the answer is no JSON object.
    """
    answer = posted(url, body, headers)
    try:
        found = json.loads(answer.body)
    except ValueError:
        raise not_taken(answer.status) from None
    if not isinstance(found, dict):
        raise not_taken(answer.status)
    return found
