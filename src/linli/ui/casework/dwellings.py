"""The form of a change at a dwelling, at the door and at the desk alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from linli.households.actions import visiting
from linli.households.models import Proposal, Source
from linli.households.sealed import Told
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor


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
        person_id=id_of(given.get("person", "")),
        told=Told(given.get("name", ""), given.get("phone", ""), given.get("number", ""), day_of(given, "consent")),
        note=given.get("note", ""),
        effective_on=day_of(given, "effective_on"),
        source=source,
        at=at,
    )


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """A day from a form; nothing for nothing.

    Raises:
        Invalid: it is no day.
    """
    try:
        return date.fromisoformat(given[name]) if given.get(name) else None
    except ValueError:
        raise Invalid("field.day", _("This is not a day."), field=name) from None


def id_of(text: str) -> UUID | None:
    """An id from a form, or nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None
