"""Makes, starts, shares and stops one embedded PostgreSQL server."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from linli.kernel.embedded.account import Account, server_account
from linli.kernel.embedded.binaries import (
    Binaries,
    copied_for_others,
    find_binaries,
    readable_by_others,
    traversable_by_others,
)
from linli.kernel.embedded.errors import AlreadyOwned, EmbeddedError, OtherMajorVersion
from linli.kernel.embedded.preparation import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER, prepare_server
from linli.kernel.embedded.processes import alive, inside

# A socket address holds 107 bytes on Linux and 103 on macOS; ours ends in "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 85
SOCKET_PORT = 5432
# Where the server lives when the data folder is under a folder closed to the user it has to run as (such as /root).
OPEN_PLACE = Path("/var/lib/linli")
# How long a server may take to stop its children after a kill, and to recover after a crash, in seconds.
PATIENCE_FOR_CHILDREN = 60.0
PATIENCE_FOR_RECOVERY = 600.0
MIB = 1024 * 1024


@dataclass(frozen=True)
class Addresses:
    """How to connect: `host` is a folder for a socket or 127.0.0.1; passwords are those of the three roles."""

    host: str
    port: int
    database: str
    passwords: dict[str, str]

    def url(self, role: str, *, database: str | None = None) -> str:
        """A connection URL for `role`, to `database` (the one of the application unless named)."""
        name = database or self.database
        password = quote(self.passwords[role], safe="")
        if self.host.startswith("/"):
            return f"postgresql://{role}:{password}@/{name}?host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{role}:{password}@{self.host}:{self.port}/{name}"


class Server:
    """One embedded server, in `<data>/postgres`.

    Use it as a context manager, or `attach()` and `detach()`: attaching starts it when it is not running and reuses it when it
    is; the last to detach stops it, unless it was told to stay (`keep`).

    Args:
        data: the data folder of the application; created when missing.
        durable: False only for tests, which may lose everything in a crash and gain speed.
        binaries: the installation to use; found when not given.
    """

    def __init__(self, data: Path | str, *, durable: bool = True, binaries: Binaries | None = None) -> None:
        self.data = Path(data).absolute()
        self.durable = durable
        self._given_binaries = binaries
        self._account: Account | None = None
        self._home: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._users: IO[str] | None = None
        self._owner: IO[str] | None = None

    # Places.

    @property
    def account(self) -> Account:
        """The user that the server runs as."""
        if self._account is None:
            self._account = server_account()
            if self._account.drop and self.pgdata.exists():
                # Made when another user was at hand: PostgreSQL insists on the owner of its folder.
                owner = self.pgdata.stat()
                if owner.st_uid not in (0, self._account.uid):
                    self._account = Account(name=str(owner.st_uid), uid=owner.st_uid, gid=owner.st_gid, drop=True)
        return self._account

    @property
    def home(self) -> Path:
        """The folder of this server: `<data>/postgres`, or a place of the same owner that the server's user can reach."""
        if self._home is None:
            home = self.data / "postgres"
            if self.account.drop:
                self.data.mkdir(parents=True, exist_ok=True)
                if not traversable_by_others(self.data):
                    digest = hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:12]
                    home = OPEN_PLACE / digest
            self._home = home
        return self._home

    @property
    def pgdata(self) -> Path:
        """The server's own data directory."""
        return self.home / "pgdata"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "log" / "postgres.log"

    # Owning and using.

    def own(self) -> None:
        """Become the one owner of the data folder, as `serve` and `demo` do; let go by `disown` or by the end of the process.

        Raises:
            AlreadyOwned: another live process owns it.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        handle = (self.data / "owner.lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            who = handle.read().strip() or "unknown"
            handle.close()
            raise AlreadyOwned(
                f"The data folder {self.data} is in use by another Linli (process {who}). "
                "Stop that one first, or give this one a folder of its own with --data."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._owner = handle

    def disown(self) -> None:
        """Let go of the data folder."""
        if self._owner:
            self._owner.close()
            self._owner = None

    def attach(self) -> Addresses:
        """Use the server; start it, and make it the first time, when it is not running. Returns how to connect."""
        try:
            self._make_home()
        except PermissionError:
            raise EmbeddedError(
                f"The data folder {self.data} belongs to another user of this machine; name one of your own with --data."
            ) from None
        # A shared lock held while we use the server; who can have it alone is the last one (see detach). The order is fixed,
        # users before start, so that two processes cannot wait for each other.
        self._users = (self.home / "users.lock").open("a+")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            return self.start()
        except BaseException:
            self._users.close()
            self._users = None
            raise

    def detach(self) -> None:
        """Stop using the server; the last to leave stops it."""
        if not self._users:
            return
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            if not self._keep_mark.exists():
                self.stop()
        finally:
            self._users.close()
            self._users = None

    def keep(self) -> None:
        """Leave the server running after the last user, until `release`."""
        self._keep_mark.touch()

    def release(self) -> None:
        """Undo `keep`."""
        self._keep_mark.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.attach()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()

    # Starting and stopping.

    def start(self) -> Addresses:
        """Start the server unless it runs, whatever the last one left behind. Safe against other starters.

        Raises:
            OtherMajorVersion: the folder was written by another major version.
            EmbeddedError: it could not be started; the message ends with the server's own last words.
        """
        self._make_home()
        with (self.home / "start.lock").open("a+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self.running():
                self._wait_until_ready(None)
                return self.addresses()
            binaries = self._binaries()
            self._check_version(binaries)
            self._drop_half_made()
            if not self._made_mark.exists():
                self._make(binaries)
            self._write_configuration(binaries)
            self._launch(binaries)
            if not self._prepared_mark.exists():
                prepare_server(self.addresses())
                self._prepared_mark.touch()
            return self.addresses()

    def running(self) -> bool:
        """True when a server of this folder is alive (perhaps still recovering)."""
        pid = self._postmaster()
        return pid is not None and self._is_ours(pid)

    def stop(self, *, patience: float = 60.0) -> None:
        """Stop the server: running transactions are rolled back, everything committed stays.

        Args:
            patience: seconds until the server is stopped the hard way (it recovers at the next start).
        """
        pid = self._postmaster()
        if pid is None or not self._is_ours(pid):
            self._reap()
            return
        # SIGINT is PostgreSQL's "fast" stop; SIGQUIT its "immediate" one.
        for number, limit in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                break
            if self._gone(pid, limit):
                break
        self._reap()

    def addresses(self) -> Addresses:
        """How to connect to this server, from what was written when it was made and started.

        Raises:
            EmbeddedError: no server has been made in this folder.
        """
        try:
            passwords = json.loads((self.home / "passwords.json").read_text())
            address = json.loads((self.home / "address.json").read_text())
        except FileNotFoundError:
            raise EmbeddedError(f"There is no database in {self.home} yet.") from None
        except PermissionError:
            raise EmbeddedError(f"The database in {self.home} belongs to another user of this machine.") from None
        return Addresses(host=address["host"], port=address["port"], database=DATABASE, passwords=passwords)

    # The steps of a start.

    def _make_home(self) -> None:
        # The folders of the server belong to whoever runs it; the passwords beside them to whoever called us.
        for folder in (self.home, self.home / "socket", self.home / "log"):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o755)
        for folder in (self.home / "socket", self.home / "log"):
            self.account.own(folder)

    def _binaries(self) -> Binaries:
        binaries = self._given_binaries or find_binaries()
        if self.account.drop and not readable_by_others(Path(binaries.program("postgres"))):
            binaries = copied_for_others(binaries, self.home.parent / "postgres-programs")
        return binaries

    def _check_version(self, binaries: Binaries) -> None:
        mark = self.pgdata / "PG_VERSION"
        if not mark.exists():
            return
        major = int(mark.read_text().strip().split(".")[0])
        if major != binaries.major:
            raise OtherMajorVersion(
                f"The database in {self.pgdata} was written by PostgreSQL {major}; the programs at hand are "
                f"{binaries.version} ({binaries.origin}). Dump it with PostgreSQL {major} (pg_dumpall) and load it into a "
                f"new data folder, or set LINLI_POSTGRES_BIN to a PostgreSQL {major}."
            )

    @property
    def _made_mark(self) -> Path:
        return self.home / "made"

    @property
    def _prepared_mark(self) -> Path:
        return self.home / "prepared"

    @property
    def _keep_mark(self) -> Path:
        return self.home / "keep"

    def _drop_half_made(self) -> None:
        """Remove what an interrupted `initdb` left: it never held anything."""
        if self.pgdata.exists() and not self._made_mark.exists():
            shutil.rmtree(self.pgdata)

    def _make(self, binaries: Binaries) -> None:
        """Create the data directory and the passwords."""
        passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER_ROLE, APP_ROLE)}
        _write_private(self.home / "passwords.json", json.dumps(passwords))
        self.pgdata.mkdir(mode=0o700)
        self.account.own(self.pgdata)
        # The locale decides whether trigram search sees Chinese at all: with plain "C" pg_trgm finds nothing, silently.
        locale = ["--locale=C.UTF-8"]
        if binaries.major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with tempfile.NamedTemporaryFile("w", prefix="linli-", dir=self.home / "socket") as secret:
            secret.write(passwords[SUPERUSER])
            secret.flush()
            self.account.own(Path(secret.name))
            arguments = [
                binaries.program("initdb"),
                f"--pgdata={self.pgdata}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *locale,
            ]
            if not self.durable:
                arguments.append("--no-sync")
            result = subprocess.run(
                arguments,
                capture_output=True,
                text=True,
                cwd="/",
                env=_environment(),
                check=False,
                **self.account.popen_arguments(),
            )
        if result.returncode:
            raise EmbeddedError(f"initdb failed in {self.pgdata}:\n{result.stdout}{result.stderr}".rstrip())
        with (self.pgdata / "postgresql.conf").open("a") as configuration:
            configuration.write("\n# Written anew at every start; put your own settings into local.conf.\n")
            configuration.write("include_if_exists = 'linli.conf'\ninclude_if_exists = 'local.conf'\n")
        self._made_mark.touch()

    def _write_configuration(self, binaries: Binaries) -> None:
        """Write linli.conf and the address for this start."""
        socket_folder = self.home / "socket"
        if len(os.fsencode(socket_folder)) <= LONGEST_SOCKET_FOLDER:
            host, port, listen, folder = str(socket_folder), SOCKET_PORT, "", str(socket_folder)
        else:
            host, port, listen, folder = "127.0.0.1", self._tcp_port(), "127.0.0.1", ""
        settings: dict[str, str] = {
            "listen_addresses": listen,
            "port": str(port),
            "unix_socket_directories": folder,
            "max_connections": "100",
            "shared_buffers": f"{_shared_buffers_mib()}MB",
            "synchronous_commit": "on",
            "jit": "off",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "log_min_duration_statement": "1000",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            # Statements hold personal data as literals; errors must not copy them into the log.
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_min_error_statement": "panic",
            "idle_in_transaction_session_timeout": "300000",
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "dynamic_shared_memory_type": _dynamic_shared_memory(),
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "full_page_writes": "off",
                "synchronous_commit": "off",
                "autovacuum": "off",
                "wal_level": "minimal",
                "max_wal_senders": "0",
                "shared_buffers": "128MB",
            }
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        target = self.pgdata / "linli.conf"
        target.write_text("# Written by Linli at every start.\n" + "\n".join(lines) + "\n")
        self.account.own(target)
        _write_private(self.home / "address.json", json.dumps({"host": host, "port": port}))

    def _tcp_port(self) -> int:
        """The port of the last start when it is still free, else any free one."""
        try:
            before = int(json.loads((self.home / "address.json").read_text())["port"])
        except (FileNotFoundError, ValueError, KeyError):
            before = 0
        for port in (before, 0):
            if port == SOCKET_PORT:
                continue
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return int(probe.getsockname()[1])
        raise EmbeddedError("No free port on 127.0.0.1.")

    def _launch(self, binaries: Binaries) -> None:
        """Start the postmaster, and again while the children of a killed one still hold its memory."""
        end = time.monotonic() + PATIENCE_FOR_CHILDREN
        while True:
            self._clear_stale_pid_file()
            self._rotate_log()
            with self.log.open("ab") as log:
                self.account.own(self.log)
                self._process = subprocess.Popen(
                    [binaries.program("postgres"), "-D", str(self.pgdata)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=_environment(),
                    # Its own session, so that Ctrl-C in the terminal reaches us and not the database.
                    start_new_session=True,
                    **self.account.popen_arguments(),
                )
            if self._wait_until_ready(self._process):
                return
            self._process = None
            words = self._last_words()
            refused = "shared memory block" in words or "lock file" in words
            if not refused or time.monotonic() > end:
                raise EmbeddedError(f"The database in {self.pgdata} did not start. Its log {self.log} ends:\n{words}")
            time.sleep(0.2)

    def _wait_until_ready(self, process: subprocess.Popen[bytes] | None) -> bool:
        """Wait until it answers; False when `process` ended instead. Recovery after a crash may take its time."""
        end = time.monotonic() + PATIENCE_FOR_RECOVERY
        told = False
        began = time.monotonic()
        while time.monotonic() < end:
            if process is not None and process.poll() is not None:
                return False
            if process is None and not self.running():
                raise EmbeddedError(
                    f"The database in {self.pgdata} stopped while it was being started by another process."
                )
            if self._answers():
                return True
            if not told and time.monotonic() - began > 5:
                told = True
                print("The database is recovering; please wait ...", file=sys.stderr)
            time.sleep(0.02)
        raise EmbeddedError(
            f"The database in {self.pgdata} was not ready in {PATIENCE_FOR_RECOVERY:.0f} s; see {self.log}."
        )

    def _answers(self) -> bool:
        # The status line of the pid file is cheap to read and says "ready" only at the end of recovery.
        try:
            lines = (self.pgdata / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        try:
            with psycopg.connect(self.addresses().url(SUPERUSER, database="postgres"), connect_timeout=10):
                return True
        except psycopg.OperationalError:
            return False

    def _postmaster(self) -> int | None:
        try:
            return abs(int((self.pgdata / "postmaster.pid").read_text().split("\n", 1)[0]))
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        """True when `pid` is a live process in our data directory (and not another that inherited the number)."""
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is None
        if not alive(pid):
            return False
        residents = inside(self.pgdata)
        return residents is None or pid in residents

    def _clear_stale_pid_file(self) -> None:
        """Wait for the children of a dead postmaster; then drop a pid file that names nobody of ours.

        PostgreSQL refuses to start when the number in that file is alive, even if it belongs to something else by now, which
        is common after a container restarts. When nobody has the directory open, the file is certainly stale.
        """
        end = time.monotonic() + PATIENCE_FOR_CHILDREN
        while time.monotonic() < end:
            residents = inside(self.pgdata)
            if residents is None:
                return
            if not residents:
                (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
                return
            time.sleep(0.05)

    def _gone(self, pid: int, limit: float) -> bool:
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if not self._is_ours(pid):
                return True
            time.sleep(0.02)
        return False

    def _reap(self) -> None:
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                return
            self._process = None

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > 20 * MIB:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _last_words(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        except OSError:
            return "(no log)"


def _environment() -> dict[str, str]:
    """The programs get no environment of ours: PG* variables would redirect them."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _shared_buffers_mib() -> int:
    """A quarter of the machine's memory, 128 MiB at least and 1 GiB at most (the page cache does the rest)."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        total = 1024 * MIB
    return max(128, min(1024, total // MIB // 4))


def _dynamic_shared_memory() -> str:
    """Containers often give /dev/shm 64 MB, too little for a parallel query; files do as well there."""
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "mmap"
    return "posix" if space.f_frsize * space.f_blocks >= 256 * MIB else "mmap"


def _write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, in one step, so that a reader never sees half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    fresh.replace(path)
