"""The user that the server runs as: ourselves, unless we are root, whom every PostgreSQL program refuses."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linli.kernel.embedded.errors import EmbeddedError

# Made when missing; an existing `postgres` account of the machine will do as well.
PREFERRED = "linli"


@dataclass(frozen=True)
class Account:
    """An operating-system user. `drop` is True when we are root and have to become it."""

    name: str
    uid: int
    gid: int
    drop: bool

    def popen_arguments(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make the child this user."""
        if not self.drop:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give `path` (one file or folder) to this user."""
        if self.drop:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """The user for the server: the present one, or as root an unprivileged one, created when there is none.

    Raises:
        EmbeddedError: root, and no unprivileged user exists or can be made.
    """
    if os.geteuid() != 0:
        return Account(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid(), drop=False)
    for name in (PREFERRED, "postgres"):
        account = _existing(name)
        if account:
            return account
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd:
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", PREFERRED],
            capture_output=True,
            check=False,
        )
    # Two processes may have raced to create it: what counts is that it exists now.
    account = _existing(PREFERRED) or _existing("nobody")
    if not account:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and there is no unprivileged user to run it as: create one named 'linli', "
            "run as an ordinary user, or set LINLI_DATABASE_URL."
        )
    return account


def _existing(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, drop=True)
