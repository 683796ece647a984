"""Every write of the room. Each locks the list or the item first, and leaves an entry, an event and an audit row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import commands, events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, Stale
from linli.kernel.trust import Actor, Role, audit, policy
from linli.metrics import queries as figures
from linli.people import queries as people
from linli.people.models import Organisation
from linli.supervision import queries
from linli.supervision.drawing import Drawn, drawn, looked_at, quarter_of
from linli.supervision.models import Entry, Item, ItemState, QuarterList, Step

DUE_DAYS = 30
"""What is drawn is due so many days after the drawing."""
MOST_WORDS, LEAST_WORDS = 600, 4


class Verdict(StrEnum):
    """What a check comes to."""

    CLOSE = "close"
    BACK = "back"


def draw(actor: Actor, district: str, key: str) -> QuarterList:
    """Draw the list of a district for the quarter of today, over the ninety days before; a quarter that has one keeps it as it is.

    Args:
        district: its six-figure path.
        key: the command's own.

    Raises:
        Forbidden: the post may not draw lists.
        NotFound: it may not draw there.
        Conflict: ``supervision.reading``: the reader of events has not passed those days.
    """
    policy.require(actor, queries.DRAW)
    policy.require(actor, queries.DRAW, policy.Spot(district))
    quarter, period = quarter_of(time.today()), looked_at(time.today())
    as_of = figures.as_of_area(district).at
    if as_of < figures.midnight(period.last) + figures.DAY:
        raise Conflict(
            "supervision.reading", _("The figures of these days are still being counted."), mend=_("Try again in a minute.")
        )  # fmt: skip

    def action() -> tuple[int, str]:
        found, is_new = QuarterList.objects.get_or_create(
            district=district, quarter=quarter,
            defaults={
                "id": ids.new_id(), "first": period.first, "last": period.last, "drawn_at": time.now(), "as_of": as_of,
                "post_id": actor.post_id,
            },
        )  # fmt: skip
        if is_new:
            made = _fill(actor, found, drawn(actor, district, period))
            data = {"quarter": quarter.isoformat(), "posts": _answering(one.organisation_id for one in made)}
            _tell(actor, found.id, "supervision.drawn", 1, district, district, data)
        return 200, str(found.id)

    body = json.dumps(["supervision.draw", district, quarter.isoformat()]).encode()
    answer = commands.run(actor, key, body, district=actor.district or district, action=action)
    return QuarterList.objects.get(district=district, id=UUID(answer.body))


def _fill(actor: Actor, of: QuarterList, found: list[Drawn]) -> list[Item]:
    due_on = time.today() + timedelta(days=DUE_DAYS)
    left = {one.key: one for one in queries.unfinished(of.district, of).select_for_update().order_by("id")}
    made = {
        one.key: Item(
            id=ids.new_id(), district=of.district, of=of, area_path=one.area_path, reason=one.reason, key=one.key, facts=one.facts,
            cases=one.cases, organisation_id=one.organisation_id, due_on=due_on,
        )
        for one in found
    }  # fmt: skip
    for key, old in left.items():
        new = made.setdefault(
            key,
            Item(
                id=ids.new_id(), district=of.district, of=of, area_path=old.area_path, reason=old.reason, key=key, facts=old.facts,
                cases=old.cases, due_on=due_on,
            ),
        )  # fmt: skip
        new.carried_from, new.organisation_id = old.id, old.organisation_id
    Item.objects.bulk_create(made.values())
    for one in made.values():
        _entry(actor, one, Step.DRAWN, "")
    for old in left.values():
        old.state, old.done_by = ItemState.CARRIED, None
        _next(actor, old, Step.CARRIED, "")
    return list(made.values())


def assign(actor: Actor, item_id: UUID, version: int, organisation_id: UUID, due_on: date) -> Item:
    """Name who answers for an item and until when.

    Raises:
        Invalid: there is no such organisation in the district, or the day is over.
        Stale: somebody changed it meanwhile.
    """
    with transaction.atomic():
        found = _locked(actor, item_id, version, queries.DRAW, ItemState.OPEN)
        named = Organisation.objects.filter(district=found.district, id=organisation_id, ends_on__isnull=True).first()
        if named is None:
            raise Invalid(
                "supervision.organisation", _("Choose an organisation of the district."), field="organisation"
            )
        if not time.today() <= due_on <= time.today() + timedelta(days=366):
            raise Invalid("supervision.due", _("Give a day from today on, within a year."), field="due_on")
        found.organisation_id, found.due_on = named.id, due_on
        _next(actor, found, Step.ASSIGNED, f"{named.name} · {due_on.isoformat()}")
    return found


def follow(actor: Actor, item_id: UUID, version: int, text: str, step: Step = Step.NOTED) -> Item:
    """Write how an item goes, or that it is done.

    Args:
        step: ``noted`` or ``done``.

    Raises:
        Conflict: it is not open.
        Stale: somebody changed it meanwhile.
    """
    if step not in (Step.NOTED, Step.DONE):
        raise Invalid("supervision.step", _("Say how it goes, or that it is done."), field="step")
    said = _words(text)
    with transaction.atomic():
        found = _locked(actor, item_id, version, queries.FOLLOW, ItemState.OPEN)
        if step == Step.DONE:
            found.state, found.done_by = ItemState.DONE, actor.post_id or ids.new_id()
        _next(actor, found, step, said)
    return found


def check(actor: Actor, item_id: UUID, version: int, verdict: Verdict, text: str) -> Item:
    """Close an item that is said to be done, or send it back.

    Raises:
        Forbidden: ``supervision.own``: the same post said that it is done.
        Conflict: nobody has said that it is done.
        Stale: somebody changed it meanwhile.
    """
    said = _words(text)
    with transaction.atomic():
        found = _locked(actor, item_id, version, queries.CHECK, ItemState.DONE)
        if found.done_by == actor.post_id:
            raise Forbidden("supervision.own", _("Somebody else has to check what you said to be done."))
        if verdict == Verdict.CLOSE:
            found.state = ItemState.CLOSED
        else:
            found.state, found.done_by = ItemState.OPEN, None
        _next(actor, found, Step.CLOSED if verdict == Verdict.CLOSE else Step.RETURNED, said)
    return found


def _locked(actor: Actor, item_id: UUID, version: int, verb: str, state: ItemState) -> Item:
    queries.item(actor, item_id)
    found = Item.objects.select_for_update(no_key=True).get(queries.visible(actor), id=item_id)
    policy.require(actor, verb, found, view=queries.VIEW)
    if found.version != version:
        raise Stale(
            "supervision.stale", _("Somebody has changed this meanwhile."), mend=_("Look at it again."),
            extra={"version": found.version, "state": found.state},
        )  # fmt: skip
    if found.state != state:
        raise Conflict(
            "supervision.state",
            _("This cannot be done with an item that is %(state)s.") % {"state": found.get_state_display()},
        )
    return found


def _next(actor: Actor, found: Item, step: Step, text: str) -> None:
    found.version += 1
    found.save()
    _entry(actor, found, step, text)
    _tell(
        actor,
        found.id,
        f"supervision.{step.value}",
        found.version,
        found.district,
        found.area_path,
        {"state": found.state, "day": found.due_on.isoformat(), "posts": _told_of(found, step)},
    )


def _told_of(found: Item, step: Step) -> list[str]:
    """Who hears of a step: those who answer for the item, or those who check it."""
    match step:
        case Step.ASSIGNED | Step.RETURNED:
            return _answering([found.organisation_id])
        case Step.DONE:
            return [str(one.post_id) for one in people.members_for(found.district, Role.SUPERVISOR)]
    return []


def _answering(organisations: Iterable[UUID | None]) -> list[str]:
    named = sorted({one for one in organisations if one is not None})
    return sorted(str(member.post_id) for members in people.workers_of(named).values() for member in members)


def _entry(actor: Actor, found: Item, step: Step, text: str) -> None:
    Entry.objects.create(
        id=ids.new_id(), district=found.district, item=found, sequence=found.version, step=step, text=text, at=time.now(),
        post_id=actor.post_id, name=actor.name[:80],
    )  # fmt: skip


def _tell(
    actor: Actor, subject_id: UUID, kind: str, sequence: int, district: str, area_path: str, data: dict[str, Any]
) -> None:
    events.append(
        kind, subject_type="supervision", subject_id=subject_id, sequence=sequence, district=district, area_path=area_path,
        actor=actor, data=data,
    )  # fmt: skip
    detail = {"area": area_path, **{key: value for key, value in data.items() if key != "posts"}}
    audit.record(actor, kind, subject_type="supervision", subject_id=subject_id, district=district, detail=detail)


def _words(text: str) -> str:
    found = " ".join(text.split())
    if not LEAST_WORDS <= len(found) <= MOST_WORDS:
        raise Invalid(
            "supervision.text",
            _("Please say it in %(least)s to %(most)s characters.") % {"least": LEAST_WORDS, "most": MOST_WORDS},
            field="text",
        )
    return found
