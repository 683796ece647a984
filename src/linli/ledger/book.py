"""The book: how an entry is written. Lock the person's account, count, add the entry, move the balance; one transaction.

Everything that moves points goes through :func:`_write`; the rooms' actions and handlers call the functions above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import chain, events, ids, time
from linli.kernel.errors import Conflict
from linli.kernel.trust import Actor
from linli.ledger import counting, queries
from linli.ledger.models import POINTS, Account, AccountKind, Entry, EntryKind, Limit, Rule

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Source:
    """What an entry is for.

    Args:
        district: in which the points are.
        area_path: where it was; who reviews follows from it.
        type: ``case``, ``dwelling``, ``claim``, ``redemption``, ``entry``, ``year``.
        id: the subject; one rule gives a person points for it once.
        occurred_at: when it happened, aware; caps count by it.
        label: a few words that are not personal.
        event_id: of the event that told it.
    """

    district: str
    area_path: str
    type: str
    id: UUID
    occurred_at: datetime
    label: str = ""
    event_id: UUID | None = None
    event_kind: str = ""


def open_account(district: str, owner_id: UUID) -> Account:
    """A person's account in a district, locked for the transaction; opened when there is none."""
    found = _person(district, owner_id)
    if found is None:
        made = Account(
            id=ids.new_id(), district=district, kind=AccountKind.PERSON, owner_id=owner_id, balance=0, head=GENESIS,
            opened_at=time.now(),
        )  # fmt: skip
        Account.objects.bulk_create([made], ignore_conflicts=True)
        found = _person(district, owner_id)
    assert found is not None
    return found


def _person(district: str, owner_id: UUID) -> Account | None:
    rows = Account.objects.select_for_update().filter(
        district=district, unit=POINTS, kind=AccountKind.PERSON, owner_id=owner_id
    )
    return rows.first()


def house(district: str, kind: AccountKind) -> Account:
    """One of the house's accounts in a district; opened when there is none."""
    rows = Account.objects.filter(district=district, unit=POINTS, kind=kind)
    found = rows.first()
    if found is None:
        made = Account(id=ids.new_id(), district=district, kind=kind, head=GENESIS, opened_at=time.now())
        Account.objects.bulk_create([made], ignore_conflicts=True)
        found = rows.get()
    return found


def award(actor: Actor, rule: Rule, owner_id: UUID, source: Source, *, rules_number: int, quantity: int = 1) -> Entry:
    """Give points by a rule, as far as its caps leave some; once for the subject and once for the event.

    What a cap leaves nothing of is an entry of no points that says so; likewise what falls into a suspension.

    Returns:
        The entry; that of the first time when it is there already.
    """
    with transaction.atomic():
        account = open_account(source.district, owner_id)
        if first := _there(account, rule.code, source):
            return first
        nominal = rule.points * quantity
        if queries.suspended_at(account, source.occurred_at):
            amount, limited_by = 0, str(Limit.SUSPENDED)
        else:
            amount, limited_by = counting.capped(
                nominal,
                daily_cap=rule.daily_cap,
                monthly_cap=rule.monthly_cap,
                in_day=queries.awards_between(account, rule.code, counting.day_of(source.occurred_at)),
                in_month=queries.awards_between(account, rule.code, counting.month_of(source.occurred_at)),
            )
        return _write(
            actor, account, house(source.district, AccountKind.ISSUING), EntryKind.AWARD, nominal=nominal, amount=amount,
            limited_by=limited_by, gives=True, rule=rule.code, rules_number=rules_number, source=source,
        )  # fmt: skip


def take_away(actor: Actor, rule: Rule, owner_id: UUID, source: Source, *, rules_number: int) -> Entry:
    """Take points away by a rule, no more than there are; nothing stays owed. Once for the subject and once for the event."""
    with transaction.atomic():
        account = open_account(source.district, owner_id)
        if first := _there(account, rule.code, source):
            return first
        amount, limited_by = counting.taken(-rule.points, account.balance or 0)
        return _write(
            actor, account, house(source.district, AccountKind.WITHDRAWN), EntryKind.PENALTY, nominal=-rule.points,
            amount=amount, limited_by=limited_by, gives=False, rule=rule.code, rules_number=rules_number, source=source,
        )  # fmt: skip


def _there(account: Account, rule: str, source: Source) -> Entry | None:
    rows = Entry.objects.filter(
        district=account.district, account=account, rule=rule, kind__in=[EntryKind.AWARD, EntryKind.PENALTY]
    )
    found = rows.filter(subject_id=source.id).first()
    if found is None and source.event_id is not None:
        found = rows.filter(event_id=source.event_id).first()
    return found


def correct(actor: Actor, original: Entry, points: int, *, source: Source) -> Entry:
    """Give points that an entry should have given; ``points`` at least 1."""
    with transaction.atomic():
        account = _locked(original)
        return _write(
            actor, account, house(account.district, AccountKind.ISSUING), EntryKind.CORRECTION, nominal=points, amount=points,
            limited_by="", gives=True, rule=original.rule, rules_number=original.rules_number, source=source,
        )  # fmt: skip


def reverse(actor: Actor, original: Entry, *, source: Source) -> Entry:
    """Take an entry back by another one between the same accounts; once.

    What an award gave is taken as far as it is still there: nothing stays owed. What was taken comes back whole.
    """
    with transaction.atomic():
        account = _locked(original)
        if first := queries.reversal_of(original):
            return first
        amount, limited_by = original.amount, ""
        gives = original.debit_id == account.id
        if not gives:
            amount, limited_by = counting.taken(original.amount, account.balance or 0)
        other = original.credit if gives else original.debit
        return _write(
            actor, account, other, EntryKind.REVERSAL, nominal=original.amount, amount=amount, limited_by=limited_by, gives=gives,
            rule=original.rule, rules_number=original.rules_number, source=source, reverses=original,
        )  # fmt: skip


def spend(actor: Actor, account: Account, points: int, *, source: Source, rules_number: int) -> Entry:
    """Change points of an account that the caller holds locked.

    Raises:
        Conflict: there are not as many.
    """
    if points > (account.balance or 0):
        raise Conflict(
            "points.too_few",
            _("You have %(balance)d points; this takes %(price)d.")
            % {"balance": account.balance or 0, "price": points},
            mend=_("Choose something smaller, or come back later."),
            extra={"balance": account.balance},
        )
    return _write(
        actor, account, house(account.district, AccountKind.REDEEMED), EntryKind.REDEMPTION, nominal=points, amount=points,
        limited_by="", gives=False, rule="redeem", rules_number=rules_number, source=source,
    )  # fmt: skip


def expire(actor: Actor, account: Account, points: int, *, source: Source, rules_number: int) -> Entry:
    """Let points of an account expire that the caller holds locked; no more than there are."""
    amount, limited_by = counting.taken(points, account.balance or 0)
    return _write(
        actor, account, house(account.district, AccountKind.EXPIRED), EntryKind.EXPIRY, nominal=points, amount=amount,
        limited_by=limited_by, gives=False, rule="expiry", rules_number=rules_number, source=source,
    )  # fmt: skip


def _locked(original: Entry) -> Account:
    return Account.objects.select_for_update().get(district=original.district, id=original.account_id)


def _write(
    actor: Actor,
    account: Account,
    other: Account,
    kind: EntryKind,
    *,
    nominal: int,
    amount: int,
    limited_by: str,
    gives: bool,
    rule: str,
    rules_number: int,
    source: Source,
    reverses: Entry | None = None,
) -> Entry:
    made = Entry(
        id=ids.new_id(), district=account.district, account=account, sequence=account.entries_count + 1,
        debit=other if gives else account, credit=account if gives else other, unit=account.unit, kind=kind, nominal=nominal,
        amount=amount, limited_by=limited_by, rule=rule, rules_number=rules_number, event_id=source.event_id,
        event_kind=source.event_kind, subject_type=source.type, subject_id=source.id, subject_label=source.label[:80],
        area_path=source.area_path, occurred_at=source.occurred_at, at=time.now(), reverses=reverses,
        by_account=actor.account_id, by_role=str(actor.role), prev_hash=bytes(account.head),
    )  # fmt: skip
    made.hash = hash_of(made)
    made.save(force_insert=True)
    account.balance = (account.balance or 0) + made.signed
    account.entries_count, account.head = made.sequence, made.hash
    account.save(update_fields=["balance", "entries_count", "head"])
    events.append(
        f"points.{kind}",
        subject_type="points",
        subject_id=made.id,
        sequence=1,
        district=made.district,
        area_path=made.area_path,
        actor=actor,
        data={"rule": rule, "rules": rules_number, "nominal": nominal, "amount": amount, "limited_by": limited_by},
    )
    return made


HASHED = (
    "id", "district", "account_id", "sequence", "debit_id", "credit_id", "unit", "kind", "nominal", "amount", "limited_by", "rule",
    "rules_number", "event_id", "event_kind", "subject_type", "subject_id", "subject_label", "area_path", "occurred_at", "at",
    "reverses_id", "by_account", "by_role",
)  # fmt: skip
"""What the hash of an entry covers, beside the hash of the one before."""


def hash_of(entry: Entry) -> bytes:
    """The hash of an entry: SHA-256 over the hash before it and the canonical JSON of its columns."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in HASHED}
    values = {name: str(value) if isinstance(value, str) else value for name, value in values.items()}
    return chain.entry_hash(bytes(entry.prev_hash), values)
