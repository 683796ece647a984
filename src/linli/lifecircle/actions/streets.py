"""Street networks: read in for a district from a day on; the one before ends on that day, or is set aside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from linli.kernel import events, ids, time
from linli.kernel.db import DISTRICT_LENGTH, in_subtree
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.trust.policy import Spot
from linli.lifecircle import reckoning, street_files
from linli.lifecircle.models import LATTICE, StreetNetwork
from linli.lifecircle.street_files import Drawn
from linli.territory import queries as territory
from linli.territory.coords import CoordinateSystem
from linli.territory.models import Boundary, Level
from linli.territory.queries import on_day

AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of streets: whose, whence, from which day on it holds, and in which coordinates it is."""

    district: str
    source: str
    content: bytes
    valid_from: date
    system: CoordinateSystem = CoordinateSystem.WGS84


def look(actor: Actor, sent: Sent) -> Drawn:
    """What a file would bring; nothing is changed.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: a field is wrong, or the file cannot be taken.
    """
    _check(actor, sent)
    return street_files.read(sent.content, bounds=_bounds(sent.district), system=sent.system)


def take(actor: Actor, sent: Sent) -> StreetNetwork:
    """Take a file in as the network of its district from its day on; the one of the day before is kept. The same file twice is once.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: a field is wrong, or the file cannot be taken.
    """
    return lay(
        actor, sent.district, look(actor, sent), source=sent.source, valid_from=sent.valid_from,
        digest=hashlib.sha256(sent.content).digest(),
    )  # fmt: skip


def lay(
    actor: Actor, district: str, found: Drawn, *, source: str, valid_from: date, digest: bytes, synthetic: bool = False
) -> StreetNetwork:
    """Keep a network that was drawn.

    Args:
        digest: by which the same one is known again, 32 bytes.

    Raises:
        NotFound, Forbidden: the post may not.
    """
    policy.require(actor, "lifecircle.import", Spot(district))
    streets = found.streets
    with transaction.atomic():
        reckoning.ask(district)  # also the lock: two imports of a district follow one another
        live = StreetNetwork.objects.select_for_update().filter(district=district, set_aside=False)
        holds = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
        before = live.filter(holds, valid_from__lte=valid_from).first()
        if before is not None and bytes(before.sha256) == digest:
            return before
        live.filter(valid_from__gte=valid_from).update(set_aside=True)
        live.filter(holds, valid_from__lt=valid_from).update(valid_to=valid_from)
        made = StreetNetwork.objects.create(
            id=ids.new_id(), district=district, area_path=district, source=" ".join(source.split())[:120],
            crossings=np.rint(streets.points * LATTICE).astype("<i4").tobytes(), ends=streets.ends.astype("<i4").tobytes(),
            lengths=streets.metres.astype("<f4").tobytes(), crossing_count=len(streets.points), street_count=len(streets.ends),
            kilometres=round(found.kilometres, 3), sha256=digest, valid_from=valid_from, synthetic=synthetic, noted_at=time.now(),
            noted_as=actor.name[:80], post_id=actor.post_id,
        )  # fmt: skip
        audit.record(
            actor, "streets.import", subject_type="street_network", subject_id=made.id, district=district,
            detail={"streets": made.street_count, "valid_from": valid_from.isoformat()},
        )  # fmt: skip
        events.append(
            "streets.imported", subject_type="street_network", subject_id=made.id, sequence=1, district=district, area_path=district,
            actor=actor, data={"streets": made.street_count, "valid_from": valid_from.isoformat()},
        )  # fmt: skip
    return made


def _check(actor: Actor, sent: Sent) -> None:
    policy.require(actor, "lifecircle.import")
    policy.require(actor, "lifecircle.import", Spot(sent.district))
    if len(sent.district) != DISTRICT_LENGTH or territory.area_at(sent.district).level != Level.DISTRICT:
        raise Invalid("lifecircle.district", _("Please choose a district."), field="district")
    if len(sent.source.split()) == 0:
        raise Invalid("lifecircle.source", _("Please say where the streets are from."), field="source")
    if abs(sent.valid_from - time.today()) > AHEAD:
        raise Invalid("lifecircle.day", _("The day lies within a year."), field="valid_from")


def _bounds(district: str) -> list[float]:
    """West, south, east and north of what is drawn of a district, its grids among it."""
    rows = Boundary.objects.filter(on_day(time.today()), in_subtree("area__path", district), district=district)
    found = rows.aggregate(west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north"))
    if found["west"] is None:
        raise Invalid("lifecircle.no_outline", _("This district has no outline yet."), field="district")
    return [float(one) for one in found.values()]
