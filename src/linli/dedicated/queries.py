"""Reads of dedicated grids: what each has and lacks, its plan of a day, whom a case there is told to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.dedicated.kinds import by_name
from linli.dedicated.models import Plan, PlanFile, Sheet
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot
from linli.people.actions.contacts import read_contact
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.people.queries.contacts import MaskedContact, PlainContact, masked_contact
from linli.territory.models import Area, Level

REVIEW_AFTER = timedelta(days=365)
MOST = 500
_DEPTH = 3  # a dedicated grid lies right below its community


class Lack(StrEnum):
    """What a dedicated grid lacks."""

    CONTACT = "contact"
    PLAN = "plan"
    REVIEW = "review"


@dataclass(frozen=True)
class Kept:
    """A dedicated grid with its sheet, if it has one, the plan of a day, and what it lacks on that day."""

    area: Area
    sheet: Sheet | None
    plan: Plan | None
    day: date

    @property
    def kind(self) -> str:
        """The code of its kind: what was said, else what its name says."""
        return (self.sheet.kind if self.sheet else "") or by_name(self.area.name)

    @property
    def review_due(self) -> date | None:
        """The day by which the plan is to be looked through again."""
        return (self.plan.reviewed_on or self.plan.valid_from) + REVIEW_AFTER if self.plan else None

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What is missing, in the order of its weight."""
        found = []
        if self.sheet is None or self.sheet.contact_id is None:
            found.append(Lack.CONTACT)
        if self.plan is None:
            found.append(Lack.PLAN)
        elif self.review_due is not None and self.review_due <= self.day:
            found.append(Lack.REVIEW)
        return tuple(found)


def on_day(day: date) -> Q:
    """Plans that hold on a day."""
    return Q(set_aside=False, valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def listed(actor: Actor, *, within_path: str = "", lacks: str = "") -> list[Kept]:
    """The dedicated grids in the actor's reach, by path, at most 500.

    Args:
        within_path: only in the subtree of this path.
        lacks: only those that lack a :class:`Lack`, or anything (``any``).

    Raises:
        Forbidden: the actor may not see them.
    """
    policy.require(actor, "dedicated.view")
    rows = Area.objects.filter(level=Level.DEDICATED_GRID, valid_to__isnull=True).order_by("path")
    if "city" not in policy.reach(actor, "dedicated.view"):
        rows = rows.filter(in_subtree("path", actor.area_path))
    if within_path:
        rows = rows.filter(in_subtree("path", within_path))
    found = _kept(rows)
    if lacks == "any":
        found = [one for one in found if one.lacks]
    elif lacks:
        found = [one for one in found if lacks in one.lacks]
    return found[:MOST]


def one(actor: Actor, area_id: UUID) -> Kept:
    """A dedicated grid.

    Raises:
        NotFound: there is none, or the actor may not see it.
        Forbidden, SignInNeeded: the actor sees none anywhere.
    """
    policy.require(actor, "dedicated.view")
    area = Area.objects.filter(id=area_id, level=Level.DEDICATED_GRID, valid_to__isnull=True).first()
    if area is None or not policy.allows(actor, "dedicated.view", Spot(area.path)):
        raise NotFound("dedicated.none", _("There is no such dedicated grid, or none that you can see."))
    return _kept([area])[0]


def at(path: str) -> Kept | None:
    """The dedicated grid that a case lies in, for whoever sees the case; nothing is asked of the database for a micro-grid."""
    if path.count("/") != _DEPTH:
        return None
    area = Area.objects.filter(path=path, level=Level.DEDICATED_GRID, valid_to__isnull=True).first()
    return _kept([area])[0] if area else None


def plans(kept: Kept) -> list[Plan]:
    """All plans of a grid, the latest first."""
    return list(kept.sheet.plans.order_by("-valid_from", "-noted_at")) if kept.sheet else []


def files(kept: Kept) -> list[PlanFile]:
    """What is attached to the plan of the day and can be shown, in the order in which it came."""
    if kept.plan is None:
        return []
    return list(kept.plan.files.filter(state=FileState.READY).order_by("at", "id"))


def file(actor: Actor, area_id: UUID, file_id: UUID) -> PlanFile:
    """One of them.

    Raises:
        NotFound: it is not the grid's, not ready, or out of reach.
    """
    kept = one(actor, area_id)
    rows = PlanFile.objects.filter(district=kept.area.district, plan__sheet__area=kept.area, state=FileState.READY)
    found = rows.filter(id=file_id).first()
    if found is None:
        raise NotFound("photo.none", _("There is no such photo."))
    return found


def posts_told(kept: Kept) -> list[Post]:
    """The posts that are told of a case there, as far as somebody holds them, in the order in which the plan names them."""
    if kept.plan is None or not kept.plan.told:
        return []
    rows = Post.objects.filter(
        in_force(), district=kept.area.district, id__in=kept.plan.told, account__is_active=True
    ).select_related("account")
    held = {str(row.id): row for row in rows}
    return [held[key] for key in kept.plan.told if key in held]


def posts_around(kept: Kept) -> list[Post]:
    """The posts that a plan can name: those in the community of the grid and above it in the subdistrict, the nearest first."""
    community = kept.area.path.rpartition("/")[0]
    above = [community.rpartition("/")[0], community.split("/")[0]]
    rows = Post.objects.filter(
        in_force(), in_subtree("area_path", community) | Q(area_path__in=above), district=kept.area.district, account__is_active=True
    )  # fmt: skip
    return sorted(
        rows.select_related("account")[:200], key=lambda row: (-row.area_path.count("/"), row.area_path, row.id)
    )


def contact(actor: Actor, kept: Kept) -> MaskedContact | None:
    """The contact with name and number masked, for whoever may read it."""
    if (
        kept.sheet is None
        or kept.sheet.contact_id is None
        or not policy.allows(actor, "dedicated.read_contact", Spot(kept.area.path))
    ):
        return None
    return masked_contact(actor, kept.sheet.contact_id, district=kept.area.district)


def plain_contact(actor: Actor, area_id: UUID, *, purpose: str) -> PlainContact:
    """Name and number of the contact in clear; leaves an audit row.

    Raises:
        NotFound, Forbidden: the post may not, or nobody is named.
        Invalid: no purpose is given.
    """
    kept = one(actor, area_id)
    if kept.sheet is None or kept.sheet.contact_id is None:
        raise NotFound("dedicated.no_contact", _("Nobody is named there."))
    return read_contact(
        actor, kept.sheet.contact_id, district=kept.area.district, purpose=purpose, matter=Spot(kept.area.path),
        verb="dedicated.read_contact", subject_type="dedicated_grid", subject_id=kept.area.id,
    )  # fmt: skip


def told_of(path: str) -> list[Post]:
    """Whom the plan of today tells of a case at a path."""
    kept = at(path)
    return posts_told(kept) if kept else []


def _kept(areas: Iterable[Area]) -> list[Kept]:
    today = time.today()
    areas = list(areas)
    districts, ids_ = {one.district for one in areas}, [one.id for one in areas]
    sheets = {row.area_id: row for row in Sheet.objects.filter(district__in=districts, area_id__in=ids_)}
    held = Plan.objects.filter(on_day(today), district__in=districts, sheet_id__in=[row.id for row in sheets.values()])
    plans_ = {row.sheet_id: row for row in held}
    return [
        Kept(area, sheet, plans_.get(sheet.id) if sheet else None, today)
        for area in areas
        for sheet in [sheets.get(area.id)]
    ]
