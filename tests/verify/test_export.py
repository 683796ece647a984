"""The verifier on an export, without a database: it agrees with the kernel, imports nothing of it, and says what it finds."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import linli_verify
from linli.kernel import chain
from linli_verify import form
from linli_verify.__main__ import main
from tests.verify import story

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-chain.LARGEST_INTEGER, chain.LARGEST_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(values)
def test_both_sides_write_the_same_bytes(value: Any) -> None:
    assert form.canonical(form.read_json(json.dumps(value))).encode() == chain.canonical_json(value)


@given(st.lists(st.tuples(st.uuids(), st.integers(1, 2**40), st.binary(min_size=32, max_size=32)), max_size=30))
def test_both_sides_grow_the_same_tree(heads: list[Any]) -> None:
    ours = chain.merkle_root(chain.head_leaf(*head) for head in heads)
    assert form.root_of(form.leaf_of(case.bytes, sequence, digest) for case, sequence, digest in heads) == ours


def test_the_verifier_imports_nothing_of_the_application() -> None:
    for path in Path(linli_verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"linli", "django"}, path
    code = (
        "import sys, linli_verify.__main__; print([m for m in sys.modules if m.split('.')[0] in ('linli', 'django')])"
    )
    source = str(Path(linli_verify.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": source}
    )
    assert result.stdout.strip() == "[]"


def verify(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    status = main(["--export", str(path), "--json", *options])
    return status, json.loads(capsys.readouterr().out)


def test_a_sound_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = story.write(tmp_path / "log.jsonl", list(story.rows())[::-1])
    status, report = verify(path, capsys)
    assert (status, report["verdict"], report["cases"], report["entries"]) == (0, "sound", 4, 28)
    assert "no day roots" in report["notes"][0]
    packed = tmp_path / "log.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert verify(packed, capsys, "--district", story.JINJIANG)[1]["entries"] == 7


def test_each_field_is_covered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes: list[dict[str, Any]] = [
        {"kind": "case.x"}, {"at": story.START}, {"post": None}, {"role": "supervisor"}, {"from_state": ""},
        {"to_state": ""}, {"data": {}}, {"hash": bytes(32)}, {"prev_hash": bytes(32)},
    ]  # fmt: skip
    for change in changes:
        entries = list(story.rows())
        entries[3] |= change
        status, report = verify(story.write(tmp_path / "log.jsonl", entries), capsys)
        first = report["findings"][0]
        assert (status, first["case"], first["sequence"]) == (1, str(story.LAMP), 4), change
        assert first["break"] == "edited", change


def test_a_float_in_the_data_is_an_edit_not_a_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = story.lines(list(story.rows())).replace('"photos": [1,', '"photos": [1.0,', 1)
    path = tmp_path / "log.jsonl"
    path.write_text(text, encoding="utf-8")
    status, report = verify(path, capsys)
    assert (status, report["breaks"]) == (1, {"edited": 1})
    assert "no integer" in report["findings"][0]["detail"]


def test_a_consistent_invention_in_the_middle_shows_as_a_bad_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = list(story.rows())
    forged = {name: value for name, value in entries[3].items() if name not in ("hash", "prev_hash")}
    forged["data"] = {"words": "nothing happened"}
    entries[3] = forged | {
        "prev_hash": entries[3]["prev_hash"],
        "hash": chain.entry_hash(entries[3]["prev_hash"], forged),
    }
    status, report = verify(story.write(tmp_path / "log.jsonl", entries), capsys)
    assert (status, report["breaks"]) == (1, {"bad_link": 1})
    assert report["findings"][0]["sequence"] == 5


def test_many_breaks_are_counted_and_listed_up_to_the_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [entry | {"role": "nobody"} for entry in story.rows()]
    path = story.write(tmp_path / "log.jsonl", entries)
    status, report = verify(path, capsys, "--limit", "3")
    assert (status, report["breaks"]["edited"], len(report["findings"])) == (1, 28, 3)
    assert main(["--export", str(path), "--limit", "3"]) == 1
    shown = capsys.readouterr().out
    assert "and 25 more" in shown
    assert "BROKEN: 28 edited" in shown
    assert f"district {story.JINJIANG}, case {story.DRAIN}, sequence 1" in shown


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--export", "missing.jsonl"],
        ["--database", "postgresql://nobody@127.0.0.1:1/none"],
        ["--database", "postgresql://nobody@127.0.0.1:1/none", "--table", "x; drop table y"],
        ["--export", "good.jsonl", "--roots", "missing"],
        ["--export", "bad.jsonl"],
    ],
)
def test_what_cannot_be_checked_is_neither_sound_nor_broken(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINLI_DATABASE_URL", raising=False)
    monkeypatch.delenv("LINLI_ROOTS_DIR", raising=False)
    story.write(tmp_path / "good.jsonl", list(story.rows()))
    (tmp_path / "bad.jsonl").write_text('{"case": "1"}\n')
    assert main(options) == 2
    assert "UNUSABLE" in capsys.readouterr().out
    assert main([*options, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["verdict"] == "unusable"


def test_the_documentation_s_example_has_the_hash_that_it_names() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "case-log.md"
    found = re.search(
        r'^    (\{"at".*\})\n\nhas the hash `([0-9a-f]{64})`', page.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found is not None
    data = b"linli:case-log:1\x00" + bytes(32) + found[1].encode()
    assert hashlib.sha256(data).hexdigest() == found[2]
    assert chain.canonical_json(json.loads(found[1])).decode() == found[1]
