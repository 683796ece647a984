"""Taking a photo in: to disk as it arrives, sniffed, measured by its header, kept on the private shelf."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext_lazy as _

from linli.kernel.errors import Invalid
from linli.kernel.storage.sniffing import HEAD, HeaderError, Kind, Size, kind_of, size_of

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
_BLOCK = 1 << 16


class Shelf(StrEnum):
    """Which of Django's storages a file lies on."""

    PRIVATE = "private"
    """No address leads there; a view reads from it after it has asked the policy."""
    PUBLIC = "public"
    """Anybody who knows the address can fetch it."""

    def storage(self) -> Storage:
        """The storage of that name."""
        return storages[self.value]


@dataclass(frozen=True, slots=True)
class Original:
    """A photo on the private shelf, as it came."""

    key: str
    sha256: str
    bytes: int
    media_type: str
    width: int
    height: int


def receive(chunks: Iterable[bytes], *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Original:
    """Take in a photo and keep it as it is; nothing is decoded here.

    Args:
        chunks: the body as it arrives (``UploadedFile.chunks()``); reading stops as soon as it is too long.
        max_bytes: refuse what is longer.
        max_pixels: refuse what has more pixels by its own header.

    Returns:
        Where it lies. The same photo twice gives the same key.

    Raises:
        Invalid: ``photo.empty``, ``photo.too_long``, ``photo.not_a_photo``, ``photo.heif``, ``photo.damaged`` or
            ``photo.too_many_pixels``; nothing is kept then.
    """
    with tempfile.TemporaryFile(prefix="linli-photo-") as file:
        digest, length = sha256(), 0
        for chunk in chunks:
            length += len(chunk)
            if length > max_bytes:
                raise Invalid(
                    "photo.too_long",
                    _("This photo is larger than %(limit)d MB.") % {"limit": max_bytes // (1024 * 1024)},
                    field="photo",
                    mend=_("Send a smaller photo."),
                )
            digest.update(chunk)
            file.write(chunk)
        if not length:
            raise Invalid("photo.empty", _("The photo is empty."), field="photo", mend=_("Choose the photo again."))
        kind, size = inspect(file, max_pixels=max_pixels)
        name = digest.hexdigest()
        key = f"originals/{name[:2]}/{name[2:4]}/{name}.{kind.ending}"
        put(Shelf.PRIVATE, key, file)
    return Original(key, name, length, kind.media_type, size.width, size.height)


def inspect(file: BinaryIO, *, max_pixels: int = MAX_PIXELS) -> tuple[Kind, Size]:
    """Kind and size of the picture in ``file`` by its header.

    Raises:
        Invalid: it is none that is taken, or too large; see :func:`receive`.
    """
    file.seek(0)
    kind = kind_of(file.read(HEAD))
    if kind is Kind.HEIF:
        raise Invalid(
            "photo.heif",
            _("This photo is in the HEIC format, which cannot be read here."),
            field="photo",
            mend=_("Set the camera to the most compatible format, or send a screenshot of the photo."),
        )
    if kind is None:
        raise Invalid(
            "photo.not_a_photo",
            _("This file is not a photo."),
            field="photo",
            mend=_("Send a photo as JPEG, PNG or WebP."),
        )
    try:
        size = size_of(file, kind)
    except HeaderError:
        raise damaged() from None
    if size.pixels > max_pixels:
        raise Invalid(
            "photo.too_many_pixels",
            _("This photo has more than %(limit)d million pixels.") % {"limit": max_pixels // 1_000_000},
            field="photo",
            mend=_("Send a smaller photo."),
        )
    return kind, size


def damaged() -> Invalid:
    """The refusal of a photo that cannot be read to its end."""
    return Invalid(
        "photo.damaged", _("This photo is damaged."), field="photo", mend=_("Choose the photo again, or take another.")
    )


def put(shelf: Shelf, key: str, file: BinaryIO) -> None:
    """Store a file under the name made from its content, unless it is there."""
    storage = shelf.storage()
    if not storage.exists(key):
        file.seek(0)
        storage.save(key, File(file, name=key))
