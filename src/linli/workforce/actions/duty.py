"""The duty calendar: a month is planned by rule, changed by hand, swapped with consent, and read by one's own calendar."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from importlib import resources
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import deadlines, events, ids, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Invalid, NotFound, SignInNeeded, Stale
from linli.kernel.trust import Actor, Role, audit, policy
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.workforce import rota
from linli.workforce.models import DutyFeed, Shift, ShiftKind, Span, SpanKind, Swap, SwapState

COMMUNITY_RUNG = 2
ON_DUTY = (Role.COMMUNITY_WORKER, Role.GRID_MEMBER)
"""Who takes part in a community's duty: its workers and full-time grid members."""
AHEAD = timedelta(days=400)
"""How far ahead duty is planned."""
LOOKED_BACK = timedelta(days=92)
"""How far back fairness counts."""


def community(path: str) -> policy.Spot:
    """A community as the policy table is asked about it.

    Raises:
        Invalid: the path is not a community's.
    """
    if path.count("/") != COMMUNITY_RUNG:
        raise Invalid("duty.community", _("Duty is planned for one community."), field="area_path")
    return policy.Spot(path)


@lru_cache(maxsize=1)
def hours() -> dict[str, tuple[clock_time, clock_time]]:
    """``rules/duty.toml``: kind of shift → local time of its beginning and end."""
    text = resources.files("linli.workforce").joinpath("rules/duty.toml").read_text("utf-8")
    rules = tomllib.loads(text)
    return {
        kind: (clock_time.fromisoformat(row["from"]), clock_time.fromisoformat(row["to"]))
        for kind, row in rules.items()
    }


def stretch(day: date, kind: str) -> tuple[datetime, datetime]:
    """When a shift of a day begins and ends."""
    begins, ends = hours()[kind]
    last = day if ends > begins else day + timedelta(days=1)
    return (
        datetime.combine(day, begins, tzinfo=time.LOCAL_ZONE),
        datetime.combine(last, ends, tzinfo=time.LOCAL_ZONE),
    )


def takers(path: str) -> list[Post]:
    """Who takes part in the duty of a community today, one post of each person, the longest held first."""
    rows = Post.objects.filter(
        in_force(), district=district_of(path), role__in=ON_DUTY, account__is_active=True, area_path__startswith=path
    ).select_related("account")
    found: dict[UUID, Post] = {}
    for post in rows.order_by("starts_on", "id"):
        if post.area_path == path or post.area_path.startswith(f"{path}/"):
            found.setdefault(post.account_id, post)
    return list(found.values())


def plan(actor: Actor, *, area_path: str, month: date) -> list[Shift]:
    """Plan what is open of a community's month, from today on; what stands is left as it is.

    Args:
        month: any day of the month.

    Raises:
        Invalid: it is not a community, the month is past, or nobody takes part.
    """
    policy.require(actor, "duty.plan", community(area_path), view="duty.view")
    first = month.replace(day=1)
    _near(first, "month")
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    if last < time.today():
        raise Invalid("duty.past", _("This month is past."), field="month")
    people = takers(area_path)
    if not people:
        raise Invalid(
            "duty.nobody",
            _("Nobody takes part in the duty here."),
            field="area_path",
            mend=_("Appoint a community worker or a full-time grid member first."),
        )
    district = district_of(area_path)
    by_person = {str(post.account_id): post for post in people}
    with transaction.atomic():
        known = list(
            Shift.objects.select_for_update()
            .filter(district=district, area_path=area_path, day__gte=first - LOOKED_BACK, day__lte=last)
            .order_by("day")
        )
        had = Counter((str(one.account_id), one.kind) for one in known if one.day < first)
        taken = {rota.Place(one.day, one.kind): str(one.account_id) for one in known if one.day >= first}
        away = _away(district, [post.account_id for post in people], first, last)
        elsewhere = {
            (str(account), day)
            for account, day in Shift.objects.filter(
                account_id__in=[post.account_id for post in people], day__gte=first
            )
            .exclude(district=district, area_path=area_path)
            .values_list("account_id", "day")
        }
        calendar = deadlines.calendar()
        given = rota.plan(
            rota.shifts_of(max(first, time.today()), last, is_workday=calendar.is_workday),
            list(by_person),
            free=lambda person, day: (
                (person, day) not in elsewhere and not any(start <= day < end for start, end in away.get(person, ()))
            ),
            had=had,
            taken=taken,
        )
        made = [
            _shift(district, area_path, place.day, place.kind, by_person[person]) for place, person in given.items()
        ]
        Shift.objects.bulk_create(made)
        if made:
            _tell(actor, "duty.planned", made[0], data={"shifts": len(made), "month": first.isoformat()})
    return made


def _near(day: date, field: str) -> None:
    if day > time.today() + AHEAD:
        raise Invalid("duty.far", _("Duty is planned for a year ahead at most."), field=field)


def _away(district: str, accounts: Sequence[UUID], first: date, last: date) -> dict[str, list[tuple[date, date]]]:
    found: dict[str, list[tuple[date, date]]] = {}
    rows = Span.objects.filter(
        district=district, kind=SpanKind.AWAY, account_id__in=accounts, starts_on__lte=last, ends_on__gt=first
    )
    for account, start, end in rows.values_list("account_id", "starts_on", "ends_on"):
        found.setdefault(str(account), []).append((start, end))
    return found


def _shift(district: str, path: str, day: date, kind: str, post: Post) -> Shift:
    starts, ends = stretch(day, kind)
    return Shift(
        id=ids.new_id(), district=district, area_path=path, day=day, kind=kind, starts_at=starts, ends_at=ends,
        account_id=post.account_id, post=post, made_at=time.now(),
    )  # fmt: skip


def assign(actor: Actor, *, area_path: str, day: date, kind: str, post_id: UUID, version: int = 0) -> Shift:
    """Put somebody on a shift by hand, in the place of whoever has it.

    Args:
        version: of the shift, 0 when there is none yet.

    Raises:
        Invalid: no such kind of shift, the day is past, or the person takes no part here.
        Conflict: the person has another shift then.
        Stale: the shift changed since.
    """
    policy.require(actor, "duty.plan", community(area_path), view="duty.view")
    if kind not in set(ShiftKind):
        raise Invalid("duty.kind", _("There is no such shift."), field="kind")
    if day < time.today():
        raise Invalid("duty.past_day", _("This day is past."), field="day")
    _near(day, "day")
    chosen = next((post for post in takers(area_path) if post.id == post_id), None)
    if chosen is None:
        raise Invalid("duty.person", _("This person takes no part in the duty here."), field="post")
    district = district_of(area_path)
    with transaction.atomic():
        found = (
            Shift.objects.select_for_update().filter(district=district, area_path=area_path, day=day, kind=kind).first()
        )
        if (found.version if found else 0) != version:
            raise Stale("stale", _("Somebody changed this meanwhile."), mend=_("Look at it again, then decide."))
        shift = found or _shift(district, area_path, day, kind, chosen)
        if found:
            found.swaps.filter(state=SwapState.ASKED).update(state=SwapState.WITHDRAWN, answered_at=time.now())
            found.version += 1
        _give(shift, chosen)
        audit.record(
            actor, "duty.assign", subject_type="shift", subject_id=shift.id, district=district,
            person_id=chosen.account_id,
        )  # fmt: skip
        _tell(actor, "duty.assigned", shift)
    return shift


def _give(shift: Shift, post: Post) -> None:
    if Span.objects.filter(
        district=shift.district, kind=SpanKind.AWAY, account_id=post.account_id, starts_on__lte=shift.day,
        ends_on__gt=shift.day,
    ).exists():  # fmt: skip
        raise Conflict(
            "duty.away",
            _("%(name)s is away in these days.") % {"name": post.account.work_name},
            field="post",
            mend=_("Choose somebody who is there."),
        )
    shift.account_id, shift.post = post.account_id, post
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError:
        raise Conflict(
            "duty.twice",
            _("%(name)s has another shift then.") % {"name": post.account.work_name},
            field="post",
            mend=_("Choose somebody else, or give the other shift away first."),
        ) from None


def ask_swap(actor: Actor, shift_id: UUID, *, to_post: UUID) -> Swap:
    """Ask a colleague to take one's own shift.

    Raises:
        NotFound: it is not one's own shift, or it has begun.
        Invalid: the colleague takes no part here.
        Conflict: somebody is asked already.
    """
    policy.require(actor, "duty.swap")
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    with transaction.atomic():
        shift = (
            Shift.objects.select_for_update()
            .filter(district=actor.district, id=shift_id, account_id=actor.account_id, starts_at__gt=time.now())
            .first()
        )
        if shift is None:
            raise NotFound("duty.none", _("There is no such shift of yours to come."))
        chosen = next((post for post in takers(shift.area_path) if post.id == to_post), None)
        if chosen is None or chosen.account_id == actor.account_id:
            raise Invalid("duty.person", _("This person takes no part in the duty here."), field="post")
        try:
            with transaction.atomic():
                swap = Swap.objects.create(
                    id=ids.new_id(), district=shift.district, shift=shift, area_path=shift.area_path,
                    from_account=actor.account_id, to_account_id=chosen.account_id, to_post=chosen, asked_at=time.now(),
                )  # fmt: skip
        except IntegrityError:
            raise Conflict(
                "duty.swap_asked",
                _("Somebody is asked already."),
                mend=_("Take that back first, or wait for the answer."),
            ) from None
        _tell(actor, "duty.swap_asked", shift, data=_between(shift.post_id, chosen.id), subject=swap.id)
    return swap


def answer_swap(actor: Actor, swap_id: UUID, *, agree: bool) -> Swap:
    """Take a colleague's shift, or say no; who asked may take the question back by saying no.

    Raises:
        NotFound: nobody asked this of the actor.
        Conflict: the shift has begun, or one has another then.
    """
    policy.require(actor, "duty.swap")
    with transaction.atomic():
        swap = (
            Swap.objects.select_for_update().filter(district=actor.district, id=swap_id, state=SwapState.ASKED).first()
        )
        if swap is None or actor.account_id not in (swap.to_account_id, swap.from_account):
            raise NotFound("duty.no_swap", _("Nobody waits for your answer here."))
        mine = actor.account_id == swap.from_account
        shift = Shift.objects.select_for_update().get(district=swap.district, id=swap.shift_id)
        between = _between(shift.post_id, swap.to_post_id)
        if agree and not mine:
            if shift.starts_at <= time.now() or shift.account_id != swap.from_account:
                raise Conflict("duty.begun", _("This shift has begun, or is somebody else's now."))
            taker = Post.objects.select_related("account").get(district=swap.district, id=swap.to_post_id)
            shift.version += 1
            _give(shift, taker)
        swap.state = SwapState.WITHDRAWN if mine else SwapState.AGREED if agree else SwapState.REFUSED
        swap.answered_at = time.now()
        swap.save(update_fields=["state", "answered_at"])
        _tell(actor, f"duty.swap_{swap.state}", shift, data=between, subject=swap.id)
    return swap


def _between(asker: UUID, asked: UUID) -> dict[str, object]:
    return {"from": str(asker), "to": str(asked)}


def new_feed(actor: Actor) -> str:
    """A new secret address part for one's own duty calendar; the one before is good no more. Shown once."""
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    policy.require(actor, "duty.swap")
    key = f"{ids.random_bits(160):040x}"
    with transaction.atomic():
        DutyFeed.objects.update_or_create(
            account_id=actor.account_id, defaults={"key_hash": feed_hash(key), "made_at": time.now()}
        )
        audit.record(
            actor, "duty.feed", subject_type="account", subject_id=actor.account_id, person_id=actor.account_id
        )
    return key


def feed_hash(key: str) -> bytes:
    """What is kept of a feed's key: SHA-256 is enough for 160 random bits."""
    return hashlib.sha256(key.encode()).digest()


def _tell(
    actor: Actor, kind: str, shift: Shift, *, data: dict[str, object] | None = None, subject: UUID | None = None
) -> None:
    events.append(
        kind,
        subject_type="swap" if subject else "shift",
        subject_id=subject or shift.id,
        sequence=shift.version if subject is None else 1 if kind == "duty.swap_asked" else 2,
        district=shift.district,
        area_path=shift.area_path,
        actor=actor,
        data={"day": shift.day.isoformat(), "kind": shift.kind} | (data or {}),
    )
