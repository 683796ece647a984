"""A small city for stories: two districts, two subdistricts, three communities, a few micro-grids, and the cast at their posts.

The cast, each with one meaning: 周阿姨 the resident, 何明 the micro-grid member, 小徐 the community worker, 刘主任 the
subdistrict officer, 孙姐 the dispatcher, 杨科 the department's clerk, 老郑 the verifier, 小田 the call taker, 马督 the
supervisor.
Whoever is named ``sibling_*`` or ``other_*`` has the same post next door, ``far_*`` in another district.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import shapely

from linli.cases.loop import Ref
from linli.cases.models import Case, Channel
from linli.catalog import actions as catalog_actions
from linli.catalog import queries as catalog
from linli.catalog.models import Category, CategoryGroup, CategoryVersion
from linli.kernel import crypto, ids
from linli.kernel.db import district_of
from linli.kernel.trust import Actor, Role
from linli.people.models import Account, Organisation, OrganisationType, Post
from linli.people.snapshot import changed
from linli.territory import changes as territory_changes
from linli.territory.models import Area, Boundary, Level
from tests.laid import laid

SINCE = date(2020, 1, 1)
WUHOU, JINJIANG = "510107", "510104"
AREAS = (
    ("5101", Level.CITY, "成都市"),
    (WUHOU, Level.DISTRICT, "武侯区"),
    (f"{WUHOU}/000", Level.UNPLACED, "待定位"),
    (f"{WUHOU}/012", Level.SUBDISTRICT, "玉林街道"),
    (f"{WUHOU}/012/003", Level.COMMUNITY, "玉林北路社区"),
    (f"{WUHOU}/012/003/02", Level.GENERAL_GRID, "第二网格"),
    (f"{WUHOU}/012/003/02/017", Level.MICRO_GRID, "17号微网格"),
    (f"{WUHOU}/012/003/02/018", Level.MICRO_GRID, "18号微网格"),
    (f"{WUHOU}/012/004", Level.COMMUNITY, "玉林东路社区"),
    (f"{WUHOU}/012/004/01", Level.GENERAL_GRID, "第一网格"),
    (f"{WUHOU}/012/004/01/001", Level.MICRO_GRID, "1号微网格"),
    (f"{WUHOU}/013", Level.SUBDISTRICT, "浆洗街街道"),
    (f"{WUHOU}/013/001", Level.COMMUNITY, "洗面桥社区"),
    (f"{WUHOU}/013/001/01", Level.GENERAL_GRID, "第一网格"),
    (f"{WUHOU}/013/001/01/001", Level.MICRO_GRID, "1号微网格"),
    (JINJIANG, Level.DISTRICT, "锦江区"),
    (f"{JINJIANG}/000", Level.UNPLACED, "待定位"),
    (f"{JINJIANG}/017", Level.SUBDISTRICT, "锦官驿街道"),
    (f"{JINJIANG}/017/001", Level.COMMUNITY, "水井坊社区"),
    (f"{JINJIANG}/017/001/01", Level.GENERAL_GRID, "第一网格"),
    (f"{JINJIANG}/017/001/01/001", Level.MICRO_GRID, "1号微网格"),
)
HOME = f"{WUHOU}/012/003/02/017"
POINT = (104.0605, 30.6305)
"""Inside :data:`HOME`, in WGS 84 degrees."""
BOXES = {
    HOME: (104.060, 30.630, 104.061, 30.631),
    f"{WUHOU}/012/003/02/018": (104.061, 30.630, 104.062, 30.631),
    f"{WUHOU}/012/004/01/001": (104.062, 30.630, 104.063, 30.631),
    f"{WUHOU}/013/001/01/001": (104.063, 30.630, 104.064, 30.631),
    f"{JINJIANG}/017/001/01/001": (104.080, 30.640, 104.081, 30.641),
}
ORGANISATIONS = (
    ("operation_centre", "operation_centre", "5101", "成都市城市运行中心", "city_centre"),
    ("operation_centre", "operation_centre", WUHOU, "武侯区城市运行中心", "centre"),
    ("department", "urban_management", WUHOU, "武侯区综合行政执法局", "urban_management"),
    ("department", "housing_construction", WUHOU, "武侯区住房建设局", "housing"),
    ("department", "water", WUHOU, "武侯区水务局", "water"),
    ("subdistrict_office", "subdistrict_office", f"{WUHOU}/012", "玉林街道办事处", "office"),
    ("subdistrict_office", "subdistrict_office", f"{WUHOU}/013", "浆洗街街道办事处", "other_office"),
    ("residents_committee", "community", f"{WUHOU}/012/003", "玉林北路社区居委会", "committee"),
    ("residents_committee", "community", f"{WUHOU}/012/004", "玉林东路社区居委会", "sibling_committee"),
    ("residents_committee", "community", f"{WUHOU}/013/001", "洗面桥社区居委会", "other_committee"),
    ("operation_centre", "operation_centre", JINJIANG, "锦江区城市运行中心", "far_centre"),
    ("department", "urban_management", JINJIANG, "锦江区综合行政执法局", "far_urban_management"),
    ("subdistrict_office", "subdistrict_office", f"{JINJIANG}/017", "锦官驿街道办事处", "far_office"),
    ("residents_committee", "community", f"{JINJIANG}/017/001", "水井坊社区居委会", "far_committee"),
)
CAST = (
    ("he_ming", "何明", Role.MICRO_GRID_MEMBER, "committee", HOME),
    ("lao_wu", "老吴", Role.GRID_MEMBER, "committee", f"{WUHOU}/012/003/02"),
    ("xiao_xu", "小徐", Role.COMMUNITY_WORKER, "committee", f"{WUHOU}/012/003"),
    ("xiao_li", "小李", Role.COMMUNITY_WORKER, "committee", f"{WUHOU}/012/003"),
    ("liu", "刘主任", Role.SUBDISTRICT_OFFICER, "office", f"{WUHOU}/012"),
    ("sun", "孙姐", Role.DISPATCHER, "centre", WUHOU),
    ("yang", "杨科", Role.DEPARTMENT_CLERK, "urban_management", WUHOU),
    ("housing_clerk", "冯工", Role.DEPARTMENT_CLERK, "housing", WUHOU),
    ("lao_zheng", "老郑", Role.VERIFIER, "centre", WUHOU),
    ("xiao_tian", "小田", Role.CALL_TAKER, "centre", WUHOU),
    ("ma", "马督", Role.SUPERVISOR, "centre", WUHOU),
    ("auditor", "审计员", Role.AUDITOR, "city_centre", "5101"),
    ("protector", "护员", Role.DATA_PROTECTION_OFFICER, "city_centre", "5101"),
    ("system_admin", "系统员", Role.SYSTEM_ADMINISTRATOR, "city_centre", "5101"),
    ("security_admin", "安全员", Role.SECURITY_ADMINISTRATOR, "city_centre", "5101"),
    ("audit_admin", "审管员", Role.AUDIT_ADMINISTRATOR, "city_centre", "5101"),
    ("sibling_member", "邻格员", Role.MICRO_GRID_MEMBER, "committee", f"{WUHOU}/012/003/02/018"),
    ("sibling_worker", "邻社员", Role.COMMUNITY_WORKER, "sibling_committee", f"{WUHOU}/012/004"),
    ("other_liu", "邻街主任", Role.SUBDISTRICT_OFFICER, "other_office", f"{WUHOU}/013"),
    ("far_worker", "远社员", Role.COMMUNITY_WORKER, "far_committee", f"{JINJIANG}/017/001"),
    ("far_clerk", "远科员", Role.DEPARTMENT_CLERK, "far_urban_management", JINJIANG),
    ("far_sun", "远派员", Role.DISPATCHER, "far_centre", JINJIANG),
)
RESIDENTS = (("zhou", "周阿姨", "13800000001"), ("wang", "王叔", "13800000002"))


@dataclass
class World:
    """The small city: areas and organisations by name, actors of the cast by name."""

    areas: dict[str, Area] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        actors = self.__dict__.get("actors", {})
        if name in actors:
            return actors[name]
        raise AttributeError(name)

    def organisation(self, name: str) -> UUID:
        """The id of an organisation."""
        return self.organisations[name].id


def build() -> World:
    """Make the small city in the database that is connected."""
    crypto.keyring()
    world = laid(
        _make,
        tables=(
            CategoryGroup, Category, CategoryVersion, Area, Boundary, OrganisationType, Organisation, Account, Post,
        ),
        stamps=("people_snapshotstamp", "territory_territoryversion"),
    )  # fmt: skip
    territory_changes.mark_changed()
    for table in (catalog.STAMP, "organisations", "posts"):
        changed(table)
    return world


def load_categories() -> None:
    """The catalogue alone, as it comes with Linli."""
    laid(_categories, tables=(CategoryGroup, Category, CategoryVersion), stamps=("people_snapshotstamp",))
    changed(catalog.STAMP)


def _categories() -> None:
    catalog_actions.load_catalogue()


def _make() -> World:
    world = World()
    catalog_actions.load_catalogue()
    for path, level, name in AREAS:
        parent = world.areas.get(path.rpartition("/")[0]) if "/" in path else None
        world.areas[path] = Area.objects.create(
            district=district_of(path), path=path, level=level, name=name, parent=parent, valid_from=SINCE,
            households=60 if level == Level.MICRO_GRID else 0,
        )  # fmt: skip
    for path, box in BOXES.items():
        west, south, east, north = box
        Boundary.objects.create(
            district=district_of(path), area=world.areas[path], geometry=shapely.to_wkb(shapely.box(*box)),
            west=west, south=south, east=east, north=north, valid_from=SINCE,
        )  # fmt: skip
    for kind, function, path, name, key in ORGANISATIONS:
        OrganisationType.objects.get_or_create(
            code=kind, defaults={"family": "government", "name_zh": kind, "name_en": kind}
        )
        world.organisations[key] = Organisation.objects.create(
            district=district_of(path), type_id=kind, code=key, name=name, function=function, area=world.areas[path],
            area_path=path, starts_on=SINCE,
        )  # fmt: skip
    changed("organisations")  # posts are given within what is known
    for login, name, role, organisation, path in CAST:
        account = _account(login, name)
        held = world.organisations[organisation]
        post = Post.objects.create(
            district=held.district, account=account, role=role, organisation=held, area=world.areas[path], area_path=path,
            starts_on=SINCE,
        )  # fmt: skip
        world.accounts[login], world.posts[login] = account, post
        world.actors[login] = Actor(
            role=role, account_id=account.id, post_id=post.id, organisation_id=held.id, area_path=path, district=held.district,
            name=name, request_id=f"test-{login}",
        )  # fmt: skip
    for login, _name, phone in RESIDENTS:
        account = _account(login, "")
        account.phone_hash = crypto.lookup_hash("phone", phone)
        account.save()
        world.accounts[login] = account
        world.actors[login] = Actor(
            role=Role.RESIDENT, account_id=account.id, district=WUHOU, request_id=f"test-{login}"
        )
    return world


def _account(login: str, name: str) -> Account:
    return Account.objects.create(login=login, work_name=name, date_joined=datetime(2020, 1, 1, tzinfo=UTC))


def report(actor: Actor, *, key: str = "", category: str = "UT02", **what: Any) -> Case:
    """A report by ``actor`` at :data:`POINT` (unless told otherwise), as the case that it became."""
    from linli.cases.actions import intake

    values: dict[str, Any] = {
        "category": category, "description": "楼下路灯不亮,晚上看不见路", "lng": POINT[0], "lat": POINT[1],
        "channel": Channel.PORTAL,
    } | what  # fmt: skip
    answer = intake.report(actor, key or str(ids.new_id()), repr(values).encode(), what=intake.Report(**values))
    return Case.objects.get(district=answer.body["district"], id=answer.body["id"])


def ref(case: Case) -> Ref:
    """Names a case."""
    return Ref(case.district, case.id)


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    return Case.objects.get(district=case.district, id=case.id)
