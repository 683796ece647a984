"""What the day brings: standings made anew, and the community told once of each thing that runs out."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from linli.compounds import running, standing
from linli.compounds.models import Standing, Told
from linli.kernel import events, ids, time
from linli.kernel.db import insert_all
from linli.kernel.trust import SYSTEM
from linli.territory.models import Compound

AT_ONCE = standing.BATCH


def turn() -> int:
    """Make one batch of standings anew that are of another day, and tell what runs out in it; returns how many there were."""
    today = time.today()
    old = Standing.objects.filter(~Q(made_on=today)).order_by("district", "id").values_list("district", flat=True)
    district = old.first() or _without()
    if district is None:
        return 0
    by = standing.rules_on(today)
    with transaction.atomic():
        held = Standing.objects.filter(~Q(made_on=today), district=district).order_by("id")
        ids_ = [row.compound_id for row in held.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE]]
        compounds = list(Compound.objects.filter(district=district, id__in=ids_)) if ids_ else list(_missing(district))
        if not compounds:
            return 0
        rows = standing.make_anew(district, compounds, by=by)
        by_id = {one.id: one for one in compounds}
        for row in rows:
            row.compound = by_id[row.compound_id]
        tell(rows, by.terms, today)
    return len(compounds)


def _there() -> Exists:
    return Exists(Standing.objects.filter(district=OuterRef("district"), compound_id=OuterRef("id")))


def _without() -> str | None:
    return Compound.objects.filter(~_there()).values_list("district", flat=True).first()


def _missing(district: str) -> list[Compound]:
    return list(Compound.objects.filter(~_there(), district=district).order_by("id")[:AT_ONCE])


def tell(rows: list[Standing], terms: dict[str, int], today: date) -> int:
    """Note for each item of some standings of one district that it was told, with an event, unless it was; returns how many were new."""
    items = [item for row in rows for item in running.items_of(row, terms, today)]
    if not items:
        return 0
    district = rows[0].district
    known = set(
        Told.objects.filter(district=district, compound_id__in=[one.standing.compound_id for one in items]).values_list(
            "compound_id", "kind", "day"
        )
    )
    fresh = [one for one in items if (one.standing.compound_id, str(one.kind), one.day) not in known]
    made = [
        Told(id=ids.new_id(), district=district, compound_id=one.standing.compound_id, kind=str(one.kind), day=one.day, told_at=time.now())
        for one in fresh
    ]  # fmt: skip
    insert_all(made)
    events.append_all([
        events.make(
            "compound.running_out", subject_type="compound_item", subject_id=row.id, sequence=1, district=district,
            area_path=one.standing.compound.area_path, actor=SYSTEM,
            data={"compound": str(one.standing.compound_id), "what": str(one.kind), "day": one.day.isoformat()},
        )
        for row, one in zip(made, fresh, strict=True)
    ])  # fmt: skip
    return len(made)
