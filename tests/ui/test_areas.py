"""One way to choose an area: by name, pinyin or path, with a script and without."""

from __future__ import annotations

import pytest
from django import forms

from linli.ui.areas import AreaField
from tests.world import WUHOU, World, build

YULIN = f"{WUHOU}/012/003"


@pytest.fixture
def world(db: None, clock: object) -> World:
    """The small city, at the standing clock."""
    return build()


class _Form(forms.Form):
    area_path = AreaField()


@pytest.mark.parametrize("words", ["玉林", "yulin", "yl", f"{WUHOU}/012"])
def test_an_area_is_found_by_what_one_knows_of_it(world: World, client, words: str) -> None:
    found = client.get("/areas", {"field": "area_path", "area_path": words, "needed": ""}).content.decode()
    assert f"chosen={WUHOU}/012" in found
    assert 'type="button"' in found


def test_one_is_taken_with_what_lies_within_and_nothing_else_gets_into_the_page(world: World, client) -> None:
    taken = client.get("/areas", {"field": "area_path", "chosen": f"{WUHOU}/012", "hint": ""}).content.decode()
    assert f'value="{WUHOU}/012"' in taken
    assert "autofocus" in taken
    assert f"chosen={YULIN}" in taken
    assert 'aria-describedby="id_area_path-hint"' in taken
    odd = client.get("/areas", {"field": '"><script>', "chosen": "<script>", '"><script>': "x"}).content.decode()
    assert "<script>" not in odd
    assert client.get("/areas", {"area_path": "没有这个地方"}).status_code == 200


def test_without_a_script_a_path_or_a_name_of_its_own_will_do(world: World) -> None:
    name = world.areas[YULIN].name
    for sent, path in ((YULIN, YULIN), (name, YULIN), (f" {YULIN} ", YULIN)):
        form = _Form({"area_path": sent})
        assert form.is_valid(), (sent, form.errors)
        assert form.cleaned_data["area_path"] == path
    for sent in ("", "没有这个地方", "林"):
        assert not _Form({"area_path": sent}).is_valid(), sent
