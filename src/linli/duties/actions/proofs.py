"""The proofs that residents may be asked for: put on the list with basis and issuer, abolished on a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.duties import queries
from linli.duties.actions.lists import words
from linli.duties.models import Proof
from linli.kernel import events, ids, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor, audit, policy


def add(
    actor: Actor,
    *,
    area_path: str,
    code: str,
    name_zh: str,
    name_en: str = "",
    purpose: str,
    basis: str,
    issuer_zh: str,
    issuer_en: str = "",
    kind: str = "",
    valid_from: date | None = None,
) -> Proof:
    """Put a proof on the list of a city or district.

    Args:
        kind: what services call it, by which askings are counted.

    Raises:
        Invalid: something is missing; a proof without a legal basis may not be asked for.
        Conflict: there is one with this code.
    """
    policy.require(actor, "duties.load")
    if not queries.paths_known([area_path]):
        raise Invalid(
            "duties.area", _("There is no such area."), field="area_path", mend=_("Choose one from the list.")
        )
    try:
        with transaction.atomic():
            found = Proof.objects.create(
                id=ids.new_id(), district=district_of(area_path), area_path=area_path, code=words(code, field="code", most=20),
                kind=kind.strip()[:40], name_zh=words(name_zh, field="name_zh", most=120), name_en=name_en.strip()[:160],
                purpose=words(purpose, field="purpose", most=200), basis=words(basis, field="basis", most=200, least=4),
                issuer_zh=words(issuer_zh, field="issuer_zh", most=120), issuer_en=issuer_en.strip()[:160],
                valid_from=valid_from or time.today(),
            )  # fmt: skip
            _told(actor, found, "proof.listed", 1)
    except IntegrityError:
        raise Conflict("proof.twice", _("There is a proof with this code."), field="code") from None
    return found


def abolish(actor: Actor, proof_id: UUID, *, abolished_on: date, instead: str) -> Proof:
    """Abolish a proof from a day on, and say what takes its place.

    Raises:
        NotFound: there is no such proof.
        Conflict: it is abolished already.
        Invalid: the day is past, or nothing is said to take its place.
    """
    policy.require(actor, "duties.load")
    with transaction.atomic():
        found = Proof.objects.select_for_update().filter(id=proof_id).first()
        if found is None:
            raise NotFound("proof.none", _("There is no such proof."))
        if found.abolished_on is not None:
            raise Conflict("proof.abolished", _("It has been abolished already."))
        if abolished_on < max(time.today(), found.valid_from):
            raise Invalid("proof.past", _("Give today or a later day."), field="abolished_on")
        found.abolished_on, found.instead = abolished_on, words(instead, field="instead", most=200)
        found.save(update_fields=["abolished_on", "instead"])
        _told(actor, found, "proof.abolished", 2)
    return found


def _told(actor: Actor, found: Proof, kind: str, sequence: int) -> None:
    events.append(
        kind, subject_type="attestation", subject_id=found.id, sequence=sequence, district=found.district,
        area_path=found.area_path, actor=actor, data={"code": found.code},
    )  # fmt: skip
    audit.record(
        actor, kind, subject_type="attestation", subject_id=found.id, district=found.district, detail={"code": found.code}
    )  # fmt: skip
