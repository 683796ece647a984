"""Every component draws what it was given, says it to a screen reader, and escapes what people typed."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polib
import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

import linli.ui
from linli.ui.icons import drawings
from linli.ui.looks import STATES, TONES, look_of

ROOM = Path(linli.ui.__file__).parent
NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
EVIL = '<script>alert("x")</script>'


def draw(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class Nesting(HTMLParser):
    """Checks that tags close in order."""

    VOID = frozenset({"input", "img", "br", "hr", "meta", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Self-closing: svg's own elements."""

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def well_formed(html: str) -> None:
    check = Nesting()
    check.feed(html)
    assert not check.wrong
    assert not check.open
    assert not re.search(r"\sstyle=", html), "our policy forbids style attributes"
    assert not re.search(r"\son\w+=", html), "our policy forbids handlers in markup"


CASE = {
    "href": "/c/1",
    "number": "WH-2611-0482-7",
    "title": EVIL,
    "place": EVIL,
    "state": "in_disposal",
    "due_at": NOW + timedelta(hours=2),
}

SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "button": ("{% button t kind='primary' icon='send' hx_post='/x' %}", {"t": EVIL}),
    "link": ("{% button t href=h icon='send' icon_only=True %}", {"t": EVIL, "h": '/x?"'}),
    "field": ("{% field name='q' label=t hint=t error=t value=t %}", {"t": EVIL}),
    "textarea": ("{% field name='q' label=t kind='textarea' maxlength=50 value=t %}", {"t": EVIL}),
    "select": ("{% field name='q' label=t kind='select' options=o %}", {"t": EVIL, "o": [EVIL]}),
    "radio": (
        "{% field name='q' label=t kind='radio' options=o look='cards-2' %}",
        {"t": EVIL, "o": [{"value": EVIL, "label": EVIL, "hint": EVIL}]},
    ),
    "checkbox": ("{% field name='q' label=t kind='checkbox' hint=t %}", {"t": EVIL}),
    "errors": ("{% error_summary errors=e %}", {"e": [{"message": EVIL, "href": "#id_q"}]}),
    "photos": ("{% photo_input error=t %}", {"t": EVIL}),
    "search": ("{% search_box value=t %}", {"t": EVIL}),
    "badge": ("{% badge t tone='late' icon='clock' %}", {"t": EVIL}),
    "state": ("{% state 'closed' label=t %}", {"t": EVIL}),
    "clock": ("{% clock due_at=d now=n paused_reason=t %}", {"d": NOW, "n": NOW, "t": EVIL}),
    "person": ("{% person t name=t area=t href='/p' %}", {"t": EVIL}),
    "breadcrumb": ("{% breadcrumb s %}", {"s": [EVIL, {"label": EVIL, "href": "/x"}, EVIL]}),
    "row": ("<ul>{% case_row c now=n %}</ul>", {"c": CASE, "n": NOW}),
    "head": (
        "{% list_header t count=3 chips=c %}",
        {"t": EVIL, "c": [{"label": EVIL, "count": 0, "href": "#", "current": True}]},
    ),
    "pager": ("{% pager page=4 pages=9 total=400 %}", {}),
    "cursor": ("{% pager next_href=h %}", {"h": '?after="'}),
    "empty": ("{% empty t text=t action=t href='/x' %}", {"t": EVIL}),
    "skeleton": ("{% skeleton 2 %}", {}),
    "progress": ("{% progress 3 7 label=t %}", {"t": EVIL}),
    "table": ("{% table c r caption=t %}", {"c": [{"key": "a", "label": EVIL}], "r": [{"a": EVIL}], "t": EVIL}),
    "no rows": ("{% table c r %}", {"c": ["a"], "r": []}),
    "figure": ("{% figure t t unit=t note=t trend='+1' %}", {"t": EVIL}),
    "timeline": (
        "{% timeline e now=n %}",
        {"e": [{"title": EVIL, "who": EVIL, "text": EVIL, "quote": EVIL, "at": NOW}], "n": NOW},
    ),
    "stages": ("{% stages s 1 %}", {"s": [EVIL, "b", "c"]}),
    "gallery": ("{% gallery i %}", {"i": [{"src": "/a.jpg", "alt": EVIL, "caption": EVIL}, {"caption": EVIL}]}),
    "steps": ("{% next_steps s %}", {"s": [{"text": EVIL, "when": EVIL}]}),
    "receipt": ("{% receipt t t note=t code=t %}", {"t": EVIL}),
    "facts": ("{% facts r %}", {"r": [(EVIL, EVIL), {"label": EVIL, "value": EVIL}]}),
    "answers": ("{% answers r %}", {"r": [{"label": EVIL, "value": EVIL, "href": "/x"}]}),
    "map": ("{% map_view 'pick' outlines=t lng_input='a' %}", {"t": EVIL}),
    "key": ("{% map_key %}", {}),
    "card": ("{% card title=t %}{{ t }}{% endcard %}", {"t": EVIL}),
    "notice": ("{% notice title=t tone='late' %}{{ t }}{% endnotice %}", {"t": EVIL}),
    "dialog": ("{% dialog id='d' title=t %}{{ t }}{% enddialog %}", {"t": EVIL}),
    "menu": ("{% menu t %}{% menu_item t href='/x' %}{% menu_item t danger=True %}{% endmenu %}", {"t": EVIL}),
    "tabs": ("{% tabs i %}", {"i": [{"label": EVIL, "href": "#", "current": True, "count": 3}]}),
    "bar": ("{% bottom_bar 'home' %}", {}),
    "words": ("{% script_words %}", {}),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", SAMPLES)
def test_well_formed_and_escaped(name: str, language: str) -> None:
    source, context = SAMPLES[name]
    with translation.override(language):
        html = draw(source, **context)
    well_formed(html)
    assert "<script>alert" not in html
    if any(EVIL in str(value) for value in context.values()):
        assert "&lt;script&gt;" in html


def test_a_wrong_field_is_tied_to_its_error() -> None:
    html = draw("{% field name='phone' label='手机号' hint='11 位' error='少了一位' %}")
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone-hint id_phone-error"' in html
    assert 'id="id_phone-error"' in html
    assert '<label class="field-label" for="id_phone">' in html


class Report(forms.Form):
    """A form as a door would write it."""

    title = forms.CharField(max_length=20)
    kind = forms.ChoiceField(choices=[("", "-"), ("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea, required=False)
    sms = forms.BooleanField(required=False)


def test_a_django_form_needs_nothing_more() -> None:
    form = Report({"title": "", "kind": "b", "note": "楼下", "sms": "on"})
    html = draw(
        "{% error_summary form %}{% field form.title %}{% field form.kind look='cards' %}"
        "{% field form.note %}{% field form.sms %}",
        form=form,
    )
    well_formed(html)
    assert 'href="#id_title"' in html
    assert re.search(r'value="b" checked', html)
    assert ">楼下</textarea>" in html
    assert 'value=""' in html.split("id_kind")[0]  # the title's value, and no empty radio:
    assert 'name="kind" id="id_kind_2"' not in html


def test_the_summary_of_a_wrong_choice_leads_to_its_first_radio() -> None:
    form = Report({"title": "x"})
    html = draw("{% error_summary form %}{% field form.kind %}", form=form)
    assert 'href="#id_kind_0"' in html
    assert 'id="id_kind_0"' in html


def test_nothing_wrong_draws_no_summary() -> None:
    assert draw("{% error_summary form %}", form=Report()) == ""


def test_tones_and_icons_are_checked_when_written() -> None:
    with pytest.raises(TemplateSyntaxError):
        draw("{% badge 'x' tone='pink' %}")
    with pytest.raises(KeyError):
        draw("{% icon 'no-such-icon' %}")


def test_an_icon_alone_is_hidden_from_readers_and_a_named_one_is_not() -> None:
    assert 'aria-hidden="true"' in draw("{% icon 'clock' %}")
    assert 'role="img" aria-label="时限"' in draw("{% icon 'clock' label='时限' %}")


@pytest.mark.parametrize("name", STATES)
def test_every_state_has_an_icon_a_word_and_a_colour(name: str) -> None:
    look = look_of(name)
    assert look.tone in TONES
    assert look.icon in drawings()
    with translation.override("zh-hans"):
        html = draw("{% state n %}{% state n voice='resident' %}", n=name)
        assert str(look.office) in html
        assert not re.search(r"[A-Za-z]", str(look.office) + str(look.resident))
    assert f"tone-{look.tone}" in html


def test_residents_are_spared_the_offices_words() -> None:
    with translation.override("zh-hans"):
        said = " ".join(str(look.resident) for look in STATES.values())
    assert "处置" not in said
    assert "派遣" not in said
    assert "挂账" not in said


def test_late_is_red_and_also_said() -> None:
    late = CASE | {"due_at": NOW - timedelta(hours=3)}
    with translation.override("zh-hans"):
        html = draw("<ul>{% case_row c now=n %}</ul>", c=late, n=NOW)
    assert "tone-late" in html
    assert "已超时 3 小时" in html


def test_a_single_page_needs_no_pager() -> None:
    assert draw("{% pager page=1 pages=1 %}") == ""
    assert "12" in draw("{% pager page=1 pages=1 total=12 %}")


def test_a_pager_shows_the_ends_and_the_neighbours() -> None:
    html = draw("{% pager page=5 pages=9 %}")
    assert re.findall(r">(\d+)<", html) == ["1", "4", "5", "6", "9"]
    assert html.count("…") == 2
    assert 'aria-current="page">5<' in html


def _msgids() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in ROOM.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= {(a, c) for a, _b, c in re.findall(r'{%\s*translate\s+"([^"]+)"(\s+context\s+"([^"]+)")?', text)}
    for path in ROOM.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= {(msgid, "") for msgid in re.findall(r'(?<![A-Za-z])(?:_|noop|gettext_lazy)\(\s*"([^"]+)"', text)}
    return found


def test_every_message_has_its_chinese() -> None:
    # A message may stand in any room's catalogue: they are laid over each other.
    tables = [polib.pofile(str(path)) for path in ROOM.parent.rglob("locale/zh_Hans/LC_MESSAGES/django.po")]
    known = {(entry.msgid, entry.msgctxt or "") for table in tables for entry in table if entry.translated()}
    assert _msgids() - known == set()


def test_every_icon_that_a_template_names_is_there() -> None:
    named: set[str] = set()
    for path in ROOM.parent.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'{%\s*icon "([a-z0-9-]+)"', text)) | set(
            re.findall(r'\bicon(?:_end)?="([a-z0-9-]+)"', text)
        )
    assert named - set(drawings()) == set()
