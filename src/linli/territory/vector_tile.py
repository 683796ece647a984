"""Vector tiles written byte by byte (Mapbox Vector Tile specification 2.1), whole layers at a time. Pure (numpy, no Django).

The libraries for it write one feature after the other in Python, some fifty microseconds each; a tile of the inner city holds
thousands. Why our own, and what was measured: docs/decisions/tiles-are-written-in-arrays.md. A test reads every tile back with a library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

EXTENT = 4096
"""Units along the side of a tile."""

_POINT, _POLYGON = 1, 3
_MOVE_TO, _CLOSE = (1 << 3) | 1, (1 << 3) | 7
_VARINT, _BYTES = 0, 2

Value = str | int | bool


@dataclass(frozen=True)
class Layer:
    """One layer of a tile.

    Attributes:
        name: of the layer.
        xy: shape (n, 2), whole tile units from the tile's upper left corner, y downwards. Points, or the points of rings, each ring closed.
        rings: shape (r + 1,): where each ring begins in `xy`; empty for points.
        outer: shape (r,), bool: whether a ring is an outer one (clockwise on the map) or a hole.
        owner: feature number of each ring (or point), rising.
        facts: key → one value a feature.
    """

    name: str
    xy: np.ndarray
    rings: np.ndarray
    outer: np.ndarray
    owner: np.ndarray
    facts: Mapping[str, Sequence[Value]]


def encode(layers: Iterable[Layer]) -> bytes:
    """A tile of these layers; layers without a feature are left out."""
    return b"".join(_field(3, body) for layer in layers if (body := _layer(layer)))


def _layer(layer: Layer) -> bytes:
    if len(layer.rings):
        kind = _POLYGON
        owners, shapes = _polygons(layer)
    else:
        kind = _POINT
        owners, shapes = _points(layer)
    if not owners:
        return b""
    known: dict[Value, int] = {}
    values: list[bytes] = []
    columns = list(layer.facts.values())
    features = []
    for owner, shape in zip(owners, shapes, strict=True):
        tags = bytearray()
        for key, column in enumerate(columns):
            value = column[owner]
            place = known.get(value)
            if place is None:
                place = known[value] = len(values)
                values.append(_field(4, _value(value)))
            tags.append(key)
            tags += _varint(place)
        features.append(_field(2, _field(2, bytes(tags)) + bytes((_VARINT | 3 << 3, kind)) + _field(4, shape)))
    keys = [_field(3, key.encode()) for key in layer.facts]
    ends = bytes((15 << 3 | _VARINT, 2)), bytes((5 << 3 | _VARINT,)) + _varint(EXTENT)
    return b"".join((ends[0], _field(1, layer.name.encode()), *features, *keys, *values, ends[1]))


def _points(layer: Layer) -> tuple[list[int], list[bytes]]:
    zigzag = _zigzag(layer.xy)
    head = bytes((_MOVE_TO,))
    return layer.owner.tolist(), [head + _varint(x) + _varint(y) for x, y in zigzag.tolist()]


def _polygons(layer: Layer) -> tuple[list[int], list[bytes]]:
    """The commands of every feature that is left when points have been put on whole units."""
    xy, ring = layer.xy.astype(np.int64), np.repeat(np.arange(len(layer.outer)), np.diff(layer.rings))
    last = np.zeros(len(xy), dtype=bool)
    last[layer.rings[1:] - 1] = True
    following = xy[np.minimum(np.arange(len(xy)) + 1, len(xy) - 1)]
    # The closing point goes, and of points that fell together only the last stays.
    keep = ~last & (xy != following).any(1)
    xy, ring = xy[keep], ring[keep]
    count = np.bincount(ring, minlength=len(layer.outer))
    area = _doubled_areas(xy, ring, count)
    good = (count > 2) & np.where(layer.outer, area > 0, area < 0)
    # A hole goes with its outer ring.
    heads = np.maximum.accumulate(np.where(layer.outer, np.arange(len(good)), 0)) if len(good) else good
    good &= good[heads]
    keep = good[ring]
    xy, count, owner = xy[keep], count[good], layer.owner[good]
    if not len(count):
        return [], []
    starts = np.cumsum(count) - count
    before = np.zeros_like(xy)
    before[1:] = xy[:-1]
    first = np.r_[True, owner[1:] != owner[:-1]]
    before[starts[first]] = 0
    steps = _zigzag(xy - before)
    # A ring of n points is MoveTo and its step, LineTo and n - 1 steps, ClosePath: 2 n + 3 numbers.
    size = 2 * count + 3
    begin = np.cumsum(size) - size
    stream = np.zeros(int(size.sum()), dtype=np.uint64)
    stream[begin] = _MOVE_TO
    stream[begin + 3] = ((count - 1) << 3) | 2
    stream[begin + size - 1] = _CLOSE
    nth = np.arange(len(xy)) - np.repeat(starts, count)
    place = np.repeat(begin, count) + np.where(nth == 0, 1, 2 * nth + 2)
    stream[place], stream[place + 1] = steps[:, 0], steps[:, 1]
    written, sizes = _varints(stream)
    ends = np.cumsum(sizes)
    cut = np.r_[0, ends[begin[1:] - 1], ends[-1]]  # where each ring begins in the bytes
    cut = np.r_[cut[:-1][first], cut[-1]]
    whole = written.tobytes()
    shapes = [whole[a:b] for a, b in zip(cut[:-1].tolist(), cut[1:].tolist(), strict=True)]
    return owner[first].tolist(), shapes


def _doubled_areas(xy: np.ndarray, ring: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Twice the area of each open ring, positive when it runs clockwise on the map (y downwards)."""
    ends = np.cumsum(count)
    following = np.arange(1, len(xy) + 1)
    held = count > 0
    following[ends[held] - 1] = (ends - count)[held]
    other = xy[following] if len(xy) else xy
    cross = xy[:, 0] * other[:, 1] - other[:, 0] * xy[:, 1]
    areas: np.ndarray = np.bincount(ring, weights=cross, minlength=len(count))
    return areas


def _zigzag(steps: np.ndarray) -> np.ndarray:
    signed = steps.astype(np.int64)
    folded: np.ndarray = ((signed << 1) ^ (signed >> 63)).astype(np.uint64)
    return folded


def _varints(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers below 2**35 as varints, one after the other, and how many bytes each took."""
    sizes = np.ones(len(values), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        sizes += values >= (1 << bits)
    starts = np.cumsum(sizes) - sizes
    out = np.zeros(int(sizes.sum()), dtype=np.uint8)
    for k in range(5):
        longer = sizes > k
        if not longer.any():
            break
        part = (values[longer] >> np.uint64(7 * k)) & np.uint64(127)
        more = (sizes[longer] > k + 1) * np.uint64(128)
        out[starts[longer] + k] = (part | more.astype(np.uint64)).astype(np.uint8)
    return out, sizes


def _varint(number: int) -> bytes:
    if number < 128:
        return bytes((number,))
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _field(number: int, body: bytes) -> bytes:
    return bytes((number << 3 | _BYTES,)) + _varint(len(body)) + body


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return bytes((7 << 3 | _VARINT, value))
    if isinstance(value, int):
        return bytes((6 << 3 | _VARINT,)) + _varint(value << 1 ^ value >> 63)
    return _field(1, value.encode())
