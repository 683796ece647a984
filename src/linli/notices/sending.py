"""Takes deliveries and postings out of the house, a portion at a time.

What is due is claimed by moving its due time on (a lease, with SKIP LOCKED) and counting the try; then it is sent outside any
transaction; then what came of it is noted. If the process dies in between, it is sent again after the lease, with the same id. So
nothing is lost, and a counterpart that keeps ids takes nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import crypto, time
from linli.kernel.errors import Invalid
from linli.notices import channels, outbound, unsubscribing, words
from linli.notices.models import Address, Channel, Delivery, DeliveryState, Hook, Posting
from linli.people.models import Account

log = logging.getLogger(__name__)

PORTION = 20
LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
MOST_TRIES = 8
"""A message is tried for two hours; then it stands in the list only."""
MOST_POSTING_TRIES = 12
"""An event is tried for a day (Standard Webhooks asks for days rather than minutes)."""
DISABLED_AFTER = timedelta(days=3)
LOG_LENGTH = 20
ADDRESS_TABLE = "notices_address"
HOOK_TABLE = "notices_hook"

_CLAIM = """
UPDATE {table} t SET due_at = %(until)s, tries = tries + 1
FROM (
    SELECT district, id FROM {table} WHERE district = %(district)s AND state = 'waiting' AND due_at <= %(now)s {more}
    ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
) c WHERE t.district = c.district AND t.id = c.id RETURNING t.id
"""
_DISTRICTS = """
WITH RECURSIVE d(district) AS (
    (SELECT district FROM {table} WHERE state = 'waiting' ORDER BY district LIMIT 1)
    UNION ALL
    SELECT (SELECT e.district FROM {table} e WHERE e.state = 'waiting' AND e.district > d.district ORDER BY e.district LIMIT 1)
    FROM d WHERE d.district IS NOT NULL
)
SELECT district FROM d WHERE district IS NOT NULL
"""


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: half a minute, doubled each time, six hours at most."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(1, tries) - 1, 16))


def districts(table: str) -> list[str]:
    """The districts in which something waits."""
    with connection.cursor() as cursor:
        cursor.execute(_DISTRICTS.format(table=table))
        return [row[0] for row in cursor.fetchall()]


def _claim(
    table: str, district: str, now: datetime, *, more: str = "", most: int = PORTION, **given: UUID
) -> list[UUID]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(table=table, more=more),
            {"district": district, "now": now, "until": now + LEASE, "most": most, **given},
        )
        return [row[0] for row in cursor.fetchall()]


def deliver(district: str) -> int:
    """Send one portion of the deliveries of a district that are due; says how many were tried."""
    claimed = _claim(Delivery._meta.db_table, district, time.now(), more="AND NOT digest")
    for one in _with_all(district, claimed):
        _send(one.address, [one])
    done = len(claimed)
    for address in _due_digests(district):
        # One message for all that waited for it, however many there are.
        rows = _claim(
            Delivery._meta.db_table, district, time.now(), more="AND digest AND address_id = %(address)s", most=500,
            address=address,
        )  # fmt: skip
        found = sorted(_with_all(district, rows), key=lambda one: (one.notice.at, one.id))
        if found:
            _send(found[0].address, found)
        done += len(found)
    return done


def _due_digests(district: str) -> list[UUID]:
    due = Delivery.objects.filter(district=district, state=DeliveryState.WAITING, digest=True, due_at__lte=time.now())
    return list(due.order_by("address_id").values_list("address_id", flat=True).distinct()[:PORTION])


def _with_all(district: str, claimed: Iterable[UUID]) -> Sequence[Delivery]:
    rows = Delivery.objects.filter(district=district, id__in=list(claimed))
    return list(rows.select_related("notice", "address__account").order_by("due_at", "id"))


def _send(address: Address, rows: Sequence[Delivery]) -> None:
    adapter = channels.adapter(address.channel)
    account: Account = address.account
    if adapter is None or address.gone_at or not address.verified_at or not account.is_active:
        _note(rows, DeliveryState.DROPPED)
        return
    language = str(account.language)
    stop = unsubscribing.link(address) if address.channel == Channel.EMAIL else ""
    # By the oldest that it holds, so that a digest that is sent again has the id that it had.
    if rows[0].digest:
        message = words.digest(
            [one.notice for one in rows], identity=str(rows[0].id), language=language, unsubscribe=stop
        )
    else:
        message = words.message(rows[0].notice, identity=str(rows[0].id), language=language, unsubscribe=stop)
    try:
        called = adapter.send(crypto.open_(ADDRESS_TABLE, address.id, address.value_enc), message)
    except channels.Gone as error:
        Address.objects.filter(id=address.id).update(gone_at=time.now())
        _note(rows, DeliveryState.GIVEN_UP, error=_kind(error))
    except channels.Refused as error:
        _note(rows, DeliveryState.GIVEN_UP, error=_kind(error))
    except channels.NotTaken as error:
        _again(rows, _kind(error))
    else:
        _note(rows, DeliveryState.SENT, provider_id=called)


def _kind(error: channels.NotTaken | channels.Refused | channels.Gone) -> str:
    return f"{error.code}: {error.extra.get('kind', '')}"[:200]


def _note(rows: Sequence[Delivery], state: DeliveryState, *, provider_id: str = "", error: str = "") -> None:
    Delivery.objects.filter(district=rows[0].district, id__in=[one.id for one in rows]).update(
        state=state, provider_id=provider_id, error=error, sent_at=time.now() if state == DeliveryState.SENT else None
    )


def _again(rows: Sequence[Delivery], error: str) -> None:
    tries = max(one.tries for one in rows)
    if tries >= MOST_TRIES:
        log.warning("a message by %s was given up after %d tries: %s", rows[0].channel, tries, error)
        _note(rows, DeliveryState.GIVEN_UP, error=error)
        return
    Delivery.objects.filter(district=rows[0].district, id__in=[one.id for one in rows]).update(
        due_at=time.now() + pause(tries), error=error
    )


# --- postings: signed events to machines -------------------------------------------------------------------------------


def signature(secret: bytes, identity: str, moment: int, body: bytes) -> str:
    """The value of ``webhook-signature``: HMAC-SHA256 over ``id.timestamp.body`` (Standard Webhooks 1.0.0)."""
    signed = b".".join((identity.encode(), str(moment).encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def post(district: str) -> int:
    """Send one portion of the postings of a district that are due; says how many were tried."""
    claimed = _claim(Posting._meta.db_table, district, time.now())
    rows = Posting.objects.filter(district=district, id__in=claimed).select_related("hook")
    silent: dict[UUID, int] = defaultdict(int)
    for one in rows.order_by("at", "id"):
        if one.hook.disabled_at is not None or silent[one.hook_id] >= 2:
            _put_off(one)  # one hook that does not answer must not hold up the others
        elif not _post(one):
            silent[one.hook_id] += 1
    return len(claimed)


def _put_off(row: Posting) -> None:
    state = DeliveryState.DROPPED if row.hook.disabled_at is not None else DeliveryState.WAITING
    Posting.objects.filter(district=row.district, id=row.id).update(
        state=state, tries=row.tries - 1, due_at=time.now() + FIRST_PAUSE
    )


def _post(row: Posting) -> bool:
    now = time.now()
    body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":")).encode()
    stamp = int(now.timestamp())
    identity = f"evt_{row.event_id.hex}"
    secret = base64.b64decode(crypto.open_(HOOK_TABLE, row.hook_id, row.hook.secret_enc))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(secret, identity, stamp, body),
    }
    status, said, begun = 0, "", time.monotonic()
    try:
        status = outbound.post(row.hook.url, body, headers).status
    except outbound.Unreachable as error:
        said = str(error.extra.get("kind", error.code))
    except Invalid as error:
        said = error.code
    taken = 200 <= status < 300
    row.log = [
        *row.log,
        {"at": now.isoformat(), "status": status, "ms": round((time.monotonic() - begun) * 1000), "error": said},
    ][-LOG_LENGTH:]
    if taken:
        row.state, row.sent_at = DeliveryState.SENT, now
    elif status == 410 or row.tries >= MOST_POSTING_TRIES:
        row.state = DeliveryState.GIVEN_UP
    else:
        row.due_at = now + pause(row.tries)
    row.save(update_fields=["log", "state", "sent_at", "due_at"])
    _judge(row.hook, now, taken=taken, wanted=status != 410)
    return taken


def _judge(hook: Hook, now: datetime, *, taken: bool, wanted: bool) -> None:
    """A hook that has not taken anything for days, or says that it is gone, is switched off; whoever made it sees why."""
    if taken:
        if hook.failing_since is not None:
            Hook.objects.filter(id=hook.id).update(failing_since=None)
        return
    since = hook.failing_since or now
    changes: dict[str, object] = {"failing_since": since}
    if not wanted:
        changes |= {"disabled_at": now, "disabled_why": "gone"}
    elif now - since >= DISABLED_AFTER:
        changes |= {"disabled_at": now, "disabled_why": "failing"}
    Hook.objects.filter(id=hook.id, disabled_at__isnull=True).update(**changes)
    for name, value in changes.items():
        setattr(hook, name, value)
    if "disabled_at" in changes:
        log.warning("the webhook %s was switched off: %s", hook.id, changes["disabled_why"])
