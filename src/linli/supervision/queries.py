"""Every read of the room worth a name; each returns only what its actor may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor, policy
from linli.people.models import Organisation
from linli.supervision.models import Entry, Item, ItemState, QuarterList
from linli.territory import queries as territory

VIEW, DRAW, FOLLOW, CHECK = "supervision.view", "supervision.draw", "supervision.follow", "supervision.check"
MOST_ORGANISATIONS = 300


def visible(actor: Actor) -> Q:
    """Which items an actor sees: those of its area, and those that its organisation answers for."""
    reaches = policy.reach(actor, VIEW)
    if "city" in reaches:
        return Q()
    found = Q(pk__in=[])
    if "area" in reaches and actor.area_path:
        found |= in_subtree("area_path", actor.area_path)
    if actor.organisation_id and reaches:
        found |= Q(district=actor.district, organisation_id=actor.organisation_id)
    return found


def lists(actor: Actor) -> QuerySet[QuarterList]:
    """The lists on which the actor sees something, or which it may draw; the newest first."""
    policy.require(actor, VIEW)
    if "city" in policy.reach(actor, VIEW):
        return QuarterList.objects.order_by("-quarter", "district")
    return QuarterList.objects.filter(district=actor.district).order_by("-quarter")


def quarter_list(actor: Actor, list_id: UUID) -> QuarterList:
    """One list.

    Raises:
        NotFound: there is none that this post may see.
    """
    found = lists(actor).filter(id=list_id).first()
    if found is None:
        raise NotFound("supervision.no_list", _("There is no such list that you can see."))
    return found


def items(actor: Actor, of: QuarterList, *, state: str = "", area_path: str = "") -> QuerySet[Item]:
    """The items of a list that the actor sees, the soonest due first.

    Args:
        state: one of :class:`~linli.supervision.models.ItemState`; empty for all.
        area_path: an area that they lie in; empty for all.
    """
    found = Item.objects.filter(visible(actor), district=of.district, of=of)
    if state:
        found = found.filter(state=state)
    if area_path:
        found = found.filter(in_subtree("area_path", area_path))
    return found.order_by("due_on", "reason", "key")


def counts(actor: Actor, of: QuarterList) -> dict[str, int]:
    """How many items of a list the actor sees in each state; states without any are left out."""
    rows = Item.objects.filter(visible(actor), district=of.district, of=of).values_list("state").annotate(Count("id"))
    return dict(rows)


def item(actor: Actor, item_id: UUID) -> Item:
    """One item with its list.

    Raises:
        NotFound: there is none that this post may see.
    """
    policy.require(actor, VIEW)
    found = Item.objects.filter(visible(actor), id=item_id).select_related("of").first()
    if found is None:
        raise NotFound("supervision.none", _("There is no such item that you can see."))
    return found


def entries(found: Item) -> list[Entry]:
    """The steps of an item, the first first."""
    return list(Entry.objects.filter(district=found.district, item=found).order_by("sequence"))


def unfinished(district: str, before: QuarterList) -> QuerySet[Item]:
    """The items of earlier lists of a district that are neither closed nor carried over."""
    states = (ItemState.OPEN, ItemState.DONE)
    return Item.objects.filter(district=district, of__quarter__lt=before.quarter, state__in=states)


def organisations(found: Item) -> list[tuple[UUID, str]]:
    """The organisations of the district that an item may be given to: those of its area and of the areas above, by name."""
    rows = Organisation.objects.filter(
        district=found.district, area_path__in=territory.ancestors(found.area_path), ends_on__isnull=True
    )
    return list(rows.order_by("name", "id").values_list("id", "name")[:MOST_ORGANISATIONS])
