"""`./run bench locate`: single and batch points against a city's 119,000 micro-grids and 11,000 dedicated grids.

The ground is drawn in memory, so no database is needed. The ceiling is what a bare shapely STR-tree does with the same points
in the same run: no answer made of it, no rule of edges, no nearest grid. Prints JSON lines.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import resources
from statistics import median

import numpy as np
import shapely

from linli.territory.generator import Community, draw_district, plan
from linli.territory.grid_index import GridIndex, Grids
from linli.territory.outlines import district_outlines

SEED = 2026


def communities() -> list[Community]:
    """The real list of Chengdu's communities."""
    text = resources.files("linli.territory").joinpath("data/divisions/chengdu_communities.csv").read_text("utf-8")
    return [
        Community(
            f"{row['code12'][:6]}/{row['code12'][6:9]}/{row['code12'][9:]}",
            row["name"],
            row["kind"] == "village_committee",
        )
        for row in csv.DictReader(text.splitlines())
    ]


def draw(code: str) -> list[tuple[bytes, bytes]]:
    """(path, outline as WKB) of the micro-grids and dedicated grids of one district."""
    everyone = communities()
    codes = sorted({community.path[:6] for community in everyone})
    outlines, _drawn = district_outlines(codes, seed=SEED, drawn="always")
    ground = draw_district(
        path=code,
        outline=outlines[code],
        communities=[community for community in everyone if community.path.startswith(code)],
        shares=plan(everyone),
        seed=SEED,
    )
    pieces = [*ground.of_level("micro_grid"), *ground.of_level("dedicated_grid")]
    return [(piece.path.encode(), shapely.to_wkb(shapely.Polygon(piece.outline))) for piece in pieces]


def city() -> tuple[Grids, np.ndarray, Grids]:
    """Grids of the whole city, which of them are dedicated, and the unplaced queues."""
    codes = sorted({community.path[:6] for community in communities()})
    with ProcessPoolExecutor() as pool:
        drawn = [piece for district in pool.map(draw, codes) for piece in district]
    outlines, _drawn = district_outlines(codes, seed=SEED, drawn="always")
    queues = Grids(
        np.zeros(len(codes), dtype="V16"),
        np.array([f"{code}/000".encode() for code in codes], dtype="S32"),
        np.array([code.encode() for code in codes], dtype="S6"),
        np.array([shapely.Polygon(outlines[code]) for code in codes], dtype=object),
    )
    grids = Grids(
        np.zeros(len(drawn), dtype="V16"),
        np.array([path for path, _wkb in drawn], dtype="S32"),
        np.array([path[:6] for path, _wkb in drawn], dtype="S6"),
        shapely.from_wkb(np.array([wkb for _path, wkb in drawn], dtype=object)),
    )
    return grids, np.array([b"Z" in path for path, _wkb in drawn]), queues


def line(figure: str, value: float, unit: str, *, ceiling: float, ratio: float) -> None:
    """One figure, on a line of its own."""
    rounded = {"value": round(value, 2), "ceiling": round(ceiling, 2), "ratio": round(ratio, 3)}
    print(json.dumps({"bench": "locate", "figure": figure, "unit": unit, **rounded}), flush=True)


def main() -> None:
    """Draw, build, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer points; ends within a minute")
    quick = parser.parse_args().quick
    singles, batch, repeats = (10_000, 200_000, 3) if quick else (50_000, 1_000_000, 5)

    began = time.perf_counter()
    grids, dedicated, queues = city()
    drawn = time.perf_counter()
    index = GridIndex(grids=grids, dedicated=dedicated, unplaced=queues)
    index.locate(104.06, 30.66)
    built = time.perf_counter()
    print(
        f"{int((~dedicated).sum()):,} micro-grids and {int(dedicated.sum()):,} dedicated grids drawn in "
        f"{drawn - began:.1f} s, index built in {built - drawn:.2f} s",
        file=sys.stderr,
    )

    # Reports come from where people are: around the middles of micro-grids, drawn alike from all of them.
    rng = np.random.default_rng(SEED)
    middles = shapely.get_coordinates(shapely.centroid(grids.outlines[~dedicated]))
    chosen = middles[rng.integers(0, len(middles), batch)]
    lng, lat = (chosen + rng.normal(0.0, 0.0006, chosen.shape)).T.copy()
    tree = shapely.STRtree(grids.outlines)
    points = list(zip(lng[:singles].tolist(), lat[:singles].tolist(), strict=True))

    ours, bare = [], []
    for _repeat in range(repeats):
        start = time.perf_counter()
        for x, y in points:
            index.locate(x, y)
        ours.append((time.perf_counter() - start) / singles * 1e6)
        start = time.perf_counter()
        for x, y in points:
            tree.query(shapely.Point(x, y), "intersects")
        bare.append((time.perf_counter() - start) / singles * 1e6)
    line("single", median(ours), "us", ceiling=median(bare), ratio=median(bare) / median(ours))

    ours, bare = [], []
    for _repeat in range(repeats):
        start = time.perf_counter()
        index.locate_batch(lng, lat)
        ours.append(batch / (time.perf_counter() - start))
        start = time.perf_counter()
        tree.query(shapely.points(lng, lat), "intersects")
        bare.append(batch / (time.perf_counter() - start))
    line("batch", median(ours), "points/s", ceiling=median(bare), ratio=median(ours) / median(bare))


if __name__ == "__main__":
    main()
