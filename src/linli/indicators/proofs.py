"""Reads of evidence: what was handed in, its files, and the values that it stands for."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.indicators.models import Evidence, EvidenceFile, State
from linli.indicators.sources import Unknown, Value
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.territory import queries as territory
from linli.territory import reaching
from linli.territory.models import Area, Level

VIEW = "indicators.view"
COMMUNITY = 2
"""Slashes in the path of a community, of which evidence speaks."""
EXPIRED = "expired"
"""A view besides the states: what was accepted and counts no longer."""


def listed(actor: Actor, *, view: str = "", area_path: str = "", set_id: str = "") -> QuerySet[Evidence]:
    """Evidence in reach: what waits is the oldest first, everything else the newest.

    Args:
        view: a :class:`~linli.indicators.models.State`, or :data:`EXPIRED`; everything unless told.

    Raises:
        Forbidden, NotFound: the post sees none, or not this area.
    """
    path = area_path or reaching.reach_of(actor, VIEW)
    if path:
        path = reaching.place_of(actor, VIEW, path, code="indicators.no_area")
    rows = Evidence.objects.filter(in_subtree("area_path", path))
    if set_id:
        rows = rows.filter(set_id=set_id)
    today = time.today()
    if view == EXPIRED:
        rows = rows.filter(state=State.ACCEPTED, valid_until__lt=today)
    elif view == State.ACCEPTED:
        rows = rows.filter(state=view, valid_until__gte=today)
    elif view:
        rows = rows.filter(state=view)
    return rows.order_by("noted_at", "id") if view == State.PENDING else rows.order_by("-noted_at", "-id")


def one(actor: Actor, evidence_id: UUID) -> Evidence:
    """A piece of evidence.

    Raises:
        NotFound: there is none, or it lies outside the actor's reach.
        Forbidden, SignInNeeded: the post sees none anywhere.
    """
    reach = reaching.reach_of(actor, VIEW)
    found = Evidence.objects.filter(in_subtree("area_path", reach), id=evidence_id).first()
    if found is None or not policy.allows(actor, VIEW, found):
        raise NotFound("indicators.no_such_evidence", _("There is no such evidence, or none that you can see."))
    return found


def files(evidence: Evidence) -> list[EvidenceFile]:
    """What can be shown of its files, in the order in which they came."""
    rows = EvidenceFile.objects.filter(district=evidence.district, evidence=evidence, state=FileState.READY)
    return list(rows.order_by("at", "id"))


def file(actor: Actor, evidence_id: UUID, file_id: UUID) -> EvidenceFile:
    """One of its files.

    Raises:
        NotFound: it is not the evidence's, not ready, or out of reach.
    """
    found = {row.id: row for row in files(one(actor, evidence_id))}.get(file_id)
    if found is None:
        raise NotFound("photo.none", _("There is no such photo."))
    return found


def values(area_path: str, set_id: str, indicators: Collection[str]) -> dict[str, Value]:
    """The values that evidence stands for, by indicator; the caller has asked who may see the area.

    Of a community it is the value of the latest that holds; of an area above, the mean of its communities, known once half of them have
    evidence that holds.
    """
    if not indicators:
        return {}
    now, today = time.now(), time.today()
    latest: dict[tuple[str, str], Evidence] = {}
    waiting: set[str] = set()
    expired: set[str] = set()
    rows = Evidence.objects.filter(
        in_subtree("area_path", area_path), set_id=set_id, indicator_id__in=list(indicators),
        state__in=[State.PENDING, State.ACCEPTED],
    )  # fmt: skip
    for row in rows.order_by("dated", "reviewed_at", "id"):
        if row.holds(today):
            latest[row.indicator_id, row.area_path] = row
        else:
            (waiting if row.state == State.PENDING else expired).add(row.indicator_id)
    whole = _communities(area_path)
    found = {}
    for name in indicators:
        held = [row.accepted_value or 0.0 for (of, _path), row in latest.items() if of == name]
        if held and 2 * len(held) >= whole:
            found[name] = Value(sum(held) / len(held), len(held), whole, "", now)
            continue
        why = (
            Unknown.FEW_PROOFS if held else Unknown.WAITING if name in waiting else Unknown.EXPIRED if name in expired else Unknown.NO_PROOF
        )  # fmt: skip
        found[name] = Value(None, None, 0, why, now)
    return found


def _communities(area_path: str) -> int:
    if area_path.count("/") >= COMMUNITY:
        return 1
    rows = Area.objects.filter(in_subtree("path", area_path), level=Level.COMMUNITY, valid_to__isnull=True)
    return rows.count() or 1


def place(evidence: Evidence) -> str:
    """The community that it speaks of, from the subdistrict down."""
    return territory.place_name(evidence.area_path, top=Level.SUBDISTRICT)
