"""Two entries that look like one person: merged, or said to be two; both can be taken back."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.households.models import Match, MatchState, Person, Residency
from linli.kernel import ids
from linli.kernel.errors import Conflict, NotFound
from linli.kernel.trust import SYSTEM, Actor, audit, context, policy

MATCHING = "find entries that are one person"
"""The purpose under which entries are compared."""


def merge(actor: Actor, kept_id: UUID, other_id: UUID) -> Match:
    """Let one entry take another's place: its residencies go over, except those that the first one has too.

    Raises:
        NotFound, Forbidden: one of them is out of the post's reach.
        Conflict: one has been merged, or both have identity numbers and they differ.
    """
    with transaction.atomic(), context.personal(actor, purpose=MATCHING):
        kept, other, path = _pair(actor, kept_id, other_id)
        if kept.number_hash and other.number_hash and bytes(kept.number_hash) != bytes(other.number_hash):
            raise Conflict("match.numbers", _("Their identity numbers differ: these are two persons."))
        moved = _move(kept, other)
        match = _decided(actor, kept, other, path, MatchState.MERGED, moved)
    return match


def _move(kept: Person, other: Person) -> list[str]:
    """Hand the residencies over, also those that lie out of the actor's reach: a person is one everywhere."""
    with context.personal(SYSTEM):
        has = {
            (row.dwelling_id, row.kind)
            for row in Residency.objects.filter(district=kept.district, person_id=kept.id, valid_to__isnull=True)
        }
        moved = []
        for row in Residency.objects.select_for_update().filter(district=other.district, person_id=other.id):
            if (row.dwelling_id, row.kind) not in has:
                moved.append(str(row.id))
        try:
            with transaction.atomic():
                Residency.objects.filter(district=kept.district, id__in=moved).update(person_id=kept.id)
        except IntegrityError:
            raise Conflict("match.overlap", _("Both were registered at one dwelling at different times.")) from None
        Person.objects.filter(district=other.district, id=other.id).update(merged_into=kept)
    return moved


def keep_apart(actor: Actor, kept_id: UUID, other_id: UUID) -> Match:
    """Say that two entries are two persons; they are not asked about again.

    Raises:
        NotFound, Forbidden, Conflict: as for :func:`merge`.
    """
    with transaction.atomic(), context.personal(actor, purpose=MATCHING):
        kept, other, path = _pair(actor, kept_id, other_id)
        return _decided(actor, kept, other, path, MatchState.DISTINCT, [])


def undo(actor: Actor, match_id: UUID) -> Match:
    """Take a merger, or the word that they are two, back.

    Raises:
        NotFound, Forbidden: it is out of the post's reach.
        Conflict: it has been taken back, or the entry was deleted since.
    """
    with transaction.atomic(), context.personal(actor, purpose=MATCHING):
        match = Match.objects.select_for_update().filter(district=actor.district, id=match_id).first()
        if match is None:
            raise NotFound("match.none", _("There is no such decision that you can see."))
        policy.require(actor, "household.merge", policy.Spot(match.area_path), view="household.view")
        if match.state == MatchState.UNDONE:
            raise Conflict("match.undone", _("This has been taken back already."))
        if match.state == MatchState.MERGED:
            with context.personal(SYSTEM):
                Residency.objects.filter(district=match.district, id__in=match.moved).update(person_id=match.other_id)
                Person.objects.filter(district=match.district, id=match.other_id).update(merged_into=None)
        match.state = MatchState.UNDONE
        match.save(update_fields=["state"])
        _note(actor, match)
    return match


def _pair(actor: Actor, kept_id: UUID, other_id: UUID) -> tuple[Person, Person, str]:
    rows = Person.objects.select_for_update().filter(district=actor.district, id__in=[kept_id, other_id])
    found = {row.id: row for row in rows}
    if kept_id == other_id or len(found) != 2:
        raise NotFound("person.none", _("There is no such person that you can see."))
    paths = set(
        Residency.objects.filter(district=actor.district, person_id__in=found).values_list("area_path", flat=True)
    )
    for path in paths:
        policy.require(actor, "household.merge", policy.Spot(path), view="household.view")
    if any(row.merged_into_id for row in found.values()):
        raise Conflict("match.merged", _("One of them has been merged already."))
    return found[kept_id], found[other_id], min(paths)


def _decided(actor: Actor, kept: Person, other: Person, path: str, state: MatchState, moved: list[str]) -> Match:
    try:
        with transaction.atomic():
            match = Match.objects.create(
                id=ids.new_id(), district=kept.district, kept=kept, other=other, area_path=path, state=state, moved=moved,
                post_id=actor.post_id,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("match.decided", _("This has been decided already.")) from None
    _note(actor, match)
    return match


def _note(actor: Actor, match: Match) -> None:
    audit.record(
        actor, "household.merge", subject_type="person", subject_id=match.kept_id, district=match.district, purpose=MATCHING,
        fields=("name", "last_four"), detail={"other": str(match.other_id), "state": str(match.state)},
    )  # fmt: skip
