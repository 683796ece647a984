"""Proofs: the department that holds one answers for it; the organisation that handles the application notes what it has seen."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.errors import Conflict
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.services import queries, rules
from linli.services.actions.handling import OPEN_PROOFS, hold_fact
from linli.services.models import Application, Proof, ProofState
from linli.services.queries import Words
from linli.services.steps import Ref, changing, load, missing, stepping, words_of


def confirm_proof(actor: Actor, proof_id: UUID, *, holds: bool, note: str = "") -> Proof:
    """Answer for a proof that was asked of the actor's organisation: it holds, or it is not there.

    What holds is held from now on for the account, until the proof's time is over; whoever asks next need not ask.

    Raises:
        Conflict: it has been answered already.
        NotFound: it is not asked of the actor's organisation.
    """
    with transaction.atomic():
        proof = _proof(actor, proof_id, verb="service.confirm_proof")
        application = load(Ref(proof.district, proof.application_id))
        if proof.state != ProofState.ASKED or not application.is_open:
            raise Conflict("proof.answered", _("This has been answered already."))
        proof.state = ProofState.CONFIRMED if holds else ProofState.NOT_HELD
        proof.answered_at, proof.post_id, proof.note = time.now(), actor.post_id, note.strip()[:200]
        proof.save(update_fields=["state", "answered_at", "post_id", "note"])
        # The step is the application's; the department has no right to the application itself.
        with stepping(SYSTEM, application, "service.proof") as change:
            change.data |= {"proof": proof.kind, "holds": holds, "by": str(actor.organisation_id)}
            change.event |= {"proof": proof.kind, "holds": holds}
            if holds and application.account_id and not application.on_behalf:
                kind = rules.proofs()[proof.kind]
                hold_fact(application, proof.kind, holder=kind.holder, text=application.number, change=change)
    return proof


def see_proof(actor: Actor, ref: Ref, *, proof: str) -> Application:
    """Note that the resident has shown a proof, so that nobody waits for it.

    Raises:
        Conflict: it is not waited for.
    """
    with changing(actor, ref, "service.see_proof") as change:
        one = change.application
        found = Proof.objects.filter(district=one.district, application=one, kind=proof, state__in=OPEN_PROOFS)
        if not found.update(state=ProofState.SEEN, answered_at=change.now, post_id=actor.post_id):
            raise Conflict("proof.none", _("This proof is not waited for."))
        change.data |= {"proof": proof}
    return change.application


def read_for_proof(actor: Actor, proof_id: UUID, *, purpose: str) -> list[Words]:
    """Read who the person is whom a proof is about: name, number of identity and address, nothing else of the application.

    Raises:
        Invalid: no purpose is given.
        NotFound: it is not asked of the actor's organisation.
    """
    words = words_of(purpose, name="purpose", most=200)
    with transaction.atomic():
        proof = _proof(actor, proof_id, verb="service.confirm_proof")
        application = Application.objects.get(district=proof.district, id=proof.application_id)
        found = queries.person_of(actor, application, purpose=words)
        audit.record(
            actor, "application.read", subject_type="application", subject_id=application.id, district=application.district,
            person_id=application.owner_id, purpose=words, fields=tuple(one.field for one in found),
        )  # fmt: skip
    return found


def _proof(actor: Actor, proof_id: UUID, *, verb: str) -> Proof:
    found = Proof.objects.select_for_update(of=("self",)).filter(district=actor.district, id=proof_id).first()
    if found is None:
        raise missing()
    policy.require(actor, verb, found)
    return found
