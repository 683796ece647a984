"""Links between the documents lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!\\)!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^(```|~~~).*?^\1\s*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def anchors(document: Path) -> set[str]:
    """The addresses of the headings, as the usual renderers make them."""
    found: set[str] = set()
    for heading in re.findall(
        r"^#{1,6}\s+(.+?)\s*#*$", CODE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE
    ):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        found.add(plain)
    return found


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(target)
    assert not broken


def test_every_variable_of_the_environment_is_documented_and_read() -> None:
    variable = re.compile(r"\bLINLI_[A-Z0-9_]+\b")
    documented = set(variable.findall((ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")))
    read = {
        name
        for path in [*(ROOT / "src").rglob("*.py"), ROOT / "tests" / "databases.py"]
        for name in re.findall(
            r"""(?:environ|environment|_flag|_words|get)\W{1,8}["'](LINLI_[A-Z0-9_]+)["']""", path.read_text()
        )
    }
    assert documented >= read
    everywhere = " ".join(path.read_text() for path in [*(ROOT / "src").rglob("*.py"), ROOT / "tests" / "databases.py"])
    assert not [name for name in documented if name not in everywhere and not name.endswith("_BUCKET")]
