"""Who looked, who changed what matters: rows that can be added and read, never edited (the app's role has no right to)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from linli.kernel import time
from linli.kernel.db import NOWHERE
from linli.kernel.trust.actor import Actor


def record(
    actor: Actor,
    verb: str,
    *,
    subject_type: str,
    subject_id: UUID | str,
    district: str = "",
    person_id: UUID | None = None,
    purpose: str = "",
    fields: tuple[str, ...] = (),
    detail: dict[str, Any] | None = None,
) -> None:
    """Append an audit row, in the transaction that is open.

    Args:
        verb: what was done: ``contact.read``, ``catalogue.publish``.
        person_id: the account whose data was looked at, so that the person can read it.
        purpose: why. One that the house itself gives is kept by its English words (``gettext_noop``) and read with :func:`said`.
        fields: the names, never the values, of the fields that were read.
        detail: facts without personal data.
    """
    from linli.kernel.models import AuditEntry

    AuditEntry.objects.create(
        district=district or actor.district or NOWHERE,
        at=time.now(),
        account_id=actor.account_id,
        post_id=actor.post_id,
        role=actor.role,
        actor_name=actor.name,
        area_path=actor.area_path,
        verb=verb,
        subject_type=subject_type,
        subject_id=str(subject_id),
        person_id=person_id,
        purpose=purpose or actor.purpose,
        fields=list(fields),
        detail=detail or {},
        request_id=actor.request_id,
    )


def said(purpose: str) -> str:
    """A purpose as it is read: the house's own in the reader's language, a person's as they wrote it."""
    return gettext(purpose) if purpose else ""
