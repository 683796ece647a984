"""What becomes of a proposal: accepted, refused, taken back; each in one transaction, one after another where there are many."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.households.actions import facts
from linli.households.models import Change, Proposal, ProposalState, Source
from linli.households.place import dwellings
from linli.households.sealed import opened
from linli.kernel import events, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.models import Event
from linli.kernel.trust import Actor, audit, context, policy

DECIDING = "decide a proposed change"
"""The purpose under which a proposal is read."""


def accept(actor: Actor, proposal_id: UUID) -> Proposal:
    """Make a proposal a fact: what held before ends on the day, what is new begins.

    Raises:
        NotFound, Forbidden: the post may not decide it.
        Conflict: it has been decided, or contradicts what has become a fact meanwhile.
    """
    with transaction.atomic(), context.personal(actor, purpose=DECIDING):
        proposal = _waiting(actor, proposal_id)
        proposal.wrote = _carry_out(actor, proposal)
        _decided(actor, proposal, ProposalState.ACCEPTED)
        events.append(
            "dwelling.change_accepted",
            subject_type="dwelling",
            subject_id=proposal.dwelling_id,
            sequence=_accepted_before(proposal) + 1,
            district=proposal.district,
            area_path=proposal.area_path,
            actor=actor,
            data={
                "proposal": str(proposal.id),
                "change": proposal.change,
                "status": proposal.status,
                "by_post": str(proposal.post_id) if proposal.post_id else None,
            },
        )
    return proposal


def _accepted_before(proposal: Proposal) -> int:
    """How many events of this kind the dwelling, which is locked, has had."""
    last = (
        Event.objects.filter(
            district=proposal.district, subject_id=proposal.dwelling_id, kind="dwelling.change_accepted"
        )
        .order_by("-sequence")
        .values_list("sequence", flat=True)
        .first()
    )
    return last or 0


def _carry_out(actor: Actor, proposal: Proposal) -> dict[str, Any]:
    dwelling = dwellings().select_for_update(of=("self",)).get(district=proposal.district, id=proposal.dwelling_id)
    source, on = Source(proposal.source), proposal.effective_on
    match proposal.change:
        case Change.STATUS:
            return facts.begin_status(dwelling, proposal.status, on=on, source=source, post_id=actor.post_id)
        case Change.MOVED_IN:
            return facts.begin_residency(
                dwelling,
                opened(proposal),
                proposal.kind,
                on=on,
                source=source,
                post_id=actor.post_id,
                person=proposal.person,
            )
        case Change.MOVED_OUT if proposal.person_id:
            return facts.end_residencies(dwelling, proposal.person_id, on=on)
        case Change.PHONE if proposal.person_id:
            return facts.change_phone(proposal.district, proposal.person_id, opened(proposal))
    raise Conflict("proposal.nobody", _("The person is not in the register any more."))


def refuse(actor: Actor, proposal_id: UUID, *, reason: str) -> Proposal:
    """Leave the register as it is, and say why; whoever proposed it reads the reason.

    Raises:
        Invalid: no reason is given.
        NotFound, Forbidden, Conflict: as for :func:`accept`.
    """
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Invalid("proposal.reason", _("Please say why."), field="reason")
    with transaction.atomic(), context.personal(actor, purpose=DECIDING):
        proposal = _waiting(actor, proposal_id)
        proposal.reason = reason
        _decided(actor, proposal, ProposalState.REFUSED)
    return proposal


def reopen(actor: Actor, proposal_id: UUID) -> Proposal:
    """Take a decision back: the facts are as they were, the proposal waits again.

    Raises:
        NotFound, Forbidden: the post may not decide it.
        Conflict: it waits already, or something else has changed since.
    """
    with transaction.atomic(), context.personal(actor, purpose=DECIDING):
        proposal = _load(actor, proposal_id)
        if proposal.state == ProposalState.PENDING:
            raise Conflict("proposal.pending", _("This has not been decided."))
        facts.take_back(proposal.district, proposal.wrote)
        proposal.state, proposal.wrote, proposal.reason = ProposalState.PENDING, {}, ""
        proposal.decided_at = proposal.decided_post_id = None
        proposal.version += 1
        proposal.save()
        _note(actor, proposal, "reopened")
    return proposal


def _load(actor: Actor, proposal_id: UUID) -> Proposal:
    proposal = Proposal.objects.select_for_update().filter(district=actor.district, id=proposal_id).first()
    if proposal is None:
        raise NotFound("proposal.none", _("There is no such proposal that you can see."))
    policy.require(actor, "household.decide", policy.Spot(proposal.area_path), view="household.view")
    return proposal


def _waiting(actor: Actor, proposal_id: UUID) -> Proposal:
    proposal = _load(actor, proposal_id)
    if proposal.state != ProposalState.PENDING:
        raise Conflict("proposal.decided", _("This has been decided already."))
    return proposal


def _decided(actor: Actor, proposal: Proposal, state: ProposalState) -> None:
    proposal.state, proposal.decided_at, proposal.decided_post_id = state, time.now(), actor.post_id
    proposal.version += 1
    proposal.save()
    _note(actor, proposal, str(state))


def _note(actor: Actor, proposal: Proposal, what: str) -> None:
    audit.record(
        actor, "household.decide", subject_type="dwelling", subject_id=proposal.dwelling_id, district=proposal.district,
        purpose=DECIDING, detail={"proposal": str(proposal.id), "change": proposal.change, "decision": what},
    )  # fmt: skip
