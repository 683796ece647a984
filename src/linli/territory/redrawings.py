"""Reads of changes of micro-grids: the sheet they are drawn on, what they come to, who sees them, how far districts have come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of, in_subtree, within
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.trust import Actor, policy
from linli.territory import queries
from linli.territory.models import (
    EDITABLE,
    WAITING,
    Area,
    Boundary,
    Building,
    Level,
    Redrawing,
    RedrawingState,
)
from linli.territory.partition import LATTICE
from linli.territory.redrawing import Drawn, Finding, Home, LineError, Sheet, Standing, Wrong, rules

APPROVALS = {
    RedrawingState.PROPOSED: ("redrawing.approve_community", RedrawingState.COMMUNITY),
    RedrawingState.COMMUNITY: ("redrawing.approve_subdistrict", RedrawingState.SUBDISTRICT),
    RedrawingState.SUBDISTRICT: ("redrawing.approve_district", RedrawingState.DISTRICT),
}
"""State → the verb of who decides next, and the state after an approval."""
MOST_SHOWN = 200
MOST_IN_FILE = 20_000
_COMMUNITY_LENGTH = len("510107/012/003")


@dataclass(frozen=True)
class Outcome:
    """What a change comes to: new grids, paths that end, paths confirmed as they stand, and what is wrong. Ready for JSON.

    ``made`` holds for each step the names of the grids that it made, by key: a later step may take them away again. ``left`` holds for
    each the grids that its lines met and left whole: key → code of the reason.
    """

    pieces: list[dict[str, Any]]
    ended: list[str]
    confirmed: list[str]
    findings: list[dict[str, Any]]
    made: list[dict[str, str]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether something is found that stops a proposal."""
        return any(Wrong(one["what"]).refuses for one in self.findings)


@dataclass(frozen=True)
class Progress:
    """How far the verification has come in an area: its micro-grids, those verified, and the changes that wait there, their households."""

    path: str
    name: str
    level: str
    grids: int
    verified: int
    waiting: int
    households: int = 0

    @property
    def percent(self) -> int:
        """Verified in the hundred, whole; a hundred only when all are."""
        return self.verified * 100 // self.grids if self.grids else 0


def redrawing(actor: Actor, redrawing_id: UUID, *, district: str = "") -> Redrawing:
    """One change.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    rows = Redrawing.objects.select_related("area").filter(id=redrawing_id)
    found = (rows.filter(district=district) if district else rows).first()
    if found is None or not policy.allows(actor, "redrawing.view", found):
        raise NotFound("redrawing.none", _("There is no such change of micro-grids."))
    return found


def redrawings(actor: Actor, *, state: str = "", within_path: str = "") -> list[Redrawing]:
    """The changes in the actor's reach, the last changed first.

    Args:
        state: ``open`` for drafts and what waits, a :class:`RedrawingState`, or empty for all.
        within_path: only in the subtree of this path.
    """
    policy.require(actor, "redrawing.view")
    rows = Redrawing.objects.select_related("area").order_by("-changed_at", "id")
    if "city" not in policy.reach(actor, "redrawing.view"):
        rows = rows.filter(in_subtree("area_path", actor.area_path))
    if within_path:
        rows = rows.filter(in_subtree("area_path", within_path))
    if state == "open":
        rows = rows.filter(state__in=[*EDITABLE, *WAITING])
    elif state:
        rows = rows.filter(state=state)
    return list(rows.defer("steps", "pieces")[:MOST_SHOWN])


def waits_for(actor: Actor, found: Redrawing) -> bool:
    """Whether the actor's decision is the next one: the right level, and a person who has not acted in this round."""
    verb, _after = APPROVALS.get(RedrawingState(found.state), ("", ""))
    return bool(verb) and policy.allows(actor, verb, found) and not _has_acted(actor, found)


def _has_acted(actor: Actor, found: Redrawing) -> bool:
    acted = found.entries.filter(round=found.round, verb__in=["propose", "approve"], account_id=actor.account_id)
    return acted.exists()


def micro_grids(community: str) -> QuerySet[Boundary]:
    """The boundaries of a community's micro-grids as they stand, by path."""
    rows = Boundary.objects.filter(
        in_subtree("area__path", community), area__level=Level.MICRO_GRID, area__valid_to__isnull=True,
        district=district_of(community), valid_to__isnull=True,
    )  # fmt: skip
    return rows.select_related("area").order_by("area__path")


def sheet_of(community: str) -> tuple[Sheet, list[Home]]:
    """The micro-grids of a community as they stand, laid out to be redrawn, and the buildings in them."""
    standing = []
    for row in micro_grids(community):
        rim = np.rint(shapely.get_coordinates(shapely.from_wkb(bytes(row.geometry)).exterior)[:-1] * LATTICE)
        standing.append(
            Standing(
                row.area.path,
                row.area.name,
                row.area.path.rpartition("/")[0],
                row.area.households,
                tuple((int(x), int(y)) for x, y in rim),
            )
        )
    paths = [one.path for one in standing]
    rows = (
        Building.objects.filter(district=district_of(community), area_path__in=paths)
        .annotate(dwellings=Count("entrances__dwellings"))
        .order_by("id")
        .values_list("id", "lng", "lat", "dwellings", "area_path")
    )
    homes = [
        Home(str(key), (round(lng * LATTICE), round(lat * LATTICE)), dwellings, path)
        for key, lng, lat, dwellings, path in rows
    ]
    return Sheet(standing, rules=rules()), homes


def play(sheet: Sheet, steps: Iterable[dict[str, Any]]) -> tuple[list[str], list[dict[str, str]], list[dict[str, str]]]:
    """Do steps on a sheet, one after the other.

    Returns:
        The paths that are confirmed as they stand, for each step the names of the grids that it made, by key, and for each the grids
        that its lines met and left whole, with the reason.

    Raises:
        Invalid: a step cannot be done; ``extra`` holds its number and, where it is somewhere, its place.
    """
    confirmed: set[str] = set()
    made: list[dict[str, str]] = []
    left: list[dict[str, str]] = []
    for number, step in enumerate(steps):
        before = set(sheet.pieces)
        whole: dict[str, str] = {}
        try:
            match step["do"]:
                case "split":
                    sheet.split(step["grid"], step["line"], names=step.get("names", ()))
                case "cut":
                    _parts, whole = sheet.cut(step["lines"], keys=step.get("grids", ()))
                case "merge":
                    sheet.merge(step["grids"], name=step.get("name", ""))
                case "move":
                    sheet.move(step["grids"], step["line"])
                case "rename":
                    sheet.rename(step["grid"], step["name"])
                case "outlines":
                    sheet.exchange(
                        [
                            Drawn(one.get("grid", ""), one.get("name", ""), tuple((x, y) for x, y in one["outline"]))
                            for one in step["features"]
                        ]
                    )
                case "confirm":
                    confirmed |= {path for path in step["grids"] or sheet.standing if path in sheet.pieces}
        except LineError as problem:
            raise _refused(problem, number) from problem
        made.append({key: piece.name for key, piece in sheet.pieces.items() if key not in before})
        left.append(whole)
    return sorted(path for path in confirmed if path in sheet.pieces and sheet.pieces[path].stands), made, left


def outcome(community: str, steps: Sequence[dict[str, Any]]) -> Outcome:
    """What steps come to on the ground as it stands.

    Raises:
        Invalid: a step cannot be done.
    """
    sheet, homes = sheet_of(community)
    return outcome_on(sheet, homes, steps)


def outcome_on(sheet: Sheet, homes: Sequence[Home], steps: Sequence[dict[str, Any]]) -> Outcome:
    """The same on a sheet that is laid out already.

    Raises:
        Invalid: a step cannot be done.
    """
    confirmed, made, left = play(sheet, steps)
    shares = sheet.shares(homes)
    pieces = [
        {
            "key": piece.key,
            "name": piece.name,
            "parent": piece.parent,
            "households": shares[piece.key].households,
            "dwellings": shares[piece.key].dwellings,
            "follows": shares[piece.key].follows,
            "square_metres": round(sheet.square_metres(piece.ring)),
            "outline": [[round(x, 7), round(y, 7)] for x, y in sheet.degrees(piece.ring).tolist()],
        }
        for piece in sheet.begun()
    ]
    return Outcome(pieces, sheet.ended(), confirmed, [_told(one) for one in sheet.check(homes)], made, left)


def progress(path: str) -> list[Progress]:
    """The verification in the areas directly below a city, a district or a subdistrict, by path."""
    rungs = [(rung, name) for rung, name in queries.choices(path) if rung != queries.unplaced_path(path[:6])]
    if not rungs:
        return []
    length = len(rungs[0][0])
    grids = Area.objects.filter(in_subtree("path", path), level=Level.MICRO_GRID, valid_to__isnull=True)
    counts = {
        rung: (count, verified, homes)
        for rung, count, verified, homes in grids.order_by()
        .values_list(Left("path", length))
        .annotate(count=Count("id"), verified=Count("id", filter=Q(verified_on__isnull=False)), homes=Sum("households"))
    }
    waiting = dict(
        Redrawing.objects.filter(in_subtree("area_path", path), state__in=WAITING)
        .order_by()
        .values_list(Left("area_path", length))
        .annotate(count=Count("id"))
    )
    level = (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)[rungs[0][0].count("/")]
    found = []
    for rung, name in rungs:
        count, verified, homes = counts.get(rung, (0, 0, 0))
        found.append(Progress(rung, name, level, count, verified, waiting.get(rung, 0), homes))
    return found


def reach_of(actor: Actor) -> str:
    """The path within which the actor sees changes and what is verified; empty for everywhere.

    Raises:
        Forbidden: nowhere.
    """
    policy.require(actor, "redrawing.view")
    return "" if "city" in policy.reach(actor, "redrawing.view") else actor.area_path or actor.district


def top_of(actor: Actor, asked: str) -> str:
    """The area whose parts are shown: the one asked for when it is in reach, else the post's own, never below a subdistrict."""
    reach = actor.area_path or actor.district
    path = asked[:48] if asked and policy.allows(actor, "redrawing.view", policy.Spot(asked[:48])) else reach
    while path.count("/") > 1:
        path = path.rpartition("/")[0]
    return path


def area_figures(actor: Actor) -> dict[str, dict[str, int]]:
    """Path → micro-grids, verified ones and their households, for every district, subdistrict and community in reach."""
    grids = Area.objects.filter(level=Level.MICRO_GRID, valid_to__isnull=True)
    if reach := reach_of(actor):
        grids = grids.filter(in_subtree("path", reach))
    rows = (
        grids.order_by()
        .values_list(Left("path", _COMMUNITY_LENGTH))
        .annotate(count=Count("id"), verified=Count("id", filter=Q(verified_on__isnull=False)), homes=Sum("households"))
    )
    found: dict[str, dict[str, int]] = {}
    for community, count, verified, homes in rows:
        for rung in queries.ancestors(community)[1:]:
            if not reach or within(rung, reach):
                sums = found.setdefault(rung, {"grids": 0, "verified": 0, "households": 0})
                sums["grids"] += count
                sums["verified"] += verified
                sums["households"] += homes
    return found


def changes_at(path: str, *, day: date | None = None) -> list[Redrawing]:
    """The changes by which a grid began or ended, the latest first, up to a day."""
    rows = Redrawing.objects.filter(district=path[:DISTRICT_LENGTH], state=RedrawingState.APPLIED)
    rows = rows.filter(
        Q(ended__contains=[path]) | Q(pieces__contains=[{"path": path}]), applied_on__lte=day or time.today()
    )
    return list(rows.order_by("-applied_on"))


def grids_of(found: Redrawing) -> list[dict[str, Any]]:
    """The community's micro-grids as the change leaves them, by parent and key, ready for lists and maps.

    A grid has ``key``, ``name``, ``parent``, ``households``, ``dwellings`` (new ones only), ``stands`` and ``outline`` in degrees.
    """
    ended, stands = set(found.ended), []
    for row in _held_at(found):
        if row.area.path not in ended:
            stands.append(_standing(row))
    begun = [piece | {"stands": False, "verified": False} for piece in found.pieces]
    return sorted([*stands, *begun], key=lambda one: (one["parent"], one["stands"], len(one["key"]), one["key"]))


def standing_grids(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The micro-grids of an area as they stand, by path, in the form of :func:`grids_of`.

    Raises:
        NotFound, Forbidden: there is no such area, or the actor may not see its changes.
        Invalid: it has more than a file holds.
    """
    policy.require(actor, "redrawing.view", policy.Spot(path))
    queries.area_at(path)
    rows = list(micro_grids(path)[: MOST_IN_FILE + 1])
    if len(rows) > MOST_IN_FILE:
        raise Invalid(
            "redrawing.file_grids",
            _("This area has more micro-grids than a file holds."),
            field="area_path",
            mend=_("Take them district by district, or subdistrict by subdistrict."),
        )
    return [_standing(row) for row in rows]


def ended_of(found: Redrawing) -> list[dict[str, Any]]:
    """The grids that the change ends, with the outlines that they have or had, by path."""
    ended = set(found.ended)
    return [
        {"key": row.area.path, "name": row.area.name, "households": row.area.households, "outline": _degrees(row)}
        for row in _held_at(found)
        if row.area.path in ended
    ]


def shapes(found: Redrawing) -> dict[str, Any]:
    """Before and after as a GeoJSON feature collection: ``kind`` says stays, new, ended or finding."""
    features = [
        _feature("stays" if one["stands"] else "new", one["outline"], key=one["key"], name=one["name"])
        for one in grids_of(found)
    ]
    features += [_feature("ended", one["outline"], key=one["key"], name=one["name"]) for one in ended_of(found)]
    features += finding_features(found.findings)
    return {"type": "FeatureCollection", "features": features}


def finding_features(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings as GeoJSON: the outline where there is one, and a point."""
    features = []
    for number, one in enumerate(findings, start=1):
        if one["outline"]:
            features.append(_feature("finding", one["outline"], number=number, what=one["what"]))
        point = {"type": "Point", "coordinates": [one["lng"], one["lat"]]}
        facts = {"kind": "place", "number": number, "what": one["what"], "refuses": one["refuses"]}
        features.append({"type": "Feature", "properties": facts, "geometry": point})
    return features


def straight_line(outlines: Sequence[Sequence[Sequence[float]]], *, across: bool, share: int) -> list[list[float]]:
    """A straight line over outlines from rim to rim, for those who do not draw.

    Args:
        outlines: rings in degrees.
        across: from east to west; else from south to north. The named share lies left of it.
        share: how much of the breadth lies on the west (or south) side, in the hundred.
    """
    xs = [x for ring in outlines for x, _y in ring]
    ys = [y for ring in outlines for _x, y in ring]
    margin = 0.0002
    if across:
        y = round(min(ys) + (max(ys) - min(ys)) * share / 100, 7)
        return [[round(max(xs) + margin, 7), y], [round(min(xs) - margin, 7), y]]
    x = round(min(xs) + (max(xs) - min(xs)) * share / 100, 7)
    return [[x, round(min(ys) - margin, 7)], [x, round(max(ys) + margin, 7)]]


def finding_words(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A finding in a sentence.

    Args:
        one: as kept with a change.
        names: key → name of the grids.
    """
    grids = _(", ").join(names.get(key, key) for key in one["grids"])
    measure = f"{one['measure']:g}"
    said = {
        Wrong.GAP: _("A gap of %(measure)s m² beside %(grids)s."),
        Wrong.OVERLAP: _("%(grids)s overlap by %(measure)s m²."),
        Wrong.OUTSIDE: _("%(measure)s m² of %(grids)s lie outside of the general grid."),
        Wrong.EDGES: _("The edges of %(grids)s do not meet point for point."),
        Wrong.SLIVER: _("%(grids)s is a sliver, %(measure)s m at its widest."),
        Wrong.ORPHAN: _("A building with %(measure)s dwellings, so far in %(grids)s, is left without a grid."),
        Wrong.SMALL: _("%(grids)s has %(measure)s households; a micro-grid has %(least)s to %(most)s."),
        Wrong.LARGE: _("%(grids)s has %(measure)s households; a micro-grid has %(least)s to %(most)s."),
    }[Wrong(one["what"])]
    limits = {"least": rules().least_households, "most": rules().most_households}
    return said % {"grids": grids or "—", "measure": measure, **limits}


def steps_words(steps: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    """Steps in a few words each, with the names that their grids had at that moment.

    Args:
        steps: as kept with a change; each says what it made.
        names: path → name of the grids that stood before.
    """
    known = dict(names)
    said = []
    for step in steps:
        made = dict(step.get("made") or {})
        said.append(_step_words(step, known, made))
        known |= made
        if step["do"] == "rename":
            known[step["grid"]] = step["name"]
    return said


def left_words(left: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """For each grid that lines met and left whole, why.

    Args:
        left: key → code of the reason.
        names: key → name of the grids.
    """
    why = {
        "hangs": _("a line ends in it"),
        "rim": _("the line runs along its edge"),
        "crosses": _("a line crosses itself"),
        "sliver": _("a sliver would be left"),
    }
    told = _("%(grid)s is left whole: %(why)s")
    return [told % {"grid": names.get(key, key), "why": why[code]} for key, code in left.items()]


def _step_words(step: Mapping[str, Any], names: Mapping[str, str], made: Mapping[str, str]) -> str:
    grids = _(", ").join(names.get(key, key) for key in step.get("grids", []))
    new = _(", ").join(made.values())
    match step["do"]:
        case "split":
            grid = names.get(step["grid"], step["grid"])
            if new:
                return _("Split %(grid)s by a line into %(names)s") % {"grid": grid, "names": new}
            return _("Split %(grid)s by a line") % {"grid": grid}
        case "cut":
            said = ngettext(
                "Cut by lines into %(count)s new grid: %(names)s", "Cut by lines into %(count)s new grids: %(names)s", len(made)
            ) % {"count": len(made), "names": new}  # fmt: skip
            return " · ".join([said, *left_words(step.get("left") or {}, names)])
        case "merge":
            if new:
                return _("Merge %(grids)s into %(name)s") % {"grids": grids, "name": new}
            return _("Merge %(grids)s") % {"grids": grids}
        case "move":
            return _("Move the line between %(grids)s") % {"grids": grids}
        case "rename":
            return _("Name %(grid)s: %(name)s") % {"grid": names.get(step["grid"], step["grid"]), "name": step["name"]}
        case "confirm":
            return _("Confirm %(grids)s as they stand") % {"grids": grids or _("all grids")}
    return _("Outlines from a file: %(count)s grids") % {"count": len(step["features"])}


def _held_at(found: Redrawing) -> Iterable[Boundary]:
    """The boundaries on which a change is laid: those of today, or of the day before it came in force."""
    if found.applied_on is None:
        return micro_grids(found.area_path)
    rows = Boundary.objects.filter(
        queries.on_day(found.applied_on - timedelta(days=1)),
        in_subtree("area__path", found.area_path),
        area__level=Level.MICRO_GRID,
        district=found.district,
    )
    return rows.select_related("area").order_by("area__path")


def _standing(row: Boundary) -> dict[str, Any]:
    return {
        "key": row.area.path,
        "name": row.area.name,
        "parent": row.area.path.rpartition("/")[0],
        "households": row.area.households,
        "stands": True,
        "verified": row.area.verified_on is not None,
        "outline": _degrees(row),
    }


def _degrees(row: Boundary) -> list[list[float]]:
    outline: list[list[float]] = (
        shapely.get_coordinates(shapely.from_wkb(bytes(row.geometry)).exterior).round(7).tolist()
    )
    return outline


def _feature(kind: str, outline: Sequence[Sequence[float]], **facts: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [outline]}
    return {"type": "Feature", "properties": {"kind": kind, **facts}, "geometry": shape}


def _told(one: Finding) -> dict[str, Any]:
    return {
        "what": one.what.value,
        "refuses": one.what.refuses,
        "lng": round(one.lng, 7),
        "lat": round(one.lat, 7),
        "grids": list(one.grids),
        "measure": one.measure,
        "outline": [[round(x, 7), round(y, 7)] for x, y in one.outline],
    }


def _refused(problem: LineError, number: int) -> Invalid:
    said = {
        "no_grid": _("One of the grids chosen is not on the sheet any more."),
        "stands": _("Only a grid that this change makes can be named here."),
        "not_together": _(
            "Only micro-grids of one general grid go together: two or more of them, two for a moved line."
        ),
        "not_adjacent": _("These micro-grids do not lie side by side."),
        "misses": _("The line does not cross the micro-grid."),
        "hangs": _("The line ends inside the micro-grid."),
        "crosses": _("The line crosses itself."),
        "rim": _("The line runs along the edge of the micro-grid, or leaves nothing on one side."),
        "sliver": _("The line would leave a sliver of the micro-grid."),
        "many": _("The line parts these two micro-grids into more than two pieces."),
        "bad_outline": _("An outline crosses itself, is no area, or lies outside of the community."),
    }
    mend = {
        "misses": _("Draw it from one edge of the grid to another."),
        "hangs": _("Carry it on to the edge."),
        "rim": _("Draw it through the middle of the grid."),
    }
    field = "grids" if problem.code in ("no_grid", "stands", "not_together", "not_adjacent") else "line"
    extra: dict[str, Any] = {"step": number}
    if problem.outlines:
        field = "file"
        extra["features"] = [
            {"feature": one, "reason": problem.code, "said": _("Feature %(number)s of the file.") % {"number": one}}
            for one in problem.outlines
        ]
    if problem.place is not None:
        extra["place"] = [round(problem.place[0], 7), round(problem.place[1], 7)]
    return Invalid(
        f"redrawing.{problem.code}", said[problem.code], field=field, mend=mend.get(problem.code, ""), extra=extra
    )
