"""Leave and cover: a member asks, somebody else decides and names who covers, and the worker lets it begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.people import actions as people
from linli.people import handing
from linli.people.models import Post
from linli.people.queries.acting import in_force
from linli.people.snapshot import changed
from linli.workforce import deputies
from linli.workforce.actions.handing import post_like
from linli.workforce.models import MEMBERS, Leave, LeaveState, Reason, Span, SpanKind

LONGEST = timedelta(days=180)
AHEAD = timedelta(days=366)
"""How far ahead leave is asked for."""
MOST_COVERS = 4


def ask(actor: Actor, *, first_day: date, last_day: date, reason: str) -> Leave:
    """Ask for leave from one's post, and from all of one's posts in the same organisation.

    Args:
        first_day, last_day: both away.
        reason: a :class:`~linli.workforce.models.Reason`; no particulars are asked for.

    Raises:
        Invalid: the days are past, the wrong way round or too many, or there is no such reason.
        Conflict: there is a leave in these days already.
    """
    policy.require(actor, "leave.ask")
    post = _own_post(actor)
    if first_day < time.today():
        raise Invalid("leave.past", _("Leave begins today or later."), field="first_day")
    if first_day > time.today() + AHEAD:
        raise Invalid("leave.far", _("Leave begins within a year."), field="first_day")
    if last_day < first_day:
        raise Invalid("leave.days", _("The last day comes before the first."), field="last_day")
    if last_day - first_day >= LONGEST:
        raise Invalid(
            "leave.too_long",
            _("A leave is at most 180 days."),
            field="last_day",
            mend=_("Who is away for longer hands over."),
        )
    if reason not in set(Reason):
        raise Invalid("leave.reason", _("Please choose a reason from the list."), field="reason")
    leave = Leave(
        id=ids.new_id(),
        district=post.district,
        account_id=post.account_id,
        post=post,
        organisation_id=post.organisation_id,
        area_path=post.area_path,
        starts_on=first_day,
        ends_on=last_day + timedelta(days=1),
        reason=reason,
        asked_at=time.now(),
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                leave.save(force_insert=True)
        except IntegrityError:
            raise Conflict(
                "leave.overlap",
                _("You have asked for leave in these days already."),
                field="first_day",
                mend=_("Withdraw the other one first, or choose other days."),
            ) from None
        _tell(actor, "leave.asked", leave)
    return leave


def _own_post(actor: Actor) -> Post:
    held = Post.objects.filter(in_force(), district=actor.district, role__in=MEMBERS)
    post = held.filter(id=actor.post_id).first() if actor.post_id else None
    if post is None:
        raise NotFound("post.none", _("There is no such post."))
    return post


def approve(
    actor: Actor, leave_id: UUID, *, district: str, version: int, covers: Sequence[UUID], words: str = ""
) -> Leave:
    """Agree to a leave and name who covers, the first one first.

    Each of the covers gets a post on the grids of whoever is away for these days, unless they reach them already. From the first
    day what would have come to the member comes to them; what is open goes over then and comes back with the end.

    Args:
        covers: posts in force of the same organisation.

    Raises:
        Forbidden: it is the actor's own leave.
        Invalid: nobody is named, too many, or somebody who is not of the organisation.
        Conflict: somebody who is named is away in these days, or the member covers for another then.
        Stale: it was changed or decided meanwhile.
    """
    with transaction.atomic():
        leave = _decided(actor, leave_id, district=district, version=version)
        if leave.ends_on <= time.today():
            raise Conflict("leave.over", _("These days are past."), mend=_("Refuse it, and let it be asked anew."))
        posts = _posts_of(leave)
        named = _named(leave, covers)
        starts = max(leave.starts_on, time.today())
        for post in posts:
            _span(leave, SpanKind.AWAY, post, starts=starts)
            for place, chosen in enumerate(named):
                by, made = post_like(post, chosen, starts=starts, ends=leave.ends_on)
                _span(leave, SpanKind.COVER, post, by=by, made=made, place=place, starts=starts)
        _decide(actor, leave, LeaveState.APPROVED, words)
        changed("posts")
        if leave.starts_on <= time.today():
            _begin(leave)
        return leave


def refuse(actor: Actor, leave_id: UUID, *, district: str, version: int, words: str) -> Leave:
    """Say no, with a reason.

    Raises:
        Forbidden, Stale: as :func:`approve`.
        Invalid: no reason is given.
    """
    if len(words.split()) < 1 or len(words.strip()) < 2:
        raise Invalid(
            "field.needed", _("This needs a reason in words."), field="words", mend=_("Say in a sentence why.")
        )
    with transaction.atomic():
        leave = _decided(actor, leave_id, district=district, version=version)
        _decide(actor, leave, LeaveState.REFUSED, words)
        return leave


def end(actor: Actor, leave_id: UUID, *, district: str, version: int) -> Leave:
    """Take a leave back before it begins, or come back today: whoever is away, or whoever may decide on it.

    Raises:
        Conflict: it is over or was refused.
        Stale: it changed since.
    """
    with transaction.atomic():
        leave = _load(leave_id, district)
        mine = actor.account_id == leave.account_id
        policy.require(actor, "leave.ask" if mine else "leave.decide", leave, view="leave.view")
        _fresh(leave, version)
        if not leave.is_open:
            raise Conflict("leave.closed", _("This leave is over, or was refused."))
        today = time.today()
        if leave.begun_at is None:
            leave.state = LeaveState.WITHDRAWN
            cut = leave.starts_on
        else:
            leave.ends_on = cut = max(today, leave.starts_on + timedelta(days=1))
        for span in leave.spans.all():
            span.ends_on = max(span.starts_on, min(span.ends_on, cut if leave.begun_at is None else today))
            span.save(update_fields=["ends_on"])
        leave.version += 1
        if leave.begun_at is not None:
            _return(leave)
        else:
            _end_made(leave)
        leave.save()
        changed("posts")
        _tell(actor, "leave.ended" if leave.begun_at else "leave.withdrawn", leave)
        return leave


def turn() -> int:
    """Let the leaves begin and end whose day has come, each in a transaction of its own; returns how many."""
    today, done = time.today(), 0
    due = Leave.objects.filter(state=LeaveState.APPROVED, ended_at__isnull=True)
    for leave_id in due.filter(begun_at__isnull=True, starts_on__lte=today).values_list("id", flat=True):
        done += _turn(leave_id, begin=True)
    for leave_id in due.filter(begun_at__isnull=False, ends_on__lte=today).values_list("id", flat=True):
        done += _turn(leave_id, begin=False)
    return done


def _turn(leave_id: UUID, *, begin: bool) -> int:
    with transaction.atomic():
        # Several workers may run at once; whoever comes second finds nothing.
        rows = Leave.objects.select_for_update(skip_locked=True).filter(
            id=leave_id, state=LeaveState.APPROVED, ended_at__isnull=True, begun_at__isnull=begin
        )
        leave = rows.first()
        if leave is None:
            return 0
        if begin:
            _begin(leave)
        else:
            _return(leave)
            leave.version += 1
            leave.save(update_fields=["ended_at", "version"])
            changed("posts")
            _tell(SYSTEM, "leave.ended", leave)
        return 1


def _begin(leave: Leave) -> None:
    """What is open goes to whoever is asked first."""
    first: dict[UUID, Span] = {}
    for span in leave.spans.filter(kind=SpanKind.COVER).order_by("place", "id"):
        first.setdefault(span.post_id, span)
    things = handing.held(list(first), district=leave.district)
    for post_id, span in first.items():
        own = [thing for thing in things if thing.post_id == post_id]
        if span.by_post_id is not None and own:
            moved = handing.hand(SYSTEM, own, to_post=span.by_post_id, why="leave_began")
            span.things = [str(thing.id) for thing in moved]
            span.save(update_fields=["things"])
    leave.begun_at = time.now()
    leave.version += 1
    leave.save(update_fields=["begun_at", "version"])
    changed("posts")
    _tell(SYSTEM, "leave.began", leave)


def _return(leave: Leave) -> None:
    """What is still open comes back to the member, or goes to the deputy if the member left meanwhile.

    From a post that was made for the leave that is everything; from one that the cover held anyway, what came with the leave.
    """
    covers = {
        span.by_post_id: span
        for span in leave.spans.filter(kind=SpanKind.COVER).select_related("post")
        if span.by_post_id is not None
    }
    things = handing.held(list(covers), district=leave.district)
    standing = deputies.of([span.post for span in covers.values()]) if things else {}
    today = time.today()
    for by_post, span in covers.items():
        came = set(span.things)
        own = [one for one in things if one.post_id == by_post and (span.made_post or str(one.id) in came)]
        post = span.post
        holds = post.ends_on is None or post.ends_on > today
        target = post.id if holds else standing[post.id].id if post.id in standing else None
        if target is not None and own:
            handing.hand(SYSTEM, own, to_post=target, why="leave_ended")
    _end_made(leave)
    leave.ended_at = time.now()


def _end_made(leave: Leave) -> None:
    """End the posts that were made for a leave, now or, when it never began, before their first day."""
    today = time.today()
    for span in leave.spans.filter(kind=SpanKind.COVER, made_post=True).select_related("by_post"):
        post = span.by_post
        if post is not None and (post.ends_on is None or post.ends_on > today):
            people.end_post(
                SYSTEM, post.id, district=post.district, version=post.version, reason="leave",
                ends_on=max(today, post.starts_on),
            )  # fmt: skip


def _posts_of(leave: Leave) -> list[Post]:
    """The posts that the member holds in the organisation, without those that were made to cover for others."""
    held = Post.objects.filter(
        in_force(),
        district=leave.district,
        account_id=leave.account_id,
        organisation_id=leave.organisation_id,
        role__in=MEMBERS,
    ).exclude(id__in=Span.objects.filter(district=leave.district, made_post=True).values("by_post_id"))
    found = list(held.order_by("area_path", "id"))
    if not found:
        raise Conflict("leave.no_post", _("This person holds no post here any more."))
    return found


def _named(leave: Leave, covers: Sequence[UUID]) -> list[Post]:
    wanted = list(dict.fromkeys(covers))
    if not wanted:
        raise Invalid(
            "leave.cover", _("Please name who covers."), field="covers", mend=_("Choose one colleague at least.")
        )
    if len(wanted) > MOST_COVERS:
        raise Invalid("leave.covers", _("At most four people cover."), field="covers")
    rows = Post.objects.filter(
        in_force(),
        district=leave.district,
        organisation_id=leave.organisation_id,
        role__in=MEMBERS,
        account__is_active=True,
        id__in=wanted,
    ).select_related("account")
    known = {post.id: post for post in rows}
    if len(known) < len(wanted):
        raise Invalid("leave.cover_unknown", _("There is no such colleague here."), field="covers")
    if any(post.account_id == leave.account_id for post in known.values()):
        raise Invalid(
            "leave.cover_self",
            _("Nobody covers for themselves."),
            field="covers",
            mend=_("Choose somebody else."),
        )
    found: dict[UUID, Post] = {}
    for post_id in wanted:
        found.setdefault(known[post_id].account_id, known[post_id])
    return list(found.values())


def _span(
    leave: Leave,
    kind: SpanKind,
    post: Post,
    *,
    starts: date,
    by: Post | None = None,
    made: bool = False,
    place: int = 0,
) -> None:
    account = leave.account_id if by is None else by.account_id
    try:
        with transaction.atomic():
            Span.objects.create(
                id=ids.new_id(), district=leave.district, leave=leave, kind=kind, account_id=account, post=post, by_post=by,
                made_post=made, place=place, starts_on=starts, ends_on=leave.ends_on,
            )  # fmt: skip
    except IntegrityError:
        if kind == SpanKind.AWAY:
            raise Conflict(
                "leave.covers_another",
                _("This person covers for a colleague in these days."),
                mend=_("Name another cover there first."),
            ) from None
        raise Conflict(
            "leave.cover_away",
            _("%(name)s is away in these days.") % {"name": by.account.work_name if by else ""},
            field="covers",
            mend=_("Choose somebody who is there."),
        ) from None


def _load(leave_id: UUID, district: str) -> Leave:
    leave = Leave.objects.select_for_update().filter(district=district, id=leave_id).first()
    if leave is None:
        raise NotFound("leave.none", _("There is no such leave, or none that you can see."))
    return leave


def _decided(actor: Actor, leave_id: UUID, *, district: str, version: int) -> Leave:
    leave = _load(leave_id, district)
    policy.require(actor, "leave.decide", leave, view="leave.view")
    if actor.account_id == leave.account_id:
        raise Forbidden(
            "leave.second_person",
            _("Somebody else decides on your leave."),
            mend=_("Ask a colleague, or the subdistrict."),
        )
    _fresh(leave, version)
    if leave.state != LeaveState.ASKED:
        raise Conflict("leave.decided", _("This has been decided already."))
    return leave


def _decide(actor: Actor, leave: Leave, state: LeaveState, words: str) -> None:
    leave.state, leave.decided_by, leave.decided_at = state, actor.account_id, time.now()
    leave.decision = " ".join(words.split())[:200]
    leave.version += 1
    leave.save()
    audit.record(
        actor,
        f"leave.{'approve' if state == LeaveState.APPROVED else 'refuse'}",
        subject_type="leave",
        subject_id=leave.id,
        district=leave.district,
        person_id=leave.account_id,
    )
    _tell(actor, f"leave.{state}", leave)


def _fresh(leave: Leave, seen: int) -> None:
    if leave.version != seen:
        raise Stale(
            "stale",
            _("Somebody changed this meanwhile."),
            mend=_("Look at it again, then decide."),
            extra={"version": leave.version, "state": leave.state},
        )


def _tell(actor: Actor, kind: str, leave: Leave) -> None:
    events.append(
        kind,
        subject_type="leave",
        subject_id=leave.id,
        sequence=leave.version,
        district=leave.district,
        area_path=leave.area_path,
        actor=actor,
        data={
            "post": str(leave.post_id),
            "starts_on": leave.starts_on.isoformat(),
            "ends_on": leave.ends_on.isoformat(),
        }
        | ({"covers": _covers(leave)} if kind == "leave.approved" else {}),
    )


def _covers(leave: Leave) -> list[str]:
    """The posts through which others cover, in the order in which they are asked."""
    rows = leave.spans.filter(kind=SpanKind.COVER).order_by("place", "id")
    return [str(post) for post in rows.values_list("by_post_id", flat=True)]
