"""An administrator prepares a service's next version, looks at the difference, publishes it; a service is closed and opened again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from linli.administration import service_form
from linli.administration.service_form import ServiceForm, begins_with
from linli.kernel import time
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from linli.kernel.models import AuditEntry
from linli.kernel.trust import SYSTEM
from linli.people import sessions
from linli.people.models import Post
from linli.services import chores, queries, rules
from linli.services.actions import versions
from linli.services.models import ServiceChange, Slot
from tests.desk.conftest import page
from tests.people import factories
from tests.services.conftest import COMMUNITY, fresh, furnished, load_services, made
from tests.world import WUHOU, World, build, load_categories


@pytest.fixture
def admin(db: None, clock: Any, client: Client) -> Client:
    """The system administrator of the small town, before the services."""
    load_categories()
    load_services()
    town = factories.make_town()
    client.force_login(town.people["admin"])
    session = client.session
    post = Post.objects.get(account=town.people["admin"], ends_on__isnull=True)
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    client.cookies["linli_language"] = "en"
    return client


@pytest.fixture
def world(db: None, clock: Any) -> World:
    """The small city with its services."""
    return furnished(build())


def sent(code: str, **changes: Any) -> dict[str, Any]:
    """What the form of a service would send."""
    version = queries.history(code)[0]
    found: dict[str, Any] = {}
    form = ServiceForm(initial=begins_with(version))
    for one in form:
        value = one.value()
        if value is None or value is False:
            continue
        found[one.name] = "on" if value is True else value
    return found | {"scope": "", "reason": "按新的办事指南", "effective_from": ""} | changes


def test_the_form_of_every_service_sends_back_what_it_begins_with(admin: Client) -> None:
    assert len(queries.listed()) == 58
    for listed in queries.listed():
        version, _before = queries.version(listed.entry.version_id)
        form = ServiceForm(sent(listed.entry.code))
        assert form.is_valid(), (listed.entry.code, form.errors)
        with pytest.raises(Invalid) as refused:
            versions.propose(SYSTEM, code=listed.entry.code, values=form.values(), reason="same")
        assert refused.value.code == "catalogue.same"
        versions.check(version)


def test_an_administrator_prepares_sees_the_difference_and_publishes(admin: Client, clock: Any) -> None:
    client = admin
    listing = page(client.get("/admin/services?q=居住证"))
    assert "/admin/services/PO01" in listing
    assert "/admin/services/UM01" not in listing
    assert "No service fits" in page(client.get("/admin/services?q=火箭发射"))
    before = queries.service("PO01")
    begins = (time.now() + timedelta(days=3)).astimezone(time.LOCAL_ZONE)
    answer = client.post(
        "/admin/services/PO01",
        sent(
            "PO01", days=7, materials="身份信息 | Identity | proof:identity", function="civil_affairs",
            effective_from=f"{begins:%Y-%m-%dT%H:%M}",
        ),
    )  # fmt: skip
    assert answer.status_code == 302, page(answer)
    change = ServiceChange.objects.get()
    assert set(change.values) == {"days", "materials", "function"}
    shown = page(client.get(answer["Location"]))
    assert "0 applications under way" in shown
    assert "in force from" in shown
    assert queries.service("PO01").days == before.days
    decide = f"/admin/services/changes/{change.id}/decide"
    assert client.post(decide, {"decision": "publish", "version": "1"}).status_code == 302
    assert client.post(decide, {"decision": "publish", "version": "1"}).status_code == 409
    assert queries.service("PO01").days == before.days, "it holds from its date, not before"
    assert "changes" in page(client.get("/admin/services?q=PO01"))
    clock.forward(days=3, minutes=1)
    after = queries.service("PO01")
    assert (after.days, after.proofs, after.function) == (7, ("identity",), "civil_affairs")
    assert after.minutes == 7 * rules.MINUTES_A_DAY[after.clock]
    versioned = page(client.get(f"/admin/services/versions/{after.version_id}"))
    assert "What it changed against the version before" in versioned
    assert "Days to the result" in versioned
    assert [one.verb for one in AuditEntry.objects.filter(subject_id=change.id).order_by("id")] == [
        "service.propose",
        "service.published",
    ]


def test_what_cannot_be_is_refused_and_what_was_typed_stays(admin: Client) -> None:
    answer = admin.post("/admin/services/UM01", sent("UM01", form="items, nothing_like_it", name_en="Sofas"))
    text = page(answer)
    assert answer.status_code == 422
    assert "nothing_like_it" in text
    assert "Sofas" in text
    for wrong, field in (
        ({"booking_windows": "11:00-09:00"}, "booking_windows"),
        ({"materials": "沙发 | Sofa | proof:no_such"}, "materials"),
        ({"way": "page", "page": "somewhere"}, "page"),
        ({"way": "report", "category": "ZZ99"}, "category"),
    ):
        answer = admin.post("/admin/services/UM01", sent("UM01", **wrong))
        assert answer.status_code == 422, field
        assert f'href="#id_{field}"' in page(answer), field
    assert admin.post("/admin/services/UM01", sent("UM01")).status_code == 422, "nothing differs"
    assert admin.get("/admin/services/XX99").status_code == 404
    assert not ServiceChange.objects.exists()


def test_an_application_keeps_the_version_that_it_was_made_for(world: World, clock: Any) -> None:
    values = {"service": "JU01", "answers": {"legal_matter": "公司欠我三个月工资"}, "use_held": True}
    one = made(world.zhou, **values)
    days = queries.service("JU01").days
    clock.forward(minutes=1)
    change = versions.propose(SYSTEM, code="JU01", values={"days": days + 5, "name_zh": "法律帮助"}, reason="新规定")
    versions.publish(SYSTEM, change.id, version=1)
    other = made(world.zhou, **values)
    assert fresh(one.district, one.id).service_version.days == days
    assert queries.promised(one).name_zh != queries.promised(other).name_zh == "法律帮助"
    # Closed: nobody applies any more, and what was applied for goes on.
    clock.forward(minutes=1)
    closing = versions.propose_closing(SYSTEM, code="JU01", reason="并入区法律服务中心")
    assert queries.under_way(closing.base) == 1
    versions.publish(SYSTEM, closing.id, version=1)
    with pytest.raises(NotFound):
        made(world.zhou, **values)
    assert queries.get(world.zhou, other.number).is_open
    listed = next(row for row in queries.listed() if row.entry.code == "JU01")
    assert not listed.holds
    with pytest.raises(NotFound):
        versions.propose_closing(SYSTEM, code="JU01", reason="again")
    # A new version opens it again, even unchanged.
    clock.forward(minutes=1)
    again = versions.propose(SYSTEM, code="JU01", values={}, reason="恢复")
    versions.publish(SYSTEM, again.id, version=1)
    assert made(world.zhou, **values).is_open


def test_only_administrators_and_never_two_futures(world: World, clock: Any) -> None:
    with pytest.raises(Forbidden):
        versions.propose(world.sun, code="JU01", values={"days": 3}, reason="no")
    later = time.now() + timedelta(days=5)
    first = versions.propose(SYSTEM, code="JU01", values={"days": 3}, reason="a", effective_from=later)
    second = versions.propose(SYSTEM, code="JU01", values={"days": 4}, reason="b")
    third = versions.propose(SYSTEM, code="JU01", values={"days": 5}, reason="c", effective_from=later)
    versions.publish(SYSTEM, first.id, version=1)
    with pytest.raises(Conflict):
        versions.publish(SYSTEM, second.id, version=1)
    clock.forward(days=6)
    with pytest.raises(Stale):
        versions.publish(SYSTEM, third.id, version=1)
    versions.withdraw(SYSTEM, third.id, version=1)
    assert [one.service_id for one in queries.open_changes()] == ["JU01"]
    with pytest.raises(Invalid):
        versions.propose(
            SYSTEM, code="JU01", values={"days": 9}, reason="z", effective_from=time.now() - timedelta(days=1)
        )


def test_a_service_that_becomes_bookable_has_its_windows_by_the_next_hour(world: World, clock: Any) -> None:
    chores.open_next()
    booking = {
        "level": "community",
        "windows": ["09:00-10:00"],
        "seats": 2,
        "days": 3,
        "weekdays": "1234567",
        "notice_hours": 0,
    }
    change = versions.propose(
        SYSTEM, code="JU01", scope=WUHOU, values={"way": "booking", "booking": booking}, reason="预约办理"
    )
    clock.forward(minutes=1)
    versions.publish(SYSTEM, change.id, version=1)
    chores.open_next()
    assert Slot.objects.filter(service="JU01", district=WUHOU).exists()
    assert queries.windows(queries.service("JU01", district=WUHOU), COMMUNITY)
    # The district's own version ends: the city's, without times, holds again.
    clock.forward(minutes=1)
    closing = versions.propose_closing(SYSTEM, code="JU01", scope=WUHOU, reason="试点结束")
    versions.publish(SYSTEM, closing.id, version=1)
    assert queries.service("JU01", district=WUHOU).booking is None


LINE = st.text(
    st.characters(codec="utf-8", exclude_characters="|;\r\n", exclude_categories=("C", "Z")), min_size=1, max_size=12
)


@given(
    rows=st.lists(
        st.fixed_dictionaries({"zh": LINE, "en": LINE, "how": st.lists(LINE, min_size=1, max_size=3)}), max_size=5
    )
)
def test_documents_are_written_as_lines_and_read_back_as_they_were(rows: list[dict[str, Any]]) -> None:
    field = service_form.MaterialsField(required=False)
    assert field.to_python(field.prepare_value(rows)) == rows
