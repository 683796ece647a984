"""Exact recursive partition of polygons: children share vertices with each other and with their parent. Pure.

A :class:`Plane` holds points on an integer lattice (one unit is 1e-7 degree, about a centimetre) and remembers every
point that was ever put on an edge. A face is a ring of point numbers, counter-clockwise. Cutting a face adds a chord; where
the chord meets an edge, the new point goes into the *edge*, so that the face on the other side gets the same point when it
is next unfolded. No two faces ever disagree on a shared edge by as much as a bit, and twice the areas, being integers, add
up exactly. The rule, its limits and its cost: docs/algorithms/generator.md.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LATTICE = 10_000_000  # lattice units in a degree
METRES_PER_UNIT = 111_320.0 / LATTICE  # along a meridian
_LONG_RING = 96  # from here on numpy is quicker than a loop

Ring = list[int]


class CutError(ValueError):
    """No acceptable chord was found: the face is too thin or too crooked to be cut as asked."""


@dataclass(frozen=True)
class Style:
    """How a cut should look.

    Attributes:
        angles: directions tried for the chord, in radians from the orientation of the district's streets.
        jitter: standard deviation of a random turn of the chord, radians.
        wiggle: sideways displacement of a chord's inner points, as a share of the distance between them.
        step: wished distance between inner points of a chord in metres; 0 keeps it straight.
        gap: an end of a chord nearer than this to a point of the ring (metres) moves to that point, as crossings do.
    """

    angles: tuple[float, ...]
    jitter: float
    wiggle: float
    step: float
    gap: float


_EIGHT = tuple(math.pi * k / 8 for k in range(8))
_CROSS = (0.0, math.pi / 2)
NATURAL = Style(angles=_EIGHT, jitter=0.15, wiggle=0.22, step=420.0, gap=60.0)
SETTLED = Style(angles=_EIGHT[::2], jitter=0.10, wiggle=0.14, step=260.0, gap=30.0)
STREET = Style(angles=_CROSS, jitter=0.06, wiggle=0.0, step=0.0, gap=16.0)
BLOCK = Style(angles=_CROSS, jitter=0.04, wiggle=0.0, step=0.0, gap=9.0)
_DESPERATE = tuple(math.pi * k / 12 for k in range(12))


@dataclass(frozen=True)
class _Rim:
    """A ring's points with the two ends of a chord among them; each end as the edge it lies on and its new point there."""

    spots: list[tuple[int, int]]
    start: int
    end: int
    ends: tuple[tuple[int, tuple[int, int] | None], tuple[int, tuple[int, int] | None]]


class Plane:
    """Points of one planar subdivision and the points that cuts have put on its edges."""

    def __init__(self, *, latitude: float) -> None:
        """`latitude` in degrees: where the plane lies, for the length of a degree of longitude."""
        self.xs: list[int] = []
        self.ys: list[int] = []
        self.kx = math.cos(math.radians(latitude))
        self._on_edge: dict[tuple[int, int], int] = {}
        self._fixed: set[tuple[int, int]] = set()
        self._known: dict[tuple[int, int], int] = {}

    def point(self, x: int, y: int) -> int:
        """The number of the lattice point (x, y); the same point always has the same number."""
        number = self._known.get((x, y))
        if number is None:
            number = self._known[(x, y)] = len(self.xs)
            self.xs.append(x)
            self.ys.append(y)
        return number

    def outline(self, coordinates: Sequence[tuple[int, int]]) -> Ring:
        """A face from lattice coordinates (open ring). Its edges are *fixed*: cuts end on its points, never between them.

        That is what lets two neighbouring districts be cut up apart from each other and still agree on their border.
        """
        ring = self.face(coordinates)
        self._fixed.update(_key(a, b) for a, b in _edges(ring))
        return ring

    def face(self, coordinates: Sequence[tuple[int, int]]) -> Ring:
        """A face from lattice coordinates (open ring) on whose edges cuts may end anywhere."""
        ring = [self.point(x, y) for x, y in coordinates]
        if self.doubled_area(ring) < 0:
            ring.reverse()
        return ring

    def added(self) -> dict[tuple[int, int], tuple[tuple[int, int], tuple[int, int]]]:
        """Points that cuts put on edges: lattice point → the two ends of the edge it went into."""

        def spot(i: int) -> tuple[int, int]:
            return self.xs[i], self.ys[i]

        return {spot(middle): (spot(a), spot(b)) for (a, b), middle in self._on_edge.items()}

    def unfold(self, ring: Ring) -> Ring:
        """The ring with every point that has been put on its edges since it was made."""
        out: Ring = []
        for a, b in _edges(ring):
            out.append(a)
            stack = [(a, b)]
            while stack:
                left, right = stack.pop()
                middle = self._on_edge.get(_key(left, right))
                if middle is not None:
                    stack.append((middle, right))
                    stack.append((left, middle))
                elif right != b:
                    out.append(right)
        return out

    def doubled_area(self, ring: Ring) -> int:
        """Twice the area in square lattice units, exact; positive when counter-clockwise."""
        xs, ys = self.xs, self.ys
        return sum(xs[a] * ys[b] - xs[b] * ys[a] for a, b in _edges(ring))

    def square_metres(self, ring: Ring) -> float:
        """Area in square metres."""
        return self.doubled_area(ring) / 2 * self.kx * METRES_PER_UNIT**2

    def degrees(self, ring: Ring) -> np.ndarray:
        """Coordinates in degrees, shape (points + 1, 2), closed."""
        closed = [*ring, ring[0]]
        return np.array([(self.xs[i], self.ys[i]) for i in closed], dtype=np.float64) / LATTICE

    def divide(
        self, ring: Ring, weights: Sequence[float], *, rng: random.Random, style: Style, turn: float
    ) -> list[Ring]:
        """Cut a face into ``len(weights)`` faces with areas in proportion to them, neighbours in the list lying together.

        Args:
            ring: the face; it is unfolded first.
            weights: positive shares, one a child.
            rng: source of every random choice.
            style: how the cuts look.
            turn: orientation of the streets here, radians.

        Raises:
            CutError: a face cannot be cut further.
        """
        if len(weights) == 1:
            return [ring]
        total, running, k = sum(weights), 0.0, 0
        while k < len(weights) - 1 and (running + weights[k] / 2 < total / 2 or k == 0):
            running += weights[k]
            k += 1
        first, second = self.cut(ring, running / total, rng=rng, style=style, turn=turn)
        return [
            *self.divide(first, weights[:k], rng=rng, style=style, turn=turn),
            *self.divide(second, weights[k:], rng=rng, style=style, turn=turn),
        ]

    def cut(self, ring: Ring, share: float, *, rng: random.Random, style: Style, turn: float) -> tuple[Ring, Ring]:
        """Cut a face in two by one chord; the first part has about `share` of the area.

        The shortest acceptable chord wins: short for the area, meeting the boundary at an honest angle, near the share.
        """
        ring = self.unfold(ring)
        jitter = rng.gauss(0.0, style.jitter)
        flip = rng.random() < 0.5
        for angles, shares in ((style.angles, (share,)), (_DESPERATE, (share, 0.5, 0.35, 0.65))):
            found = []
            for angle in angles:
                for wanted in shares:
                    found += self._chords(ring, turn + angle + jitter + (math.pi if flip else 0.0), wanted)
            for _score, start, end in sorted(found):
                parts = self._apply(ring, start, end, rng=rng, style=style)
                if parts is not None:
                    return parts
        raise CutError(f"no chord through a face of {len(ring)} points and {self.square_metres(ring):.0f} m²")

    def _chords(self, ring: Ring, angle: float, share: float) -> list[tuple[float, float, float]]:
        """Chords across the ring in one direction: (score, start, end), each end as edge number + position on the edge."""
        x0, y0 = self.xs[ring[0]], self.ys[ring[0]]
        if len(ring) >= _LONG_RING:
            xa = (np.array([self.xs[i] for i in ring], dtype=np.float64) - x0) * self.kx
            ya = np.array([self.ys[i] for i in ring], dtype=np.float64) - y0
            c, s = math.cos(angle), math.sin(angle)
            across, along = -xa * s + ya * c, xa * c + ya * s
            offset, area = _offset_long(across, along, share)
            a, u = across.tolist(), along.tolist()
        else:
            c, s = math.cos(angle), math.sin(angle)
            a, u = [], []
            for i in ring:
                x, y = (self.xs[i] - x0) * self.kx, self.ys[i] - y0
                a.append(-x * s + y * c)
                u.append(x * c + y * s)
            offset, area = _offset_short(a, u, share)
        n = len(ring)
        hits = []
        for i in range(n):
            j = i + 1 if i + 1 < n else 0
            if (a[i] < offset) != (a[j] < offset):
                t = (offset - a[i]) / (a[j] - a[i])
                lean = abs(a[j] - a[i]) / (math.hypot(a[j] - a[i], u[j] - u[i]) or 1.0)
                hits.append((u[i] + t * (u[j] - u[i]), i + t, lean))
        hits.sort()
        chords = []
        for (u1, p1, lean1), (u2, p2, lean2) in zip(hits[::2], hits[1::2], strict=False):
            length = u2 - u1
            score = length * length / area + 0.6 * (1.0 - min(lean1, lean2)) ** 2
            if len(hits) > 2:
                part = _chord_share(a, u, offset, area, p1, u1, p2, u2)
                off = min(abs(part - share), abs(1 - part - share))
                if min(part, 1 - part) < 0.5 * min(share, 1 - share):
                    continue
                score += 6.0 * off
            chords.append((score, p1, p2))
        return chords

    def cut_at(
        self,
        ring: Ring,
        start: float,
        end: float,
        inner: Sequence[tuple[int, int]],
        *,
        gap: float,
        accept: Callable[[Sequence[tuple[int, int]]], bool] | None = None,
    ) -> tuple[Ring, Ring]:
        """Cut a face along a given line rather than a chord of one's own choice; ends are snapped as those of chords are.

        Args:
            ring: the face, unfolded.
            start, end: the line's ends, each as edge number + position on the edge.
            inner: lattice points of the line between its ends.
            gap: an end nearer than this to a point of the ring (metres) moves to that point.
            accept: asked of either part's lattice points before anything is changed; a no is an error.

        Raises:
            CutError: the line leaves the face, crosses itself or runs along the rim, or a part is not accepted.
        """
        rim = self._rim(ring, start, end, gap)
        if rim is None or not self._sound(rim.spots, rim.start, rim.end, list(inner)):
            raise CutError("the line does not run through the inside of the face from rim to rim")
        parts = self._part(ring, rim, list(inner), least=0.0, accept=accept)
        if parts is None:
            raise CutError("the line leaves nothing on one of its sides")
        return parts

    def join(self, rings: Sequence[Ring]) -> Ring:
        """The face that several faces side by side make together, by their shared points alone.

        Raises:
            CutError: they do not lie side by side, touch in a point only, or enclose ground of somebody else.
        """
        unfolded = [self.unfold(ring) for ring in rings]
        ways = {edge for ring in unfolded for edge in _edges(ring)}
        onward = {a: b for a, b in ways if (b, a) not in ways}
        if not onward or len(onward) != sum((b, a) not in ways for a, b in ways):
            raise CutError("the faces touch in a point only")
        first = min(onward)
        joined = [first]
        while (following := onward[joined[-1]]) != first:
            joined.append(following)
        if len(joined) != len(onward):
            raise CutError("the faces do not lie side by side, or enclose ground that is not among them")
        return joined

    def put_on_edge(self, a: int, b: int, spot: int) -> None:
        """Put a known point on the edge between two others, for the faces on both sides."""
        self._on_edge[_key(a, b)] = spot

    def _apply(
        self, ring: Ring, start: float, end: float, *, rng: random.Random, style: Style
    ) -> tuple[Ring, Ring] | None:
        """Cut along the chord if that leaves two sound faces; nothing is changed otherwise."""
        rim = self._rim(ring, start, end, style.gap)
        if rim is None:
            return None
        for wiggle in (style.wiggle, style.wiggle / 3, 0.0):
            inner = self._bend(rim.spots[rim.start], rim.spots[rim.end], wiggle, style.step, rng)
            if self._sound(rim.spots, rim.start, rim.end, inner):
                return self._part(ring, rim, inner, least=0.04)
        return None

    def _rim(self, ring: Ring, start: float, end: float, gap: float) -> _Rim | None:
        """The ring's points with the ends of a chord among them; nothing when both ends come to one point."""
        (i, on_i), (j, on_j) = self._snap(ring, start, gap), self._snap(ring, end, gap)
        if i == j:
            return None
        spots: list[tuple[int, int]] = []
        at_start = at_end = 0
        for k, number in enumerate(ring):
            if k == i:
                at_start = len(spots) + (on_i is not None)
            if k == j:
                at_end = len(spots) + (on_j is not None)
            spots.append((self.xs[number], self.ys[number]))
            if k == i and on_i is not None:
                spots.append(on_i)
            if k == j and on_j is not None:
                spots.append(on_j)
        return _Rim(spots, at_start, at_end, ((i, on_i), (j, on_j)))

    def _part(
        self,
        ring: Ring,
        rim: _Rim,
        inner: list[tuple[int, int]],
        *,
        least: float,
        accept: Callable[[Sequence[tuple[int, int]]], bool] | None = None,
    ) -> tuple[Ring, Ring] | None:
        """The two faces on the sides of a sound chord, when each has at least this share of the area and is accepted."""
        below = [*_way(rim.spots, rim.start, rim.end), *inner[::-1]]
        above = [*_way(rim.spots, rim.end, rim.start), *inner]
        a1, a2 = _doubled(below), _doubled(above)
        if a1 <= 0 or a2 <= 0 or min(a1, a2) < least * (a1 + a2):
            return None
        if accept is not None and not (accept(below) and accept(above)):
            return None
        for edge, on in rim.ends:
            if on is not None:
                self._on_edge[_key(ring[edge], ring[(edge + 1) % len(ring)])] = self.point(*on)
        return [self.point(*c) for c in below], [self.point(*c) for c in above]

    def _snap(self, ring: Ring, place: float, gap: float) -> tuple[int, tuple[int, int] | None]:
        """An end of a chord: a point of the ring when one is near or the edge is fixed, else a new lattice point."""
        n = len(ring)
        i = int(place)
        t = place - i
        j = (i + 1) % n
        a, b = ring[i], ring[j]
        dx, dy = self.xs[b] - self.xs[a], self.ys[b] - self.ys[a]
        length = math.hypot(dx * self.kx, dy) * METRES_PER_UNIT
        near = j if t > 0.5 else i
        if _key(a, b) in self._fixed or length < 2.2 * gap or min(t, 1 - t) * length < gap:
            return near, None
        x, y = self.xs[a] + round(dx * t), self.ys[a] + round(dy * t)
        if (x, y) in self._known:
            return near, None
        return i, (x, y)

    def _bend(
        self, p: tuple[int, int], q: tuple[int, int], wiggle: float, step: float, rng: random.Random
    ) -> list[tuple[int, int]]:
        """Inner points of a chord from p to q, displaced sideways by a random walk that returns to the chord."""
        dx, dy = q[0] - p[0], q[1] - p[1]
        length = math.hypot(dx * self.kx, dy) * METRES_PER_UNIT
        count = int(length / step) if step and wiggle else 0
        if count < 1:
            return []
        span = 1.0 / (count + 1)
        sway, out = 0.0, []
        for k in range(1, count + 1):
            t = k * span
            sway = 0.75 * sway + rng.gauss(0.0, wiggle * span)
            side = sway * min(1.0, 4 * t, 4 * (1 - t))
            spot = (p[0] + round(dx * t - dy / self.kx * side), p[1] + round(dy * t + dx * self.kx * side))
            if spot not in self._known and spot not in out:
                out.append(spot)
        return out

    @staticmethod
    def _sound(rim: list[tuple[int, int]], at_p: int, at_q: int, inner: list[tuple[int, int]]) -> bool:
        """Whether the path rim[at_p], inner..., rim[at_q] runs inside the rim and touches it only at its ends. Exact."""
        n = len(rim)
        path = [rim[at_p], *inner, rim[at_q]]
        if (at_p - at_q) % n in (0, 1, n - 1):
            return False
        if not _within(rim[at_p - 1], rim[at_p], rim[(at_p + 1) % n], path[1]):
            return False
        if not _within(rim[at_q - 1], rim[at_q], rim[(at_q + 1) % n], path[-2]):
            return False
        last = len(path) - 2
        for k in range(last + 1):
            a, b = path[k], path[k + 1]
            ax, ay = a
            bx, by = b
            left, right = (ax, bx) if ax < bx else (bx, ax)
            low, high = (ay, by) if ay < by else (by, ay)
            c = rim[-1]
            for m in range(n):
                d = rim[m]
                previous, c0 = (m - 1) % n, c
                c = d
                if (c0[0] < left and d[0] < left) or (c0[0] > right and d[0] > right):
                    continue
                if (c0[1] < low and d[1] < low) or (c0[1] > high and d[1] > high):
                    continue
                if k == 0 and at_p in (previous, m):
                    continue
                if k == last and at_q in (previous, m):
                    continue
                if _touch(a, b, c0, d):
                    return False
        return True


def source_of(path: str, seed: int) -> random.Random:
    """A source of random choices for a path, the same in every process: drawing wants repeatable chance, not secrets."""
    number = int.from_bytes(hashlib.blake2b(f"{seed}:{path}".encode(), digest_size=8).digest())
    return random.Random(number)  # noqa: S311


def _key(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _edges(ring: Ring) -> list[tuple[int, int]]:
    return [*pairwise(ring), (ring[-1], ring[0])]


def _doubled(rim: list[tuple[int, int]]) -> int:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(rim, [*rim[1:], rim[0]], strict=True))


def _way(rim: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Points of the rim from start to end, both among them, counter-clockwise."""
    return rim[start : end + 1] if start < end else [*rim[start:], *rim[: end + 1]]


def _side(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _within(before: tuple[int, int], apex: tuple[int, int], after: tuple[int, int], target: tuple[int, int]) -> bool:
    """Whether the ray from apex to target starts strictly inside the corner before-apex-after of a ccw ring."""
    if _side(before, apex, after) > 0:
        return _side(apex, after, target) > 0 and _side(before, apex, target) > 0
    return _side(apex, after, target) > 0 or _side(before, apex, target) > 0


def _touch(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int], d: tuple[int, int]) -> bool:
    """Whether the closed segments ab and cd, whose boxes meet, have a point in common."""
    s1, s2 = _side(a, b, c), _side(a, b, d)
    if (s1 > 0 and s2 > 0) or (s1 < 0 and s2 < 0):
        return False
    s3, s4 = _side(c, d, a), _side(c, d, b)
    return not ((s3 > 0 and s4 > 0) or (s3 < 0 and s4 < 0))


def _below(a: Sequence[float], u: Sequence[float], offset: float) -> float:
    """Area of the part of the ring below the line ``a = offset`` (Sutherland-Hodgman, signed, in loop form)."""
    total = 0.0
    ai, ui = a[-1] - offset, u[-1]
    for k in range(len(a)):
        aj, uj = a[k] - offset, u[k]
        if ai < 0.0:
            if aj < 0.0:
                total += (ui - uj) * (ai + aj)
            else:
                total += (ui - uj) * ai * ai / (ai - aj)
        elif aj < 0.0:
            total += (ui - uj) * aj * aj / (aj - ai)
        ai, ui = aj, uj
    return abs(total) / 2


def _offset_short(a: list[float], u: list[float], share: float) -> tuple[float, float]:
    """The offset below which `share` of the area lies, and the area; for short rings."""
    low, high = min(a), max(a)
    area = _below(a, u, high + 1.0)
    return _bisect(lambda offset: _below(a, u, offset) / area, low, high, share), area


def _offset_long(a: np.ndarray, u: np.ndarray, share: float) -> tuple[float, float]:
    """The same for long rings, with arrays."""
    ai, ui, uj = np.roll(a, 1), np.roll(u, 1), u

    def below(offset: float) -> float:
        p, q = ai - offset, a - offset
        gap = np.where(p == q, 1.0, q - p)
        both = (p < 0) & (q < 0)
        leaving, entering = (p < 0) & (q >= 0), (p >= 0) & (q < 0)
        parts = np.where(both, p + q, 0.0) + np.where(leaving, -p * p / gap, 0.0) + np.where(entering, q * q / gap, 0.0)
        return float(abs(((ui - uj) * parts).sum()) / 2)

    low, high = float(a.min()), float(a.max())
    area = below(high + 1.0)
    return _bisect(lambda offset: below(offset) / area, low, high, share), area


def _bisect(f, low: float, high: float, share: float) -> float:  # type: ignore[no-untyped-def]
    """The argument at which the rising function f is within a hundredth of `share` (regula falsi with a guard)."""
    f_low, f_high = 0.0, 1.0
    middle = (low + high) / 2
    for step in range(12):
        if f_high > f_low and step % 3 != 2:
            middle = low + (high - low) * min(0.9, max(0.1, (share - f_low) / (f_high - f_low)))
        else:
            middle = (low + high) / 2
        value = f(middle)
        if abs(value - share) < 0.01:
            break
        if value < share:
            low, f_low = middle, value
        else:
            high, f_high = middle, value
    return middle


def _chord_share(
    a: list[float], u: list[float], offset: float, area: float, p1: float, u1: float, p2: float, u2: float
) -> float:
    """Share of the area on the ring's way from place p1 to place p2, closed by the chord between them."""
    n = len(a)
    i, j = int(p1), int(p2)
    points = [(u1, offset)]
    k = (i + 1) % n
    while True:
        points.append((u[k], a[k]))
        if k == j:
            break
        k = (k + 1) % n
    points.append((u2, offset))
    total = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True))
    return abs(total) / 2 / area
