"""Reads of the register and of drives: each takes an actor and answers only what that actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.db import district_of, in_subtree
from linli.kernel.errors import NotFound
from linli.kernel.masking import mask_name
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot
from linli.organisations.coverage import place_of, reach_of
from linli.organisations.models import STAGES, Build, Drive, DriveState, Entry, Profile, Stage, Step
from linli.people.models import Organisation, OrganisationFamily, Post
from linli.people.words import post_word

PAGE = 50
MOST_CHILDREN = 200
MOST_POSTS = 200
STATES = ("at_work", "to_come", "dissolved")


def called(one: Organisation) -> str:
    """The name of an organisation in the reader's language."""
    return one.name if (get_language() or "zh").startswith("zh") or not one.name_en else one.name_en


def state_of(one: Organisation, *, day: date | None = None) -> str:
    """Where it stands on a day: ``at_work``, ``to_come`` (it is founded later) or ``dissolved``."""
    on = day or time.today()
    if one.ends_on is not None and one.ends_on <= on:
        return "dissolved"
    return "to_come" if one.starts_on > on else "at_work"


def _in_state(state: str) -> Q:
    today = time.today()
    ended = Q(ends_on__isnull=False, ends_on__lte=today)
    return {"dissolved": ended, "to_come": Q(starts_on__gt=today) & ~ended}.get(
        state, Q(starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gt=today))
    )


def matching(
    actor: Actor,
    *,
    words: str = "",
    kind: str = "",
    family: str = "",
    area_path: str = "",
    state: str = "at_work",
) -> QuerySet[Organisation]:
    """Organisations within reach, by area and then by the order of the types.

    Args:
        words: each has to be in the name, the English name or the code.
        kind: code of a type.
        state: one of :data:`STATES`.
    """
    chosen = place_of(actor, area_path)
    found = Organisation.objects.select_related("type", "area").filter(
        in_subtree("area_path", chosen), _in_state(state)
    )
    if kind:
        found = found.filter(type_id=kind)
    if family in OrganisationFamily.values:
        found = found.filter(type__family=family)
    for word in words.split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(code__icontains=word))
    return found.order_by("area_path", "type__position", "id")


def organisation(actor: Actor, organisation_id: UUID) -> Organisation:
    """One organisation.

    Raises:
        NotFound: there is none within the actor's reach.
    """
    found = Organisation.objects.select_related("type", "area", "parent").filter(id=organisation_id).first()
    if found is None:
        raise NotFound("organisation.none", _("There is no such organisation."))
    policy.require(actor, "organisation.view", Spot(found.area_path))
    return found


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a post in an organisation; the name is masked unless the actor's post may see posts there."""

    post_id: UUID
    name: str
    title: str
    phone: str
    since: date


@dataclass(frozen=True, slots=True)
class File:
    """Everything that the page of an organisation shows."""

    one: Organisation
    profile: Profile | None
    line: Sequence[Organisation]
    """What it stands under, the highest first."""
    children: Sequence[Organisation]
    posts: Sequence[Holder]
    contact: Holder | None
    history: Sequence[Entry]


def file_of(actor: Actor, organisation_id: UUID) -> File:
    """An organisation with its line upwards, what stands under it, its posts and its history."""
    one = organisation(actor, organisation_id)
    profile = (
        Profile.objects.select_related("compound", "building").filter(district=one.district, organisation=one).first()
    )
    held = Q(starts_on__lte=time.today()) & (Q(ends_on__isnull=True) | Q(ends_on__gt=time.today()))
    rows = Post.objects.filter(held, district=one.district, organisation=one, account__is_active=True)
    plain = policy.allows(actor, "post.view", Spot(one.area_path))
    posts = [
        Holder(
            post.id, post.account.work_name if plain else mask_name(post.account.work_name), post_word(post.role, post.title),
            post.public_phone, post.starts_on,
        )
        for post in rows.select_related("account").order_by("starts_on", "id")[:MOST_POSTS]
    ]  # fmt: skip
    children = Organisation.objects.filter(_in_state("at_work"), district=one.district, parent=one)
    contact = next((one for one in posts if profile is not None and one.post_id == profile.contact_post_id), None)
    return File(
        one=one,
        profile=profile,
        line=line_of(one),
        children=list(children.select_related("type").order_by("area_path", "type__position", "id")[:MOST_CHILDREN]),
        posts=posts,
        contact=contact,
        history=list(Entry.objects.filter(district=one.district, organisation=one).order_by("-at", "-id")[:100]),
    )


def line_of(one: Organisation) -> list[Organisation]:
    """What an organisation stands under, the highest first; one query, however long the line."""
    rows = Organisation.objects.raw(
        """
        WITH RECURSIVE line(id, district, rung) AS (
            SELECT parent_id, district, 1 FROM people_organisation WHERE district = %s AND id = %s
            UNION ALL
            SELECT o.parent_id, o.district, line.rung + 1 FROM line
            JOIN people_organisation o ON o.district = line.district AND o.id = line.id WHERE line.rung < 20
        )
        SELECT o.* FROM line JOIN people_organisation o ON o.district = line.district AND o.id = line.id ORDER BY line.rung DESC
        """,
        [one.district, one.id],
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Public:
    """An organisation as residents read of it."""

    id: UUID
    name: str
    kind: str
    description: str
    phone: str


def public_of(path: str, *, most: int = 60) -> list[Public]:
    """The organisations at work in a community and on the areas above and in it that residents may read of, by type.

    Those of the community itself and of the subdistrict come with those of the grid, the compound and the building that the path
    lies in; without the departments, which residents reach through services. Public: it takes no actor.
    """
    parts = path.split("/")
    if len(parts) < 3:
        return []
    community = "/".join(parts[:3])
    above = ["/".join(parts[:2])]
    rows = (
        Organisation.objects.select_related("type")
        .filter(
            _in_state("at_work"),
            in_subtree("area_path", community) | Q(area_path__in=above),
            district=district_of(path),
        )
        .order_by("type__position", "area_path", "id")
    )
    hidden = Profile.objects.filter(district=district_of(path), is_public=False).values("organisation_id")
    found = list(rows.exclude(id__in=hidden)[:most])
    profiles = {
        profile.organisation_id: profile
        for profile in Profile.objects.filter(district=district_of(path), organisation__in=found).select_related(
            "contact_post"
        )
    }
    chinese = (get_language() or "zh").startswith("zh")
    made = []
    for one in found:
        profile = profiles.get(one.id)
        post = profile.contact_post if profile is not None else None
        phone = one.public_phone or (post.public_phone if post is not None and _still(post) else "")
        said = profile.said if profile is not None else ""
        # Without a number or a word of its own there is nothing in it for a resident.
        if phone or said:
            made.append(Public(one.id, called(one), one.type.name_zh if chinese else one.type.name_en, said, phone))
    return made


def _still(post: Post) -> bool:
    return post.starts_on <= time.today() and (post.ends_on is None or post.ends_on > time.today())


# --- drives ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """A drive with how far it has come: builds by the number of steps done, and how many of its next dates have passed."""

    drive: Drive
    builds: int
    by_done: Sequence[int]
    overdue: int

    @property
    def founded(self) -> int:
        """Builds whose organisation is there."""
        return sum(self.by_done[2:])

    @property
    def rooted(self) -> int:
        """Builds with all five steps done."""
        return self.by_done[len(STAGES)]


def _overdue() -> Q:
    return Q(done__lt=len(STAGES), next_on__lt=time.today())


def drives(actor: Actor, *, area_path: str = "", state: str = "") -> list[Progress]:
    """The drives within reach, those under way first, the latest first."""
    chosen = place_of(actor, area_path)
    # A drive of the area around one's own concerns one too.
    around = Q(area_path__in=_above(chosen))
    rows = Drive.objects.select_related("type", "area").filter(in_subtree("area_path", chosen) | around)
    if state in DriveState.values:
        rows = rows.filter(state=state)
    return _progress(list(rows.order_by("-state", "-begun_at")[:100]), within_path=chosen)


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: rung + 1]) for rung in range(len(parts) - 1)]


def _progress(rows: Sequence[Drive], *, within_path: str) -> list[Progress]:
    counts: dict[UUID, list[int]] = {drive.id: [0] * (len(STAGES) + 1) for drive in rows}
    late: dict[UUID, int] = dict.fromkeys(counts, 0)
    found = (
        Build.objects.filter(
            in_subtree("area_path", within_path),
            district__in={drive.district for drive in rows},
            drive_id__in=list(counts),
        )
        .values("drive_id", "done")
        .annotate(count=Count("id"), late=Count("id", filter=_overdue()))
        .order_by()
    )
    for row in found:
        counts[row["drive_id"]][row["done"]] += row["count"]
        late[row["drive_id"]] += row["late"]
    return [Progress(drive, sum(counts[drive.id]), counts[drive.id], late[drive.id]) for drive in rows]


def drive(actor: Actor, drive_id: UUID) -> Progress:
    """One drive, as far as it concerns the actor.

    Raises:
        NotFound: there is none in whose area the actor's lies, or that lies in the actor's.
    """
    reach = reach_of(actor)
    found = Drive.objects.select_related("type", "area").filter(id=drive_id).first()
    concerned = found is not None and (
        policy.allows(actor, "organisation.view", found) or found.area_path in _above(reach)
    )
    if found is None or not concerned:
        raise NotFound("drive.none", _("There is no such drive."))
    return _progress([found], within_path=_narrower(found.area_path, reach))[0]


def _narrower(one: str, other: str) -> str:
    return one if len(one) >= len(other) else other


def builds(actor: Actor, one: Drive, *, stage: str = "", overdue: bool = False) -> QuerySet[Build]:
    """The places of a drive within the actor's reach, what is due first; ``stage`` is the step that comes next, ``done`` for done."""
    rows = Build.objects.select_related("organisation").filter(district=one.district, drive=one)
    rows = rows.filter(in_subtree("area_path", _narrower(one.area_path, reach_of(actor))))
    if stage in Stage.values:
        rows = rows.filter(done=STAGES.index(Stage(stage)))
    elif stage == "done":
        rows = rows.filter(done=len(STAGES))
    if overdue:
        rows = rows.filter(_overdue())
    return rows.order_by("next_on", "area_path", "id")


def build(actor: Actor, build_id: UUID) -> tuple[Build, list[Step]]:
    """One place of a drive with every step that was ever done, also those taken back, the first one first.

    Raises:
        NotFound: there is none within the actor's reach.
    """
    found = Build.objects.select_related("drive__type", "organisation").filter(id=build_id).first()
    if found is None:
        raise NotFound("build.none", _("There is no such place in a drive."))
    policy.require(actor, "organisation.view", found)
    return found, list(found.steps.order_by("at", "id"))


def overdue_count(actor: Actor) -> int:
    """How many next steps within reach are late."""
    reach = reach_of(actor)
    rows = Build.objects.filter(_overdue(), in_subtree("area_path", reach), drive__state=DriveState.OPEN)
    return rows.count()
