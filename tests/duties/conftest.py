"""The small city with its social work department: 文姐 decides there, 杨科 and 冯工 apply."""

from __future__ import annotations

from datetime import date

import pytest

from linli.kernel.trust import Actor, Role
from linli.people.models import Account, Organisation, OrganisationType, Post
from linli.people.snapshot import changed
from tests.portal.conftest import shelves, visit, world  # noqa: F401 - fixtures of the same make
from tests.world import SINCE, WUHOU, World

TODAY = date(2026, 11, 18)
TOMORROW = date(2026, 11, 19)


def add_office(town: World) -> World:
    """The social work department and its clerk."""
    OrganisationType.objects.get_or_create(
        code="party_department", defaults={"family": "party", "name_zh": "党委部门", "name_en": "Party department"}
    )
    office = Organisation.objects.create(
        district=WUHOU, type_id="party_department", code="social_work", name="武侯区委社会工作部", function="social_work",
        area=town.areas[WUHOU], area_path=WUHOU, starts_on=SINCE,
    )  # fmt: skip
    account = Account.objects.create(login="wen", work_name="文姐")
    post = Post.objects.create(
        district=WUHOU, account=account, role=Role.DEPARTMENT_CLERK, organisation=office, area=town.areas[WUHOU],
        area_path=WUHOU, starts_on=SINCE,
    )  # fmt: skip
    town.organisations["social_work"], town.accounts["wen"], town.posts["wen"] = office, account, post
    town.actors["wen"] = Actor(
        role=Role.DEPARTMENT_CLERK, account_id=account.id, post_id=post.id, organisation_id=office.id, area_path=WUHOU,
        district=WUHOU, name="文姐", request_id="test-wen",
    )  # fmt: skip
    changed("organisations")
    changed("posts")
    return town


@pytest.fixture
def town(world: World) -> World:  # noqa: F811
    """The small city, with the office that keeps its lists."""
    return add_office(world)
