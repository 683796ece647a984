"""Cases in somebody's hands, for hand-overs (:mod:`linli.people.handing`): those that a post handles, and its open work orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.cases.loop import add_step
from linli.cases.models import OPEN_ORDERS, Case, WorkOrder
from linli.catalog import queries as catalog
from linli.kernel.trust import Actor
from linli.people.handing import Thing

KIND = "case"


class Cases:
    """What is open and handled by a post, or ordered from it."""

    def held(self, post_ids: Collection[UUID], *, district: str) -> Sequence[Thing]:
        """The open cases of some posts, what is due first first; one query, two when there are orders beside."""
        found = [
            self._thing(case, case.handler_post_id)
            for case in Case.objects.filter(district=district, handler_post_id__in=post_ids, is_open=True).order_by(
                "due_at", "id"
            )
            if case.handler_post_id is not None
        ]
        known = {thing.id for thing in found}
        orders = WorkOrder.objects.filter(
            district=district, post_id__in=post_ids, state__in=OPEN_ORDERS, case__is_open=True
        ).select_related("case")
        for order in orders.order_by("due_at", "id"):
            if order.case_id not in known and order.post_id is not None:
                known.add(order.case_id)
                found.append(self._thing(order.case, order.post_id))
        return found

    @staticmethod
    def _thing(case: Case, post_id: UUID) -> Thing:
        if case.is_restricted:
            title = _("Restricted case")
        else:
            entry = catalog.entry(case.category_version_id)
            title = entry.called(get_language() or "zh")
        return Thing(KIND, case.id, case.district, post_id, case.number, title, case.area_path, case.due_at)

    def hand(
        self, actor: Actor, thing_ids: Collection[UUID], *, district: str, from_post: UUID, to_post: UUID, why: str
    ) -> Collection[UUID]:
        """Each case gets an entry ``handed_over`` in its log; its clocks run on."""
        ordered = WorkOrder.objects.filter(
            district=OuterRef("district"), case_id=OuterRef("id"), post_id=from_post, state__in=OPEN_ORDERS
        )
        cases = (
            Case.objects.select_for_update()
            .filter(Q(handler_post_id=from_post) | Exists(ordered), district=district, id__in=thing_ids, is_open=True)
            .order_by("id")
        )
        moved = []
        for case in cases:
            WorkOrder.objects.filter(
                district=district, case_id=case.id, post_id=from_post, state__in=OPEN_ORDERS
            ).update(post_id=to_post)
            changes = {"handler_post_id": to_post} if case.handler_post_id == from_post else {}
            add_step(
                actor,
                case,
                "handed_over",
                data={"from": from_post, "to": to_post, "why": why},
                changes=changes,
            )
            moved.append(case.id)
        return moved
