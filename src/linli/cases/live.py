"""What live pages hear of the loop: that a case changed, never what about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from linli.cases.models import OPEN_ORDERS, Case, OrderKind, Participant, WorkOrder
from linli.kernel import events, live
from linli.kernel.db import within
from linli.kernel.events import Happened
from linli.kernel.trust import Actor, Role, policy

OWN = 30


@events.consumer("live", "case.")
def tell(batch: Sequence[Happened]) -> None:
    """Tell live pages of the newest step of each case in a batch."""
    newest: dict[UUID, Happened] = {}
    asked: dict[UUID, set[str]] = {}
    for event in batch:
        known = newest.get(event.subject_id)
        if known is None or event.sequence > known.sequence:
            newest[event.subject_id] = event
        hands = [event.data.get("holder"), event.data.get("by_organisation"), *event.data.get("organisations", ())]
        asked.setdefault(event.subject_id, set()).update(str(one) for one in hands if one)
    restricted = set(
        Case.objects.filter(
            district__in={one.district for one in batch}, id__in=list(newest), sensitivity="restricted"
        ).values_list("id", flat=True)
    )
    live.publish(
        live.Change(
            case=str(case_id),
            version=event.sequence,
            area_path=event.area_path,
            organisations=tuple(sorted(asked[case_id])),
            restricted=case_id in restricted,
        )
        for case_id, event in newest.items()
    )


def audience(actor: Actor, *, cases: Iterable[UUID] = ()) -> live.Audience:
    """What an actor may hear of: what the post reaches, or one's own cases; one query for residents and departments, else none.

    Args:
        cases: more cases that the caller has shown to the actor just now.
    """
    named = [str(one) for one in cases]
    reaches, figures = policy.reach(actor, "case.list"), _figures(actor)
    if "city" in reaches:
        return live.Audience("", str(actor.organisation_id or ""), tuple(named), figures)
    if "area" in reaches and actor.area_path:
        return live.Audience(actor.area_path, str(actor.organisation_id or ""), tuple(named), figures)
    if "org" in reaches and actor.organisation_id:
        called = WorkOrder.objects.filter(
            district=actor.district, organisation_id=actor.organisation_id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
        ).values_list("case_id", flat=True)
        named += [str(one) for one in called[: live.MAX_CASES]]
        return live.Audience(None, str(actor.organisation_id), tuple(dict.fromkeys(named)), figures)
    if actor.role == Role.RESIDENT and actor.account_id:
        own = Participant.objects.filter(account_id=actor.account_id).order_by("-joined_at")
        named += [str(one) for one in own.values_list("case_id", flat=True)[:OWN]]
    return live.Audience(None, "", tuple(dict.fromkeys(named)), figures)


def _figures(actor: Actor) -> str | None:
    reaches = policy.reach(actor, "figures.view")
    if "city" in reaches:
        return ""
    return (actor.area_path or None) if "area" in reaches else None


def hears(audience: live.Audience, change: live.Change) -> bool:
    """Whether a change is for an audience; the live process does the same by look-up."""
    if change.case in audience.cases:
        return True
    if audience.organisation and audience.organisation in change.organisations:
        return True
    return not change.restricted and audience.area_path is not None and within(change.area_path, audience.area_path)
