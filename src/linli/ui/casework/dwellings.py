"""The form of a change at a dwelling, at the door and at the desk alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from linli.households.actions import visiting
from linli.households.models import Proposal, Source
from linli.households.sealed import Told
from linli.kernel.trust import Actor
from linli.ui.sent import day_in, id_in


def propose(
    actor: Actor, dwelling_id: UUID, given: Mapping[str, str], *, source: Source, at: datetime | None = None
) -> Proposal:
    """Read the form and propose what it says.

    Args:
        given: what was sent.
        at: when the member stood there, if that was before now.

    Raises:
        Invalid: something is missing or wrong.
        NotFound, Forbidden: the post may not propose anything there.
    """
    return visiting.propose(
        actor,
        dwelling_id,
        change=given.get("change", ""),
        status=given.get("status", ""),
        kind=given.get("kind", ""),
        person_id=id_in(given.get("person", "")),
        told=Told(given.get("name", ""), given.get("phone", ""), given.get("number", ""), day_in(given, "consent")),
        note=given.get("note", ""),
        effective_on=day_in(given, "effective_on"),
        source=source,
        at=at,
    )
