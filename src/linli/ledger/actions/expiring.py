"""Expiry: points of a year expire at the end of the next, after they were announced on the person's page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from linli.kernel import events, ids, time
from linli.kernel.trust import SYSTEM
from linli.ledger import book, counting, queries
from linli.ledger.book import Source
from linli.ledger.counting import day_of
from linli.ledger.models import Account, AccountKind, ExpiryNotice
from linli.ledger.rules import terms

BATCH = 500


def announce(*, batch: int = BATCH) -> int:
    """Announce what expires at the turn of the year, from 60 days before it; each account once. Returns how many."""
    today = time.today()
    on = date(today.year + 1, 1, 1)
    if today < on - timedelta(days=terms().announce_days):
        return 0
    told = ExpiryNotice.objects.filter(district=OuterRef("district"), account_id=OuterRef("id"), expires_on=on)
    waiting = Account.objects.filter(~Exists(told), kind=AccountKind.PERSON, balance__gt=0).order_by("district", "id")
    made = []
    for account in waiting[:batch]:
        movements = [(one.at, one.signed) for one in account.entries.all()]
        amount = counting.expiring(movements, on, years_kept=terms().years_kept)
        made.append(
            ExpiryNotice(
                id=ids.new_id(),
                district=account.district,
                account=account,
                expires_on=on,
                amount=amount,
                announced_at=time.now(),
                done_at=None if amount else time.now(),
            )
        )
    with transaction.atomic():
        ExpiryNotice.objects.bulk_create(made, ignore_conflicts=True)
        for one in made:
            if one.amount:
                events.append(
                    "points.expiry_announced",
                    subject_type="points_expiry",
                    subject_id=one.id,
                    sequence=1,
                    district=one.district,
                    area_path=one.district,
                    actor=SYSTEM,
                    data={"amount": one.amount, "on": on.isoformat()},
                )
    return len(made)


def expire(*, batch: int = BATCH) -> int:
    """Let expire what was announced and is due: never more than was announced, nor what has been spent since. Returns how many."""
    today = time.today()
    due = ExpiryNotice.objects.filter(expires_on__lte=today, done_at__isnull=True).order_by("expires_on", "id")
    count = 0
    for district, notice_id in list(due.values_list("district", "id")[:batch]):
        count += _expire(district, notice_id)
    return count


def _expire(district: str, notice_id: UUID) -> int:
    with transaction.atomic():
        told = (
            ExpiryNotice.objects.select_for_update(skip_locked=True)
            .filter(district=district, id=notice_id, done_at__isnull=True)
            .select_related("account")
            .first()
        )
        if told is None:
            return 0
        account = Account.objects.select_for_update().get(district=district, id=told.account_id)
        on = told.expires_on
        movements = [(one.at, one.signed) for one in account.entries.all()]
        amount = min(told.amount, counting.expiring(movements, on, years_kept=terms().years_kept))
        in_time = told.announced_at <= day_of(_midday(on)).start - timedelta(days=terms().least_notice_days)
        if amount and in_time:
            source = Source(
                district, district, "year", told.id, time.now(), label=str(on.year - 1 - terms().years_kept)
            )
            told.entry = book.expire(SYSTEM, account, amount, source=source, rules_number=queries.rules_at().number)
        told.done_at = time.now()
        told.save(update_fields=["entry", "done_at"])
    return 1


def _midday(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=time.LOCAL_ZONE)
