"""Every write of the room: making a brief, its note, issuing it, the next edition, subscriptions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.briefs import composing, keeping, queries, stretches
from linli.briefs.models import Brief, BriefKind, Subscription
from linli.kernel import commands, events, ids, time
from linli.kernel.db import NOWHERE, district_of
from linli.kernel.errors import Conflict, Forbidden, Invalid, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.metrics.catalogue import Period
from linli.metrics.counting import COMMUNITY_DEPTH
from linli.territory import queries as territory

MAKE, ISSUE, VIEW = "brief.make", "brief.issue", "brief.view"
MOST_NOTE, MOST_CHANGED = 2000, 400
MOST_DIFFERENCES = 12
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def make(actor: Actor, key: str, area_path: str, kind: BriefKind, first: date) -> Brief:
    """Make the brief of an area over a whole week, month or quarter, and tell who subscribes; one that is there already is given.

    Args:
        key: the caller's; a repeat gets the brief of the first time.
        first: the first day of the week (a Monday), month or quarter.

    Raises:
        Forbidden: the actor's post may not make briefs there.
        Invalid: no such stretch begins then, or it is not over yet.
        NotFound: there is no such area, or it lies below the community.
    """
    _require(actor, MAKE, area_path)
    period = stretches.whole(kind, first)

    def action() -> UUID:
        _alone(area_path, kind, first)
        found = latest(area_path, kind, first) or _made(actor, area_path, kind, period)
        return found.id

    return _once(actor, key, ["make", area_path, str(kind), first.isoformat()], action)


def make_scheduled(actor: Actor, area_path: str, kind: BriefKind, first: date) -> bool:
    """Make a brief for who subscribes, with the rights of a post that does; nobody is its maker.

    Returns:
        Whether it was made; not so if it was there already.

    Raises:
        Forbidden, Invalid, NotFound: as :func:`make`.
    """
    _require(actor, MAKE, area_path)
    period = stretches.whole(kind, first)
    with transaction.atomic():
        _alone(area_path, kind, first)
        if latest(area_path, kind, first) is not None:
            return False
        _made(actor, area_path, kind, period, maker=SYSTEM)
    return True


def annotate(actor: Actor, brief_id: UUID, revision: int, note: str) -> Brief:
    """Write the assessment of a brief that is not issued yet; an empty one takes it away.

    Args:
        revision: as it was seen.

    Raises:
        Stale: somebody changed it meanwhile.
        Conflict: it is issued.
        Invalid: the assessment is too long.
    """
    words = " ".join(note.split())
    if len(words) > MOST_NOTE:
        raise Invalid(
            "brief.note", _("Please say it in at most %(most)d characters.") % {"most": MOST_NOTE}, field="note"
        )
    with transaction.atomic():
        found = _locked(actor, brief_id, revision, MAKE)
        found.note = words
        _changed(actor, found, "brief.annotated")
    return found


def issue(actor: Actor, brief_id: UUID, revision: int) -> Brief:
    """Issue a brief: from then on it does not change.

    Raises:
        Stale: somebody changed it meanwhile, or made a later edition.
        Conflict: it is issued already.
    """
    with transaction.atomic():
        found = _locked(actor, brief_id, revision, ISSUE)
        found.issued_at, found.issued_post, found.issued_as = time.now(), actor.post_id, actor.name[:80]
        _changed(actor, found, "brief.issued")
        audit.record(
            actor, "brief.issue", subject_type="brief", subject_id=found.id, district=found.district,
            detail={"area": found.area_path, "kind": found.kind, "first": found.first.isoformat(), "edition": found.version},
        )  # fmt: skip
    return found


def correct(actor: Actor, brief_id: UUID, revision: int, changed: str, key: str) -> Brief:
    """Make the next edition of a brief that is issued, from the figures as they are now; it says why, and which figures changed.

    Raises:
        Stale: there is a later edition already.
        Conflict: it is not issued yet.
        Invalid: nothing is said of what changed.
    """
    words = " ".join(changed.split())
    if not 4 <= len(words) <= MOST_CHANGED:
        raise Invalid(
            "brief.changed", _("Say in 4 to %(most)d characters what was corrected.") % {"most": MOST_CHANGED},
            field="changed",
        )  # fmt: skip

    def action() -> UUID:
        found = _seen(actor, brief_id, revision, MAKE)
        if found.issued_at is None:
            raise Conflict("brief.not_issued", _("It is not issued yet: nothing has to be corrected."))
        period = Period(found.first, found.last)
        return _made(actor, found.area_path, BriefKind(found.kind), period, before=found, changed=words).id

    return _once(actor, key, ["correct", str(brief_id), revision, words], action)


def latest(area_path: str, kind: str, first: date) -> Brief | None:
    """The latest edition of a brief, without asking who wants to know."""
    rows = Brief.objects.filter(district=district_of(area_path), area_path=area_path, kind=kind, first=first)
    return rows.order_by("-version").first()


def subscribe(actor: Actor, area_path: str, kind: BriefKind) -> None:
    """Have the actor's post told of each new brief of an area and kind; the worker makes them.

    Raises:
        Forbidden: the post may not make briefs there, or the actor acts through none.
        NotFound: there is no such area, or it lies below the community.
    """
    _require(actor, MAKE, area_path)
    if actor.post_id is None:
        raise Forbidden("not_allowed", _("Your post may not do this."), extra={"verb": MAKE})
    if area_path.count("/") >= COMMUNITY_DEPTH:
        raise queries.missing()
    territory.area_at(area_path)
    # What is over by now is made with one tap; what is told of begins with the next stretch.
    told = stretches.last_whole(kind, time.today()).first
    Subscription.objects.get_or_create(
        district=district_of(area_path), area_path=area_path, kind=kind, post_id=actor.post_id, defaults={"told": told}
    )


def unsubscribe(actor: Actor, area_path: str, kind: BriefKind) -> None:
    """End a subscription of the actor's post; one that is not there is no fault."""
    if actor.post_id is not None:
        Subscription.objects.filter(
            district=district_of(area_path), area_path=area_path, kind=kind, post_id=actor.post_id
        ).delete()


def _alone(area_path: str, kind: BriefKind, first: date) -> None:
    """Two who ask for the same brief at once come one after the other, and get one."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"brief {area_path} {kind} {first}"])


def _require(actor: Actor, verb: str, area_path: str) -> None:
    if not policy.allows(actor, verb, policy.Spot(area_path)):
        raise Forbidden("not_allowed", _("Your post may not do this."), extra={"verb": verb})


def _once(actor: Actor, key: str, said: list[Any], action: Callable[[], UUID]) -> Brief:
    answer = commands.run(
        actor, key, json.dumps(said).encode(), district=actor.district or NOWHERE, action=lambda: (200, str(action())),
    )  # fmt: skip
    return Brief.objects.get(queries.visible(actor), id=UUID(answer.body))


def _seen(actor: Actor, brief_id: UUID, revision: int, verb: str) -> Brief:
    """A brief locked for a write, if it is the latest edition and stands as the actor saw it."""
    rows = Brief.objects.select_for_update(no_key=True)
    found = rows.filter(queries.visible(actor), id=brief_id).first()
    if found is None:
        raise queries.missing()
    _require(actor, verb, found.area_path)
    last = latest(found.area_path, found.kind, found.first)
    if found.revision != revision or (last is not None and last.id != found.id):
        raise Stale(
            "brief.stale", _("Somebody has changed this meanwhile."), mend=_("Look at it again."),
            extra={"revision": found.revision, "edition": last.version if last else found.version},
        )  # fmt: skip
    return found


def _locked(actor: Actor, brief_id: UUID, revision: int, verb: str) -> Brief:
    found = _seen(actor, brief_id, revision, verb)
    if found.issued_at is not None:
        raise Conflict(
            "brief.issued", _("It is issued and does not change any more."), mend=_("Make a corrected edition of it.")
        )
    return found


def _changed(actor: Actor, found: Brief, kind: str) -> None:
    found.revision += 1
    found.save()
    events.append(
        kind, subject_type="brief", subject_id=found.id, sequence=found.revision, district=found.district,
        area_path=found.area_path, actor=actor, data={"kind": found.kind, "day": found.first.isoformat()},
    )  # fmt: skip


def _made(
    actor: Actor, area_path: str, kind: BriefKind, period: Period, *, maker: Actor | None = None, before: Brief | None = None,
    changed: str = "",
) -> Brief:  # fmt: skip
    maker = maker or actor
    composed = composing.compose(actor, area_path, period)
    data = keeping.as_data(composed.document) | {"figures": dict(composed.figures), "words": dict(composed.words)}
    if before is not None:
        data["differences"] = _differences(before.data["figures"], composed.figures)
    made = Brief.objects.create(
        id=ids.new_id(), district=district_of(area_path), area_path=area_path, kind=kind, first=period.first, last=period.last,
        version=before.version + 1 if before else 1, data=data, as_of=composed.as_of, note=before.note if before else "",
        changed=changed, made_post=maker.post_id, made_as=maker.name[:80],
    )  # fmt: skip
    waiting = Subscription.objects.filter(district=made.district, area_path=area_path, kind=kind)
    posts = sorted(str(one) for one in waiting.values_list("post_id", flat=True))
    waiting.exclude(told__gt=period.first).update(told=period.first)
    events.append(
        "brief.made", subject_type="brief", subject_id=made.id, sequence=1, district=made.district, area_path=area_path,
        actor=maker,
        data={
            "kind": str(kind), "starts_on": period.first.isoformat(), "ends_on": (period.last + stretches.DAY).isoformat(),
            "edition": made.version, "posts": posts,
        },
    )  # fmt: skip
    return made


def _differences(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The figures that say something else than in the edition before."""
    found = [
        f"{one['name']}: {old[key]['said']} → {one['said']}"
        for key, one in new.items()
        if key in old and old[key]["said"] != one["said"]
    ]
    return found[:MOST_DIFFERENCES]
