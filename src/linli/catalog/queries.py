"""Every read of the room that is worth a name."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict, defaultdict
from datetime import datetime
from threading import Lock
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from linli.catalog.models import CategoryChange, CategoryGroup, CategoryVersion, ChangeState
from linli.catalog.snapshot import Catalogue, Entry, Group, entry_of, group_of
from linli.kernel import time
from linli.kernel.errors import NotFound
from linli.people.snapshot import Snapshot

STAMP = "catalogue"
KEPT = 256


class _Table:
    """Every version of every category, and the catalogues made from them lately."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {row.code: group_of(row) for row in CategoryGroup.objects.all()}
        self.by_scope: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        self.by_id: dict[UUID, Entry] = {}
        self.edges: list[datetime] = []
        moments = set()
        for version in CategoryVersion.objects.select_related("category").order_by("valid_from"):
            entry = entry_of(version)
            self.by_scope[entry.scope][entry.code].append(entry)
            self.by_id[entry.version_id] = entry
            moments |= {entry.valid_from, entry.valid_to} - {None}
        self.edges = sorted(moment for moment in moments if moment is not None)
        self.made: OrderedDict[tuple[str, int], Catalogue] = OrderedDict()
        self.lock = Lock()

    def catalogue(self, at: datetime, district: str) -> Catalogue:
        # Between two edges the catalogue is the same; a scope without versions of its own is the city's.
        scope = district if district in self.by_scope else ""
        key = (scope, bisect_right(self.edges, at))
        with self.lock:
            if key not in self.made:
                self.made[key] = self._make(at, scope)
                while len(self.made) > KEPT:
                    self.made.popitem(last=False)
            return self.made[key]

    def _make(self, at: datetime, scope: str) -> Catalogue:
        chosen: dict[str, Entry] = {}
        for level in dict.fromkeys(("", scope)):
            for code, entries in self.by_scope[level].items():
                for entry in entries:
                    if entry.in_force(at):
                        chosen[code] = entry
        return Catalogue(chosen.values(), self.groups)


_table: Snapshot[_Table] = Snapshot(STAMP, _Table)


def current(at: datetime | None = None, district: str = "") -> Catalogue:
    """The catalogue in force at a moment (now unless told) in a district, from memory."""
    return _table.get().catalogue(at or time.now(), district)


def entry(version_id: UUID) -> Entry:
    """A version by its id, also one that is over: what a case was promised.

    Raises:
        NotFound: there is none.
    """
    found = _table.get().by_id.get(version_id)
    if found is None:
        raise NotFound("category.none", _("There is no such category."))
    return found


def category(code: str, *, at: datetime | None = None, district: str = "") -> Entry:
    """A category in force, by its code.

    Raises:
        NotFound: there is none.
    """
    found = current(at, district).get(code)
    if found is None:
        raise NotFound("category.none", _("There is no such category."), field="category")
    return found


def history(code: str, *, scope: str = "") -> list[CategoryVersion]:
    """The versions of a category in one scope, the newest first."""
    return list(CategoryVersion.objects.filter(category_id=code, scope=scope).order_by("-valid_from"))


def open_changes(*, code: str = "") -> list[CategoryChange]:
    """Changes that are proposed and neither published nor withdrawn, the newest first."""
    found = CategoryChange.objects.select_related("base", "category").filter(state=ChangeState.PROPOSED)
    return list((found.filter(category_id=code) if code else found).order_by("-proposed_at"))


def recent_changes(*, limit: int = 20) -> list[CategoryChange]:
    """The last changes that were published or withdrawn."""
    return list(
        CategoryChange.objects.select_related("category")
        .exclude(state=ChangeState.PROPOSED)
        .order_by("-decided_at")[:limit]
    )


def change(change_id: UUID) -> CategoryChange:
    """A change by its id.

    Raises:
        NotFound: there is none.
    """
    found = CategoryChange.objects.select_related("base", "category").filter(id=change_id).first()
    if found is None:
        raise NotFound("change.none", _("There is no such change."))
    return found
