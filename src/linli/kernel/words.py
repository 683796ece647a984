"""Interface text: finding it in code and templates, checking that every piece is translated, compiling what Django reads.

The machine needs no gettext programs for it. A message may be translated in any room's catalogue, since Django lays them over
each other; but only once, or two rooms would say the same thing differently.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import polib
from django.utils.translation.template import templatize

# Functions that mark a message, and which of their arguments are message ids (the context comes first where there is one).
MARKERS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, (0,))),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, (0, 1))),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, (1,))),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, (1, 2))),
}
TEMPLATE_SUFFIXES = (".html", ".txt")
_LITERAL = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
# What `templatize` makes of a template is Python-like text full of filler; its calls are found by their shape.
_TEMPLATE_CALL = re.compile(
    rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?(?:\s*,\s*{_LITERAL})?"
)


@dataclass(frozen=True, order=True)
class Message:
    """One marked piece of text: where it is, its context (empty for none), its id (the singular), its plural id if any."""

    place: str
    context: str
    text: str
    plural: str = ""


def in_python(source: str, place: str) -> Iterator[Message]:
    """Messages marked in a Python module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in MARKERS:
            continue
        context_at, ids_at = MARKERS[name]
        values = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
        context = values[context_at] if context_at is not None and len(values) > context_at else ""
        text = values[ids_at[0]] if len(values) > ids_at[0] else None
        if isinstance(text, str) and isinstance(context, str):
            plural = values[ids_at[1]] if len(ids_at) > 1 and len(values) > ids_at[1] else ""
            yield Message(f"{place}:{node.lineno}", context, text, plural if isinstance(plural, str) else "")


def in_template(source: str, place: str) -> Iterator[Message]:
    """Messages marked in a Django template."""
    for match in _TEMPLATE_CALL.finditer(templatize(source, origin=place)):
        name = match.group(1)
        values = [ast.literal_eval(literal) for literal in match.groups()[1:] if literal]
        context_at, ids_at = MARKERS[name]
        if len(values) > ids_at[0]:
            # `templatize` doubles the percent signs of plain text, as Django does before it looks a message up.
            plural = values[ids_at[1]] if len(ids_at) > 1 and len(values) > ids_at[1] else ""
            yield Message(place, values[context_at] if context_at is not None else "", values[ids_at[0]], plural)


def marked(folder: Path) -> Iterator[Message]:
    """Every message marked below `folder`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield from in_python(path.read_text(encoding="utf-8"), str(path.relative_to(folder)))
        elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
            yield from in_template(path.read_text(encoding="utf-8"), str(path.relative_to(folder)))


def catalogues(folder: Path) -> list[Path]:
    """The .po files below `folder`."""
    return sorted(folder.rglob("locale/*/LC_MESSAGES/*.po"))


def compile_all(paths: Iterable[Path]) -> int:
    """Write the .mo beside each .po that is newer than it; returns how many were written."""
    written = 0
    for path in paths:
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            draft = target.with_suffix(".mo.new")
            polib.pofile(str(path)).save_as_mofile(str(draft))
            draft.replace(target)
            written += 1
    return written


def collect(folder: Path) -> int:
    """Put marked texts that no catalogue knows, untranslated, into the catalogue of their own room; returns how many."""
    known = {(entry.msgctxt or "", entry.msgid) for path in catalogues(folder) for entry in polib.pofile(str(path))}
    known |= set(_of_django())
    added = 0
    for message in sorted(marked(folder)):
        if not message.text or (message.context, message.text) in known:
            continue
        known.add((message.context, message.text))
        path = folder / message.place.partition("/")[0] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = polib.pofile(str(path)) if path.exists() else _new_catalogue()
        entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
        if message.plural:
            entry.msgid_plural, entry.msgstr_plural = message.plural, {0: ""}
        if re.search(r"%\(\w+\)[sd]", message.text + message.plural):
            entry.flags.append("python-format")
        catalogue.append(entry)
        catalogue.save(str(path))
        added += 1
    return added


def _new_catalogue() -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def _of_django() -> Iterator[tuple[str, str]]:
    """What Django itself says, translated by its own catalogue."""
    path = Path(django.__file__).parent / "conf" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    for entry in polib.pofile(str(path)):
        yield entry.msgctxt or "", entry.msgid


def problems(folder: Path) -> list[str]:
    """What is wrong with the translations below `folder`: empty, fuzzy, contradictory or missing."""
    found: list[str] = []
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for path in catalogues(folder):
        place = str(path.relative_to(folder))
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                continue
            texts = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
            if not texts or not all(texts):
                found.append(f"{place}: not translated: {entry.msgid!r}")
            if entry.fuzzy:
                found.append(f"{place}: fuzzy: {entry.msgid!r}")
            for name in sorted(
                _placeholders(entry.msgid_plural or entry.msgid) ^ _placeholders(texts[0] if texts else "")
            ):
                if texts and all(texts):
                    found.append(f"{place}: {name} is not on both sides of {entry.msgid!r}")
            key = (entry.msgctxt or "", entry.msgid)
            before = known.setdefault(key, (place, texts[0] if texts else ""))
            if before[1] != (texts[0] if texts else ""):
                found.append(f"{place}: {entry.msgid!r} is translated otherwise in {before[0]}")
    translated = set(known) | set(_of_django())
    for message in sorted(marked(folder)):
        if (message.context, message.text) not in translated and message.text:
            found.append(f"{message.place}: in no catalogue: {message.text!r}")
    return found


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text))
