"""The accepted facts: begun and ended, never overwritten. For the actions of this room, inside their transactions.

Each function says in ``wrote`` which rows it made and ended, so that the decision that it belongs to can be taken back.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.households.models import DwellingStatus, Kind, Person, Proposal, Residency, Source
from linli.households.sealed import Told, fill_person
from linli.kernel import ids, time
from linli.kernel.crypto import Lookup, lookup_hash
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import SYSTEM, context
from linli.territory.models import Dwelling

DAY = timedelta(days=1)


def check_day(day: date) -> date:
    """The day from which a fact holds.

    Raises:
        Invalid: it lies in the future, or before 1900.
    """
    if day > time.today() or day.year < 1900:
        raise Invalid(
            "fact.day",
            _("Please give the day from which it holds, today at the latest."),
            field="effective_on",
        )
    return day


def begin_status(dwelling: Dwelling, status: str, *, on: date, source: Source, post_id: UUID | None) -> dict[str, Any]:
    """Let a dwelling be used in another way from a day on; the use before ends then.

    A fact that is said to begin no later than the one before it did begins the day after that one.

    Raises:
        Conflict: it is used so already.
    """
    current = (
        DwellingStatus.objects.select_for_update()
        .filter(district=dwelling.district, dwelling_id=dwelling.id, valid_to__isnull=True)
        .first()
    )
    wrote: dict[str, Any] = {}
    if current is not None:
        if current.status == status:
            raise Conflict("status.same", _("That is how the dwelling is registered already."))
        on = max(on, current.valid_from + DAY)
        current.valid_to = on
        current.save(update_fields=["valid_to"])
        wrote["status_ended"] = str(current.id)
    begun = DwellingStatus.objects.create(
        id=ids.new_id(), district=dwelling.district, dwelling_id=dwelling.id, area_path=dwelling.area_path, status=status,
        valid_from=on, source=source, post_id=post_id,
    )  # fmt: skip
    return wrote | {"status": str(begun.id)}


def begin_residency(
    dwelling: Dwelling,
    told: Told,
    kind: str,
    *,
    on: date,
    source: Source,
    post_id: UUID | None,
    person: Person | None = None,
) -> dict[str, Any]:
    """Register that somebody belongs to a dwelling; whoever is in the register by the same identity number is the same person.

    Args:
        person: whose residency it is, when that is known already; ``told`` is not looked at then.

    Raises:
        Conflict: the person is registered there in this kind already, or the number is another name's.
    """
    wrote: dict[str, Any] = {}
    known = person is not None
    if person is None and told.number:
        # Whoever owns another dwelling of the district is in the register already, perhaps out of the actor's reach.
        with context.personal(SYSTEM):
            person = Person.objects.filter(
                district=dwelling.district,
                number_hash=lookup_hash(Lookup.ID_NUMBER, told.number),
                merged_into__isnull=True,
            ).first()
    if person is None:
        person = Person(id=ids.new_id(), district=dwelling.district, source=source)
        fill_person(person, told)
        person.save(force_insert=True)
        wrote["person"] = str(person.id)
    elif not known and bytes(person.name_hash or b"") != lookup_hash(Lookup.NAME, told.name):
        raise Conflict(
            "person.other_name",
            _("This identity number is in the register with another name."),
            field="number",
            mend=_("Check both; if the register is wrong, refuse this and correct the person."),
        )
    begun = open_residencies(dwelling.district, dwelling_id=dwelling.id, person_id=person.id).filter(kind=kind)
    if begun.exists():
        raise Conflict("residency.same", _("This person is registered here already."))
    last = (
        Residency.objects.filter(district=dwelling.district, dwelling_id=dwelling.id, person_id=person.id, kind=kind)
        .order_by("-valid_to")
        .first()
    )
    if last is not None and last.valid_to is not None:
        on = max(on, last.valid_to)
    row = Residency.objects.create(
        id=ids.new_id(), district=dwelling.district, person_id=person.id, dwelling_id=dwelling.id, area_path=dwelling.area_path,
        kind=kind, valid_from=on, source=source, post_id=post_id,
    )  # fmt: skip
    return wrote | {"residencies": [str(row.id)]}


def open_residencies(district: str, *, dwelling_id: UUID, person_id: UUID | None = None) -> Any:
    """The residencies of a dwelling that have not ended; of one person when told."""
    rows = Residency.objects.filter(district=district, dwelling_id=dwelling_id, valid_to__isnull=True)
    return rows.filter(person_id=person_id) if person_id else rows


def end_residencies(dwelling: Dwelling, person_id: UUID, *, on: date) -> dict[str, Any]:
    """Register that somebody lives at a dwelling no more; who owns it goes on owning it.

    Raises:
        Conflict: nobody of that name lives there.
    """
    rows = list(open_residencies(dwelling.district, dwelling_id=dwelling.id, person_id=person_id).select_for_update())
    living = [row for row in rows if row.kind != Kind.OWNER] or rows
    if not living:
        raise Conflict("residency.none", _("This person is not registered here any more."))
    for row in living:
        row.valid_to = max(on, row.valid_from + DAY)
        row.save(update_fields=["valid_to"])
    return {"residencies_ended": [str(row.id) for row in living]}


def change_phone(district: str, person_id: UUID, told: Told) -> dict[str, Any]:
    """Give a person another telephone number; the one before is kept, sealed, for taking back."""
    person = Person.objects.select_for_update().get(district=district, id=person_id)
    before = bytes(person.phone_enc).hex() if person.phone_enc else ""
    before_hash = bytes(person.phone_hash).hex() if person.phone_hash else ""
    fill_person(person, Told(phone=told.phone, consent_on=person.guardian_consent_on))
    person.save(update_fields=["phone_enc", "phone_hash"])
    return {
        "phone_of": str(person.id),
        "phone_before": before,
        "phone_hash_before": before_hash,
        "phone_hash": bytes(person.phone_hash or b"").hex(),
    }


def take_back(district: str, wrote: dict[str, Any]) -> None:
    """Undo what a decision wrote, as long as nothing has been built on it.

    Raises:
        Conflict: something else has changed since.
    """
    # A person is seen through a residency: once that is gone, only the system sees the entry that goes with it.
    with context.personal(SYSTEM):
        _take_back(district, wrote)


def _take_back(district: str, wrote: dict[str, Any]) -> None:
    newer = Conflict(
        "proposal.newer", _("Something else has changed since; this can no longer be taken back."), mend=_("Propose the change back.")
    )  # fmt: skip
    if begun := wrote.get("status"):
        if not DwellingStatus.objects.filter(district=district, id=begun, valid_to__isnull=True).delete()[0]:
            raise newer
        if ended := wrote.get("status_ended"):
            DwellingStatus.objects.filter(district=district, id=ended).update(valid_to=None)
    for row in Residency.objects.filter(district=district, id__in=wrote.get("residencies", [])):
        if row.valid_to is not None:
            raise newer
        row.delete()
    if person := wrote.get("person"):
        if (
            Residency.objects.filter(district=district, person_id=person).exists()
            or Proposal.objects.filter(district=district, person_id=person).exists()
        ):
            raise newer
        Person.objects.filter(district=district, id=person).delete()
    if ended_rows := wrote.get("residencies_ended"):
        rows = list(Residency.objects.filter(district=district, id__in=ended_rows))
        for row in rows:
            again = open_residencies(district, dwelling_id=row.dwelling_id, person_id=row.person_id)
            if again.filter(kind=row.kind).exists():
                raise newer
        Residency.objects.filter(district=district, id__in=ended_rows).update(valid_to=None)
    if whose := wrote.get("phone_of"):
        same = Person.objects.filter(district=district, id=whose, phone_hash=bytes.fromhex(wrote["phone_hash"]))
        before, before_hash = wrote["phone_before"], wrote["phone_hash_before"]
        if not same.update(phone_enc=bytes.fromhex(before) or None, phone_hash=bytes.fromhex(before_hash) or None):
            raise newer
