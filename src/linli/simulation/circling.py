"""Streets and places of the demo: a lattice of streets that turns and bends a little, with a river and a railway that are crossed only at
bridges, and places by chance. The same seed draws the same ones; both say that they are made up."""

from __future__ import annotations

import hashlib
import math
import random
from datetime import datetime
from importlib import resources
from typing import Any

import numpy as np
import shapely
import yaml

from linli.kernel import time
from linli.kernel.trust import Actor
from linli.lifecircle import reckoning, street_files
from linli.lifecircle.actions import places, streets
from linli.lifecircle.kinds import kinds
from linli.lifecircle.models import Place, StreetNetwork
from linli.lifecircle.street_files import Drawn
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of
from linli.territory.coords import CoordinateSystem
from linli.territory.models import Area, Boundary, Level
from linli.territory.wording import short_name

BLOCK = 150.0
"""Metres between two streets that run alike."""
_METRES_A_DEGREE = 111_195.0
_JITTER = 0.22  # of a block
_CLOSED = 0.07  # the share of streets that is not there
_BEND = 0.18  # streets are up to this much longer than the straight line
_BRIDGES = {"river": 1_100.0, "railway": 800.0}  # metres between two ways across


def circle(district: str, *, now: datetime, seed: int, dispatcher: str = "sunjie") -> str:
    """Lay the streets of a district, open its places, and reckon what they reach; makes nothing twice.

    Args:
        dispatcher: login of the post of the district that imports both.
    """
    if StreetNetwork.objects.filter(district=district).exists():
        return "there"
    account = Account.objects.filter(login=dispatcher).first()
    outline = Boundary.objects.filter(district=district, area__level=Level.DISTRICT, valid_to__isnull=True).first()
    if account is None or outline is None:
        return "none"
    actor = actor_of_post(posts_of(account.id)[0])
    told: dict[str, Any] = yaml.safe_load(
        resources.files("linli.simulation").joinpath("data/places.yaml").read_text("utf-8")
    )
    drawn = draw(shapely.from_wkb(bytes(outline.geometry)), seed=seed)
    digest = hashlib.sha256(drawn.streets.points.tobytes() + drawn.streets.metres.tobytes()).digest()
    with time.at(now):
        streets.lay(
            actor, district, drawn, source=told["streets"], valid_from=told["opened"], digest=digest, synthetic=True
        )
        _open(actor, district, told, seed)
        while reckoning.reckon_next():
            pass
    return f"{len(drawn.streets.ends):,} streets, {Place.objects.filter(district=district).count():,} places"


def draw(outline: shapely.Geometry, *, seed: int) -> Drawn:
    """The streets of a district.

    Args:
        outline: of the district, degrees.
    """
    rng = np.random.default_rng(seed)
    west, south, east, north = outline.bounds
    scale = np.array([_METRES_A_DEGREE * math.cos(math.radians((south + north) / 2)), _METRES_A_DEGREE])
    middle = np.array([(west + east) / 2, (south + north) / 2])
    reach = float(np.hypot(*((np.array([east, north]) - middle) * scale)))
    spots, pairs = _lattice(reach, rng)
    inside = shapely.contains_xy(outline, *(spots / scale + middle).T)
    pairs = pairs[inside[pairs].all(axis=1) & (rng.random(len(pairs)) >= _CLOSED)]
    for name, line in _barriers(reach, rng).items():
        pairs = _crossed_at_bridges(spots, pairs, line, _BRIDGES[name])
    straight = np.hypot(*(spots[pairs[:, 0]] - spots[pairs[:, 1]]).T)
    metres = straight * (1 + _BEND * rng.random(len(pairs)))
    ends = (spots[pairs] / scale) + middle
    return street_files.drawn(ends, metres, bounds=outline.bounds)


def _lattice(reach: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Crossings in metres around the middle, shape (n, 2), and the pairs of neighbours, shape (m, 2)."""
    side = 2 * math.ceil(reach / BLOCK) + 1
    across, along = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    flat = (np.stack([across, along], axis=-1).reshape(-1, 2) - side // 2) * BLOCK
    turn = rng.uniform(0, math.pi / 2)
    turned = flat @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    spots = turned + rng.uniform(-_JITTER, _JITTER, turned.shape) * BLOCK
    number = np.arange(side * side).reshape(side, side)
    pairs = [np.stack([number[:-1], number[1:]], axis=-1), np.stack([number[:, :-1], number[:, 1:]], axis=-1)]
    return spots, np.concatenate([one.reshape(-1, 2) for one in pairs])


def _barriers(reach: float, rng: np.random.Generator) -> dict[str, shapely.LineString]:
    """A river that winds through the district, and a railway, in metres around its middle."""
    run = np.linspace(-reach, reach, 200)
    heading, phase = rng.uniform(0, math.pi), rng.uniform(0, math.tau)
    winding = 0.12 * reach * np.sin(run / reach * 5 + phase) + 0.15 * reach
    river = np.column_stack([run, winding])
    railway = np.column_stack([run, np.full(len(run), -0.3 * reach)])
    return {"river": _turned(river, heading), "railway": _turned(railway, heading + rng.uniform(0.6, 1.2))}


def _turned(line: np.ndarray, angle: float) -> shapely.LineString:
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return shapely.LineString(line @ turn)


def _crossed_at_bridges(spots: np.ndarray, pairs: np.ndarray, line: shapely.LineString, apart: float) -> np.ndarray:
    """Streets without those that cross a line, but for the one nearest to each bridge."""
    drawn = shapely.linestrings(spots[pairs])
    crossing = shapely.intersects(drawn, line)
    rows = np.flatnonzero(crossing)
    at = shapely.line_locate_point(line, shapely.centroid(drawn[rows]))
    keep = ~crossing
    for bridge in np.arange(apart / 2, line.length, apart):
        if len(rows) and abs(at - bridge).min() < BLOCK:
            keep[rows[abs(at - bridge).argmin()]] = True
    found: np.ndarray = pairs[keep]
    return found


def _open(actor: Actor, district: str, told: dict[str, Any], seed: int) -> None:
    """Places by chance: so many of a kind in a community, each at the middle of a micro-grid."""
    rng = random.Random(f"places:{seed}")
    at: dict[str, list[tuple[float, float]]] = {}
    grids = Area.objects.filter(
        district=district, level=Level.MICRO_GRID, valid_to__isnull=True, label_lng__isnull=False
    )
    for path, lng, lat in grids.order_by("path").values_list("path", "label_lng", "label_lat"):
        at.setdefault("/".join(path.split("/")[:3]), []).append((lng or 0.0, lat or 0.0))
    names = dict(
        Area.objects.filter(district=district, level=Level.COMMUNITY, valid_to__isnull=True).values_list("path", "name")
    )
    lines = [["kind", "name", "lng", "lat", "position", "hours", "active_from"]]
    for path, spots in at.items():
        for kind, facts in told["kinds"].items():
            count = int(facts["each"]) + (rng.random() < facts["each"] % 1)
            for number, (lng, lat) in enumerate(rng.sample(spots, min(count, len(spots))), start=1):
                name = f"{short_name(names[path])}{kinds()[kind].zh}{number if count > 1 else ''}"
                lines.append(
                    [
                        kind,
                        name,
                        f"{lng:.6f}",
                        f"{lat:.6f}",
                        rng.choice(told["positions"]),
                        facts["hours"],
                        f"{told['opened']}",
                    ]
                )
    for start in range(1, len(lines), places.MOST_ROWS):
        part = [lines[0], *lines[start : start + places.MOST_ROWS]]
        places.read(actor, part, system=CoordinateSystem.WGS84, try_only=False, synthetic=True)
