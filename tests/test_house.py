"""The house guards itself: what every file, model and migration of the repository promises."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models

from linli.kernel.db import DISTRICT_LENGTH, AreaBound, DistrictForeignKey

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
TEXT = {
    ".py",
    ".ts",
    ".mjs",
    ".css",
    ".html",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".yaml",
    ".yml",
    ".json",
    ".po",
    ".csv",
    ".sh",
    "",
}
# Written by programs, read by programs.
MADE = re.compile(r"package-lock\.json$|requirements/\w+\.txt$|\.po$|\.csv$|/data/|/migrations/")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


def repository() -> list[Path]:
    """Every file that is, or with the next commit would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    """Name and contents of every text file of the repository."""
    for path in repository():
        if path.suffix in TEXT:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def python_files(folder: Path = SOURCE) -> list[Path]:
    return [path for path in repository() if path.suffix == ".py" and path.is_relative_to(folder)]


# Files.


def test_no_file_is_longer_than_a_thousand_lines() -> None:
    long = {name: lines for name, text in texts() if not MADE.search(name) and (lines := text.count("\n")) > 1000}
    assert not long


def test_locks_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements/runtime.txt", "requirements/dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text, name
        assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", text, re.MULTILINE), name
        for requirement in re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip()):
            assert "--hash=sha256:" in requirement, f"{name}: {requirement[:60]} has no hash"
    lock = ROOT / "frontend" / "package-lock.json"
    assert "://" not in lock.read_text()
    assert '"integrity"' in lock.read_text()


def test_nothing_names_a_registry_or_a_machine() -> None:
    # Put together here so that this file does not name them either.
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmmirror" + ".com", "deb.debian" + ".org")
    places = ("/wo" + "rk/main", "/wo" + "rk/shared", "/tmp/bri" + "ef", "/ro" + "ot/.", "/opt/py" + "pi")
    found = [(name, word) for name, text in texts() for word in (*hosts, *places) if word in text]
    assert not found


def test_no_leftovers_of_work() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [name for name, text in texts() if not MADE.search(name) and marks.search(text)]
    assert not found
    skipped = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|\bunittest\.skip")
    found = [
        str(path)
        for path in python_files(ROOT / "tests")
        if path.name != "test_house.py" and skipped.search(path.read_text())
    ]
    assert not found
    assert not [path for path in python_files() if path.name in ("utils.py", "helpers.py", "common.py", "misc.py")]


# Python.


def _docstrings(tree: ast.AST) -> set[int]:
    """Identities of string nodes that stand alone as statements."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_python_logic_holds_no_chinese(path: Path) -> None:
    if {"data", "rules"} & set(path.relative_to(SOURCE).parts):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = _docstrings(tree)
    found = [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in alone
        and HAN.search(node.value)
    ]
    assert not found


def test_only_the_kernel_asks_for_the_time_and_for_ids() -> None:
    asks = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|timezone\.now|time\.time|uuid[147])\(")
    # The clock and the ids themselves; then what concerns the machine and not the city, so that a simulation leaves it alone.
    may = {
        *("kernel/time.py", "kernel/ids.py"),
        *("kernel/observe/context.py", "kernel/serve/supervisor.py", "kernel/storage/local.py"),
    }
    found = {
        name
        for path in python_files(SOURCE / "linli")
        if (name := str(path.relative_to(SOURCE / "linli"))) not in may
        and asks.search(path.read_text(encoding="utf-8"))
    }
    assert not found


def test_every_room_says_what_it_is_for() -> None:
    rooms = {path.parent for path in python_files(SOURCE / "linli") if path.name == "apps.py"}
    assert len(rooms) > 3
    silent = [
        room.name for room in rooms if len(ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or "") < 80
    ]
    assert not silent


# Models.

AREA_BOUND = [
    model
    for model in apps.get_models()
    if model._meta.managed
    and (issubclass(model, AreaBound) or any(field.name == "district" for field in model._meta.fields))
]


def test_the_walk_has_something_to_walk() -> None:
    assert len([model for model in AREA_BOUND if issubclass(model, AreaBound)]) >= 5


@pytest.mark.parametrize("model", AREA_BOUND, ids=lambda model: model._meta.label)
def test_an_area_bound_row_has_its_district_for_ever(model: type[models.Model]) -> None:
    district = model._meta.get_field("district")
    assert isinstance(district, models.CharField)
    assert district.max_length == DISTRICT_LENGTH
    assert not district.null


@pytest.mark.parametrize("model", AREA_BOUND, ids=lambda model: model._meta.label)
def test_every_unique_constraint_holds_the_district(model: type[models.Model]) -> None:
    meta = model._meta
    alone = [field.name for field in meta.fields if field.unique and not field.primary_key]
    assert not alone, "unique without the district"
    for names in meta.unique_together:
        assert "district" in names
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            names = {*constraint.fields, *(getattr(part, "name", "") for part in constraint.expressions)}
            assert "district" in names, constraint.name
        if isinstance(constraint, ExclusionConstraint):
            first, operator = constraint.expressions[0]
            assert (getattr(first, "name", first), operator) == ("district", "="), constraint.name


@pytest.mark.parametrize("model", AREA_BOUND, ids=lambda model: model._meta.label)
def test_links_between_area_bound_rows_join_on_the_district(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if isinstance(target, type) and issubclass(target, AreaBound) and isinstance(field, models.ForeignKey):
            assert isinstance(field, DistrictForeignKey), field.name
        assert not isinstance(field, models.ManyToManyField), f"{field.name}: a hidden table has no district"


def test_rows_without_a_district_do_not_point_at_rows_with_one() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.managed and model not in AREA_BOUND
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, AreaBound)
    ]
    assert not found


def test_what_carries_an_area_is_area_bound() -> None:
    found = [
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "area_path" for field in model._meta.fields) and not issubclass(model, AreaBound)
    ]
    assert not found


def test_no_invariant_is_kept_by_a_trigger() -> None:
    trigger = re.compile(
        r"\bCREATE\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+)?TRIGGER\b|DEFERRABLE\s+INITIALLY\s+DEFERRED", re.IGNORECASE
    )
    found = [str(path) for path in python_files() if "migrations" in path.parts and trigger.search(path.read_text())]
    assert not found
    deferred = [
        f"{model._meta.label}: {constraint.name}"
        for model in AREA_BOUND
        for constraint in model._meta.constraints
        if getattr(constraint, "deferrable", None)
    ]
    assert not deferred
