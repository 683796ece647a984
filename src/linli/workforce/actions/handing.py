"""Hand-over in one step: what was mine becomes theirs, and nothing is lost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.db import within
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.trust import SYSTEM, Actor, Role, audit, policy
from linli.people import actions as people
from linli.people import handing
from linli.people.handing import Thing
from linli.people.models import Account, Post
from linli.people.queries.acting import in_force
from linli.workforce import deputies
from linli.workforce.models import MEMBERS, HandOver

UNDO_WITHIN = timedelta(minutes=10)


class _Ground:
    """A post as the subject of a right: where it is, and whose."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.area_path = post.area_path

    def policy_accounts(self) -> Collection[UUID | None]:
        """Who holds the post."""
        return (self.post.account_id,)

    def policy_organisations(self) -> Collection[UUID | None]:
        """For whom."""
        return (self.post.organisation_id,)


def subject(post: Post) -> _Ground:
    """The post as the policy table is asked about it."""
    return _Ground(post)


def post_of(actor: Actor, post_id: UUID, *, verb: str, view: str = "handover.view", lock: bool = False) -> Post:
    """A member's post in force, when the actor may do ``verb`` with it.

    Raises:
        NotFound: there is none that the actor may see.
        Forbidden: the actor may see it, but not do this.
    """
    rows = Post.objects.filter(in_force(), id=post_id, role__in=MEMBERS)
    if actor.district:
        rows = rows.filter(district=actor.district)
    post = (rows.select_for_update(of=("self",)) if lock else rows).select_related("account", "organisation").first()
    if post is None:
        raise NotFound("post.none", _("There is no such post."))
    policy.require(actor, verb, subject(post), view=view)
    return post


def hand_over(
    actor: Actor, post_id: UUID, *, successor: UUID, reason: str, version: int, ends_post: bool = True
) -> HandOver:
    """Move everything that is open in the hands of a post to a successor, and end the post.

    Steps, in one transaction:
    1. the successor works through a post that reaches the place, else gets the same one from today;
    2. everything that any room announces as open in the old post's hands moves, each with an entry in its own log;
    3. the old post ends, unless told otherwise; the hand-over is kept with the list of what moved.

    Args:
        successor: a post in force of the same organisation.
        version: of the post, as the actor saw it.
        ends_post: whether the member leaves the post; otherwise only the work goes.

    Raises:
        NotFound, Forbidden: as :func:`post_of`.
        Invalid: the successor is the same person, or no post of the organisation; no reason is given.
        Stale: the post changed since.
    """
    words = " ".join(reason.split())[:200]
    if len(words) < 2:
        raise Invalid(
            "field.needed", _("This needs a reason in words."), field="reason", mend=_("Say in a sentence why.")
        )
    with transaction.atomic():
        post = post_of(actor, post_id, verb="handover.do", lock=True)
        if post.version != version:
            raise Stale("stale", _("Somebody changed this meanwhile."), mend=_("Look at it again, then decide."))
        chosen = (
            Post.objects.select_for_update(of=("self",))
            .filter(in_force(), district=post.district, id=successor, organisation_id=post.organisation_id)
            .filter(role__in=MEMBERS, account__is_active=True)
            .select_related("account")
            .first()
        )
        if chosen is None:
            raise Invalid("handover.successor", _("There is no such colleague here."), field="successor")
        if chosen.account_id == post.account_id:
            raise Invalid(
                "handover.same_person",
                _("This is the same person."),
                field="successor",
                mend=_("Choose somebody else to take over."),
            )
        to_post, made = standing_on(post, chosen)
        moved = handing.hand(actor, handing.held([post.id], district=post.district), to_post=to_post.id, why="left")
        done = HandOver.objects.create(
            id=ids.new_id(),
            district=post.district,
            from_post=post,
            to_post=to_post,
            area_path=post.area_path,
            reason=words,
            things=[_kept(thing) for thing in moved],
            ends_post=ends_post,
            held_until=post.ends_on,
            made_post=made,
            by_account=actor.account_id or UUID(int=0),
            at=time.now(),
        )
        if ends_post:
            people.end_post(SYSTEM, post.id, district=post.district, version=post.version, reason=words)
        audit.record(
            actor,
            "handover.do",
            subject_type="handover",
            subject_id=done.id,
            district=post.district,
            person_id=post.account_id,
            purpose=words,
            detail={"things": len(moved), "to": str(to_post.id), "ends_post": ends_post},
        )
        _tell(actor, "handover.done", done)
    return done


def standing_on(post: Post, chosen: Post) -> tuple[Post, bool]:
    """The post through which ``chosen``'s holder reaches the place of ``post``: theirs when it does, else one made today like it.

    Returns:
        The post, and whether it was made.
    """
    if within(post.area_path, chosen.area_path) and Role(chosen.role) != Role.MICRO_GRID_MEMBER:
        return chosen, False
    return post_like(post, chosen)


def post_like(post: Post, chosen: Post, *, starts: date | None = None, ends: date | None = None) -> tuple[Post, bool]:
    """The same post as ``post`` in the hands of ``chosen``'s holder: theirs when they hold it already, else one that is made.

    Args:
        starts: the first day of a made one; today unless told.
        ends: the first day after it; none unless told.

    Returns:
        The post, and whether it was made.
    """
    same = Post.objects.filter(
        in_force(),
        district=post.district,
        account_id=chosen.account_id,
        role=post.role,
        organisation_id=post.organisation_id,
        area_path=post.area_path,
    ).first()
    if same is not None:
        return same, False
    made = people.appoint(
        SYSTEM,
        account_id=chosen.account_id,
        role=Role(post.role),
        district=post.district,
        organisation_id=post.organisation_id,
        area_path=post.area_path,
        title=post.title,
        full_time=chosen.full_time,
        starts_on=starts,
        ends_on=ends,
        public_phone=chosen.public_phone,
    )
    return made, True


def undo(actor: Actor, handover_id: UUID, *, district: str) -> HandOver:
    """Take a hand-over back within ten minutes: what is still open goes back, the old post is held again, a made one ends.

    Raises:
        NotFound, Forbidden: there is none that the actor may see, or take back.
        Conflict: it is too late, or it was taken back.
    """
    with transaction.atomic():
        found = (
            HandOver.objects.select_for_update(of=("self",))
            .filter(district=district, id=handover_id)
            .select_related("from_post", "to_post")
            .first()
        )
        if found is None:
            raise NotFound("handover.none", _("There is no such hand-over."))
        policy.require(actor, "handover.do", found, view="handover.view")
        if found.undone_at is not None:
            raise Conflict("handover.undone", _("This was taken back already."))
        if not may_undo(found):
            raise Conflict(
                "handover.too_late",
                _("A hand-over can be taken back for ten minutes."),
                mend=_("Hand over again, the other way round."),
            )
        if found.ends_post:
            people.reinstate_post(
                SYSTEM, found.from_post_id, district=district, reason="handover.undone", ends_on=found.held_until
            )
        taken = {(one["kind"], one["id"]) for one in found.things}
        back = [
            thing
            for thing in handing.held([found.to_post_id], district=district)
            if (thing.kind, str(thing.id)) in taken
        ]
        handing.hand(actor, back, to_post=found.from_post_id, why="undone")
        if found.made_post:
            made = Post.objects.get(district=district, id=found.to_post_id)
            rest = handing.held([made.id], district=district)
            handing.hand(actor, rest, to_post=found.from_post_id, why="undone")
            people.end_post(SYSTEM, made.id, district=district, version=made.version, reason="handover.undone")
        found.undone_at = time.now()
        found.version += 1
        found.save(update_fields=["undone_at", "version"])
        audit.record(
            actor, "handover.undo", subject_type="handover", subject_id=found.id, district=district,
            person_id=found.from_post.account_id,
        )  # fmt: skip
        _tell(actor, "handover.undone", found)
    return found


def may_undo(found: HandOver) -> bool:
    """Whether it is not too late to take a hand-over back."""
    return found.undone_at is None and time.now() - found.at <= UNDO_WITHIN


def release(district: str, posts: Collection[UUID]) -> int:
    """Give what posts that have ended still hold to their deputies; what is left when nobody stands in stays and is seen again.

    Returns:
        How many things moved.
    """
    today = time.today()
    with transaction.atomic():
        things = handing.held(list(posts), district=district)
        if not things:
            return 0
        over = Post.objects.filter(district=district, id__in={thing.post_id for thing in things}, ends_on__lte=today)
        ended = {post.id: post for post in over}
        standing = deputies.of(ended.values())
        moved = 0
        for post_id in ended:
            if deputy := standing.get(post_id):
                own = [thing for thing in things if thing.post_id == post_id]
                moved += len(handing.hand(SYSTEM, own, to_post=deputy.id, why="post_ended"))
    return moved


def names_of(accounts: Collection[UUID]) -> dict[UUID, str]:
    """The work names of accounts, as colleagues know them."""
    return dict(Account.objects.filter(id__in=accounts).values_list("id", "work_name"))


def _kept(thing: Thing) -> dict[str, str]:
    return {
        "kind": thing.kind, "id": str(thing.id), "number": thing.number, "title": thing.title, "area_path": thing.area_path,
    }  # fmt: skip


def _tell(actor: Actor, kind: str, found: HandOver) -> None:
    events.append(
        kind,
        subject_type="handover",
        subject_id=found.id,
        sequence=found.version,
        district=found.district,
        area_path=found.area_path,
        actor=actor,
        data={"from": str(found.from_post_id), "to": str(found.to_post_id), "things": len(found.things)},
    )
