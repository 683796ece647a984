"""From an original to what may be shown: new files made from its pixels alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO, cast

from PIL import Image, ImageCms

from linli.kernel.storage.intake import MAX_PIXELS, Shelf, damaged, inspect, put

PHOTO_SIDE = 1600
THUMB_SIDE = 320
MEDIA_TYPE = "image/jpeg"
_QUALITY = {PHOTO_SIDE: 80, THUMB_SIDE: 74}
_MALFORMED = (
    OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, EOFError, struct.error, zlib.error,
    Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow raises on files that were made to hurt it, or broken on their way."""
_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True, slots=True)
class Rendition:
    """A file made from an original: a JPEG without a word of where it comes from."""

    key: str
    bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Renditions:
    """What is shown of a photo: at most 1,600 pixels a side, and 320 for lists."""

    photo: Rendition
    thumb: Rendition


def process(original_key: str, *, to: Shelf) -> Renditions:
    """Make the renditions of an original; the worker calls this, and may call it twice.

    Args:
        original_key: as :func:`~linli.kernel.storage.intake.receive` gave it.
        to: the public shelf, or the private one when the case is not for everybody's eyes.

    Raises:
        Invalid: ``photo.damaged`` and the like; trying again will not help.
        FileNotFoundError: there is no such original.
    """
    with Shelf.PRIVATE.storage().open(original_key, "rb") as file:
        photo, thumb = render(cast("BinaryIO", file))
    return Renditions(photo=_keep(photo, to), thumb=_keep(thumb, to))


def render(file: BinaryIO, *, max_pixels: int = MAX_PIXELS) -> tuple[Image.Image, Image.Image]:
    """Photo and thumb of the picture in ``file``: upright, in sRGB, opaque, and without any metadata.

    Raises:
        Invalid: the file is no picture, too large, or cannot be read to its end.
    """
    kind, size = inspect(file, max_pixels=max_pixels)
    file.seek(0)
    with _pillow_errors(), Image.open(file, formats=(kind.pillow,)) as opened:
        if opened.width * opened.height > max_pixels:
            raise damaged()
        scale = min(1.0, PHOTO_SIDE / max(size))
        # JPEG only: let the decoder drop to 1/2, 1/4 or 1/8, as long as that is still larger than what is wanted.
        opened.draft(None, (max(1, round(size.width * scale)), max(1, round(size.height * scale))))
        orientation = opened.getexif().get(0x0112, 1)
        profile = opened.info.get("icc_profile")
        opened.load()
        photo = _opaque(_eight_bit(opened))
        photo.thumbnail((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
        photo = _upright(_in_srgb(photo, profile), orientation)
        thumb = photo.copy()
        thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    return _bare(photo), _bare(thumb)


@contextmanager
def _pillow_errors() -> Iterator[None]:
    try:
        yield
    except _MALFORMED:
        raise damaged() from None


def _eight_bit(image: Image.Image) -> Image.Image:
    """Sixteen-bit grey as eight: Pillow's own conversion would cut off instead of scale."""
    if image.mode.startswith(("I", "F")):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image


def _opaque(image: Image.Image) -> Image.Image:
    """On white where it is transparent; RGB, L or CMYK."""
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that the profile means, as sRGB; a profile that cannot be read is passed over."""
    if profile:
        try:
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, meant, _SRGB, outputMode="RGB")
            return converted if converted is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert("RGB")
    return image.convert("RGB")


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image, orientation: object) -> Image.Image:
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _bare(image: Image.Image) -> Image.Image:
    """A new picture with the same pixels: comments, profiles and XMP stay behind with the old one."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def encode(image: Image.Image) -> bytes:
    """The picture as a JPEG."""
    buffer = BytesIO()
    side = PHOTO_SIDE if max(image.size) > THUMB_SIDE else THUMB_SIDE
    image.save(buffer, "JPEG", quality=_QUALITY[side], subsampling="4:2:0", optimize=side == THUMB_SIDE)
    return buffer.getvalue()


def _keep(image: Image.Image, shelf: Shelf) -> Rendition:
    data = encode(image)
    name = sha256(data).hexdigest()
    key = f"photos/{name[:2]}/{name[2:4]}/{name}.jpg"
    put(shelf, key, BytesIO(data))
    return Rendition(key, len(data), image.width, image.height)
