"""Rows of files: the original is private for ever; what is shown is a copy that a worker has made.

They stay on the private shelf: a photo shows people and front doors, so whoever asks for one must be able to see what it belongs to.
"""

from __future__ import annotations

from typing import BinaryIO, cast
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel.db import AreaBound
from linli.kernel.errors import Invalid
from linli.kernel.storage import intake, rendering

LOOK_AT = 8
"""How many waiting photos a worker tries before it leaves them to the others."""


class FileState(models.TextChoices):
    """Whether a file can be shown yet."""

    WAITING = "waiting", _("Being prepared")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Could not be used")


class StoredFile(AreaBound):
    """Where a file lies, and whether it can be shown yet; what it belongs to is said by the room that has it."""

    state = models.CharField(max_length=10, choices=FileState, default=FileState.WAITING)
    original_key = models.CharField(max_length=200)
    shown_key = models.CharField(max_length=200, blank=True)
    thumb_key = models.CharField(max_length=200, blank=True)
    refusal = models.CharField(max_length=200, blank=True)
    sha256 = models.BinaryField(max_length=32)
    size = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        abstract = True


def prepare_next(kind: type[StoredFile]) -> int:
    """Prepare the photo that has waited longest; its row is locked meanwhile, so that two workers never do the same.

    Returns:
        How many were done: one or none.
    """
    waiting = kind._default_manager.filter(state=FileState.WAITING).order_by("at")
    # Looked for in all districts, locked in one: so it stays when the schema is sharded by district.
    for district, photo_id in waiting.values_list("district", "id")[:LOOK_AT]:
        if _prepare(kind, district, photo_id):
            return 1
    return 0


def _prepare(kind: type[StoredFile], district: str, photo_id: UUID) -> bool:
    with transaction.atomic():
        found = kind._default_manager.filter(district=district, id=photo_id, state=FileState.WAITING)
        photo = found.select_for_update(skip_locked=True).first()
        if photo is None:
            return False
        try:
            made = rendering.process(photo.original_key, to=intake.Shelf.PRIVATE)
            photo.state, photo.shown_key, photo.thumb_key = FileState.READY, made.photo.key, made.thumb.key
        except Invalid as refused:
            photo.state, photo.refusal = FileState.REFUSED, refused.code
        except FileNotFoundError:
            photo.state, photo.refusal = FileState.REFUSED, "photo.lost"
        photo.save(update_fields=["state", "shown_key", "thumb_key", "refusal"])
    return True


def open_shown(file: StoredFile, *, thumb: bool = False) -> BinaryIO | None:
    """The shown copy of a file, or its thumb; ``None`` while there is none. The caller has asked who may see it."""
    key = file.thumb_key if thumb else file.shown_key
    if file.state != FileState.READY or not key:
        return None
    try:
        return cast("BinaryIO", intake.Shelf.PRIVATE.storage().open(key, "rb"))
    except FileNotFoundError:
        return None
