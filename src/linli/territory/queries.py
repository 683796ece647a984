"""Reads of the territory. The ground is public: whoever may see a case may see where it is, so these take no actor."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

from linli.kernel import time
from linli.kernel.db import DISTRICT_LENGTH, district_of, in_subtree, within
from linli.kernel.errors import NotFound
from linli.territory import locating
from linli.territory.address_text import normalise
from linli.territory.models import Area, Level

MOST_GRIDS = 50_000
"""Names of grids that a process keeps before it begins anew."""
_KNOWN_LEVELS = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)


@dataclass(frozen=True)
class Crumb:
    """One rung above a place: its path, name and level."""

    path: str
    name: str
    level: str


@dataclass(frozen=True)
class _Known:
    """Names down to the community, held by the process: some 3,300 for a city; of grids those that were asked for."""

    version: int
    names: dict[str, Crumb]
    below: dict[str, list[Crumb]]
    grids: dict[str, Crumb]


_known: _Known | None = None
_lock = threading.Lock()


def on_day(day: date) -> Q:
    """The condition that an area (or boundary) holds on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def areas(day: date | None = None) -> QuerySet[Area]:
    """Areas of a day, today unless told otherwise."""
    return Area.objects.filter(on_day(day or time.today()))


def area_at(path: str, *, day: date | None = None) -> Area:
    """The area with a path.

    Raises:
        NotFound: there is none on that day.
    """
    found = areas(day).filter(district=district_of(path), path=path).first()
    if found is None:
        raise NotFound("territory.no_area", _("There is no area %(path)s.") % {"path": path}, field="path")
    return found


def areas_at(paths: Iterable[str], *, day: date | None = None) -> dict[str, Area]:
    """The areas with these paths, by path; paths without an area are left out."""
    wanted = set(paths)
    rows = areas(day).filter(district__in={district_of(path) for path in wanted}, path__in=wanted)
    return {area.path: area for area in rows}


def children(path: str, *, level: str = "", day: date | None = None) -> list[Area]:
    """The areas directly below one, by path; of one level when given. Without a path, the cities. Unplaced queues stay out."""
    if not path:
        return list(areas(day).filter(level=Level.CITY).order_by("path"))
    rows = areas(day).filter(in_subtree("path", path)).exclude(level=Level.UNPLACED)
    rows = rows.filter(level=Level.DISTRICT) if len(path) < DISTRICT_LENGTH else rows.filter(parent__path=path)
    return list((rows.filter(level=level) if level else rows).order_by("path"))


def districts_ever(path: str) -> list[str]:
    """The codes under which rows of a city stand, of every city for ``""``: its districts, those that ended among them, and its own."""
    rungs = Area.objects.filter(in_subtree("path", path), level__in=(Level.CITY, Level.DISTRICT))
    return sorted({district_of(found) for found in rungs.values_list("path", flat=True)})


def below(path: str, *, level: str, day: date | None = None) -> QuerySet[Area]:
    """Every area of a level in the subtree of a path, by path."""
    return areas(day).filter(in_subtree("path", path), level=level).order_by("path")


def ancestors(path: str) -> list[str]:
    """The paths from the city down to this one, itself among them. ``510107/012`` → ``5101``, ``510107``, ``510107/012``."""
    if len(path) < DISTRICT_LENGTH:
        return [path] if path else []
    parts = path.split("/")
    return [path[:4], *("/".join(parts[: k + 1]) for k in range(len(parts)))]


def breadcrumbs(paths: Iterable[str]) -> dict[str, list[Crumb]]:
    """For each path the rungs from the city down to it, with their names.

    Names down to the community come from the process; those of grids cost one query for all paths together, the first time
    that they are asked for. An area that has ended still has its last name, because cases stay where they happened.
    """
    wanted = {path: ancestors(path) for path in set(paths)}
    known = _known_names()
    rungs = {rung for above in wanted.values() for rung in above}
    found = {rung: crumb for rung in rungs if (crumb := known.names.get(rung) or known.grids.get(rung))}
    if missing := rungs - found.keys():
        rows = Area.objects.filter(district__in={district_of(path) for path in missing}, path__in=missing)
        asked = {
            path: Crumb(path, name, level)
            for path, name, level in rows.order_by("valid_from").values_list("path", "name", "level")
        }
        if len(known.grids) + len(asked) > MOST_GRIDS:
            known.grids.clear()
        known.grids.update(asked)
        found |= asked
    return {path: [found[rung] for rung in above if rung in found] for path, above in wanted.items()}


def breadcrumb(path: str) -> list[Crumb]:
    """The rungs from the city down to one path."""
    return breadcrumbs([path])[path]


def place_name(path: str, *, top: str = Level.DISTRICT) -> str:
    """A place in words down to the community, from memory: district, subdistrict, community. No query for lists of cases.

    Args:
        path: any path; what lies below the community is left out.
        top: the level to begin with.
    """
    known = _names()
    rungs = [known[rung] for rung in ancestors(path) if rung in known]
    order = [level.value for level in _KNOWN_LEVELS]
    return "".join(crumb.name for crumb in rungs if order.index(crumb.level) >= order.index(top))


def full_name(path: str, *, top: str = Level.DISTRICT) -> str:
    """A place in words down to the grid; one query for a path below the community."""
    order = [level.value for level in Level]
    return "".join(crumb.name for crumb in breadcrumb(path) if order.index(crumb.level) >= order.index(top))


def search_areas(
    text: str, *, within_path: str = "", levels: Sequence[str] = _KNOWN_LEVELS, limit: int = 20
) -> list[Crumb]:
    """Cities to communities whose name holds the text, or whose place in words does; full matches first, then by path.

    Latin letters are also tried as pinyin (yulin, yl), figures as the beginning of a path.
    """
    plain = normalise(text)
    if not plain:
        return []
    known = _names()
    letters = plain if plain.isascii() and plain.isalpha() and len(plain) > 1 else ""
    figures = text.strip() if text.strip()[:1].isdecimal() else ""
    found: list[tuple[int, str, Crumb]] = []
    for crumb in known.values():
        if crumb.level not in levels or (within_path and not within(crumb.path, within_path)):
            continue
        name = normalise(crumb.name)
        if plain in name:
            found.append((0 if name == plain else 1 if name.startswith(plain) else 2, crumb.path, crumb))
        elif len(plain) > 3 and plain in normalise(place_name(crumb.path, top=Level.CITY)):
            found.append((3, crumb.path, crumb))
        elif (figures and crumb.path.startswith(figures)) or (letters and _sounds_like(letters, crumb.name)):
            found.append((4, crumb.path, crumb))
    return [crumb for _rank, _path, crumb in sorted(found, key=lambda f: f[:2])[:limit]]


def _sounds_like(letters: str, name: str) -> bool:
    syllables = _syllables(name)
    whole, initials = "".join(syllables), "".join(one[0] for one in syllables)
    return whole.startswith(letters) or initials.startswith(letters)


@lru_cache(maxsize=8_192)
def _syllables(name: str) -> tuple[str, ...]:
    """The pinyin of a name, without tones."""
    return tuple(one for one in lazy_pinyin(name, errors="ignore") if one)


def choices(path: str, *, level: str = "") -> list[tuple[str, str]]:
    """(path, name) of what lies directly below, for a picker; from memory down to the community. Without a path, the cities."""
    at_hand = _known_names().below.get(path)
    if at_hand is not None:
        return [(crumb.path, crumb.name) for crumb in at_hand if not level or crumb.level == level]
    return [(area.path, area.name) for area in children(path, level=level)]


def known_areas() -> list[Crumb]:
    """Every city, district, subdistrict and community, by path; from memory."""
    return list(_names().values())


def unplaced_path(district: str) -> str:
    """The path of a district's queue for what could not be placed."""
    return f"{district}/000"


def counts(path: str) -> dict[str, int]:
    """How many areas of each level lie in the subtree of a path today."""
    rows = areas().filter(in_subtree("path", path)).order_by().values_list("level").annotate(count=Count("id"))
    return dict(rows)


def _names() -> dict[str, Crumb]:
    return _known_names().names


def _known_names() -> _Known:
    global _known
    mark, known = locating.version(), _known
    if known is None or known.version != mark:
        with _lock:
            rows = areas().filter(level__in=_KNOWN_LEVELS).order_by("path").values_list("path", "name", "level")
            names = {path: Crumb(path, name, level) for path, name, level in rows}
            below: dict[str, list[Crumb]] = {}
            for path, crumb in names.items():
                below.setdefault("".join(ancestors(path)[-2:-1]), []).append(crumb)
            known = _known = _Known(mark, names, below, {})
    return known
