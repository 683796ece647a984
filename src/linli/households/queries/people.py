"""Who lives where: masked, with an audit row for every page; proposals beside what is accepted; entries that look alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linli.households.actions.reading import purpose_of, shown_masked
from linli.households.models import (
    DwellingStatus,
    Match,
    MatchState,
    Person,
    Proposal,
    ProposalState,
    Residency,
    Visit,
)
from linli.households.place import dwelling_for, dwellings
from linli.households.sealed import Masked, masked, note_of
from linli.kernel import crypto, time
from linli.kernel.crypto import Lookup
from linli.kernel.db import in_subtree, subtree
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, audit, context, policy
from linli.territory.models import Dwelling

MOST_FOUND = 50
MOST_PAIRS = 50
PAGE = 50


@dataclass(frozen=True, slots=True)
class Resident:
    """A residency with its person, masked."""

    residency: Residency
    person: Masked
    child: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """A proposal with what it says, masked, and what stands against it in the register."""

    proposal: Proposal
    told: Masked
    note: str
    dwelling: Dwelling
    now: str
    about: Masked | None


@dataclass(slots=True)
class File:
    """A dwelling's file: its use and people now and before, what is proposed, its visits."""

    dwelling: Dwelling
    status: DwellingStatus | None
    statuses: list[DwellingStatus] = field(default_factory=list)
    residents: list[Resident] = field(default_factory=list)
    former: list[Resident] = field(default_factory=list)
    proposals: list[Suggested] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)


def file_of(actor: Actor, dwelling_id: UUID, *, purpose: str) -> File:
    """A dwelling's file with people masked; leaves one audit row.

    Raises:
        NotFound, Forbidden: the dwelling is out of the post's reach.
    """
    dwelling = dwelling_for(actor, dwelling_id, "household.view")
    of = {"district": dwelling.district, "dwelling_id": dwelling.id}
    statuses = list(DwellingStatus.objects.filter(**of).order_by("-valid_from"))
    found = File(dwelling, next((one for one in statuses if one.valid_to is None), None), statuses)
    found.visits = list(Visit.objects.filter(**of, undone_at__isnull=True).order_by("-at")[:20])
    with context.personal(actor, purpose=purpose):
        rows = Residency.objects.filter(**of).select_related("person").order_by("valid_from", "id")
        this_year = time.today().year
        for row in rows:
            child = bool(row.person.birth_year and this_year - row.person.birth_year < 14)
            (found.residents if row.valid_to is None else found.former).append(Resident(row, masked(row.person), child))
        found.proposals = _suggested(
            list(Proposal.objects.filter(**of).select_related("person").order_by("-proposed_at")[:30])
        )
        shown = len(found.residents) + len(found.former) + len(found.proposals)
        if shown:
            shown_masked(actor, subject_type="dwelling", subject_id=dwelling.id, purpose=purpose, rows=shown)
    return found


def queue(actor: Actor, *, after: str = "", size: int = PAGE) -> tuple[list[Suggested], str]:
    """The proposals that wait for this post's decision, the oldest first, and the mark of the next page.

    Raises:
        Forbidden: the post decides nothing.
    """
    policy.require(actor, "household.decide")
    purpose = "decide a proposed change"
    with transaction.atomic(), context.personal(actor, purpose=purpose):
        rows = Proposal.objects.filter(in_subtree("area_path", actor.area_path), state=ProposalState.PENDING)
        if mark := _mark(after):
            rows = rows.filter(proposed_at__gt=mark)
        found = list(rows.select_related("person").order_by("proposed_at", "id")[: size + 1])
        following = found[size - 1].proposed_at.isoformat() if len(found) > size else ""
        shown = _suggested(found[:size])
        if shown:
            shown_masked(actor, subject_type="list", subject_id="proposals", purpose=purpose, rows=len(shown))
    return shown, following


def _mark(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _suggested(proposals: list[Proposal]) -> list[Suggested]:
    """Proposals beside what the register says; inside an open context."""
    keys = {one.dwelling_id for one in proposals}
    districts = {one.district for one in proposals}
    places = {one.id: one for one in dwellings().filter(district__in=districts, id__in=keys)}
    current = dict(
        DwellingStatus.objects.filter(district__in=districts, dwelling_id__in=keys, valid_to__isnull=True).values_list(
            "dwelling_id", "status"
        )
    )
    return [
        Suggested(
            one,
            masked(one),
            note_of(one),
            places[one.dwelling_id],
            current.get(one.dwelling_id, ""),
            masked(one.person) if one.person_id and one.person else None,
        )
        for one in proposals
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """A person that a search found, masked, and the dwellings in reach."""

    person: Masked
    places: list[tuple[Dwelling, str]]


def search(actor: Actor, text: str, *, purpose: str) -> list[Found]:
    """People by their exact name, telephone or identity number; masked, with an audit row that does not hold the words.

    Raises:
        Invalid: no purpose, or nothing to look for.
        Forbidden: the post may not search.
    """
    policy.require(actor, "household.read")
    words = purpose_of(purpose)
    kind, value = _asked(text)
    column = {Lookup.NAME: "name_hash", Lookup.PHONE: "phone_hash", Lookup.ID_NUMBER: "number_hash"}[kind]
    with transaction.atomic(), context.personal(actor, purpose=words):
        people = list(
            Person.objects.filter(
                district=actor.district,
                merged_into__isnull=True,
                erased_at__isnull=True,
                **{column: crypto.lookup_hash(kind, value)},
            )[:MOST_FOUND]
        )
        rows = Residency.objects.filter(
            district=actor.district, person_id__in=[one.id for one in people], valid_to__isnull=True
        )
        homes: dict[UUID, list[tuple[UUID, str]]] = {}
        for row in rows:
            homes.setdefault(row.person_id, []).append((row.dwelling_id, row.kind))
        audit.record(
            actor, "household.search", subject_type="search", subject_id=str(kind), purpose=words,
            fields=(str(kind),), detail={"found": len(people)},
        )  # fmt: skip
        keys = {dwelling for places in homes.values() for dwelling, _kind in places}
        places = {one.id: one for one in dwellings().filter(district=actor.district, id__in=keys)}
        return [
            Found(masked(one), [(places[key], what) for key, what in homes.get(one.id, []) if key in places])
            for one in people
        ]


def _asked(text: str) -> tuple[Lookup, str]:
    plain = "".join(text.split())
    if not plain:
        raise Invalid("search.empty", _("Please give a name, a telephone number or an identity number."), field="q")
    if len(plain) == 18 and plain[:17].isdigit():
        return Lookup.ID_NUMBER, plain.upper()
    if sum(sign.isdigit() for sign in plain) >= 7:
        try:
            crypto.lookup_hash(Lookup.PHONE, plain)
        except ValueError:
            raise Invalid("phone.invalid", _("This is not a telephone number."), field="q") from None
        return Lookup.PHONE, plain
    return Lookup.NAME, text.strip()


def find_dwellings(actor: Actor, text: str, *, path: str = "", limit: int = 60) -> list[Dwelling]:
    """Dwellings in reach by their address: the compound's name and figures of building, entrance and door ("玉林 3-1-502").

    Args:
        path: a part of the post's area; empty for all of it.

    Raises:
        NotFound, Forbidden: the post may not see households there.
    """
    policy.require(actor, "household.view")
    if path:
        policy.require(actor, "household.view", policy.Spot(path))
    rows = dwellings().filter(in_subtree("area_path", path or actor.area_path or actor.district))
    figures: list[str] = []
    for word in text.replace("-", " ").split():
        if word.isdecimal():
            figures.append(word)
        else:
            rows = rows.filter(entrance__building__compound__name__icontains=word)
    match figures:
        case [building]:
            rows = rows.filter(entrance__building__number=building)
        case [building, entrance]:
            rows = rows.filter(entrance__building__number=building, entrance__number=entrance)
        case [building, entrance, door, *_rest]:
            rows = rows.filter(entrance__building__number=building, entrance__number=entrance)
            spellings = [door, door.lstrip("0")]
            if len(door) >= 3:
                rows = rows.filter(number__in=[*spellings, door[-2:], door[-2:].lstrip("0")])
                rows = rows.filter(floor=int(door[:-2])) | rows.filter(number=door)
            else:
                rows = rows.filter(number__in=spellings)
    order = ("entrance__building__compound__name", "entrance__building__number", "entrance__number", "-floor", "number")
    return list(rows.order_by(*order)[:limit])


@dataclass(frozen=True, slots=True)
class Alike:
    """Two entries of one dwelling with the same name that may be one person."""

    kept: Masked
    other: Masked
    dwelling: Dwelling
    sure: bool
    """Also the last four signs of their identity numbers, or their telephone numbers, are the same."""


_ALIKE = """
SELECT a.person_id, b.person_id, a.dwelling_id,
       coalesce(p.last_four_hash = q.last_four_hash, false) OR coalesce(p.phone_hash = q.phone_hash, false)
  FROM households_residency a
  JOIN households_residency b ON b.district = a.district AND b.dwelling_id = a.dwelling_id AND b.person_id > a.person_id
   AND b.valid_to IS NULL
  JOIN households_person p ON p.district = a.district AND p.id = a.person_id AND p.merged_into_id IS NULL
  JOIN households_person q ON q.district = b.district AND q.id = b.person_id AND q.merged_into_id IS NULL
   AND q.name_hash = p.name_hash
 WHERE a.district = %(district)s AND a.area_path >= %(low)s AND a.area_path < %(high)s AND a.valid_to IS NULL
   AND (p.last_four_hash IS NULL OR q.last_four_hash IS NULL OR p.last_four_hash = q.last_four_hash)
   AND NOT EXISTS (SELECT 1 FROM households_match m WHERE m.district = a.district AND m.state <> 'undone'
        AND (m.kept_id, m.other_id) IN ((a.person_id, b.person_id), (b.person_id, a.person_id)))
 GROUP BY 1, 2, 3, 4 ORDER BY 4 DESC, 3 LIMIT %(most)s
"""


def duplicates(actor: Actor) -> list[Alike]:
    """Entries in reach that may be one person: the same name at the same dwelling, identity numbers that do not differ.

    The more complete entry is the one that is kept. Leaves one audit row.

    Raises:
        Forbidden: the post merges nothing.
    """
    policy.require(actor, "household.merge")
    low, high = subtree(actor.area_path or actor.district)
    values: dict[str, Any] = {"district": actor.district, "low": low, "high": high, "most": MOST_PAIRS}
    purpose = "find entries that are one person"
    with transaction.atomic(), context.personal(actor, purpose=purpose):
        with connection.cursor() as cursor:
            cursor.execute(_ALIKE, values)
            pairs = cursor.fetchall()
        people = Person.objects.in_bulk({key for pair in pairs for key in pair[:2]})
        places = {one.id: one for one in dwellings().filter(district=actor.district, id__in={p[2] for p in pairs})}
        found = []
        for first, second, dwelling, sure in pairs:
            kept, other = sorted((people[first], people[second]), key=_completeness, reverse=True)
            found.append(Alike(masked(kept), masked(other), places[dwelling], sure))
        if found:
            shown_masked(actor, subject_type="list", subject_id="duplicates", purpose=purpose, rows=2 * len(found))
    return found


def _completeness(person: Person) -> tuple[int, float]:
    filled = sum(value is not None for value in (person.number_enc, person.phone_enc, person.birth_year))
    return filled, -person.recorded_at.timestamp()


def merged_lately(actor: Actor) -> list[Match]:
    """The latest decisions on entries that looked alike, which can be taken back."""
    policy.require(actor, "household.merge")
    rows = Match.objects.filter(in_subtree("area_path", actor.area_path)).exclude(state=MatchState.UNDONE)
    return list(rows.order_by("-at")[:10])
