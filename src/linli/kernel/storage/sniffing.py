"""What a file is, by its first bytes, and how large its picture would be, by its header. Imports no Django and decodes nothing.

Pillow would tell the size as well, but for WebP only after taking memory for the whole canvas, so a file of a hundred bytes
could ask for gigabytes. These readers look at some hundred bytes and trust nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import BinaryIO, NamedTuple

HEAD = 64
MAX_SCANS = 100
"""A progressive JPEG has about ten scans; thousands of empty ones are a way to burn a processor for minutes."""
_BLOCK = 1 << 16
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_START_OF_FRAME = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD9)}


class Kind(Enum):
    """A kind of picture: media type, ending of the file's name, and Pillow's name for it."""

    JPEG = ("image/jpeg", "jpg", "JPEG")
    PNG = ("image/png", "png", "PNG")
    WEBP = ("image/webp", "webp", "WEBP")
    HEIF = ("image/heif", "heif", "")
    """What some phones make. Known, so that the refusal can say what to do, but not taken."""

    @property
    def media_type(self) -> str:
        """For HTTP."""
        return self.value[0]

    @property
    def ending(self) -> str:
        """For the file's name."""
        return self.value[1]

    @property
    def pillow(self) -> str:
        """For ``Image.open(formats=...)``."""
        return self.value[2]


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width * self.height


class HeaderError(Exception):
    """The header is cut, contradicts itself, or asks for more work than a photo does."""


def kind_of(head: bytes) -> Kind | None:
    """The kind of picture that begins with ``head`` (64 bytes are enough), or ``None``."""
    if head[:3] == b"\xff\xd8\xff":
        return Kind.JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR":
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return Kind.HEIF
    return None


def size_of(file: BinaryIO, kind: Kind) -> Size:
    """The size in the header; leaves the file anywhere.

    Raises:
        HeaderError: see there.
    """
    file.seek(0)
    match kind:
        case Kind.JPEG:
            size = _jpeg(file)
        case Kind.PNG:
            head = file.read(24)
            size = Size(int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))
        case Kind.WEBP:
            size = _webp(file.read(HEAD))
        case _:
            raise HeaderError("there is no reader for this kind")
    if not size.width or not size.height:
        raise HeaderError("a picture has a width and a height")
    return size


def _jpeg(file: BinaryIO) -> Size:
    """Marker segments up to the frame header (ITU-T T.81 B.2), then the number of scans."""
    size: Size | None = None
    file.seek(2)
    while True:
        if file.read(1) != b"\xff":
            raise HeaderError("a marker is missing")
        while (code := file.read(1)) == b"\xff":
            pass
        if not code:
            raise HeaderError("the header is cut")
        marker = code[0]
        if marker in _STANDALONE:
            continue
        if marker in (0xD9, 0xDA):
            break
        length = int.from_bytes(file.read(2), "big")
        if length < 2:
            raise HeaderError("a segment has no length")
        if marker in _START_OF_FRAME:
            body = file.read(length - 2)
            if size is not None or len(body) < 6:
                raise HeaderError("the frame header is wrong")
            size = Size(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
        else:
            file.seek(length - 2, 1)
    if size is None:
        raise HeaderError("there is no frame header")
    scans, tail = 1, b""
    while block := file.read(_BLOCK):
        scans += (tail + block).count(b"\xff\xda")
        tail = b"\xff" if block.endswith(b"\xff") else b""
        if scans > MAX_SCANS:
            raise HeaderError("it has more scans than a photo")
    return size


def _webp(head: bytes) -> Size:
    """The first chunk of the container: lossy, lossless or extended (RFC 9649)."""
    chunk, body = head[12:16], head[20:]
    if len(body) < 10:
        raise HeaderError("the header is cut")
    if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return Size(int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF)
    if chunk == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8X":
        return Size(int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
    raise HeaderError("the first chunk is no picture")
