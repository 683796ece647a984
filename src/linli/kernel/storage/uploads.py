"""A photo that comes in pieces over a bad line: begun once for its key, continued where it stopped, taken when it is whole.

An upload belongs to whoever began it; to everybody else it does not exist. Pieces lie on the private shelf each as a file of its
own, and the row that counts them is written after the file: a piece whose row was lost is sent again, never half there. When the
last one has come the photo is examined as :func:`~linli.kernel.storage.intake.receive` does; kept as an original it is only when
somebody takes it, so that what is swept never belonged to anything.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import commands, ids, time
from linli.kernel.db import NOWHERE
from linli.kernel.errors import Conflict, Invalid, NotFound, TooMany
from linli.kernel.models import Upload, UploadState
from linli.kernel.storage.intake import MAX_BYTES, Original, Shelf, inspect, receive
from linli.kernel.trust import Actor, policy

KEPT = timedelta(days=7)
"""As long as somebody without a signal may need to mend the report that the photo belongs to."""
MOST_OPEN = 60
MAX_PIECE = 1024 * 1024
SWEEP_BATCH = 200
"""The district of what a resident uploads who has named no home."""
_BLOCK = 1 << 16


def begin(actor: Actor, key: str, *, length: int) -> Upload:
    """Begin an upload, or find the one that was begun with this key.

    Args:
        key: made by the client, unique within the account.
        length: of the whole photo in bytes.

    Raises:
        Invalid: it would be larger than is taken.
        Conflict: the key was used for one of another length.
        TooMany: too many are under way.
    """
    policy.require(actor, "upload.keep")
    commands.check_key(key)
    if not 0 < length <= MAX_BYTES:
        raise Invalid(
            "photo.too_long",
            _("This photo is larger than %(limit)d MB.") % {"limit": MAX_BYTES // (1024 * 1024)},
            field="photo",
            mend=_("Send a smaller photo."),
            status=413,
        )
    now, district = time.now(), actor.district or NOWHERE
    with transaction.atomic():
        there = Upload.objects.filter(district=district, owner=actor.key)
        found = there.filter(key=key).first()
        if found is None:
            if there.filter(expires_at__gt=now).count() >= MOST_OPEN:
                raise TooMany("upload.too_many", _("Too many photos wait to be used."), mend=_("Try again later."))
            found, _made = Upload.objects.get_or_create(
                district=district, owner=actor.key, key=key,
                defaults={"id": ids.new_id(), "length": length, "at": now, "expires_at": now + KEPT},
            )  # fmt: skip
    if found.length != length:
        raise Conflict(
            "command.other_body",
            _("This key was used for another command."),
            field="Idempotency-Key",
            mend=_("Send a new key with a new command."),
        )
    return found


def find(actor: Actor, upload_id: UUID, *, lock: bool = False) -> Upload:
    """One of the actor's own uploads.

    Raises:
        NotFound: there is none, or it was swept.
    """
    policy.require(actor, "upload.keep")
    rows = Upload.objects.select_for_update() if lock else Upload.objects
    found = rows.filter(district=actor.district or NOWHERE, owner=actor.key, id=upload_id).first()
    if found is None or found.expires_at <= time.now():
        raise NotFound(
            "upload.none", _("This photo is not here any more."), field="photos", mend=_("Send the photo again.")
        )
    return found


def append(actor: Actor, upload_id: UUID, *, offset: int, piece: bytes) -> Upload:
    """Put the next piece behind those that have come.

    Args:
        offset: how many bytes the sender believes to be here.
        piece: at most 1 MB.

    Raises:
        NotFound: there is no such upload.
        Conflict: another number of bytes is here; ``extra["offset"]`` says how many.
        Invalid: more came than was announced, or the whole is no photo that is taken.
    """
    with transaction.atomic():
        upload = find(actor, upload_id, lock=True)
        refuse_again(upload)
        if offset != upload.offset:
            raise Conflict(
                "upload.offset",
                _("The photo goes on at another place."),
                mend=_("Ask how much is here, and go on from there."),
                extra={"offset": upload.offset},
            )
        if len(piece) > MAX_PIECE or upload.offset + len(piece) > upload.length:
            raise Invalid(
                "upload.piece", _("This piece is too long."), mend=_("Send at most 1 MB at once."), status=413
            )
        if not piece:
            return upload
        name = f"uploads/{upload.id.hex[-2:]}/{upload.id}/{offset:08d}-{ids.new_id().hex[-8:]}"
        upload.pieces = [*upload.pieces, Shelf.PRIVATE.storage().save(name, ContentFile(piece))]
        upload.offset += len(piece)
        if upload.offset == upload.length:
            _examine(upload)
        upload.save(update_fields=["pieces", "offset", "state", "refusal"])
    return upload


def _examine(upload: Upload) -> None:
    with tempfile.TemporaryFile(prefix="linli-upload-") as file:
        for block in _read(upload):
            file.write(block)
        try:
            inspect(file)
        except Invalid as refused:
            upload.state = UploadState.REFUSED
            upload.refusal = {"code": refused.code, "message": str(refused.message), "mend": str(refused.mend)}
            return
    upload.state = UploadState.WHOLE


def refuse_again(upload: Upload) -> None:
    """Say again why a photo was refused.

    Raises:
        Invalid: it was.
    """
    if upload.state == UploadState.REFUSED:
        told: dict[str, Any] = upload.refusal
        raise Invalid(told["code"], told["message"], field="photos", mend=told["mend"])


def take(actor: Actor, upload_id: UUID) -> Original:
    """Keep a whole upload as an original; taking it twice gives the same one.

    Raises:
        NotFound: there is no such upload.
        Conflict: it is not whole yet.
        Invalid: it is no photo that is taken.
    """
    upload = find(actor, upload_id)
    refuse_again(upload)
    if upload.state != UploadState.WHOLE:
        raise Conflict(
            "upload.not_whole",
            _("A part of this photo has not come yet."),
            field="photos",
            mend=_("Send the rest of it first."),
            extra={"offset": upload.offset},
        )
    return receive(_read(upload))


def _read(upload: Upload) -> Iterator[bytes]:
    storage = Shelf.PRIVATE.storage()
    for key in upload.pieces:
        with storage.open(key, "rb") as file:
            while block := file.read(_BLOCK):
                yield block


def discard(actor: Actor, upload_id: UUID) -> None:
    """Throw an upload of one's own away.

    Raises:
        NotFound: there is none.
    """
    with transaction.atomic():
        _delete(find(actor, upload_id, lock=True))


def sweep() -> int:
    """Delete what has expired; returns how many."""
    # Looked for in all districts, locked in one: so it stays when the schema is sharded by district.
    old = Upload.objects.filter(expires_at__lte=time.now()).order_by("expires_at")
    gone = 0
    for district, upload_id in old.values_list("district", "id")[:SWEEP_BATCH]:
        with transaction.atomic():
            rows = Upload.objects.select_for_update(skip_locked=True).filter(district=district, id=upload_id)
            if upload := rows.first():
                _delete(upload)
                gone += 1
    return gone


def _delete(upload: Upload) -> None:
    keys = list(upload.pieces)
    upload.delete()

    def forget() -> None:
        storage = Shelf.PRIVATE.storage()
        for key in keys:
            storage.delete(key)

    transaction.on_commit(forget)
