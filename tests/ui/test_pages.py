"""The design page, the base pages and the preferences."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.test import Client

from linli.ui import slots, undo, vite

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Client:
    """A browser without cookies."""
    return Client(headers={"accept-language": "zh-CN"})


@pytest.mark.parametrize("frame", ["", "portal", "desk", "admin"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_design_page_in_every_frame_and_language(page: Client, frame: str, language: str) -> None:
    answer = page.get("/design", {"frame": frame, "lang": language})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count("<h1") == 1
    assert ('<html lang="zh-Hans"' in text) == (language == "zh-hans")
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)
    assert '<a class="skip-link" href="#main">' in text


def test_what_was_chosen_is_kept_and_written_by_the_server(page: Client) -> None:
    answer = page.post("/preferences", {"theme": "dark", "text": "large", "language": "en", "next": "/design"})
    assert answer.status_code == 302
    assert answer["Location"] == "/design"
    text = page.get("/design").content.decode()
    assert 'data-theme="dark"' in text
    assert 'data-text="large"' in text
    assert 'lang="en"' in text


def test_preferences_know_their_values_and_never_lead_elsewhere(page: Client) -> None:
    answer = page.post("/preferences", {"theme": "pink", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert "linli_theme" not in answer.cookies
    quiet = page.post("/preferences", {"theme": "light"}, headers={"x-requested-with": "fetch"})
    assert quiet.status_code == 204
    assert page.get("/preferences").status_code == 405


def test_a_preview_keeps_nothing(page: Client) -> None:
    answer = page.get("/design?theme=dark&text=large")
    assert 'data-theme="dark"' in answer.content.decode()
    assert not {"linli_theme", "linli_text"} & set(answer.cookies)


def test_the_maps_of_the_design_page(page: Client) -> None:
    outlines = json.loads(page.get("/design/outlines.geojson").content)
    assert {feature["properties"]["level"] for feature in outlines["features"]} == {
        "subdistrict",
        "general_grid",
        "micro_grid",
    }
    for feature in outlines["features"]:
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
    forms = {
        feature["properties"]["form"] for feature in json.loads(page.get("/design/cases.geojson").content)["features"]
    }
    assert forms == {"late", "soon", "open", "done", "paused"}


def test_doors_fill_the_slots(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_account", "_people", "_doors", "_live"):
        monkeypatch.setattr(slots, name, None)
    link = slots.Link("退出", "/sign-out", icon="log-out", method="post")
    slots.fill(
        account=lambda request: slots.Account("社区工作者", "小徐", "郭家桥社区", [link]),
        doors=lambda request: [slots.Link("工作台", "/desk/", current="true")],
        live=lambda request: "/live/stream",
    )
    text = page.get("/design?frame=desk").content.decode()
    assert "小徐" in text
    assert '<meta name="linli-live" content="/live/stream">' in text
    assert 'action="/sign-out"' in text
    assert "工作台" in text


def test_an_undo_travels_with_its_message(rf: object) -> None:
    from django.contrib.messages import constants
    from django.contrib.messages.storage.base import Message
    from django.http import HttpResponse

    kept = undo.of(Message(constants.SUCCESS, "已退回", extra_tags='undo:{"href": "/u", "fields": {"version": "7"}}'))
    assert kept == {"href": "/u", "fields": {"version": "7"}}
    assert undo.of(Message(constants.SUCCESS, "已退回", extra_tags="safe")) is None
    answer = undo.toast(HttpResponse(), "已退回", undo="/u", version="7")
    assert json.loads(answer["HX-Trigger"]) == {"toast": {"text": "已退回", "undo": "/u", "fields": {"version": "7"}}}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of two files."""
    (tmp_path / "app-1.js").write_text("import './part-1.js'")
    (tmp_path / "part-1.js").write_text("")
    (tmp_path / "app-1.css").write_text("a{}")
    entry = {"file": "app-1.js", "css": ["app-1.css"], "imports": ["_part"]}
    (tmp_path / "manifest.json").write_text(json.dumps({"src/app.ts": entry, "_part": {"file": "part-1.js"}}))
    monkeypatch.setattr(vite, "DIST", tmp_path)
    monkeypatch.setattr(vite, "MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setattr(vite, "_hashes", {})
    monkeypatch.setattr(vite, "_read", None)
    return tmp_path


def test_built_files_carry_their_integrity(built: Path) -> None:
    entry = vite.entry("app")
    assert [asset.href for asset in (entry.script, *entry.styles, *entry.preloads)] == [
        "/static/dist/app-1.js",
        "/static/dist/app-1.css",
        "/static/dist/part-1.js",
    ]
    digest = base64.b64encode(hashlib.sha384(b"a{}").digest()).decode()
    assert entry.styles[0].integrity == f"sha384-{digest}"
    with pytest.raises(KeyError):
        vite.entry("nothing")


def test_a_missing_build_says_how_to_make_it(built: Path) -> None:
    (built / "manifest.json").unlink()
    with pytest.raises(vite.NotBuilt, match="npm run build"):
        vite.entry("app")
