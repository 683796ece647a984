"""Times that can be booked: opened ahead for every area, taken and given up.

``docs/algorithms/booking.md`` says why no place is ever given twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Invalid
from linli.services import queries
from linli.services.models import Application, Seat, Slot
from linli.services.snapshot import Entry
from linli.territory import queries as territory

BATCH = 2_000


def open_windows(*, district: str = "") -> int:
    """Open the windows of the coming days, for every service that has some, in every area of its level; repeatable.

    A window that is there stays as it is. No window is opened for an area that nobody answers for.

    Args:
        district: six figures; every district that takes applications unless told.

    Returns:
        How many were opened.
    """
    from linli.cases import placing
    from linli.services.placing import holder_of

    opened = 0
    today = time.today()
    for one in [district] if district else placing.districts():
        for entry in queries.current(district=one).all():
            if entry.booking is None:
                continue
            level = entry.booking.level
            paths = [one] if level == "district" else [area.path for area in territory.below(one, level=level)]
            wanted = [
                (path, starts, ends)
                for path in paths
                if holder_of(entry, path) is not None
                for starts, ends in _stretches(entry, today)
            ]
            opened += _open(one, entry, wanted)
    return opened


def _stretches(entry: Entry, today: date) -> Iterator[tuple[datetime, datetime]]:
    booking = entry.booking
    assert booking is not None
    for ahead in range(booking.days + 1):
        day = today + timedelta(days=ahead)
        if day.isoweekday() in booking.weekdays:
            for first, last in booking.windows:
                yield (
                    datetime.combine(day, first, tzinfo=time.LOCAL_ZONE),
                    datetime.combine(day, last, tzinfo=time.LOCAL_ZONE),
                )


def _open(district: str, entry: Entry, wanted: list[tuple[str, datetime, datetime]]) -> int:
    there = set(
        Slot.objects.filter(
            district=district, service=entry.code, starts_at__gte=time.now() - timedelta(days=1)
        ).values_list("area_path", "starts_at")
    )
    fresh = [row for row in wanted if (row[0], row[1].astimezone(UTC)) not in there]
    assert entry.booking is not None
    for begin in range(0, len(fresh), BATCH):
        slots = [
            Slot(id=ids.new_id(), district=district, service=entry.code, area_path=path, starts_at=starts, ends_at=ends)
            for path, starts, ends in fresh[begin : begin + BATCH]
        ]
        with transaction.atomic():
            Slot.objects.bulk_create(slots, ignore_conflicts=True)
            # Of two workers that open the same window one row stands, and only it has seats.
            written = set(
                Slot.objects.filter(district=district, id__in=[one.id for one in slots]).values_list("id", flat=True)
            )
            Seat.objects.bulk_create(
                [
                    Seat(id=ids.new_id(), district=district, slot=slot, place=place)
                    for slot in slots
                    if slot.id in written
                    for place in range(1, entry.booking.seats + 1)
                ]
            )
    return len(fresh)


_TAKE = """
UPDATE services_seat SET application_id = %s
WHERE district = %s AND id = (
    SELECT id FROM services_seat WHERE district = %s AND slot_id = %s AND application_id IS NULL ORDER BY place LIMIT 1)
"""


def take_seat(application: Application, entry: Entry, slot_id: UUID, *, now: datetime) -> Slot:
    """Give an application a seat in a slot, in the transaction that is open; the seat that it had is given up.

    Raises:
        Invalid: the slot is not one of this service in this place, or begins too soon.
        Conflict: every seat is taken.
    """
    assert entry.booking is not None
    # One booking of a slot at a time: whoever comes second sees what the first left. The seats' constraint holds without this too.
    slot = (
        Slot.objects.select_for_update().filter(district=application.district, id=slot_id, service=entry.code).first()
    )
    if slot is None or slot.area_path != queries.booking_area(entry, application.area_path):
        raise Invalid(
            "slot.none", _("There is no such time here."), field="slot", mend=_("Please choose another time.")
        )
    if slot.is_shut or slot.starts_at < now + entry.booking.notice:
        raise Invalid(
            "slot.late", _("This time can no longer be booked."), field="slot", mend=_("Please choose a later one.")
        )
    Seat.objects.filter(district=application.district, application=application).update(application=None)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [application.id, application.district, application.district, slot.id])
        if not cursor.rowcount:
            raise Conflict(
                "slot.full",
                _("Somebody just took the last place."),
                field="slot",
                mend=_("Please choose another time."),
            )
    return slot
