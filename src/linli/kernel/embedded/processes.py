"""Looking at processes from outside: who is alive, and who still sits in a data directory."""

import os
from pathlib import Path

PROC = Path("/proc")


def alive(pid: int) -> bool:
    """True when process `pid` exists and is not a zombie waiting for its parent."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        # The state follows the command name, which is in parentheses and may itself hold any character.
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not PROC.is_dir()


def inside(folder: Path) -> list[int] | None:
    """Processes whose working directory is `folder`: the server and each of its children; None where /proc does not tell."""
    if not (PROC / "self" / "cwd").exists():
        return None
    wanted = str(folder.resolve())
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                if os.readlink(entry / "cwd") == wanted and alive(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
