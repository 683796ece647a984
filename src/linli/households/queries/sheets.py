"""A sheet of who lives where: masked, or in clear for a purpose that needs it, with an audit row for each person then."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from linli.households.actions.reading import looked_at
from linli.households.models import DwellingStatus, Kind, Residency, Source, Status
from linli.households.place import address, dwellings
from linli.households.sealed import masked, opened
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, audit, context, policy

MOST_MASKED = 5_000
MOST_CLEAR = 200
"""Each person is audited by themself; who needs more asks the data protection officer."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of text; whether there were more than are here."""

    rows: list[list[str]]
    cut: bool


def sheet_of(actor: Actor, *, purpose: str, clear: bool, export_id: UUID) -> Sheet:
    """The residents of a post's area, at most so many rows; identity numbers are in no sheet.

    Args:
        purpose: why, in words.
        clear: names and telephone numbers whole.
        export_id: what the audit and the sheet's mark name.

    Raises:
        Forbidden: the post takes no sheets out.
    """
    policy.require(actor, "household.export")
    most = MOST_CLEAR if clear else MOST_MASKED
    path = actor.area_path or actor.district
    with transaction.atomic(), context.personal(actor, purpose=purpose):
        found = list(
            Residency.objects.filter(in_subtree("area_path", path), valid_to__isnull=True)
            .select_related("person")
            .order_by("dwelling_id", "valid_from")[: most + 1]
        )
        cut, found = len(found) > most, found[:most]
        keys = {row.dwelling_id for row in found}
        places = {one.id: address(one) for one in dwellings().filter(district=actor.district, id__in=keys)}
        uses = dict(
            DwellingStatus.objects.filter(
                district=actor.district, dwelling_id__in=keys, valid_to__isnull=True
            ).values_list("dwelling_id", "status")
        )
        rows = []
        for row in found:
            if clear:
                told = opened(row.person)
                name, phone = told.name, told.phone
            else:
                shown = masked(row.person)
                name, phone = shown.name, shown.phone
            use = uses.get(row.dwelling_id)
            rows.append(
                [
                    places.get(row.dwelling_id, ""), str(Status(use).label) if use else "", name, phone, str(Kind(row.kind).label),
                    row.valid_from.isoformat(), str(Source(row.source).label),
                ]
            )  # fmt: skip
        fields = ("name", "phone") if clear else ("name_masked", "phone_masked")
        audit.record(
            actor, "household.export", subject_type="list", subject_id=export_id, purpose=purpose, fields=fields,
            detail={"rows": len(rows), "area": path, "cut": cut},
        )  # fmt: skip
        if clear:
            people = list({row.person_id: row.person for row in found}.values())
            looked_at(actor, people, verb="household.read", purpose=purpose, fields=("name", "phone"))
    return Sheet(sorted(rows), cut)
