"""The databases of a test run.

An embedded server for each worker, kept in a temporary folder for the next run: what reads events waits for the oldest
transaction of its whole server, so that a long test of one worker would stop those of another. In it a template for each state of
the migrations, built once as the owner; from that a database for the run, cloned in a tenth of a second, to which the tests connect
as the application's own role, so that row-level security is as real as in production.

`LINLI_DATABASE_URL` names another server instead: a superuser's address on a server that is for tests only.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from linli.kernel.embedded import Server
from linli.kernel.embedded.preparation import APP_ROLE, OWNER_ROLE, SUPERUSER, create_roles, prepare_database
from linli.kernel.embedded.processes import alive

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "linli"


@dataclass(frozen=True)
class TestServer:
    """A server that tests may do anything with; `urls` by role, to its maintenance database."""

    __test__ = False
    urls: dict[str, str]
    folder: Path

    def url(self, role: str, database: str) -> str:
        """The address of one database for one role."""
        parts = urlsplit(self.urls[role])
        return urlunsplit(parts._replace(path=f"/{database}"))


@contextmanager
def running_server(worker: str) -> Iterator[TestServer]:
    """The server of a worker of this checkout's tests, for as long as the block lasts."""
    digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    base = Path(
        os.environ.get("LINLI_TEST_DATA") or Path(tempfile.gettempdir()) / f"linli-test-{os.geteuid()}-{digest}"
    )
    folder = base / worker
    folder.mkdir(parents=True, exist_ok=True)
    for part in (base, folder):
        part.chmod(0o755)
    outside = os.environ.get("LINLI_DATABASE_URL")
    if outside:
        yield _with_roles(TestServer({SUPERUSER: outside}, folder))
        return
    with Server(folder, durable=False) as server:
        addresses = server.addresses()
        yield TestServer({role: addresses.url(role) for role in (SUPERUSER, OWNER_ROLE, APP_ROLE)}, folder)


def _with_roles(server: TestServer) -> TestServer:
    """Give a foreign server our two roles, with a password that follows from its address (all workers need the same one)."""
    password = hashlib.sha256(server.urls[SUPERUSER].encode()).hexdigest()
    with _locked(server), psycopg.connect(server.urls[SUPERUSER], autocommit=True) as connection:
        create_roles(connection, {OWNER_ROLE: password, APP_ROLE: password})
    parts = urlsplit(server.urls[SUPERUSER])
    place = parts.netloc.rpartition("@")[2]
    urls = {role: urlunsplit(parts._replace(netloc=f"{role}:{password}@{place}")) for role in (OWNER_ROLE, APP_ROLE)}
    return replace(server, urls={**server.urls, **urls})


def fresh_database(server: TestServer, worker: str) -> str:
    """A new database for `worker` of this process, with every migration applied; returns its name."""
    name = f"run_{os.getpid()}_{worker}"
    with _locked(server), psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        _drop_leftovers(connection)
        template = _template(server, connection)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                *map(sql.Identifier, (name, template, OWNER_ROLE))
            )
        )
    return name


def drop_database(server: TestServer, name: str) -> None:
    """Remove a database of `fresh_database`."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


EMPTY = """
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission', 'territory_territoryversion')
  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
END $$"""


def empty_database(server: TestServer, name: str) -> None:
    """Remove every row that a test has committed, and none that the migrations wrote.

    By DELETE: few tables hold any, and a TRUNCATE makes the files of each anew.
    """
    with psycopg.connect(server.url(SUPERUSER, name)) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers: what may only be added to goes too
        connection.execute(EMPTY)


@contextmanager
def _locked(server: TestServer) -> Iterator[None]:
    with (server.folder / "template.lock").open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _template(server: TestServer, connection: psycopg.Connection) -> str:
    """The template for the present state of the migrations; built by the first who asks."""
    name = f"template_{_fingerprint()}"
    rows = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^(template|building)_'").fetchall()
    if (name,) in rows:
        return name
    for (old,) in rows:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
    building = name.replace("template_", "building_")
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (building, OWNER_ROLE))))
    with psycopg.connect(server.url(SUPERUSER, building), autocommit=True) as inside:
        prepare_database(inside)
        _migrate(server, building)
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (building, name))))
    return name


def _migrate(server: TestServer, database: str) -> None:
    from django.core.management import call_command
    from django.db import connections

    point_connections(server, database)
    call_command("migrate", database="owner", verbosity=0, interactive=False, run_syncdb=True)
    connections.close_all()


def point_connections(server: TestServer, database: str) -> None:
    """Let Django's two aliases name `database`, each in its own role."""
    from django.db import connections

    from linli.settings import database_settings

    for alias, role in (("default", APP_ROLE), ("owner", OWNER_ROLE)):
        connections[alias].close()
        connections[alias].settings_dict.update(database_settings(server.url(role, database)))
        # A connection that a test leaves open would keep the database from being dropped.
        connections[alias].settings_dict["CONN_MAX_AGE"] = 0


def _drop_leftovers(connection: psycopg.Connection) -> None:
    """Remove databases of runs that were killed."""
    for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^run_[0-9]+_'").fetchall():
        if not alive(int(name.split("_")[1])):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _fingerprint() -> str:
    """A digest of everything that the state of a migrated database follows from."""
    from django.conf import settings

    digest = hashlib.sha256(repr(settings.INSTALLED_APPS).encode())
    parts = ("migrations", "data", "rules")
    files = [path for path in SOURCE.rglob("*") if path.is_file() and set(parts) & set(path.relative_to(SOURCE).parts)]
    files += [
        *SOURCE.rglob("models.py"),
        *SOURCE.rglob("models/*.py"),
        SOURCE / "kernel" / "embedded" / "preparation.py",
        SOURCE / "kernel" / "trust" / "context.py",  # the text of the row policies
    ]
    for path in sorted(set(files)):
        if path.suffix != ".pyc":
            digest.update(str(path.relative_to(SOURCE)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
