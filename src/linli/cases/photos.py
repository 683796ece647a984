"""Photos of cases: a job of the worker makes of each original the copies that are shown.

They stay on the private shelf: a photo shows people and front doors, so whoever asks for one must be able to see its case.
"""

from __future__ import annotations

from typing import BinaryIO, cast
from uuid import UUID

from django.db import transaction

from linli.cases.models import Evidence, EvidenceState
from linli.kernel.errors import Invalid
from linli.kernel.storage import intake, rendering
from linli.kernel.work import job

LOOK_AT = 8
"""How many waiting photos a worker tries before it leaves them to the others."""


@job("cases.photos", every=1.0)
def prepare_one() -> int:
    """Prepare the photo that has waited longest; its row is locked meanwhile, so that two workers never do the same.

    Returns:
        How many were done: one or none.
    """
    waiting = Evidence.objects.filter(state=EvidenceState.WAITING).order_by("at")
    # Looked for in all districts, locked in one: so it stays when the schema is sharded by district.
    for district, photo_id in waiting.values_list("district", "id")[:LOOK_AT]:
        if _prepare(district, photo_id):
            return 1
    return 0


def _prepare(district: str, photo_id: UUID) -> bool:
    with transaction.atomic():
        found = Evidence.objects.filter(district=district, id=photo_id, state=EvidenceState.WAITING)
        photo = found.select_for_update(skip_locked=True).first()
        if photo is None:
            return False
        try:
            made = rendering.process(photo.original_key, to=intake.Shelf.PRIVATE)
            photo.state, photo.shown_key, photo.thumb_key = EvidenceState.READY, made.photo.key, made.thumb.key
        except Invalid as refused:
            photo.state, photo.refusal = EvidenceState.REFUSED, refused.code
        except FileNotFoundError:
            photo.state, photo.refusal = EvidenceState.REFUSED, "photo.lost"
        photo.save(update_fields=["state", "shown_key", "thumb_key", "refusal"])
    return True


def open_copy(photo: Evidence, *, thumb: bool = False) -> BinaryIO | None:
    """The shown copy of a photo, or its thumb; ``None`` while there is none. The caller has asked who may see the case."""
    key = photo.thumb_key if thumb else photo.shown_key
    if photo.state != EvidenceState.READY or not key:
        return None
    return cast("BinaryIO", intake.Shelf.PRIVATE.storage().open(key, "rb"))
