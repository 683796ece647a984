"""Large text as a version of its own: four doors, a person to ring, and a choice that comes along to other devices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from linli.kernel import display
from linli.kernel.errors import Invalid, LinliError
from linli.people import actions
from linli.people import queries as people
from tests.world import HOME, WUHOU, World

Visit = Callable[[str], Client]
COMMUNITY = f"{WUHOU}/012/003"


def text(response) -> str:
    return response.content.decode()


def large(client: Client) -> Client:
    client.cookies[display.TEXT_COOKIE] = "large"
    return client


@pytest.fixture
def published(world: World) -> World:
    """何明 and the committee of 玉林北路 have numbers that residents may ring."""
    admin = world.system_admin
    actions.publish_post_phone(admin, world.posts["he_ming"].id, district=WUHOU, phone="19900000001")
    actions.publish_organisation_phone(admin, world.organisation("committee"), district=WUHOU, phone="028-8500 1234")
    return world


def test_large_text_has_a_home_of_its_own(world: World, visit: Visit) -> None:
    client = large(visit(""))
    page = text(client.get("/"))
    assert page.count('class="big-door') - page.count('class="big-doors') == 4
    for address in ("/report", "/services", "/grid-member", "/mine"):
        assert f'href="{address}"' in page
    assert "data-aloud" in page
    assert 'class="big-door' not in text(visit("").get("/"))
    assert "data-aloud" not in text(visit("").get("/"))


def test_a_resident_rings_the_member_of_her_grid(published: World, visit: Visit) -> None:
    actions.set_home(published.zhou, home_path=HOME)
    page = text(visit("zhou").get("/grid-member"))
    assert 'href="tel:19900000001"' in page
    assert "何明" in page


def test_without_a_published_number_the_community_answers(published: World, visit: Visit) -> None:
    actions.publish_post_phone(published.system_admin, published.posts["he_ming"].id, district=WUHOU, phone="")
    actions.set_home(published.zhou, home_path=HOME)
    page = text(visit("zhou").get("/grid-member"))
    assert 'href="tel:02885001234"' in page
    assert "玉林北路社区居委会" in page
    assert "何明" not in page


def test_nobody_signed_in_chooses_a_community(published: World, visit: Visit) -> None:
    client = visit("")
    page = text(client.get("/grid-member"))
    assert "tel:19900000001" not in page
    assert WUHOU in page
    page = text(client.get("/grid-member", {"district": WUHOU}))
    assert f'value="{COMMUNITY}"' in page
    page = text(client.get("/grid-member", {"community": COMMUNITY}))
    assert 'href="tel:02885001234"' in page
    page = text(client.get("/grid-member", {"community": f"{WUHOU}/012/004"}))
    assert 'href="tel:12345"' in page, "where no number is published, the hotline"
    assert client.get("/grid-member", {"community": "x" * 500, "district": "nowhere"}).status_code == 200


def test_a_grid_is_not_named_to_strangers_by_guessing(published: World, visit: Visit) -> None:
    assert "何明" not in text(visit("").get("/grid-member", {"community": HOME}))


def test_numbers_are_published_by_those_who_appoint(world: World, visit: Visit) -> None:
    post, body = world.posts["he_ming"], world.organisation("committee")
    for actor in (world.zhou, world.xiao_xu, world.he_ming):
        with pytest.raises(LinliError):
            actions.publish_post_phone(actor, post.id, district=WUHOU, phone="19900000001")
        with pytest.raises(LinliError):
            actions.publish_organisation_phone(actor, body, district=WUHOU, phone="19900000001")
    for wrong in ("call me", "1", "javascript:1", "1" * 24):
        with pytest.raises(Invalid):
            actions.publish_post_phone(world.system_admin, post.id, district=WUHOU, phone=wrong)
    admin = visit("system_admin")
    address = f"/admin/posts/{WUHOU}/{post.id}/phone"
    assert admin.post(address, {"phone": "nonsense"}).status_code == 422
    assert admin.post(address, {"phone": "19900000001"}).status_code == 302
    neighbour = people.neighbour(HOME)
    assert neighbour is not None
    assert neighbour.phone == "19900000001"
    assert "19900000001" in text(admin.get("/admin/posts", {"area": HOME}))
    assert admin.post(f"/admin/organisations/{WUHOU}/{body}/phone", {"phone": "028-85001234"}).status_code == 302
    assert "028-85001234" in text(admin.get("/admin/organisations", {"area": COMMUNITY}))


def test_what_was_chosen_comes_along_to_the_next_device(world: World, visit: Visit) -> None:
    at_home = visit("zhou")
    at_home.post("/preferences", {"language": "en"})
    at_home.post("/preferences", {"text": "large"})
    at_home.post("/preferences", {"theme": "dark"})
    account = world.accounts["zhou"]
    account.refresh_from_db()
    assert (account.text_size, account.theme, account.language) == ("large", "dark", "en")

    account.set_password("Yulin-17-lamp")
    account.save()
    elsewhere = Client()
    signed = elsewhere.post("/sign-in", {"login": "zhou", "password": "Yulin-17-lamp"})
    assert signed.status_code == 302
    assert (signed.cookies[display.TEXT_COOKIE].value, signed.cookies[display.THEME_COOKIE].value) == ("large", "dark")
    assert 'class="big-door' in text(elsewhere.get("/"))
    mine = text(elsewhere.get("/mine"))
    assert 'value="large" aria-pressed="true"' in mine
    assert 'value="dark" aria-pressed="true"' in mine


def test_an_account_that_never_chose_leaves_the_device_alone(world: World) -> None:
    account = world.accounts["zhou"]
    account.set_password("Yulin-17-lamp")
    account.save()
    client = large(Client())
    signed = client.post("/sign-in", {"login": "zhou", "password": "Yulin-17-lamp"})
    assert display.TEXT_COOKIE not in signed.cookies
    assert 'class="big-door' in text(client.get("/"))
