"""What every record of a file goes through: the right, the lock, what it replaces, the standing made anew, one event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.compounds import standing
from linli.compounds.models import Record, Source, Standing
from linli.kernel import events, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot
from linli.territory.models import Compound

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record is from, and more of it in words: "minutes of 3 May"."""

    source: Source | str
    note: str = ""


@dataclass
class Filing:
    """A compound whose file is being written in the transaction that is open."""

    actor: Actor
    compound: Compound
    now: datetime
    version: int
    told: dict[str, Any] = field(default_factory=dict)

    def record(self, origin: Origin) -> dict[str, Any]:
        """The columns that every record has.

        Raises:
            Invalid: the source is none.
        """
        if origin.source not in Source.values:
            raise Invalid("compounds.source", _("Say where this is from."), field="source")
        return {
            "district": self.compound.district, "compound": self.compound, "source": str(origin.source),
            "source_note": " ".join(origin.note.split())[:200], "noted_at": self.now, "noted_by": self.actor.account_id,
            "post_id": self.actor.post_id, "noted_as": self.actor.name[:80],
        }  # fmt: skip

    def first(self, model: type[R], key: UUID) -> R | None:
        """The record that was noted with this key before, so that a repeat adds nothing."""
        return model._default_manager.filter(district=self.compound.district, compound=self.compound, id=key).first()

    def replaced(self, model: type[R], record_id: UUID | None) -> R | None:
        """The record that the next one replaces.

        Raises:
            NotFound: this compound has no such record.
            Conflict: it was replaced before.
        """
        if record_id is None:
            return None
        rows = model._default_manager.filter(district=self.compound.district, compound=self.compound)
        found = rows.filter(id=record_id).first()
        if found is None:
            raise NotFound("compounds.no_record", _("There is no such record in this file."))
        if rows.filter(replaces_id=record_id).exists():
            raise Conflict(
                "compounds.replaced", _("This record was corrected meanwhile."), mend=_("Look at the file again.")
            )
        return found


def compound_of(compound_id: UUID) -> Compound:
    """A compound by its id.

    Raises:
        NotFound: there is none.
    """
    found = Compound.objects.filter(id=compound_id).first()
    if found is None:
        raise NotFound("compounds.none", _("There is no such compound, or none that you can see."))
    return found


@contextmanager
def filing(actor: Actor, compound_id: UUID, what: str, *, verb: str = "compound.keep") -> Iterator[Filing]:
    """Open a compound's file for writing: check the right, lock it; afterwards make its standing anew and append the event.

    Args:
        what: is noted: ``committee``; nothing happens to the standing, and no event is written, when nothing was.

    Raises:
        NotFound, Forbidden: the post may not.
    """
    compound = compound_of(compound_id)
    policy.require(actor, verb, Spot(compound.area_path), view="compound.view")
    with transaction.atomic():
        rows = Standing.objects.filter(district=compound.district, compound=compound)
        held = rows.select_for_update().first()
        if held is None:
            # Two at once: the second waits for the first one's row, finds it there, and locks it.
            fresh = standing.made(compound, standing.Records(), on=time.today(), by=standing.rules_on(time.today()))
            Standing.objects.bulk_create([fresh], ignore_conflicts=True)
            held = rows.select_for_update().get()
        found = Filing(actor, compound, time.now(), held.version + 1)
        yield found
        if not found.told:
            return
        (after,) = standing.make_anew(compound.district, [compound])
        after.version = found.version
        after.save(update_fields=["version"])
        events.append(
            "compound.noted", subject_type="compound", subject_id=compound.id, sequence=found.version, district=compound.district,
            area_path=compound.area_path, actor=actor, data={"what": what, "colour": after.colour, **found.told},
        )  # fmt: skip


def words(text: str, *, field: str, most: int = 120, least: int = 2) -> str:
    """A line as it is kept: trimmed, without line breaks.

    Raises:
        Invalid: it is too short or too long.
    """
    found = " ".join(text.split())
    if not least <= len(found) <= most:
        raise Invalid(
            "compounds.words",
            _("Please say it in %(least)s to %(most)s characters.") % {"least": least, "most": most},
            field=field,
        )
    return found
