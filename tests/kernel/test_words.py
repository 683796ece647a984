"""Interface text: found in code and templates, checked, compiled."""

import gettext
from pathlib import Path

import pytest

from linli.kernel import words

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n'


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A room with one module, one template and a catalogue that knows some of their texts."""
    room = tmp_path / "cases"
    (room / "templates" / "cases").mkdir(parents=True)
    (room / "models.py").write_text(
        'label = _("Closed")\nmany = ngettext("%(n)d case", "%(n)d cases", 3)\nother = _(f"{label}")\n'
    )
    (room / "templates" / "cases" / "page.html").write_text(
        '{% load i18n %}<h1 title="{% translate "Your case" %}">'
        "{% blocktranslate %}100% of {{ total }}{% endblocktranslate %}</h1>"
        '{% translate "Open" context "state" %}'
    )
    (room / "locale" / "zh_Hans" / "LC_MESSAGES").mkdir(parents=True)
    (room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").write_text(f'{HEAD}\nmsgid "Closed"\nmsgstr "已结案"\n')
    return room


def catalogue(room: Path) -> Path:
    return room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_marked_texts_are_found_in_python_and_templates(room: Path) -> None:
    found = {(message.context, message.text, message.plural) for message in words.marked(room.parent)}
    assert found == {
        ("", "Closed", ""),
        ("", "%(n)d case", "%(n)d cases"),
        ("", "Your case", ""),
        ("", "100%% of %(total)s", ""),
        ("state", "Open", ""),
    }


def test_what_is_in_no_catalogue_is_a_problem_until_collected_and_translated(room: Path) -> None:
    assert len([problem for problem in words.problems(room.parent) if "in no catalogue" in problem]) == 4
    assert words.collect(room.parent) == 4
    assert words.collect(room.parent) == 0
    found = words.problems(room.parent)
    assert len(found) == 4
    assert all("not translated" in problem for problem in found)


def test_a_placeholder_must_be_on_both_sides(room: Path) -> None:
    catalogue(room).write_text(f'{HEAD}\nmsgid "Due %(when)s"\nmsgstr "到期 %(wann)s"\n')
    assert len([problem for problem in words.problems(room.parent) if "both sides" in problem]) == 2


def test_two_rooms_may_not_say_the_same_thing_differently(room: Path) -> None:
    other = room.parent / "desk" / "locale" / "zh_Hans" / "LC_MESSAGES"
    other.mkdir(parents=True)
    (other / "django.po").write_text(f'{HEAD}\nmsgid "Closed"\nmsgstr "关闭"\n')
    assert any("translated otherwise" in problem for problem in words.problems(room.parent))


def test_a_fuzzy_translation_is_a_problem(room: Path) -> None:
    catalogue(room).write_text(f'{HEAD}\n#, fuzzy\nmsgid "Closed"\nmsgstr "结束"\n')
    assert any("fuzzy" in problem for problem in words.problems(room.parent))


def test_compiling_writes_what_gettext_reads_and_only_when_needed(room: Path) -> None:
    paths = words.catalogues(room.parent)
    assert words.compile_all(paths) == 1
    assert words.compile_all(paths) == 0
    with catalogue(room).with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Closed") == "已结案"
