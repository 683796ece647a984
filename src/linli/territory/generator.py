"""Ground where there is no survey: subdistricts, communities, grids and micro-grids inside a district's outline. Pure.

Below the district no outlines are published, so Linli draws its own and says so (``synthetic``). The drawing is a recursive
exact partition (partition.py): the district into subdistricts, those into communities, those into general grids along
the run of the streets, those into micro-grids like blocks. The same seed gives the same ground, district by district, and two
neighbouring districts agree on their border to the bit. Numbers, rules and cost: docs/algorithms/generator.md.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from linli.territory.partition import BLOCK, LATTICE, METRES_PER_UNIT, NATURAL, SETTLED, STREET, Plane, Ring, source_of
from linli.territory.wording import dedicated_name, short_name, words

# Per community, as a city of 3,047 communities reports it: 14,000 general, 119,000 micro-, 11,000 dedicated grids.
GENERAL_PER_COMMUNITY = 14_000 / 3_047
MICRO_PER_COMMUNITY = 119_000 / 3_047
DEDICATED_PER_COMMUNITY = 11_000 / 3_047
LEAST_HOUSEHOLDS, MOST_HOUSEHOLDS = 30, 100

_OUTLINE_STEP = 40.0  # metres between points of a district's outline, on which cuts may end
_VILLAGE_SPREAD = 2.6  # a village takes this many times the ground of a city community
_SHRINK = (0.62, 0.45, 0.28, 0.15, 0.06)  # of a dedicated grid towards the middle of its block
_MOST_MICRO, _MOST_GENERAL, _MOST_DEDICATED = 999, 99, 99  # what the segments of a path can count


@dataclass(frozen=True)
class Community:
    """One community to be drawn: its governing path, official name, and whether it is a village."""

    path: str
    name: str
    rural: bool


@dataclass(frozen=True)
class Share:
    """How many grids a community gets."""

    general: int
    micro: int
    dedicated: int


@dataclass
class Piece:
    """One drawn area.

    Attributes:
        path: its path; for districts, subdistricts and communities the one they have already.
        level: a value of ``models.Level``.
        name: for grids; empty for what has a name already.
        parent: path of the area above.
        households: how many live here.
        outline: shape (n + 1, 2), degrees WGS 84, closed.
        label: a point inside, degrees.
    """

    path: str
    level: str
    name: str
    parent: str
    households: int
    outline: np.ndarray
    label: tuple[float, float] = (0.0, 0.0)


@dataclass
class Ground:
    """A drawn district: every piece, from the district down; which communities are villages; which blocks a dedicated grid
    lies over."""

    pieces: list[Piece] = field(default_factory=list)
    villages: frozenset[str] = frozenset()
    built_over: set[str] = field(default_factory=set)

    def of_level(self, level: str) -> list[Piece]:
        """The pieces of one level in the order of their paths."""
        return [piece for piece in self.pieces if piece.level == level]


class GroundError(RuntimeError):
    """The drawn ground is not a partition: a mistake in the program or an outline that crosses itself."""


def plan(communities: Sequence[Community]) -> dict[str, Share]:
    """How many grids each community of a whole city gets: in sum the city's figures, each by its kind and size.

    The shares of the largest remainder make the sums exact; a community's own size is drawn from its path, so that the plan
    depends on nothing but the list.

    Returns:
        path → share; at least one general grid each, at least two micro-grids a general grid.
    """
    if not communities:
        return {}
    ordered = sorted(communities, key=lambda c: c.path)
    sizes = []
    for community in ordered:
        rng = source_of(community.path, 0)
        sizes.append(rng.lognormvariate(0.0, 0.28) * (0.8 if community.rural else 1.15))
    count = len(ordered)
    general = _spread([s**0.8 for s in sizes], round(GENERAL_PER_COMMUNITY * count), least=1, most=_MOST_GENERAL)
    micro = _spread([s * g for s, g in zip(sizes, general, strict=True)], round(MICRO_PER_COMMUNITY * count), least=2)
    micro = _at_least_two_each(micro, general)
    dedicated = _spread(
        [s * (0.5 if c.rural else 1.4) for s, c in zip(sizes, ordered, strict=True)],
        round(DEDICATED_PER_COMMUNITY * count),
        least=0,
        most=_MOST_DEDICATED,
    )
    return {c.path: Share(g, m, min(d, m)) for c, g, m, d in zip(ordered, general, micro, dedicated, strict=True)}


def _spread(weights: Sequence[float], total: int, *, least: int, most: int = 10**9) -> list[int]:
    """Whole numbers in proportion to the weights with the given sum (largest remainder; the first wins a tie)."""
    scale = (total - least * len(weights)) / sum(weights)
    exact = [w * scale for w in weights]
    counts = [min(most, least + int(x)) for x in exact]
    rest = total - sum(counts)
    order = sorted(range(len(weights)), key=lambda i: (-(exact[i] % 1), i))
    for i in (order * (1 + max(0, rest) // max(1, len(order))))[: max(0, rest)]:
        counts[i] += 1
    return counts


def _at_least_two_each(micro: list[int], general: list[int]) -> list[int]:
    """Move micro-grids to communities that have fewer than two a general grid, from those that have most to spare."""
    short = {i: 2 * g - m for i, (m, g) in enumerate(zip(micro, general, strict=True)) if m < 2 * g}
    for i, lacking in short.items():
        micro[i] += lacking
    spare = sorted(range(len(micro)), key=lambda i: (2 * general[i] - micro[i], i))
    owed, k = sum(short.values()), 0
    while owed and k < len(spare):
        i = spare[k]
        taken = min(owed, max(0, micro[i] - 2 * general[i]))
        micro[i] -= taken
        owed -= taken
        k += 1
    return micro


def draw_district(
    *,
    path: str,
    outline: Sequence[tuple[float, float]],
    communities: Sequence[Community],
    shares: dict[str, Share],
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Ground:
    """Draw one district.

    Args:
        path: the district's path.
        outline: its outer ring in degrees, open or closed, in either direction, not crossing itself.
        communities: its communities, each below one of its subdistricts.
        shares: from :func:`plan`, for the whole city.
        seed: the same seed draws the same ground.
        progress: called with (communities done, communities in all).

    Raises:
        GroundError: the result is not a partition of the outline.
        CutError: a face could not be cut.
    """
    ring_degrees = [tuple(c) for c in outline]
    if ring_degrees[0] == ring_degrees[-1]:
        ring_degrees.pop()
    plane = Plane(latitude=sum(y for _x, y in ring_degrees) / len(ring_degrees))
    ring = plane.outline(_dense([(round(x * LATTICE), round(y * LATTICE)) for x, y in ring_degrees]))
    rng = source_of(path, seed)
    turn = rng.uniform(0, math.pi / 2)
    below: dict[str, list[Community]] = {}
    for community in sorted(communities, key=lambda c: c.path):
        below.setdefault(community.path.rpartition("/")[0], []).append(community)
    spread = {c.path: _room(c, shares[c.path]) for c in communities}
    ground = Ground(villages=frozenset(c.path for c in communities if c.rural))
    ground.pieces.append(_piece(path, "district", "", ""))
    faces: list[Ring] = [ring]
    subdistricts = sorted(below)
    sub_faces = plane.divide(
        ring, [sum(spread[c.path] for c in below[s]) for s in subdistricts], rng=rng, style=NATURAL, turn=turn
    )
    done = 0
    for sub_path, sub_face in zip(subdistricts, sub_faces, strict=True):
        ground.pieces.append(_piece(sub_path, "subdistrict", "", path))
        faces.append(sub_face)
        group = below[sub_path]
        weights = [spread[c.path] for c in group]
        for community, face in zip(
            group, plane.divide(sub_face, weights, rng=rng, style=SETTLED, turn=turn), strict=True
        ):
            _draw_community(ground, faces, plane, community, face, shares[community.path], rng, turn)
            done += 1
            if progress is not None:
                progress(done, len(communities))
    _finish(ground, faces, plane)
    return ground


def _draw_community(
    ground: Ground,
    faces: list[Ring],
    plane: Plane,
    community: Community,
    face: Ring,
    share: Share,
    rng: random.Random,
    turn: float,
) -> None:
    """General grids along the streets, blocks within them, and dedicated grids over some of the blocks."""
    names = words()["grids"]
    row = len(ground.pieces)
    ground.pieces.append(_piece(community.path, "community", "", community.path.rpartition("/")[0]))
    faces.append(face)
    # The run of the streets turns slowly over the district, as it does in towns that grew.
    x, y = plane.xs[face[0]] / LATTICE, plane.ys[face[0]] / LATTICE
    here = turn + 0.35 * math.sin(40 * x + 7 * turn) + 0.35 * math.sin(46 * y + 3 * turn)
    general_weights = [rng.uniform(0.75, 1.25) for _ in range(share.general)]
    counts = _spread(general_weights, share.micro, least=2)
    general_faces = plane.divide(face, [float(n) for n in counts], rng=rng, style=STREET, turn=here)
    blocks: list[tuple[int, Ring]] = []
    for g, (general_face, count) in enumerate(zip(general_faces, counts, strict=True), start=1):
        general_path = f"{community.path}/{g:02d}"
        general_row = len(ground.pieces)
        ground.pieces.append(_piece(general_path, "general_grid", names["general_grid"].format(n=g), community.path))
        faces.append(general_face)
        weights = [rng.uniform(0.8, 1.25) for _ in range(count)]
        for m, block in enumerate(plane.divide(general_face, weights, rng=rng, style=BLOCK, turn=here), start=1):
            households = round(min(MOST_HOUSEHOLDS, max(LEAST_HOUSEHOLDS, rng.gauss(58, 14))))
            piece = _piece(f"{general_path}/{m:03d}", "micro_grid", names["micro_grid"].format(n=m), general_path)
            piece.households = households
            blocks.append((len(ground.pieces), block))
            ground.pieces.append(piece)
            faces.append(block)
            ground.pieces[general_row].households += households
            ground.pieces[row].households += households
    taken: set[str] = set()
    short = short_name(community.name)
    for z, (host, block) in enumerate(sorted(rng.sample(blocks, share.dedicated)), start=1):
        ground.built_over.add(ground.pieces[host].path)
        name = dedicated_name(short, taken, rng)
        ground.pieces.append(_piece(f"{community.path}/Z{z:02d}", "dedicated_grid", name, community.path))
        faces.append(_shrunk(plane, block))


def _shrunk(plane: Plane, block: Ring) -> Ring:
    """A ring inside the block: its points drawn towards its middle until they all lie strictly inside it.

    It is laid down apart from the plane's edges: a dedicated grid lies over its block, it does not cut it.
    """
    unfolded = plane.unfold(block)
    rim = [(plane.xs[i], plane.ys[i]) for i in unfolded]
    polygon = shapely.Polygon(rim)
    middle = polygon.centroid if polygon.contains(polygon.centroid) else polygon.point_on_surface()
    for share in _SHRINK:
        spots = [(round(middle.x + (x - middle.x) * share), round(middle.y + (y - middle.y) * share)) for x, y in rim]
        inner = shapely.Polygon(spots)
        if inner.is_valid and polygon.contains_properly(inner):
            return [plane.point(*spot) for spot in dict.fromkeys(spots)]
    # A crooked block has no middle that sees all its points: the largest circle in it has room for a square.
    circle = shapely.maximum_inscribed_circle(polygon)
    x, y = round(circle.coords[0][0]), round(circle.coords[0][1])
    half = int(circle.length * 0.6)
    square = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    if not polygon.contains_properly(shapely.Polygon(square)):
        raise GroundError("no room for a dedicated grid in its block")
    return [plane.point(*spot) for spot in square]


def _finish(ground: Ground, faces: list[Ring], plane: Plane) -> None:
    """Unfold every face, see that each level is a partition, and give outlines, labels and sums."""
    totals: dict[str, int] = {}
    for piece, face in zip(ground.pieces, faces, strict=True):
        unfolded = plane.unfold(face)
        if piece.level != "dedicated_grid":
            totals[piece.level] = totals.get(piece.level, 0) + plane.doubled_area(unfolded)
        piece.outline = plane.degrees(unfolded)
    if len(set(totals.values())) > 1:
        raise GroundError(f"the areas of the levels differ: {totals}")
    polygons = shapely.polygons(
        shapely.linearrings(
            np.concatenate([p.outline for p in ground.pieces]),
            indices=np.repeat(np.arange(len(ground.pieces)), [len(p.outline) for p in ground.pieces]),
        )
    )
    if not shapely.is_valid(polygons).all():
        raise GroundError("an outline crosses itself")
    levels = np.array([piece.level for piece in ground.pieces])
    for level in totals:
        if not shapely.coverage_is_valid(polygons[levels == level]):
            raise GroundError(f"outlines of level {level} overlap or do not share their vertices")
    for piece, (x, y) in zip(ground.pieces, shapely.get_coordinates(shapely.point_on_surface(polygons)), strict=True):
        piece.label = (float(x), float(y))
    by_path = {piece.path: piece for piece in ground.pieces}
    for piece in ground.pieces:
        if piece.level == "community":
            above = by_path.get(piece.parent)
            while above is not None:
                above.households += piece.households
                above = by_path.get(above.parent)


def _dense(ring: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The outline with a point every forty metres or so: cuts end on these, and the neighbour has the same ones.

    Each edge is divided from its smaller end, so that both districts round alike.
    """
    out: list[tuple[int, int]] = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        if a == b:
            continue
        low, high = min(a, b), max(a, b)
        kx = math.cos(math.radians((low[1] + high[1]) / 2 / LATTICE))
        length = math.hypot((high[0] - low[0]) * kx, high[1] - low[1]) * METRES_PER_UNIT
        n = max(1, round(length / _OUTLINE_STEP))
        spots = [(low[0] + (high[0] - low[0]) * k // n, low[1] + (high[1] - low[1]) * k // n) for k in range(n + 1)]
        out += spots[:-1] if a == low else spots[:0:-1]
    return out


def _room(community: Community, share: Share) -> float:
    """The ground a community takes: by its micro-grids, more of it in a village."""
    return share.micro * (_VILLAGE_SPREAD if community.rural else 1.0)


def _piece(path: str, level: str, name: str, parent: str) -> Piece:
    return Piece(path, level, name, parent, 0, np.empty((0, 2)))
