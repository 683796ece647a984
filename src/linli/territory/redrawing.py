"""Micro-grids redrawn on a sheet: cut, join, move, exchange for given outlines, and what is wrong with the result. Pure.

The sheet holds the grids of one community on an integer lattice (:class:`~linli.territory.partition.Plane`). Cutting by a line
and joining keep the partition by construction; outlines from outside are snapped and then checked. The rules are data
(rules/redrawing.yaml), the reasons stand in docs/algorithms/redrawing.md.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
import shapely
import yaml

from linli.territory.partition import LATTICE, METRES_PER_UNIT, CutError, Plane, Ring

Spot = tuple[int, int]
Degrees = tuple[float, float]

_HALF = 0.5  # who shares half of its ground with a grid follows it


@dataclass(frozen=True)
class Rules:
    """The published rules; metres, households, days and counts as rules/redrawing.yaml says."""

    least_households: int
    most_households: int
    snap: float
    reach: float
    import_snap: float
    sliver: float
    least_shown: float
    days_ahead: int
    most_steps: int
    most_points: int
    most_lines: int
    most_line_points: int
    most_file_points: int


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules as published.

    Raises:
        KeyError: the file lacks one.
    """
    text = resources.files("linli.territory.rules").joinpath("redrawing.yaml").read_text("utf-8")
    told = yaml.safe_load(text)
    return Rules(**{one.name: told[one.name] for one in fields(Rules)})


class Wrong(StrEnum):
    """What can be wrong with redrawn grids."""

    GAP = "gap"
    OVERLAP = "overlap"
    OUTSIDE = "outside"
    EDGES = "edges"
    SLIVER = "sliver"
    ORPHAN = "orphan"
    SMALL = "small"
    LARGE = "large"

    @property
    def refuses(self) -> bool:
        """Whether a change with it cannot be proposed; the others are for those who decide."""
        return self not in (Wrong.SMALL, Wrong.LARGE)


class LineError(ValueError):
    """A step that cannot be done on the sheet.

    Attributes:
        code: what is the matter, for the words: ``no_grid``, ``stands``, ``not_together``, ``not_adjacent``, ``misses``, ``hangs``,
            ``crosses``, ``rim``, ``sliver``, ``many``, ``bad_outline``.
        place: where, in degrees, when it is somewhere.
        outlines: numbers of the outlines from outside that it is about, from 1.
    """

    def __init__(self, code: str, place: Degrees | None = None, outlines: Sequence[int] = ()) -> None:
        super().__init__(code)
        self.code, self.place, self.outlines = code, place, tuple(outlines)


@dataclass(frozen=True)
class Standing:
    """A grid as it stands: path, name, path of its general grid, households, and its open ring in lattice units."""

    path: str
    name: str
    parent: str
    households: int
    outline: tuple[Spot, ...]


@dataclass(frozen=True)
class Home:
    """A building with its place (lattice units), the dwellings known in it, and the path that it belongs to now."""

    id: str
    spot: Spot
    dwellings: int
    path: str


@dataclass(frozen=True)
class Drawn:
    """An outline from outside: its grid's path or empty, its name, its open ring in degrees."""

    path: str
    name: str
    outline: tuple[Degrees, ...]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, with its place.

    Attributes:
        what: which.
        lng, lat: a point in it, degrees.
        grids: keys of the grids that it is about.
        measure: square metres of a gap, an overlap or ground outside; metres of a sliver; dwellings or households else.
        outline: its ring in degrees, where it has one.
    """

    what: Wrong
    lng: float
    lat: float
    grids: tuple[str, ...] = ()
    measure: float = 0.0
    outline: tuple[Degrees, ...] = ()


@dataclass
class Piece:
    """One grid on the sheet: its key (the path of a grid that stands, ``n1`` and so on for a new one), name and parent."""

    key: str
    name: str
    parent: str
    ring: Ring
    stands: bool = False


@dataclass
class Share:
    """What a piece gets: households by its share of the old grids', dwellings counted, and the old paths that it follows."""

    households: int = 0
    dwellings: int = 0
    follows: list[str] = field(default_factory=list)


class Sheet:
    """The micro-grids of a community while they are redrawn."""

    def __init__(self, standing: Sequence[Standing], *, rules: Rules) -> None:
        """Lay out the grids as they stand; they are a partition of their general grids."""
        self.rules = rules
        self.standing = {one.path: one for one in standing}
        latitudes = [y for one in standing for _x, y in one.outline[:1]]
        self.plane = Plane(latitude=sum(latitudes) / len(latitudes) / LATTICE if latitudes else 0.0)
        self.before = {one.path: self.plane.face(one.outline) for one in standing}
        self.pieces = {
            one.path: Piece(one.path, one.name, one.parent, self.before[one.path], stands=True) for one in standing
        }
        self._made = 0

    # Steps

    def split(self, key: str, line: Sequence[Degrees], *, names: Sequence[str] = ()) -> list[Piece]:
        """Cut one grid by a line, at every place where the line crosses it from rim to rim.

        Args:
            key: the grid.
            line: two or more points in degrees; an end short of the rim is carried on to it.
            names: for the parts, what lies left of the line first; the old name with a letter where there are too few.

        Raises:
            LineError: the line does not cross the grid, or ends within it.
        """
        piece = self._piece(key)
        rings = self._cut(piece.ring, line)
        del self.pieces[key]
        given = [*names, *([""] * len(rings))]
        return [
            self._add(given[k] or f"{piece.name}{chr(ord('A') + k)}", piece.parent, ring)
            for k, ring in enumerate(rings)
        ]

    def cut(
        self, lines: Sequence[Sequence[Degrees]], *, keys: Sequence[str] = ()
    ) -> tuple[list[Piece], dict[str, str]]:
        """Cut every grid that lines cross from rim to rim: what roads and rivers do to a community.

        A grid is left whole where a line ends in it, runs along its rim, crosses itself, or would leave a sliver.

        Args:
            lines: each two or more points in degrees.
            keys: only these grids; all of them when there are none.

        Returns:
            The parts, grid by grid, and for each grid that a line meets and leaves whole the code of the reason
            (``hangs``, ``rim``, ``crosses``, ``sliver``).

        Raises:
            LineError: no grid is cut.
        """
        x0, y0 = self._origin
        paths = [
            shapely.LineString([(float(x - x0), float(y - y0)) for x, y in spots])
            for line in lines
            if len(spots := list(dict.fromkeys(_lattice(line)))) > 1
        ]
        made: list[Piece] = []
        left: dict[str, str] = {}
        for piece in [self._piece(key) for key in dict.fromkeys(keys)] or list(self.pieces.values()):
            rings, why = self._cut_through(piece.ring, paths)
            if len(rings) > 1:
                del self.pieces[piece.key]
                made += [
                    self._add(f"{piece.name}{chr(ord('A') + k) if k < 26 else k + 1}", piece.parent, ring)
                    for k, ring in enumerate(rings)
                ]
            elif why:
                left[piece.key] = why
        if not made:
            place = self._at(*paths[0].coords[0]) if paths else None
            raise LineError(next(iter(left.values()), "misses"), place)
        return made, left

    def merge(self, keys: Sequence[str], *, name: str = "") -> Piece:
        """Make one grid of several that lie side by side in one general grid.

        Raises:
            LineError: they do not.
        """
        found = self._together(keys)
        ring = self._join(found)
        for one in found:
            del self.pieces[one.key]
        return self._add(name or found[0].name, found[0].parent, ring)

    def move(self, keys: Sequence[str], line: Sequence[Degrees]) -> list[Piece]:
        """Give two neighbours another line between them; each keeps its name on the side where most of it lies.

        Raises:
            LineError: they are not two neighbours, or the line does not part them in two.
        """
        found = self._together(keys)
        if len(found) != 2:
            raise LineError("not_together")
        rings = self._cut(self._join(found), line)
        if len(rings) != 2:
            raise LineError("many")
        old = [self._polygon(one.ring) for one in found]
        new = [self._polygon(ring) for ring in rings]
        straight = old[0].intersection(new[0]).area + old[1].intersection(new[1]).area
        crossed = old[0].intersection(new[1]).area + old[1].intersection(new[0]).area
        if crossed > straight:
            rings.reverse()
        for one in found:
            del self.pieces[one.key]
        return [self._add(one.name, one.parent, ring) for one, ring in zip(found, rings, strict=True)]

    def rename(self, key: str, name: str) -> Piece:
        """Give a new grid another name.

        Raises:
            LineError: there is no such new grid.
        """
        piece = self._piece(key)
        if piece.stands:
            raise LineError("stands")
        piece.name = name
        return piece

    def exchange(self, drawn: Sequence[Drawn]) -> list[Piece]:
        """Take every grid of the general grids that outlines from outside lie in away, and put the outlines in their place.

        Points near to known ones are taken for them. What is left between the outlines is for :meth:`check` to find. An outline that is
        the grid's own as it stands leaves that grid standing.

        Raises:
            LineError: an outline crosses itself or lies outside of the community.
        """
        shapes, bad = [], []
        for number, one in enumerate(drawn, start=1):
            shape = shapely.Polygon(_lattice(one.outline)) if len(one.outline) > 2 else shapely.Polygon()
            if shape.is_empty or not shape.is_valid:
                bad.append(number)
            shapes.append(shape)
        self._refuse_outlines(drawn, bad)
        standing = [(path, self._polygon(ring), self.standing[path].parent) for path, ring in self.before.items()]
        tree = shapely.STRtree([shape for _path, shape, _parent in standing])
        parents: list[str] = []
        for number, (one, shape) in enumerate(zip(drawn, shapes, strict=True), start=1):
            weights: Counter[str] = Counter()
            here = shapely.transform(shape, lambda xy: xy - self._origin)
            for k in tree.query(here, predicate="intersects"):
                weights[standing[k][2]] += standing[k][1].intersection(here).area
            if one.path in self.standing:
                parents.append(self.standing[one.path].parent)
            elif weights and max(weights.values()) > 0:
                parents.append(max(sorted(weights), key=lambda path: weights[path]))
            else:
                bad.append(number)
        self._refuse_outlines(drawn, bad)
        rings = self._snapped(shapes)
        for key in [key for key, piece in self.pieces.items() if piece.parent in parents]:
            del self.pieces[key]
        put = []
        for one, parent, ring in zip(drawn, parents, rings, strict=True):
            before = self.standing.get(one.path)
            if before is not None and _same(self.plane.unfold(ring), self.plane.unfold(self.before[one.path])):
                piece = Piece(one.path, before.name, parent, self.before[one.path], stands=True)
                self.pieces[one.path] = piece
                put.append(piece)
                continue
            put.append(self._add(one.name or (before.name if before else ""), parent, ring))
        return put

    # Reads

    def added(self) -> dict[Spot, tuple[Spot, Spot]]:
        """Points that the steps put on edges, in their order: the point and the two ends of its edge."""
        return self.plane.added()

    def degrees(self, ring: Ring) -> np.ndarray:
        """A ring in degrees, closed, with every point that came onto its edges."""
        return self.plane.degrees(self.plane.unfold(ring))

    def square_metres(self, ring: Ring) -> float:
        """Its ground."""
        return self.plane.square_metres(self.plane.unfold(ring))

    def ended(self) -> list[str]:
        """Paths of the grids that no longer stand, in their order."""
        return sorted(path for path in self.standing if not (self.pieces.get(path) and self.pieces[path].stands))

    def begun(self) -> list[Piece]:
        """The grids that are new, in the order in which they were made."""
        return [piece for piece in self.pieces.values() if not piece.stands]

    def shares(self, homes: Sequence[Home]) -> dict[str, Share]:
        """For each new grid its households, the dwellings known in it, and the old grids that it follows.

        The households of an old grid are shared out by its dwellings, or by its ground where none are known; the sum stays.
        """
        begun, ended = self.begun(), self.ended()
        found = {piece.key: Share() for piece in begun}
        if not begun:
            return found
        outlines = [self._polygon(piece.ring) for piece in begun]
        held = self.placed(homes)
        for home in homes:
            if (key := held.get(home.id)) in found:
                found[key].dwellings += home.dwellings
        for path in ended:
            old = self._polygon(self.before[path])
            ground = [old.intersection(outline).area for outline in outlines]
            inside: Counter[str] = Counter()
            for home in homes:
                if home.path == path and held.get(home.id) in found:
                    inside[held[home.id]] += home.dwellings
            weights = [float(inside[piece.key]) for piece in begun] if sum(inside.values()) else ground
            for piece, part in zip(begun, _parts(self.standing[path].households, weights), strict=True):
                found[piece.key].households += part
            best = max(range(len(begun)), key=lambda k: ground[k])
            for k, piece in enumerate(begun):
                if k == best or ground[k] >= _HALF * min(old.area, outlines[k].area):
                    found[piece.key].follows.append(path)
        for k, piece in enumerate(begun):
            if not found[piece.key].follows and ended:
                nearest = max(ended, key=lambda path: self._polygon(self.before[path]).intersection(outlines[k]).area)
                found[piece.key].follows.append(nearest)
        return found

    def placed(self, homes: Sequence[Home]) -> dict[str, str]:
        """Building → key of the grid that holds it; on a shared edge the first by key. Buildings that no grid holds are left out."""
        pieces = sorted(self.pieces.values(), key=lambda piece: piece.key)
        if not homes or not pieces:
            return {}
        tree = shapely.STRtree([self._polygon(piece.ring) for piece in pieces])
        spots = shapely.points(np.array([home.spot for home in homes], dtype=np.float64) - self._origin)
        found: dict[str, str] = {}
        for home, piece in sorted(zip(*tree.query(spots, predicate="intersects"), strict=True)):
            found.setdefault(homes[home].id, pieces[piece].key)
        return found

    def check(self, homes: Sequence[Home]) -> list[Finding]:
        """Everything that is wrong with the grids as they lie on the sheet now, the worst first.

        Args:
            homes: the buildings of the community's grids.
        """
        found: list[Finding] = []
        touched = {piece.parent for piece in self.begun()} | {self.standing[path].parent for path in self.ended()}
        for parent in sorted(touched):
            found += self._check_ground(parent)
        found += self._slivers()
        found += self._homes(homes)
        order = list(Wrong)
        return sorted(found, key=lambda one: (order.index(one.what), one.grids, one.lng, one.lat))

    # Within

    @property
    def _origin(self) -> Spot:
        return (self.plane.xs[0], self.plane.ys[0]) if self.plane.xs else (0, 0)

    def _polygon(self, ring: Ring) -> shapely.Polygon:
        """The ring as it is now, in lattice units from the sheet's first point."""
        x0, y0 = self._origin
        return shapely.Polygon([(self.plane.xs[i] - x0, self.plane.ys[i] - y0) for i in self.plane.unfold(ring)])

    def _metres(self, squared_units: float) -> float:
        return squared_units * self.plane.kx * METRES_PER_UNIT**2

    def _at(self, x: float, y: float) -> Degrees:
        x0, y0 = self._origin
        return (x + x0) / LATTICE, (y + y0) / LATTICE

    def _piece(self, key: str) -> Piece:
        if key not in self.pieces:
            raise LineError("no_grid")
        return self.pieces[key]

    def _together(self, keys: Sequence[str]) -> list[Piece]:
        found = [self._piece(key) for key in dict.fromkeys(keys)]
        if len(found) < 2 or len({piece.parent for piece in found}) != 1:
            raise LineError("not_together")
        return found

    def _join(self, found: Sequence[Piece]) -> Ring:
        try:
            return self.plane.join([piece.ring for piece in found])
        except CutError as problem:
            x, y = self._polygon(found[-1].ring).point_on_surface().coords[0]
            raise LineError("not_adjacent", self._at(x, y)) from problem

    def _add(self, name: str, parent: str, ring: Ring) -> Piece:
        self._made += 1
        piece = Piece(f"n{self._made}", name, parent, ring)
        self.pieces[piece.key] = piece
        return piece

    @staticmethod
    def _refuse_outlines(drawn: Sequence[Drawn], bad: Sequence[int]) -> None:
        if bad:
            outline = drawn[bad[0] - 1].outline
            raise LineError("bad_outline", outline[0] if outline else None, bad)

    def _cut(self, ring: Ring, line: Sequence[Degrees]) -> list[Ring]:
        """The parts of a face on the sides of a line, what lies left of it first."""
        x0, y0 = self._origin
        drawn = [(float(x - x0), float(y - y0)) for x, y in dict.fromkeys(_lattice(line))]
        if len(drawn) < 2:
            raise LineError("misses")
        face = self._polygon(ring)
        chords = self._chords(face, drawn)
        rings = [ring]
        for chord in chords:
            self._cut_among(rings, chord)
        if len(rings) == 1:
            raise LineError("misses", self._at(*drawn[0]))
        return rings

    def _cut_through(self, ring: Ring, paths: Sequence[shapely.LineString]) -> tuple[list[Ring], str]:
        """The parts of a face on the sides of lines, and why one of them did not cut where it did not."""
        rings, why = [ring], ""
        for path in paths:
            for part in list(rings):
                face = self._polygon(part)
                if not face.intersects(path):
                    continue
                drawn, hangs = self._carried_on(face, [(x, y) for x, y in path.coords])
                carried = shapely.LineString(drawn)
                if not carried.is_simple:
                    why = "crosses"
                    continue
                chords = self._inside(face, carried)
                if hangs is not None:
                    why = "hangs"
                    tips = shapely.Point(hangs)
                    chords = [chord for chord in chords if not shapely.LineString(chord).dwithin(tips, 1.5)]
                pieces = [part]
                for chord in chords:
                    try:
                        self._cut_among(pieces, chord, accept=self._is_wide)
                    except LineError as problem:
                        why = problem.code
                at = rings.index(part)
                rings[at : at + 1] = pieces
        return rings, why

    def _cut_among(
        self,
        rings: list[Ring],
        chord: list[tuple[float, float]],
        *,
        accept: Callable[[Sequence[Spot]], bool] | None = None,
    ) -> None:
        """Cut the one of some faces through which a chord runs, in its place."""
        line = shapely.LineString(chord)
        for k, part in enumerate(rings):
            if self._polygon(part).buffer(1.5).covers(line):
                rings[k : k + 1] = self._cut_once(part, chord, accept=accept)
                return

    def _carried_on(
        self, face: shapely.Polygon, drawn: list[tuple[float, float]]
    ) -> tuple[list[tuple[float, float]], tuple[float, float] | None]:
        """A line with its ends carried on to the rim where they stop a little short of it, and an end that hangs within the face."""
        reach, hangs = self.rules.reach / METRES_PER_UNIT, None
        for end in (0, -1):
            tip = shapely.Point(drawn[end])
            if face.covers(tip):
                off = face.exterior.distance(tip)
                if off > reach:
                    hangs = hangs or drawn[end]
                elif off > 0:
                    on_rim = face.exterior.interpolate(face.exterior.project(tip)).coords[0]
                    drawn = [on_rim, *drawn] if end == 0 else [*drawn, on_rim]
        return drawn, hangs

    @staticmethod
    def _inside(face: shapely.Polygon, path: shapely.LineString) -> list[list[tuple[float, float]]]:
        """The parts of a line within a face, in their order along it."""
        parts = shapely.get_parts(face.intersection(path))
        lines = [one for one in parts if isinstance(one, shapely.LineString) and not one.is_empty]
        merged = shapely.line_merge(shapely.MultiLineString(lines))
        found = [list(one.coords) for one in shapely.get_parts(merged) if one.length > 1]
        return sorted(found, key=lambda chord: path.project(shapely.Point(chord[0])))

    def _chords(self, face: shapely.Polygon, drawn: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
        """The parts of the line within the face, each from rim to rim."""
        drawn, hangs = self._carried_on(face, drawn)
        if hangs is not None:
            raise LineError("hangs", self._at(*hangs))
        path = shapely.LineString(drawn)
        if not path.is_simple:
            raise LineError("crosses", self._at(*drawn[0]))
        found = self._inside(face, path)
        if not found:
            raise LineError("misses", self._at(*drawn[0]))
        return found

    def _is_wide(self, spots: Sequence[Spot]) -> bool:
        """Whether an outline is no sliver."""
        if not self._width(shapely.Polygon(np.array(spots, dtype=np.float64) - self._origin)) < self.rules.sliver:
            return True
        raise LineError("sliver", (spots[0][0] / LATTICE, spots[0][1] / LATTICE))

    def _width(self, shape: shapely.Polygon) -> float:
        """The diameter of the largest circle in an outline, metres; 0 where it crosses itself."""
        flat = shapely.transform(shape, lambda xy: xy * (self.plane.kx * METRES_PER_UNIT, METRES_PER_UNIT))
        return float(2 * shapely.maximum_inscribed_circle(flat, tolerance=0.1).length) if flat.is_valid else 0.0

    def _cut_once(
        self, ring: Ring, chord: list[tuple[float, float]], *, accept: Callable[[Sequence[Spot]], bool] | None = None
    ) -> list[Ring]:
        unfolded = self.plane.unfold(ring)
        x0, y0 = self._origin
        inner = list(dict.fromkeys((round(x) + x0, round(y) + y0) for x, y in chord[1:-1]))
        try:
            right, left = self.plane.cut_at(
                unfolded,
                self._place_on(unfolded, chord[0]),
                self._place_on(unfolded, chord[-1]),
                inner,
                gap=self.rules.snap,
                accept=accept,
            )
        except CutError as problem:
            raise LineError("rim", self._at(*chord[0])) from problem
        return [left, right]

    def _place_on(self, ring: Ring, spot: tuple[float, float]) -> float:
        """Where on a ring a point of its rim lies: number of the edge + position on it."""
        x0, y0 = self._origin
        best, place = math.inf, 0.0
        for k, (a, b) in enumerate([*pairwise(ring), (ring[-1], ring[0])]):
            ax, ay = self.plane.xs[a] - x0, self.plane.ys[a] - y0
            dx, dy = self.plane.xs[b] - x0 - ax, self.plane.ys[b] - y0 - ay
            t = ((spot[0] - ax) * dx + (spot[1] - ay) * dy) / (dx * dx + dy * dy)
            t = min(1.0, max(0.0, t))
            off = math.hypot(ax + t * dx - spot[0], ay + t * dy - spot[1])
            if off < best - 1e-6:
                best, place = off, k + min(t, 1 - 1e-9)
        return place

    def _snapped(self, shapes: Sequence[shapely.Polygon]) -> list[Ring]:
        """Rings of outlines from outside, with their points put on known ones and on each other's edges."""
        near = self.rules.import_snap / METRES_PER_UNIT
        known = {spot for ring in self.before.values() for spot in self._spots(ring)}
        rims = [self._polygon(ring).exterior for ring in self.before.values()]
        x0, y0 = self._origin
        lists = [[(round(x), round(y)) for x, y in shape.exterior.coords[:-1]] for shape in shapes]
        taken = _Near(known, near)
        edges = shapely.STRtree(rims)
        moved: list[list[Spot]] = []
        for spots in lists:
            ring: list[Spot] = []
            for spot in spots:
                settled = taken.find(spot)
                if settled is None:
                    settled = spot
                    point = shapely.Point(spot[0] - x0, spot[1] - y0)
                    for k in edges.query(point, predicate="dwithin", distance=near):
                        x, y = rims[k].interpolate(rims[k].project(point)).coords[0]
                        settled = (round(x) + x0, round(y) + y0)
                        break
                    taken.add(settled)
                if not ring or ring[-1] != settled:
                    ring.append(settled)
            if len(ring) > 1 and ring[0] == ring[-1]:
                ring.pop()
            if len(ring) < 3 or not shapely.Polygon(ring).is_valid:
                raise LineError("bad_outline", (spots[0][0] / LATTICE, spots[0][1] / LATTICE), [len(moved) + 1])
            moved.append(ring)
        rings = [self.plane.face(ring) for ring in moved]
        self._node(rings, near)
        return rings

    def _spots(self, ring: Ring) -> Iterable[Spot]:
        return ((self.plane.xs[i], self.plane.ys[i]) for i in self.plane.unfold(ring))

    def _node(self, rings: Sequence[Ring], near: float) -> None:
        """Put every known point that lies on an edge into that edge, so that faces on both sides have it."""
        rims = [self.plane.unfold(ring) for ring in [*rings, *self.before.values()]]
        numbers = sorted({i for rim in rims for i in rim})
        spots = np.array([(self.plane.xs[i], self.plane.ys[i]) for i in numbers], dtype=np.float64) - self._origin
        where = {i: spots[k] for k, i in enumerate(numbers)}
        tree = shapely.STRtree(shapely.points(spots))
        sides = sorted({(min(a, b), max(a, b)) for rim in rims for a, b in [*pairwise(rim), (rim[-1], rim[0])]})
        for a, b in sides:
            line = shapely.LineString([where[a], where[b]])
            on = [numbers[k] for k in tree.query(line, predicate="dwithin", distance=near) if numbers[k] not in (a, b)]
            left = a
            for spot in sorted(on, key=lambda i: line.project(shapely.Point(where[i]))):
                self.plane.put_on_edge(left, b, spot)
                left = spot

    def _check_ground(self, parent: str) -> list[Finding]:
        """Whether the grids of one general grid cover it once and no more."""
        old = [self._polygon(ring) for path, ring in self.before.items() if self.standing[path].parent == parent]
        mine = sorted((piece for piece in self.pieces.values() if piece.parent == parent), key=lambda piece: piece.key)
        shapes = [self._polygon(piece.ring) for piece in mine]
        region = shapely.coverage_union_all(old)
        ground = sum(
            self.plane.doubled_area(self.plane.unfold(ring))
            for path, ring in self.before.items()
            if self.standing[path].parent == parent
        )
        drawn = sum(self.plane.doubled_area(self.plane.unfold(piece.ring)) for piece in mine)
        if shapes and ground == drawn and shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes):
            union = shapely.coverage_union_all(shapes)
            if union.difference(region).area < 1 and region.difference(union).area < 1:
                return []
        found: list[Finding] = []
        everything = shapely.union_all(shapes) if shapes else shapely.Polygon()
        found += self._spread(Wrong.GAP, region.difference(everything), lambda part: self._beside(part, mine, shapes))
        found += self._spread(
            Wrong.OUTSIDE, everything.difference(region), lambda part: self._beside(part, mine, shapes)
        )
        tree = shapely.STRtree(shapes)
        for i, j in sorted(zip(*tree.query(shapes, predicate="intersects"), strict=True)):
            if i < j:
                keys = (mine[i].key, mine[j].key)
                found += self._spread(Wrong.OVERLAP, shapes[i].intersection(shapes[j]), lambda _part, keys=keys: keys)
        if not found:
            x, y = region.representative_point().coords[0]
            for k, edges in enumerate(shapely.coverage_invalid_edges(shapes) if shapes else ()):
                if not edges.is_empty:
                    x, y = shapely.get_coordinates(edges)[0]
                    found.append(Finding(Wrong.EDGES, *self._at(x, y), grids=(mine[k].key,)))
            if not found:
                found.append(Finding(Wrong.EDGES, *self._at(x, y), grids=tuple(piece.key for piece in mine)))
        return found

    def _spread(self, what: Wrong, shape: shapely.Geometry, whose) -> list[Finding]:  # type: ignore[no-untyped-def]
        """A finding for each part of a shape that is large enough to be shown."""
        found = []
        for part in shapely.get_parts(shape):
            if isinstance(part, shapely.Polygon) and self._metres(part.area) >= self.rules.least_shown:
                x, y = part.representative_point().coords[0]
                ring = tuple(self._at(u, v) for u, v in part.exterior.coords)
                found.append(
                    Finding(
                        what,
                        *self._at(x, y),
                        grids=whose(part),
                        measure=round(self._metres(part.area), 1),
                        outline=ring,
                    )
                )
        return found

    @staticmethod
    def _beside(part: shapely.Polygon, mine: Sequence[Piece], shapes: Sequence[shapely.Polygon]) -> tuple[str, ...]:
        return tuple(piece.key for piece, shape in zip(mine, shapes, strict=True) if shape.intersects(part))[:4]

    def _slivers(self) -> list[Finding]:
        found = []
        for piece in self.begun():
            shape = self._polygon(piece.ring)
            width = self._width(shape)
            if width < self.rules.sliver:
                x, y = shape.representative_point().coords[0]
                found.append(Finding(Wrong.SLIVER, *self._at(x, y), grids=(piece.key,), measure=round(width, 1)))
        return found

    def _homes(self, homes: Sequence[Home]) -> list[Finding]:
        """Dwellings that no grid holds any more, and new grids with too few or too many."""
        held = self.placed(homes)
        ended = set(self.ended())
        found = []
        for home in homes:
            if home.path in ended and home.id not in held:
                at = home.spot[0] / LATTICE, home.spot[1] / LATTICE
                found.append(Finding(Wrong.ORPHAN, *at, grids=(home.path,), measure=float(home.dwellings)))
        shares = self.shares(homes)
        for piece in self.begun():
            count = shares[piece.key].dwellings
            if not count:
                continue  # no dwellings are known here, so the size is not either
            what = (
                Wrong.SMALL
                if count < self.rules.least_households
                else Wrong.LARGE
                if count > self.rules.most_households
                else None
            )
            if what is not None:
                x, y = self._polygon(piece.ring).representative_point().coords[0]
                found.append(Finding(what, *self._at(x, y), grids=(piece.key,), measure=float(count)))
        return found


class _Near:
    """Known points by squares of a side, so that one near to another is found at once."""

    def __init__(self, spots: Iterable[Spot], near: float) -> None:
        self.near, self.side = near, max(1, math.ceil(near))
        self._squares: dict[Spot, list[Spot]] = {}
        for spot in spots:
            self.add(spot)

    def add(self, spot: Spot) -> None:
        self._squares.setdefault((spot[0] // self.side, spot[1] // self.side), []).append(spot)

    def find(self, spot: Spot) -> Spot | None:
        """The nearest known point within reach; of two as near the smaller."""
        column, row = spot[0] // self.side, spot[1] // self.side
        best = [
            (math.dist(one, spot), one)
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for one in self._squares.get((i, j), ())
        ]
        return min(best)[1] if best and min(best)[0] <= self.near else None


def _lattice(line: Iterable[Degrees]) -> list[Spot]:
    return [(round(lng * LATTICE), round(lat * LATTICE)) for lng, lat in line]


def _same(one: Ring, other: Ring) -> bool:
    """Whether two rings go through the same points, wherever they begin."""
    if len(one) != len(other) or set(one) != set(other):
        return False
    at = other.index(one[0])
    return one == [*other[at:], *other[:at]]


def _parts(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights with the given sum (largest remainder; the first wins a tie)."""
    whole = sum(weights)
    if not whole:
        return [total, *([0] * (len(weights) - 1))]
    exact = [total * weight / whole for weight in weights]
    counts = [int(x) for x in exact]
    order = sorted(range(len(weights)), key=lambda k: (counts[k] - exact[k], k))
    for k in order[: total - sum(counts)]:
        counts[k] += 1
    return counts
