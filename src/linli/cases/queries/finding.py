"""The case of a number, and which cases a post may list."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from linli.cases.loop import may_view, missing
from linli.cases.models import OPEN_ORDERS, Case, OrderKind, WorkOrder
from linli.cases.turns import waiting_for
from linli.kernel import ids
from linli.kernel.db import in_subtree
from linli.kernel.trust import Actor, Role, policy

PROVINCES = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
    "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
)  # fmt: skip
"""The first two figures of a division code (GB/T 2260); a ticket number carries the other four of its district."""


def of_number(number: str) -> Q:
    """The case of a ticket number in its written form: a few probes of the unique index, whatever the database's version."""
    return Q(number=number, district__in=[province + number[:4] for province in PROVINCES])


def by_number(number: str) -> Case | None:
    """The case of a ticket number in its written form; the number carries the district."""
    return Case.objects.filter(of_number(number)).select_related("area").first()


def get(actor: Actor, number: str) -> Case:
    """The case that somebody names by its number.

    Raises:
        NotFound: there is none, or none that the actor may see.
    """
    written = ids.parse_ticket_number(number)
    case = by_number(written) if written else None
    if case is None or not may_view(actor, case):
        raise missing()
    return case


def visible(actor: Actor) -> QuerySet[Case]:
    """The cases that the actor may list."""
    reaches = policy.reach(actor, "case.list")
    if not reaches:
        return Case.objects.none()
    if "city" in reaches:
        return Case.objects.all()
    if "area" in reaches:
        scope = in_subtree("area_path", actor.area_path) if actor.area_path else Q(pk__in=[])
        return Case.objects.filter(scope, _not_restricted(actor))
    return Case.objects.filter(
        Q(holder_id=actor.organisation_id) | Q(id__in=called_in(actor).values("case_id")), district=actor.district
    )


def _not_restricted(actor: Actor) -> Q:
    named = Q(handler_post_id=actor.post_id) if actor.post_id else Q(pk__in=[])
    if actor.organisation_id and actor.role not in (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER):
        named |= Q(holder_id=actor.organisation_id)
    if actor.role == Role.DISPATCHER:
        named |= Q(holder__isnull=True)
    return ~Q(sensitivity="restricted") | named | waiting_for(actor)


def called_in(actor: Actor) -> QuerySet[WorkOrder]:
    """The open calls to the organisation of a post."""
    return WorkOrder.objects.filter(
        district=actor.district, organisation=actor.organisation_id, kind=OrderKind.CALL, state__in=OPEN_ORDERS
    )
