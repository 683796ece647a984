"""Looking at people: masked on a page, in clear for a purpose; each look leaves an audit row."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.households.models import Person, Residency
from linli.households.sealed import Told, opened
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, audit, context, policy
from linli.people.models import Account

LEAST_PURPOSE = 4


def purpose_of(text: str) -> str:
    """What somebody looks for, in words.

    Raises:
        Invalid: there are none.
    """
    words = " ".join(text.split())[:200]
    if len(words) < LEAST_PURPOSE:
        raise Invalid(
            "purpose.missing",
            _("Please say what you need this for."),
            field="purpose",
            mend=_("A few words; the person can read who looked and why."),
        )
    return words


def read_person(actor: Actor, person_id: UUID, *, purpose: str) -> Told:
    """Name and telephone number of a person in clear. An identity number is never given whole to anybody.

    Raises:
        Invalid: no purpose is given.
        NotFound, Forbidden: the person is out of the post's reach.
    """
    words = purpose_of(purpose)
    with transaction.atomic(), context.personal(actor, purpose=words):
        person = Person.objects.filter(district=actor.district, id=person_id, erased_at__isnull=True).first()
        paths = list(
            Residency.objects.filter(district=actor.district, person_id=person_id).values_list("area_path", flat=True)
        )
        if person is None or not any(policy.allows(actor, "household.read", policy.Spot(path)) for path in paths):
            raise NotFound("person.none", _("There is no such person that you can see."))
        told = opened(person)
        seen = tuple(name for name in ("name", "phone") if getattr(told, name))
        looked_at(actor, [person], verb="household.read", purpose=words, fields=seen)
    return Told(name=told.name, phone=told.phone)


def looked_at(actor: Actor, people: list[Person], *, verb: str, purpose: str, fields: tuple[str, ...]) -> None:
    """Leave an audit row for each person whose data were read in clear; one with an account can see it there."""
    hashes = {bytes(one.phone_hash) for one in people if one.phone_hash}
    accounts = {
        bytes(phone): account
        for phone, account in Account.objects.filter(phone_hash__in=hashes).values_list("phone_hash", "id")
        if phone
    }
    for one in people:
        audit.record(
            actor, verb, subject_type="person", subject_id=one.id, district=one.district, purpose=purpose, fields=fields,
            person_id=accounts.get(bytes(one.phone_hash)) if one.phone_hash else None,
        )  # fmt: skip


def shown_masked(actor: Actor, *, subject_type: str, subject_id: UUID | str, purpose: str, rows: int) -> None:
    """Leave one audit row for a page on which people stand with their names and numbers masked."""
    audit.record(
        actor, "household.view", subject_type=subject_type, subject_id=subject_id, purpose=purpose,
        fields=("name_masked", "phone_masked"), detail={"rows": rows},
    )  # fmt: skip
