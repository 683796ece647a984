"""Writes of dedicated grids: naming the contact, planning, reviewing, attaching."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.dedicated import queries
from linli.dedicated.kinds import kinds
from linli.dedicated.models import Plan, PlanFile, Sheet
from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.storage.intake import Original
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import SYSTEM, Actor, audit, context, policy
from linli.kernel.trust.policy import Spot
from linli.people.actions.contacts import store_contact
from linli.people.models import Contact

MOST_TEXT = 8000
MOST_TOLD = 12
MOST_FILES = 12
AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan: its text (lines that begin with ``#`` are headings), its days (``valid_to`` is the first without it), the posts told."""

    title: str
    text: str
    valid_from: date
    valid_to: date | None = None
    told: Sequence[UUID] = ()


@dataclass
class _Writing:
    kept: queries.Kept
    sheet: Sheet
    said: dict[str, Any] = field(default_factory=dict)


def name_contact(actor: Actor, area_id: UUID, *, name: str, phone: str, duty: str = "") -> Sheet:
    """Name whom to ring in a dedicated grid; the one named before is deleted.

    Args:
        actor: needs the verb ``dedicated.keep``.
        duty: what the person is there: "head of security".

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: no name, or the number is none.
    """
    if not name.strip():
        raise Invalid("dedicated.name", _("Please give the name."), field="name")
    if not phone.strip():
        raise Invalid("dedicated.phone", _("Please give the number to ring."), field="phone")
    with _writing(actor, area_id, "dedicated.contact") as open_:
        area, sheet = open_.kept.area, open_.sheet
        before, sheet.contact_id = sheet.contact_id, store_contact(
            district=area.district, area_path=area.path, name=name, phone=phone
        )  # fmt: skip
        sheet.duty, sheet.named_at, sheet.named_as = _line(duty, 40), time.now(), actor.name[:80]
        if before is not None:
            with context.personal(SYSTEM, purpose="somebody else is named"):
                Contact.objects.filter(district=area.district, id=before).delete()
        open_.said = {"named": True}
    return sheet


def say_kind(actor: Actor, area_id: UUID, kind: str) -> Sheet:
    """Say of which kind a dedicated grid is; empty lets its name say it again.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: there is no such kind.
    """
    if kind and kind not in kinds():
        raise Invalid("dedicated.kind", _("There is no such kind of dedicated grid."), field="kind")
    with _writing(actor, area_id, "dedicated.kind") as open_:
        if open_.sheet.kind != kind:
            open_.sheet.kind = kind
            open_.said = {"kind": kind}
    return open_.sheet


def plan(actor: Actor, area_id: UUID, facts: PlanFacts, *, key: UUID) -> Plan:
    """Plan for a dedicated grid from a day on; what held from then on is followed or set aside. Once for the key.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: a field is wrong.
    """
    title, text = _line(facts.title, 80), facts.text.replace("\r\n", "\n").strip()
    if not title:
        raise Invalid("dedicated.title", _("Please give the plan a title."), field="title")
    if not 10 <= len(text) <= MOST_TEXT:
        raise Invalid("dedicated.text", _("A plan has 10 to 8,000 characters."), field="text")
    if facts.valid_from > time.today() + AHEAD or facts.valid_from < time.today() - AHEAD:
        raise Invalid("dedicated.day", _("The day lies within a year."), field="valid_from")
    if facts.valid_to is not None and facts.valid_to <= facts.valid_from:
        raise Invalid("dedicated.days", _("A plan ends after it begins."), field="valid_to")
    with _writing(actor, area_id, "dedicated.plan") as open_:
        rows = open_.sheet.plans.filter(district=open_.sheet.district)
        if (before := rows.filter(id=key).first()) is not None:
            return before
        told = _told(open_.kept, facts.told)
        live = rows.filter(set_aside=False)
        live.filter(valid_from__gte=facts.valid_from).update(set_aside=True)
        live.filter(queries.on_day(facts.valid_from)).update(valid_to=facts.valid_from)
        made = Plan.objects.create(
            id=key, district=open_.sheet.district, sheet=open_.sheet, title=title, text=text, told=told, valid_from=facts.valid_from,
            valid_to=facts.valid_to, noted_at=time.now(), noted_by=actor.account_id, post_id=actor.post_id, noted_as=actor.name[:80],
        )  # fmt: skip
        open_.said = {"plan": str(made.id), "valid_from": made.valid_from.isoformat(), "told": len(told)}
    return made


def review(actor: Actor, area_id: UUID, plan_id: UUID) -> Plan:
    """Say that the plan of today was looked through and holds as it is; twice on a day is once.

    Raises:
        NotFound, Forbidden: the post may not.
        Conflict: another plan holds by now.
    """
    with _writing(actor, area_id, "dedicated.review") as open_:
        found = open_.kept.plan
        if found is None or found.id != plan_id:
            raise Conflict(
                "dedicated.other_plan", _("Another plan holds by now."), mend=_("Look at the page again, then review.")
            )
        if found.reviewed_on != time.today():
            found.reviewed_on, found.reviewed_as = time.today(), actor.name[:80]
            found.save(update_fields=["reviewed_on", "reviewed_as"])
            open_.said = {"plan": str(found.id)}
    return found


def attach(actor: Actor, area_id: UUID, plan_id: UUID, original: Original, *, caption: str = "") -> PlanFile:
    """Attach a scan or photo that storage has taken in to a plan. The same one twice is one.

    Raises:
        NotFound, Forbidden: the post may not, or the grid has no such plan.
        Invalid: the plan has as many as it may.
    """
    with _writing(actor, area_id, "dedicated.plan") as open_:
        found = open_.sheet.plans.filter(district=open_.sheet.district, id=plan_id).first()
        if found is None:
            raise NotFound("dedicated.no_plan", _("There is no such plan."))
        rows = found.files.filter(district=open_.sheet.district)
        digest = bytes.fromhex(original.sha256)
        if (before := rows.filter(sha256=digest).first()) is not None:
            return before
        if rows.count() >= MOST_FILES:
            raise Invalid("dedicated.files", _("Twelve files are the most of one plan."), field="photos")
        made = PlanFile.objects.create(
            id=ids.new_id(), district=open_.sheet.district, plan=found, original_key=original.key, size=original.bytes, sha256=digest,
            at=time.now(), state=FileState.WAITING, caption=_line(caption, 120), post_id=actor.post_id, noted_as=actor.name[:80],
        )  # fmt: skip
        open_.said = {"plan": str(found.id), "file": str(made.id)}
    return made


@contextmanager
def _writing(actor: Actor, area_id: UUID, what: str) -> Iterator[_Writing]:
    """A dedicated grid's sheet, locked, for whoever may keep it; afterwards one audit row and one event when something was said."""
    kept = queries.one(actor, area_id)
    policy.require(actor, "dedicated.keep", Spot(kept.area.path), view="dedicated.view")
    with transaction.atomic():
        rows = Sheet.objects.filter(district=kept.area.district, area=kept.area)
        if kept.sheet is None:
            fresh = Sheet(id=ids.new_id(), district=kept.area.district, area=kept.area, area_path=kept.area.path)
            Sheet.objects.bulk_create([fresh], ignore_conflicts=True)
        open_ = _Writing(kept, rows.select_for_update().get())
        yield open_
        if not open_.said:
            return
        open_.sheet.version += 1
        open_.sheet.save()
        audit.record(
            actor, what, subject_type="dedicated_grid", subject_id=kept.area.id, district=kept.area.district
        )  # fmt: skip
        events.append(
            what, subject_type="dedicated_grid", subject_id=kept.area.id, sequence=open_.sheet.version, district=kept.area.district,
            area_path=kept.area.path, actor=actor, data=open_.said,
        )  # fmt: skip


def _told(kept: queries.Kept, posts: Sequence[UUID]) -> list[str]:
    known = {row.id for row in queries.posts_around(kept)}
    wanted = list(dict.fromkeys(posts))
    if len(wanted) > MOST_TOLD or not known.issuperset(wanted):
        raise Invalid(
            "dedicated.told",
            _("Choose at most twelve posts of this community or above it."),
            field="told",
            mend=_("Posts that have ended cannot be told."),
        )
    return [str(one) for one in wanted]


def _line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]
