"""A small piece of Wuhou and its people, for the tests of every room above.

Two subdistricts, three communities; 何明 and 小徐 work in the first community, 杨科 for the district's urban management.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from linli.kernel import crypto, ids, time
from linli.kernel.trust import Actor, Role
from linli.people import staffing
from linli.people.models import Account, Organisation, OrganisationType, Post
from linli.people.queries import actor_of_post, resident
from linli.people.snapshot import changed
from linli.territory.models import Area, Level
from tests.laid import laid

CITY, WUHOU, JINJIANG = "5101", "510107", "510104"
COMMUNITY = "510107/012/003"
SIBLING = "510107/012/004"
OTHER_SUBDISTRICT = "510107/013/001"
MICRO_GRID = f"{COMMUNITY}/01/001"
OTHER_MICRO_GRID = f"{COMMUNITY}/01/002"

_TREE = {
    CITY: (Level.CITY, "成都市"),
    WUHOU: (Level.DISTRICT, "武侯区"),
    "510107/000": (Level.UNPLACED, "武侯区"),
    "510107/012": (Level.SUBDISTRICT, "玉林街道"),
    COMMUNITY: (Level.COMMUNITY, "玉林北路社区"),
    f"{COMMUNITY}/01": (Level.GENERAL_GRID, "第1网格"),
    MICRO_GRID: (Level.MICRO_GRID, "第1微网格"),
    OTHER_MICRO_GRID: (Level.MICRO_GRID, "第2微网格"),
    f"{COMMUNITY}/Z01": (Level.DEDICATED_GRID, "玉林小学"),
    SIBLING: (Level.COMMUNITY, "玉林东路社区"),
    f"{SIBLING}/01": (Level.GENERAL_GRID, "第1网格"),
    f"{SIBLING}/01/001": (Level.MICRO_GRID, "第1微网格"),
    "510107/013": (Level.SUBDISTRICT, "簇桥街道"),
    OTHER_SUBDISTRICT: (Level.COMMUNITY, "簇锦社区"),
    f"{OTHER_SUBDISTRICT}/01": (Level.GENERAL_GRID, "第1网格"),
    f"{OTHER_SUBDISTRICT}/01/001": (Level.MICRO_GRID, "第1微网格"),
    JINJIANG: (Level.DISTRICT, "锦江区"),
    f"{JINJIANG}/001": (Level.SUBDISTRICT, "锦官驿街道"),
    f"{JINJIANG}/001/001": (Level.COMMUNITY, "水井坊社区"),
    f"{JINJIANG}/001/001/01": (Level.GENERAL_GRID, "第1网格"),
    f"{JINJIANG}/001/001/01/001": (Level.MICRO_GRID, "第1微网格"),
}


def make_ground() -> dict[str, Area]:
    """The areas, by path."""
    made: dict[str, Area] = {}
    for path, (level, name) in _TREE.items():
        parent = made.get(path.rpartition("/")[0]) if "/" in path else None
        made[path] = Area(
            id=ids.new_id(),
            district=path[:6].ljust(6, "0"),
            path=path,
            level=level,
            name=name,
            parent=parent,
            valid_from=date(2020, 1, 1),
            synthetic=True,
        )
    Area.objects.bulk_create(made.values())
    return made


@dataclass
class Town:
    """The ground, its organisations, and the demo's cast by login."""

    areas: dict[str, Area]
    people: dict[str, Account] = field(default_factory=dict)

    def actor(self, login: str) -> Actor:
        """Somebody of the cast, acting through their post, or as a resident."""
        account = self.people[login]
        post = Post.objects.select_related("account").filter(account=account, ends_on__isnull=True).first()
        return actor_of_post(post) if post else resident(account)

    def organisation(self, code: str) -> Organisation:
        """An organisation by its code, such as ``510107:urban_management``."""
        return Organisation.objects.get(district=code.partition(":")[0][:6].ljust(6, "0"), code=code)


def make_town() -> Town:
    """The ground with staff on it and the cast in the first micro-grid."""
    crypto.keyring()
    town = laid(
        _settled, tables=(Area, OrganisationType, Organisation, Account, Post), stamps=("people_snapshotstamp",)
    )
    for table in ("organisations", "posts"):
        changed(table)
    return town


def _settled() -> Town:
    areas = make_ground()
    staffing.staff_district(WUHOU)
    cast = staffing.make_cast(WUHOU, micro_grid=MICRO_GRID)
    return Town(areas, {member.login: member.account for member in cast})


def make_account(login: str, **fields: object) -> Account:
    """An account without a post."""
    account = Account(id=ids.new_id(), login=login, work_name=login, date_joined=time.now(), **fields)
    account.set_password(fields.pop("password", None) if "password" in fields else None)
    account.save(force_insert=True)
    return account


def give_post(account: Account, role: Role, organisation: Organisation, area: Area, **fields: object) -> Post:
    """A post without asking anybody."""
    post = Post.objects.create(
        id=ids.new_id(),
        district=area.district,
        account=account,
        role=role.value,
        organisation=organisation,
        area=area,
        area_path=area.path,
        starts_on=fields.pop("starts_on", time.today() - timedelta(days=30)),
        **fields,
    )
    changed("posts")
    return post
