"""Photos for cases: a few dozen drawn pictures that say that they are drawn, taken in and rendered once each by the usual way."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from linli.cases.models import Case, Evidence
from linli.kernel.storage.intake import Shelf, receive
from linli.kernel.storage.rendering import process
from linli.kernel.storage.shown import FileState

KINDS = ("before", "after")
OF_EACH = 12
SIZE = (960, 720)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn photo that storage has taken in, with the copies that are shown of it."""

    key: str
    sha256: bytes
    size: int
    shown_key: str
    thumb_key: str


def draw(kind: str, number: int) -> bytes:
    """A street corner in flat colours: littered for ``before``, tidy for ``after``; the same for the same number. JPEG."""
    source = random.Random(f"{kind}:{number}")
    image = Image.new("RGB", SIZE, (176 + source.randrange(40), 200 + source.randrange(30), 220))
    pen = ImageDraw.Draw(image)
    horizon = 300 + source.randrange(60)
    for left in range(-40, SIZE[0], 150 + source.randrange(40)):
        tone = 140 + source.randrange(70)
        top = 60 + source.randrange(180)
        pen.rectangle((left, top, left + 130, horizon), fill=(tone, tone - 8, tone - 20))
        for y in range(top + 16, horizon - 24, 36):
            for x in range(left + 14, left + 116, 34):
                pen.rectangle((x, y, x + 16, y + 20), fill=(90, 110, 128))
    pen.rectangle((0, horizon, *SIZE), fill=(150, 150, 146))
    pen.polygon([(0, 720), (0, 560), (960, 470 + source.randrange(60)), (960, 720)], fill=(104, 106, 108))
    pen.rectangle(
        (60 + source.randrange(700), horizon - 120, 76 + source.randrange(4) + 700, horizon - 110), fill=(96, 70, 50)
    )
    for _tree in range(3):
        x, y = source.randrange(SIZE[0]), horizon - source.randrange(20)
        pen.rectangle((x - 5, y - 70, x + 5, y), fill=(96, 70, 50))
        pen.ellipse((x - 44, y - 150, x + 44, y - 56), fill=(70, 120 + source.randrange(40), 66))
    if kind == "before":
        for _piece in range(34):
            x, y, r = 300 + source.randrange(360), 470 + source.randrange(150), 8 + source.randrange(26)
            colour = source.choice([(60, 60, 66), (196, 186, 160), (180, 60, 50), (236, 236, 232), (64, 92, 140)])
            pen.rounded_rectangle((x, y, x + r * 2, y + r), radius=6, fill=colour)
    else:
        pen.line((0, 640, 960, 560), fill=(236, 236, 236), width=10)
    pen.rectangle((0, 0, 250, 30), fill=(0, 0, 0))
    pen.text((10, 9), f"DRAWN, NOT A PHOTO  {kind} {number:02d}", fill=(255, 255, 255))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=72)
    return buffer.getvalue()


class Album:
    """The drawn photos by kind; made when the first of a kind is asked for."""

    def __init__(self) -> None:
        self._pictures: dict[tuple[str, int], Picture] = {}

    def one(self, kind: str, source: random.Random, *, besides: Collection[bytes] = ()) -> Picture:
        """A photo of a kind.

        Args:
            besides: hashes of those that a case holds already; the next one that is not among them is taken.
        """
        first = source.randrange(OF_EACH)
        found = (self._drawn(kind, (first + step) % OF_EACH) for step in range(OF_EACH))
        return next((one for one in found if one.sha256 not in besides), self._drawn(kind, first))

    def _drawn(self, kind: str, number: int) -> Picture:
        if (kind, number) not in self._pictures:
            original = receive([draw(kind, number)])
            made = process(original.key, to=Shelf.PRIVATE)
            self._pictures[kind, number] = Picture(
                original.key, bytes.fromhex(original.sha256), original.bytes, made.photo.key, made.thumb.key
            )
        return self._pictures[kind, number]

    def after(self, case: Case, source: random.Random) -> Picture:
        """A photo of the result that a case does not hold yet; one from before proves nothing when it is sent again."""
        if case.round == 1 and not case.failures:
            return self.one("after", source)
        held = Evidence.objects.filter(district=case.district, case_id=case.id).values_list("sha256", flat=True)
        return self.one("after", source, besides={bytes(one) for one in held})

    def settle(self, district: str) -> int:
        """Mark what waits as ready: its copies are there already, because every case shows one of the same few photos.

        What the worker would do for each of them, once for all; returns how many.
        """
        ready = 0
        for picture in self._pictures.values():
            ready += Evidence.objects.filter(district=district, state=FileState.WAITING, sha256=picture.sha256).update(
                state=FileState.READY, shown_key=picture.shown_key, thumb_key=picture.thumb_key
            )
        return ready
