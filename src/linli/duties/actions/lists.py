"""Putting tasks on lists, and attaching money to what stands on the assist list. What changes, changes from tomorrow at the earliest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.duties import queries, standing, tasks
from linli.duties.models import ListEntry, Listing, Tier
from linli.duties.tasks import Kind, Task
from linli.kernel import events, ids, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor, audit, policy
from linli.people.queries import functions
from linli.people.snapshot import changed

LARGEST = 10**12
"""Fen; no duty of a community costs more."""


@dataclass(frozen=True, slots=True)
class Office(policy.Apart):
    """The lists of a place as the subject of a right: they are in the hands of the social work department."""

    area_path: str

    def policy_organisations(self) -> tuple[UUID | None, ...]:
        """Who keeps them."""
        return (queries.office_of(self.area_path),)


@dataclass(frozen=True, slots=True)
class Money:
    """What comes with a duty (费随事转): an amount in fen, where it is from, and the document that gives the authority."""

    amount: int = 0
    source: str = ""
    authority: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing of it is missing."""
        return self.amount > 0 and bool(self.source) and bool(self.authority)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task is put on a list: which task, whose list, which area, and for which department's asking."""

    kind: Kind
    code: str
    tier: Tier
    area_path: str
    department: str = ""


def words(text: str, *, field: str, most: int, least: int = 2) -> str:
    """A line as it is kept: trimmed, without line breaks.

    Raises:
        Invalid: it is too short or too long.
    """
    found = " ".join(text.split())
    if not least <= len(found) <= most:
        raise Invalid(
            f"duties.{field}",
            _("Please say it in %(least)s to %(most)s characters.") % {"least": least, "most": most},
            field=field,
        )
    return found


def checked_money(money: Money, *, needed: bool) -> Money:
    """Money as it is kept.

    Raises:
        Invalid: it is needed and something of it is missing, or the amount is none.
    """
    kept = Money(money.amount, " ".join(money.source.split())[:120], " ".join(money.authority.split())[:200])
    if not 0 <= kept.amount <= LARGEST:
        raise Invalid("duties.amount", _("Give the amount in yuan, not less than nothing."), field="amount")
    if needed:
        for field, value in (("amount", kept.amount), ("source", kept.source), ("authority", kept.authority)):
            if not value:
                raise Invalid(
                    "duties.money",
                    _("An assist task comes with its money and authority."),
                    field=field,
                    mend=_("Give the amount, where it is from, and the document that gives the authority."),
                )
    return kept


def checked_days(starts_on: date, ends_on: date | None, *, field: str = "starts_on") -> tuple[date, date | None]:
    """From when until before when; the past has been answered for.

    Raises:
        Invalid: it begins today or before, or ends before it begins.
    """
    if starts_on <= time.today():
        raise Invalid(
            "duties.past",
            _("A list changes from tomorrow at the earliest: today has been answered for."),
            field=field,
            mend=_("Choose tomorrow or a later day."),
        )
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid("duties.term", _("It ends after it begins."), field="ends_on")
    return starts_on, ends_on


def checked_place(place: Place) -> Place:
    """A task and an area that there are.

    Raises:
        Invalid: there is no such task, area or department.
    """
    if place.kind != Kind.MATTER and place.code not in tasks.known(place.kind):
        raise Invalid("duties.task", _("There is no such task."), field="task", mend=_("Choose one from the list."))
    if not queries.paths_known([place.area_path]):
        raise Invalid(
            "duties.area", _("There is no such area."), field="area_path", mend=_("Choose one from the list.")
        )
    if place.department and place.department not in functions():
        raise Invalid("duties.department", _("There is no such department."), field="department")
    return place


def put(
    actor: Actor,
    place: Place,
    *,
    listing: Listing,
    title_zh: str,
    title_en: str = "",
    starts_on: date,
    ends_on: date | None = None,
    basis: str,
    instead: str = "",
    minutes: int = 0,
    money: Money | None = None,
) -> ListEntry:
    """Put a task on a list of an area, from tomorrow at the earliest; what stood there gives way for that time.

    Args:
        starts_on: the first day; ``ends_on`` the first day on which it is over, ``None`` until further notice.
        basis: what it rests on; everybody reads it.
        instead: for the negative list, who does it.

    Raises:
        Invalid: something is missing or wrong; the past cannot change.
        NotFound, Forbidden: the post's organisation does not keep the lists there.
    """
    checked_place(place)
    starts_on, ends_on = checked_days(starts_on, ends_on)
    policy.require(actor, "duties.decide", Office(place.area_path), view="duties.read")
    with transaction.atomic():
        return lay(
            actor,
            ListEntry(
                area_path=place.area_path, tier=place.tier, kind=place.kind, code=place.code, department=place.department,
                listing=listing, title_zh=words(title_zh, field="title", most=120), title_en=title_en.strip()[:160],
                basis=words(basis, field="basis", most=200), instead=" ".join(instead.split())[:200], minutes=minutes,
                valid_from=starts_on, valid_to=ends_on, **_money(checked_money(money or Money(), needed=False)),
            ),
        )  # fmt: skip


def _money(money: Money) -> dict[str, int | str]:
    return {"amount": money.amount, "source": money.source, "authority": money.authority}


def lay(actor: Actor, new: ListEntry) -> ListEntry:
    """Lay an entry down, in the transaction that is open: what stood there for that time gives way, and nothing before it changes.

    Raises:
        Conflict: somebody else laid one for the same days at this moment.
    """
    district = district_of(new.area_path)
    new.id, new.district, new.post_id, new.recorded_at = ids.new_id(), district, actor.post_id, time.now()
    rows: dict[UUID, ListEntry] = {
        row.id: row
        for row in ListEntry.objects.select_for_update().filter(
            district=district, area_path=new.area_path, tier=new.tier, kind=new.kind, code=new.code, department=new.department,
            superseded_at__isnull=True,
        )
    }  # fmt: skip
    surgery = standing.make_room([queries.entry_of(row) for row in rows.values()], queries.entry_of(new))
    for entry in surgery.shortened:
        ListEntry.objects.filter(district=district, id=entry.id).update(valid_to=entry.valid_to)
    for entry in surgery.replaced:
        ListEntry.objects.filter(district=district, id=entry.id).update(superseded_at=time.now())
    try:
        with transaction.atomic():
            new.save(force_insert=True)
            for entry in surgery.continued:
                _continued(rows[entry.id], entry.valid_from)
    except IntegrityError:
        raise Conflict(
            "duties.at_once", _("Somebody changed this at the same moment."), mend=_("Look at the list and try again.")
        ) from None
    events.append(
        "duty.listed", subject_type="duty", subject_id=new.id, sequence=1, district=district, area_path=new.area_path, actor=actor,
        data={
            "kind": str(new.kind), "code": new.code, "tier": str(new.tier), "list": str(new.listing), "department": new.department,
            "from": new.valid_from.isoformat(), "to": new.valid_to.isoformat() if new.valid_to else None,
            "amount": new.amount, "admission": str(new.admission_id) if new.admission_id else None,
        },
    )  # fmt: skip
    audit.record(
        actor, "duties.list", subject_type="duty", subject_id=new.id, district=district,
        detail={"task": f"{new.kind}:{new.code}", "list": str(new.listing), "area": new.area_path, "from": new.valid_from.isoformat()},
    )  # fmt: skip
    changed(queries.STAMP)
    return new


def _continued(row: ListEntry, first: date) -> None:
    row.pk = row.id = ids.new_id()
    row.valid_from, row._state.adding = first, True
    row.save(force_insert=True)


def attach_money(
    actor: Actor,
    entry_id: UUID,
    *,
    area_path: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    money: Money,
) -> ListEntry:
    """Attach money and authority to a task of one's own department on the assist list (费随事转), from tomorrow at the earliest.

    Args:
        entry_id: the entry as the list shows it.
        area_path: for which area; the entry's own unless told, within it otherwise.

    Raises:
        NotFound: no assist task of the actor's department.
        Invalid: amount, source or authority is missing, or the days are wrong.
    """
    policy.require(actor, "duties.fund")
    kept = checked_money(money, needed=True)
    with transaction.atomic():
        row = next((one for one in queries.money(actor) if one.id == entry_id), None)
        if row is None:
            raise NotFound("duties.no_entry", _("There is no assist task of your department like this."))
        where = area_path or (row.area_path if row.area_path.startswith(actor.district) else actor.district)
        if (
            not queries.paths_known([where])
            or not standing.covers(row.area_path, where)
            or not where.startswith(actor.district)
        ):
            raise Invalid(
                "duties.area", _("There is no such area."), field="area_path", mend=_("Choose one from the list.")
            )
        first, last = checked_days(max(starts_on or time.today() + timedelta(days=1), row.valid_from), ends_on)
        if row.valid_to is not None:
            last = min(last or row.valid_to, row.valid_to)
        return lay(
            actor,
            ListEntry(
                area_path=where, tier=row.tier, kind=row.kind, code=row.code, department=row.department, listing=Listing.ASSIST,
                title_zh=row.title_zh, title_en=row.title_en, basis=row.basis, instead=row.instead, minutes=row.minutes,
                valid_from=first, valid_to=last, **_money(kept),
            ),
        )  # fmt: skip


def task_of(text: str) -> Task:
    """A task as forms and files write it: ``kind:code``.

    Raises:
        Invalid: it is not written so.
    """
    kind, _colon, code = text.partition(":")
    if kind not in Kind.values or not code.strip():
        raise Invalid("duties.task", _("There is no such task."), field="task", mend=_("Choose one from the list."))
    return Task(Kind(kind), code.strip()[:20])
