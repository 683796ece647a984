"""Finding cases by words: Chinese has no spaces, so what is indexed are characters and pairs of neighbours, and the text decides.

Filled by the event consumer a second after the fact, so that taking a report in costs what it did (docs/decisions/search-by-pairs.md).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from linli.cases.models import Case, LogEntry, Searchable
from linli.catalog import queries as catalog
from linli.kernel import events, ids
from linli.kernel.events import Happened

SEALED = ("personal", "restricted")
MAX_WORDS = 6
NOTES = 4_000
"""How many characters of a case's notes are searched; the newest."""
AROUND = 24
LANGUAGES = ("zh-hans", "en")


def plain(text: str) -> str:
    """A text as it is indexed and asked for: one width, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\0", "").split())


def terms(text: str) -> list[str]:
    """The words of a search; all of them must occur."""
    return list(dict.fromkeys(plain(text).split(" ")))[:MAX_WORDS] if plain(text) else []


def keys(word: str) -> list[int]:
    """What the index is asked for: the pairs of a word, or its one character. ``cases_pairs`` holds a text's in the same numbers.

    A word's single characters say nothing that its pairs do not, and half of all texts hold them.
    """
    codes = [ord(character) & 0xFFFF for character in word]
    if len(codes) == 1:
        return codes
    return sorted({(one << 16) + other - (1 << 31) for one, other in pairwise(codes)})


def having(cases: QuerySet[Case], text: str, *, first: int = 50) -> QuerySet[Case]:
    """Those of ``cases`` in which every word of ``text`` occurs; all when there is none.

    Args:
        first: how many of them are wanted at once. Of words that many cases hold, that many are found sooner by walking the
            list than by fetching all from the index.
    """
    wanted = terms(text)
    if not wanted:
        return cases
    found = Searchable.objects.filter(district=OuterRef("district"), case_id=OuterRef("id"))
    rare = not _is_walked(wanted, first)
    for word in wanted:
        found = found.filter(words__contains=word)
        if rare:
            found = found.filter(pairs__contains=keys(word))
    return cases.filter(Exists(found))


PROBE_TO_FETCH = 0.6
"""What it costs to look at one row of a list, by what it costs to fetch one that the index names; measured."""


def _is_walked(wanted: Sequence[str], first: int) -> bool:
    """Whether walking is cheaper: ``first / share`` rows are looked at, against ``share * all`` that are fetched.

    The planner knows the share of each pair, but takes the pairs of one word for independent, and is off by orders of magnitude.
    """
    known = cache.get_or_set("cases.searching.shares", _shares, SHARES_KEPT)
    if known is None or not known[0]:
        return False
    rows, shares = known
    many = sqrt(PROBE_TO_FETCH * first / rows)
    if min(shares.get(key, 0.0) for word in wanted for key in keys(word)) <= many:
        return False
    # Every pair is common; whether the words are, a look at some pages says.
    key = "cases.searching." + hashlib.blake2b(" ".join(wanted).encode(), digest_size=16).hexdigest()
    return (cache.get_or_set(key, lambda: _sampled(wanted, rows), SHARES_KEPT) or 0.0) > many


SAMPLE = 3_000


def _sampled(wanted: Sequence[str], rows: float) -> float:
    patterns = ["%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for word in wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FILTER (WHERE words LIKE ALL (%s)), count(*) FROM {Searchable._meta.db_table}"
            " TABLESAMPLE SYSTEM (%s)",
            [patterns, min(100.0, 100 * SAMPLE / rows)],
        )
        hits, seen = cursor.fetchone()
    return hits / seen if seen else 0.0


SHARES_KEPT = 600
"""Seconds."""


def _shares() -> tuple[float, dict[int, float]]:
    """How many rows there are, and the share of them that holds each of the commonest pairs: PostgreSQL's own statistics."""
    table = Searchable._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
        rows = max(0.0, float(cursor.fetchone()[0]))
        cursor.execute(
            "SELECT most_common_elems::text::integer[], most_common_elem_freqs FROM pg_stats"
            " WHERE schemaname = current_schema() AND tablename = %s AND attname = 'pairs'",
            [table],
        )
        found = cursor.fetchone()
    # After the shares of the elements the list holds their least, their greatest and the share of empty arrays.
    return rows, dict(zip(found[0], found[1], strict=False)) if found and found[0] else {}


def index(district: str, case_ids: Collection[UUID]) -> int:
    """Write anew what these cases are found by; says how many there were."""
    cases = list(Case.objects.filter(district=district, id__in=case_ids))
    notes: dict[UUID, list[str]] = defaultdict(list)
    open_ones = [case.id for case in cases if case.sensitivity not in SEALED]
    log = LogEntry.objects.filter(district=district, case_id__in=open_ones, kind="comment").order_by("-sequence")
    for case_id, data in log.values_list("case_id", "data"):
        notes[case_id].append(str(data.get("text", "")))
    Searchable.objects.bulk_create(
        (
            Searchable(id=ids.new_id(), district=district, case=case, words=_words(case, notes[case.id]))
            for case in cases
        ),
        update_conflicts=True,
        unique_fields=["district", "case"],
        update_fields=["words"],
    )
    return len(cases)


def _words(case: Case, notes: Sequence[str]) -> str:
    entry = catalog.current(district=case.district).get(case.category)
    parts = [case.number, *(entry.called(language) for language in LANGUAGES if entry)]
    if case.sensitivity not in SEALED:
        parts += [case.address_text, case.description, " ".join(notes)[:NOTES]]
    # A line of its own for each: no word is found across the end of one and the beginning of the next.
    return "\n".join(found for part in parts if (found := plain(part)))


@events.consumer("cases.search", "case.report", "case.reclassify", "case.comment", "case.split", "case.merge")
def on_words(batch: Sequence[Happened]) -> None:
    """Index the cases whose words a batch has changed; a repeat writes the same."""
    by_district: dict[str, set[UUID]] = defaultdict(set)
    for event in batch:
        by_district[event.district].add(event.subject_id)
    for district, case_ids in by_district.items():
        index(district, case_ids)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Where a case's words match: the text in pieces, each with whether it is the hit itself."""

    pieces: tuple[tuple[str, bool], ...]


def snippets(cases: Collection[Case], text: str) -> dict[UUID, Snippet]:
    """A piece of each case's words around the first hit; what matches by number or kind alone has none.

    One query for the notes that match, none when every hit lies in a description or an address.
    """
    wanted = terms(text)
    found: dict[UUID, Snippet] = {}
    rest: list[Case] = []
    for case in cases:
        sealed = case.sensitivity in SEALED
        cut = None if sealed else _cut(case.description, wanted) or _cut(case.address_text, wanted)
        if cut:
            found[case.id] = cut
        elif not sealed:
            rest.append(case)
    if wanted and rest:
        log = LogEntry.objects.filter(
            district__in={case.district for case in rest}, case_id__in=[case.id for case in rest], kind="comment"
        )
        for case_id, data in log.order_by("sequence").values_list("case_id", "data"):
            if cut := _cut(str(data.get("text", "")), wanted):
                found[case_id] = cut
    return found


def _cut(text: str, wanted: Sequence[str]) -> Snippet | None:
    """The surroundings of the first word that occurs; character by character, so that widths and cases may differ."""
    shown = " ".join(text.split())
    folded, origin = "", []
    for place, character in enumerate(shown):
        one = unicodedata.normalize("NFKC", character).casefold()
        folded += one
        origin += [place] * len(one)
    for word in wanted:
        at = folded.find(word)
        if at >= 0:
            first, last = origin[at], origin[at + len(word) - 1] + 1
            begin, end = max(0, first - AROUND), min(len(shown), last + AROUND)
            before = ("…" if begin else "") + shown[begin:first]
            after = shown[last:end] + ("…" if end < len(shown) else "")
            pieces = ((before, False), (shown[first:last], True), (after, False))
            return Snippet(tuple(piece for piece in pieces if piece[0]))
    return None
