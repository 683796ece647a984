"""Made-up content for the design page, in both languages; the texts are data (data/samples.json)."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from linli.ui.clockface import Promised, read_clock
from linli.ui.icons import drawings
from linli.ui.looks import STATES

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
"""The design page's clock stands still at 15:30 in Chengdu, so that its pictures can be compared."""

_TEXTS = Path(__file__).resolve().parent / "data" / "samples.json"
_CENTRE = (104.062, 30.632)
_TOKENS = [
    "paper",
    "surface",
    "sunken",
    "line",
    "ink",
    "ink-2",
    "ink-3",
    "brand",
    "brand-soft",
    "late",
    "late-soft",
    "soon",
    "soon-soft",
    "good",
    "good-soft",
    "info",
    "info-soft",
]


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    return dict(json.loads(_TEXTS.read_text(encoding="utf-8")))


def _clocks() -> list[dict[str, Any]]:
    hour = timedelta(hours=1)
    return [
        {"promised": Promised.REPLY, "started_at": NOW - 2 * hour, "due_at": NOW + 6 * hour},
        {"promised": Promised.HANDLE, "started_at": NOW - 46 * hour, "due_at": NOW + 2 * hour},
        {"promised": Promised.SIGN_IN, "started_at": NOW - 30 * hour, "due_at": NOW - 22 * hour},
        {"promised": Promised.HANDLE, "due_at": NOW + 40 * hour, "paused_until": NOW + 5 * 24 * hour},
        {"promised": Promised.REPLY, "due_at": NOW + hour, "met_at": NOW - hour},
        {"promised": Promised.HANDLE, "due_at": NOW - 9 * hour, "met_at": NOW - 2 * hour},
    ]


def design_context(query: Mapping[str, str]) -> dict[str, Any]:
    """Everything the design page draws."""
    texts = _texts()["zh" if (get_language() or "zh").startswith("zh") else "en"]
    clocks = _clocks()
    reason = texts["options"][3]["hint"]
    clocks[3]["paused_reason"] = reason
    faces = [read_clock(now=NOW, **clock) for clock in clocks]
    order = (2, 1, 0, 3, 0, 4)
    cases = [dict(case, href="#", clock=faces[order[index]]) for index, case in enumerate(texts["cases"])]
    entries = [dict(entry, at=NOW - timedelta(hours=3 + 9 * index)) for index, entry in enumerate(texts["timeline"])]
    return {
        **texts,
        "now": NOW,
        "clocks": faces,
        "cases": cases,
        "timeline": [texts["timeline_next"], *entries],
        "timeline_plain": entries,
        "states": list(STATES),
        "icon_names": sorted(drawings()),
        "tokens": _TOKENS,
        "place": "home",
        "pane": query.get("pane", "list"),
        "progress_done": 7,
        "empty_list": query.get("empty", ""),
    }


def outlines() -> dict[str, Any]:
    """A made-up quarter: one community of irregular grids, each with micro-grids."""
    features = []
    columns, rows, step = 4, 3, 0.006

    def lattice(x: int, y: int) -> tuple[float, float]:
        """A corner of a grid, moved a little so that the lines look grown and not ruled."""
        swing = 0.0011
        lng = _CENTRE[0] + (x - columns / 2) * step + swing * math.sin(3.1 * x + 5.7 * y)
        return lng, _CENTRE[1] + (y - rows / 2) * step * 0.9 + swing * math.cos(4.3 * x - 2.9 * y)

    def corner(x: float, y: float) -> list[float]:
        """Any point of the quarter, drawn in between the four corners around it."""
        left, low = min(int(x), columns - 1), min(int(y), rows - 1)
        across, up = x - left, y - low
        corners = (lattice(left, low), lattice(left + 1, low), lattice(left, low + 1), lattice(left + 1, low + 1))
        shares = ((1 - across) * (1 - up), across * (1 - up), (1 - across) * up, across * up)
        pairs = list(zip(corners, shares, strict=True))
        return [round(sum(point[axis] * share for point, share in pairs), 6) for axis in (0, 1)]

    def ring(x: float, y: float, side: float) -> list[list[float]]:
        points = [corner(x, y), corner(x + side, y), corner(x + side, y + side), corner(x, y + side)]
        return [*points, points[0]]

    number = 0
    for y in range(rows):
        for x in range(columns):
            number += 1
            path = f"510107/012/003/{number:02d}"
            properties = {"level": "general_grid", "name": str(number), "path": path}
            features.append(
                {
                    "type": "Feature",
                    "properties": properties,
                    "geometry": {"type": "Polygon", "coordinates": [ring(x, y, 1)]},
                }
            )
            for part in range(4):
                micro = ring(x + 0.5 * (part % 2), y + 0.5 * (part // 2), 0.5)
                properties = {"level": "micro_grid", "name": f"{number}-{part + 1}", "path": f"{path}/{part + 1:03d}"}
                features.append(
                    {
                        "type": "Feature",
                        "properties": properties,
                        "geometry": {"type": "Polygon", "coordinates": [micro]},
                    }
                )
    edge = [corner(x, 0) for x in range(columns + 1)]
    edge += [corner(columns, y) for y in range(1, rows + 1)]
    edge += [corner(x, rows) for x in range(columns - 1, -1, -1)]
    edge += [corner(0, y) for y in range(rows - 1, -1, -1)]
    name = _texts()["zh" if (get_language() or "zh").startswith("zh") else "en"]["path"][3]
    properties = {"level": "subdistrict", "name": name, "path": "510107/012/003"}
    features.append(
        {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [edge]}}
    )
    return {"type": "FeatureCollection", "features": features}


def case_points() -> dict[str, Any]:
    """Made-up cases on the made-up quarter, one of each form."""
    forms = ("late", "soon", "open", "done", "paused", "open", "open", "soon", "late", "done")
    features = []
    for index, form in enumerate(forms):
        lng = _CENTRE[0] + 0.0085 * math.sin(2.4 * index + 0.6)
        lat = _CENTRE[1] + 0.006 * math.cos(1.7 * index)
        properties = {"id": str(index), "form": form, "title": form}
        point = {"type": "Point", "coordinates": [round(lng, 6), round(lat, 6)]}
        features.append({"type": "Feature", "properties": properties, "geometry": point})
    return {"type": "FeatureCollection", "features": features}
