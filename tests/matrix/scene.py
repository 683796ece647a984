"""The stage of the matrix: one case, and every role at its own place, next door, one level up, and in another district."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from linli.cases.actions import accepting, dispatching
from linli.cases.loop import Ref
from linli.cases.models import Case, Evidence, EvidenceKind
from linli.kernel import ids
from linli.kernel.db import district_of
from linli.kernel.storage.intake import Shelf
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import ANONYMOUS, SYSTEM, Actor, Role, policy
from linli.people.actions import machines
from linli.people.models import Account, Organisation, OrganisationType, Post
from linli.people.queries import token_actor
from linli.people.snapshot import changed
from linli.services.actions.loading import load_services
from tests.world import HOME, JINJIANG, SINCE, WUHOU, World, build, report


class Side(StrEnum):
    """Where somebody stands to the case."""

    OWN = "own"
    SIBLING = "sibling"
    PARENT = "parent"
    OTHER_DISTRICT = "other_district"


# For each level of a post: the place of the case, one beside it, the one above, and the like in another district.
GRID = (HOME, f"{WUHOU}/012/003/02/018", f"{WUHOU}/012/003/02", f"{JINJIANG}/017/001/01/001")
GENERAL = (f"{WUHOU}/012/003/02", f"{WUHOU}/012/004/01", f"{WUHOU}/012/003", f"{JINJIANG}/017/001/01")
COMMUNITY = (f"{WUHOU}/012/003", f"{WUHOU}/012/004", f"{WUHOU}/012", f"{JINJIANG}/017/001")
SUBDISTRICT = (f"{WUHOU}/012", f"{WUHOU}/013", WUHOU, f"{JINJIANG}/017")
DISTRICT = (WUHOU, f"{WUHOU}/013", "5101", JINJIANG)
PLACES: dict[Role, tuple[str, str, str, str]] = {
    Role.MICRO_GRID_MEMBER: GRID,
    Role.GRID_MEMBER: GENERAL,
    Role.COMMUNITY_WORKER: COMMUNITY,
    Role.SUBDISTRICT_OFFICER: SUBDISTRICT,
}
POSTED = [role for role in Role if role not in (Role.ANONYMOUS, Role.RESIDENT, Role.MACHINE, Role.SYSTEM)]
DEPARTMENTS = ("urban_management", "housing", "city_centre", "far_urban_management")
"""A department clerk reaches what is in its organisation's hands: the holder's clerk, another department's, the city's, the far one's."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who calls: a role on a side, with a key; nobody has none."""

    role: Role
    side: Side
    actor: Actor
    token: str = ""

    def __str__(self) -> str:
        return f"{self.role.value}/{self.side.value}"


@dataclass
class Scene:
    """The case and everybody around it."""

    world: World
    case: Case
    other: Case
    photo: UUID
    people: list[Person] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The number of the case."""
        return self.case.number

    @property
    def version(self) -> int:
        """Its version."""
        return self.case.version

    @property
    def organisation(self) -> UUID:
        """An organisation of the district."""
        return self.world.organisations["water"].id

    @property
    def restricted(self) -> Case:
        """A case that only its own people may see: made once."""
        if "restricted" not in self.__dict__:
            category = restricted_category()
            self.__dict__["restricted"] = report(self.world.zhou, category=category)
        found: Case = self.__dict__["restricted"]
        return found


def restricted_category() -> str:
    """A category that is restricted and that residents may report."""
    from linli.catalog import queries as catalog

    return next(
        one.code
        for one in catalog.current(district=WUHOU).all(residents=True)
        if one.is_restricted and one.becomes_case
    )


def setting(files: Path) -> Scene:
    """Make the stage in the database that is connected."""
    world = build()
    load_services()
    case, other = _dispatched(world), _dispatched(world)
    scene = Scene(world, case, other, _photo(case))
    scene.people.append(Person(Role.ANONYMOUS, Side.OTHER_DISTRICT, ANONYMOUS))
    for role in POSTED:
        for number, side in enumerate(Side):
            scene.people.append(_posted(world, role, side, number))
    scene.people.append(_with_key(world.accounts["zhou"], Role.RESIDENT, Side.OWN))
    for number, side in enumerate(Side):
        if side != Side.OWN:
            account = Account.objects.create(login=f"resident-{side.value}", home_path=GRID[number])
            scene.people.append(_with_key(account, Role.RESIDENT, side))
        scene.people.append(_machine(GRID[number], side))
    changed("posts")
    return scene


def _dispatched(world: World) -> Case:
    """A lamp that has been dispatched to the department."""
    case = report(world.zhou)
    ref = Ref(case.district, case.id)
    case = accepting.register(world.sun, ref, version=1, route=accepting.Route.NONE)
    case = dispatching.dispatch(
        world.sun, ref, version=case.version, organisation=world.organisation("urban_management")
    )
    return Case.objects.get(district=case.district, id=case.id)


def _photo(case: Case) -> UUID:
    from django.core.files.base import ContentFile

    key = Shelf.PRIVATE.storage().save("photos/te/st/test.jpg", ContentFile(b"not looked into here"))
    made = Evidence.objects.create(
        district=case.district, case=case, kind=EvidenceKind.REPORT, state=FileState.READY, original_key="none",
        shown_key=key, thumb_key=key, sha256=bytes(32), size=1, at=datetime(2026, 11, 18, tzinfo=UTC),
    )  # fmt: skip
    return made.id


def _posted(world: World, role: Role, side: Side, number: int) -> Person:
    path = PLACES.get(role, DISTRICT)[number]
    if role == Role.DEPARTMENT_CLERK:
        organisation = world.organisations[DEPARTMENTS[number]]
        path = organisation.area_path
    else:
        organisation = _office(world, path)
    account = Account.objects.create(login=f"{role.value}-{side.value}", work_name=f"{role.value} {side.value}")
    post = Post.objects.create(
        district=organisation.district, account=account, role=role, organisation=organisation, area=world.areas[path],
        area_path=path, starts_on=SINCE,
    )  # fmt: skip
    return _with_key(account, role, side, post)


def _office(world: World, path: str) -> Organisation:
    kind, _made = OrganisationType.objects.get_or_create(
        code="matrix", defaults={"family": "unit", "name_zh": "单位", "name_en": "Unit"}
    )
    found, _made = Organisation.objects.get_or_create(
        district=district_of(path), code=f"matrix-{path}",
        defaults={"type": kind, "name": path, "area": world.areas[path], "area_path": path, "starts_on": SINCE},
    )  # fmt: skip
    return found


def _scopes() -> set[str]:
    return {verb.partition(".")[0] for verb in policy.table()}


def _with_key(account: Account, role: Role, side: Side, post: Post | None = None) -> Person:
    _row, token = machines.issue_token(
        SYSTEM, name="matrix", scopes=_scopes(), account_id=account.id, post_id=post.id if post else None
    )
    return Person(role, side, _actor(token), token)


def _machine(path: str, side: Side) -> Person:
    _row, token = machines.issue_token(SYSTEM, name=str(ids.new_id()), scopes=_scopes(), machine_path=path)
    return Person(Role.MACHINE, side, _actor(token), token)


def _actor(token: str) -> Actor:
    found = token_actor(token)
    assert found is not None
    return found[1]
