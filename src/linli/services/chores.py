"""The room's jobs for the worker: opening the next windows, forgetting what is over."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from linli.cases.models import Evidence
from linli.kernel import time
from linli.kernel.storage.intake import Shelf
from linli.kernel.trust import SYSTEM, context
from linli.kernel.work import job
from linli.services.actions import windows
from linli.services.models import Application, Attachment, Fact, State
from linli.services.queries import edition, said_rows
from linli.services.steps import load, ref_of, stepping

HOUR = 3_600.0
PORTION = 200

_opened: tuple[date, int] | None = None


@job("services.windows", every=HOUR)
def open_next() -> int:
    """Open the windows of the days that have come near, once a day, and when a version of a service has begun."""
    global _opened
    now = (time.today(), edition())
    if _opened != now:
        windows.open_windows()
        _opened = now
    return 0


@job("services.forget", every=HOUR)
def forget() -> int:
    """Delete what people said in applications whose time is over, and facts that no longer hold; bare steps stay.

    Returns:
        How many applications were forgotten.
    """
    today = time.today()
    waiting = Application.objects.filter(forget_on__lte=today).order_by("forget_on")[:PORTION]
    done = sum(_forget(one) for one in waiting)
    with context.personal(SYSTEM):
        Fact.objects.filter(valid_until__lt=today).delete()
    return done


def _forget(one: Application) -> int:
    with context.personal(SYSTEM), transaction.atomic():
        application = load(ref_of(one))
        if application.is_open or application.forget_on is None or application.forget_on > time.today():
            return 0
        said_rows(application).delete()
        keys = _forget_files(application)
        with stepping(SYSTEM, application, "service.forget"):
            application.facts, application.forget_on = {}, None
    _delete_files(keys)
    return 1


def forget_account(account_id: UUID) -> None:
    """Forget an account that is being erased, in its transaction: open applications are taken back, all words and facts go."""
    Fact.objects.filter(account_id=account_id).delete()
    for one in Application.objects.filter(account_id=account_id).order_by("submitted_at"):
        application = load(ref_of(one))
        if not application.is_open and application.forget_on is None:
            continue  # forgotten before
        said_rows(application).delete()
        keys = _forget_files(application)
        with stepping(SYSTEM, application, "service.forget") as change:
            if application.is_open:
                change.give_up_seat()
                change.to(State.WITHDRAWN)
            application.facts, application.forget_on = {}, None
            change.data |= {"account": True}
        transaction.on_commit(partial(_delete_files, keys))


def _delete_files(keys: set[str]) -> None:
    for key in sorted(keys):
        Shelf.PRIVATE.storage().delete(key)


def _forget_files(application: Application) -> set[str]:
    """Delete the rows of its files; returns the keys that nothing else names."""
    rows = Attachment.objects.filter(district=application.district, application=application)
    keys = {key for row in rows for key in (row.original_key, row.shown_key, row.thumb_key) if key}
    rows.delete()
    # The same photo in two applications, or in a case, is one file.
    columns = ("original_key", "shown_key", "thumb_key")
    for model in (Attachment, Evidence):
        held = model.objects.filter(Q(original_key__in=keys) | Q(shown_key__in=keys) | Q(thumb_key__in=keys))
        keys -= {key for row in held.values_list(*columns) for key in row}
    return keys
