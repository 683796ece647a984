"""Load the default services; repeating it changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.catalog.actions import BEGINNING
from linli.kernel import ids, time
from linli.kernel.errors import Invalid
from linli.kernel.trust import SYSTEM, Actor, policy
from linli.people.queries import functions
from linli.people.snapshot import changed
from linli.services import queries, rules
from linli.services.models import Service, ServiceVersion


class OnDifference(StrEnum):
    """What a load does with a service that is there and differs from the file."""

    KEEP = "keep"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    services: int
    created: int
    renewed: int


def load_services(actor: Actor = SYSTEM, *, on_difference: OnDifference = OnDifference.KEEP) -> Loaded:
    """Load the default services.

    Args:
        on_difference: ``KEEP`` leaves what is there; ``RENEW`` begins a new version from now on. Applications keep the version
            that they were made for.

    Raises:
        Invalid: the rules name a question, a proof or a department that there is none of.
        Forbidden: the actor may not edit the catalogue.
    """
    policy.require(actor, "catalogue.edit")
    created = renewed = 0
    now = time.now()
    listed = rules.services()
    with transaction.atomic():
        for position, (identity, values) in enumerate(listed, start=1):
            _check(identity["code"], values)
            service, _made = Service.objects.update_or_create(
                code=identity["code"], defaults={"identifier": identity["identifier"], "position": position}
            )
            version = ServiceVersion.objects.filter(service=service, scope="").order_by("-valid_from").first()
            if version is None:
                ServiceVersion.objects.create(
                    id=ids.new_id(), service=service, scope="", valid_from=BEGINNING, **values
                )
                created += 1
            elif on_difference == OnDifference.RENEW and any(getattr(version, f) != v for f, v in values.items()):
                version.valid_to = now
                version.save(update_fields=["valid_to"])
                ServiceVersion.objects.create(id=ids.new_id(), service=service, scope="", valid_from=now, **values)
                renewed += 1
        if created or renewed:
            changed(queries.STAMP)
    return Loaded(len(listed), created, renewed)


def _check(code: str, values: dict[str, Any]) -> None:
    asked = {one for page in values["form"] for one in page}
    if unknown := asked - set(rules.questions()):
        raise Invalid("service.question", _("There is no such question: %(name)s") % {"name": min(unknown)}, field=code)
    if unknown := set(values["proofs"]) - set(rules.proofs()):
        raise Invalid("service.proof", _("There is no such proof: %(name)s") % {"name": min(unknown)}, field=code)
    if values["function"] not in functions():
        raise Invalid(
            "service.function", _("There is no such department: %(name)s") % {"name": values["function"]}, field=code
        )
