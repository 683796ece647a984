"""The embedded PostgreSQL: made, started, shared, killed in every way, stopped."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from linli.kernel.embedded import AlreadyOwned, EmbeddedError, OtherMajorVersion, Server, find_binaries
from linli.kernel.embedded.account import Account
from linli.kernel.embedded.binaries import copied_for_others
from linli.kernel.embedded.preparation import APP_ROLE, OWNER_ROLE, SUPERUSER
from linli.kernel.embedded.processes import alive, inside
from linli.kernel.embedded.server import LONGEST_SOCKET_FOLDER, OPEN_PLACE


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that other users can reach, with one server that the tests below start and stop."""
    folder = Path(tempfile.mkdtemp(prefix="linli-embedded-"))
    folder.chmod(0o755)
    yield folder
    Server(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    """The server of the module's folder, attached."""
    with Server(data) as server:
        yield server


def rows(server: Server, query: str, *, role: str = APP_ROLE) -> list[tuple]:
    with psycopg.connect(server.addresses().url(role)) as connection:
        return connection.execute(query).fetchall()


def write_something(server: Server, text: str) -> None:
    with psycopg.connect(server.addresses().url(OWNER_ROLE)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text PRIMARY KEY)")
        connection.execute("INSERT INTO note VALUES (%s) ON CONFLICT DO NOTHING", [text])


def until(condition: Callable[[], object], *, patience: float = 30) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_the_application_owns_nothing_and_may_use_what_the_owner_makes(server: Server) -> None:
    write_something(server, "灯坏了")
    assert ("灯坏了",) in rows(server, "SELECT text FROM note")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(server, "CREATE TABLE mine (id int)")
    assert rows(server, "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user") == [
        (False, False, False)
    ]


def test_trigram_search_sees_chinese(server: Server) -> None:
    assert rows(server, "SELECT similarity('占道经营影响通行', '占道经营') > 0.3") == [(True,)]


def test_nobody_gets_in_without_the_password(server: Server) -> None:
    addresses = server.addresses()
    for role in (SUPERUSER, OWNER_ROLE, APP_ROLE):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=addresses.host, port=addresses.port, user=role, dbname=addresses.database, password="")
    assert stat.S_IMODE((server.home / "passwords.json").stat().st_mode) == 0o600


def test_acknowledged_writes_are_on_disk(server: Server) -> None:
    assert rows(server, "SELECT current_setting('synchronous_commit'), current_setting('fsync')") == [("on", "on")]


def test_the_last_user_stops_it(data: Path) -> None:
    first, second = Server(data), Server(data)
    first.attach()
    second.attach()
    first.detach()
    assert second.running()
    second.detach()
    assert not second.running()


def test_it_stays_when_told_to(data: Path) -> None:
    with Server(data) as server:
        server.keep()
    assert server.running()
    with Server(data) as other:
        other.release()
    assert not server.running()


def test_it_is_a_user_of_another_process_that_keeps_it_running(data: Path) -> None:
    code = (
        "import sys; from linli.kernel.embedded import Server; server = Server(sys.argv[1]); server.attach();"
        "print('in', flush=True); input()"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(data)], stdin=-1, stdout=-1, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "in\n"
    with Server(data) as server:
        pass
    assert server.running()
    # A user that is killed takes nothing with it, and holds nothing afterwards.
    other.kill()
    other.communicate()
    assert server.running()
    with Server(data):
        pass
    assert not server.running()


def test_killing_the_server_loses_nothing(server: Server) -> None:
    for round_ in range(3):
        write_something(server, f"before kill {round_}")
        pid = server._postmaster()
        assert pid
        os.kill(pid, signal.SIGKILL)
        # At once, while its children still hold the shared memory.
        until(lambda: not server.running())
        server.start()
        assert (f"before kill {round_}",) in rows(server, "SELECT text FROM note")


def test_killing_every_process_loses_nothing(server: Server) -> None:
    write_something(server, "before the end of all")
    for pid in inside(server.pgdata) or []:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    until(lambda: not server.running())
    fresh = Server(server.data)
    fresh.start()
    assert ("before the end of all",) in rows(fresh, "SELECT text FROM note")


def test_a_pid_file_that_names_somebody_else_does_not_stop_a_start(data: Path) -> None:
    with Server(data) as server:
        pid_file = server.pgdata / "postmaster.pid"
        text = pid_file.read_text()
    # As after a container restarts: the number belongs to a living process that is none of ours.
    pid_file.write_text(text.replace(text.split("\n", 1)[0], str(os.getppid()), 1))
    with Server(data) as server:
        assert rows(server, "SELECT 1") == [(1,)]


def test_a_second_owner_is_refused_by_name(data: Path) -> None:
    first, second = Server(data), Server(data)
    first.own()
    with pytest.raises(AlreadyOwned, match=rf"process {os.getpid()}\).*--data"):
        second.own()
    first.disown()
    second.own()
    second.disown()


def test_another_major_version_is_refused_with_the_way_out(data: Path) -> None:
    with Server(data) as server:
        pass
    mark = server.pgdata / "PG_VERSION"
    before = mark.read_text()
    mark.write_text("14\n")
    try:
        with pytest.raises(OtherMajorVersion, match="written by PostgreSQL 14"):
            Server(data).start()
    finally:
        mark.write_text(before)


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    with Server(data) as server:
        pass
    bad = server.pgdata / "local.conf"
    bad.write_text("max_connections = 'many'\n")
    try:
        with pytest.raises(EmbeddedError, match="max_connections"):
            Server(data).start()
    finally:
        bad.unlink()


def test_an_interrupted_making_starts_over() -> None:
    folder = Path(tempfile.mkdtemp(prefix="linli-embedded-"))
    folder.chmod(0o755)
    try:
        half = Server(folder, durable=False)
        half._make_home()
        half.pgdata.mkdir()
        (half.pgdata / "PG_VERSION").write_text(f"{find_binaries().major}\n")
        with Server(folder, durable=False) as server:
            assert rows(server, "SELECT 1") == [(1,)]
    finally:
        shutil.rmtree(folder)


def test_a_deep_folder_is_reached_over_a_port() -> None:
    top = Path(tempfile.mkdtemp(prefix="linli-embedded-"))
    top.chmod(0o755)
    deep = top / ("deep" * 12) / ("deeper" * 10)
    try:
        with Server(deep, durable=False) as server:
            assert len(str(server.home / "socket")) > LONGEST_SOCKET_FOLDER
            assert server.addresses().host == "127.0.0.1"
            port = server.addresses().port
            assert rows(server, "SELECT 1") == [(1,)]
        # The same port again when it is free, another when it is not.
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last connection may linger in TIME_WAIT
            taken.bind(("127.0.0.1", port))
            taken.listen()
            with Server(deep, durable=False) as server:
                assert server.addresses().port != port
                assert rows(server, "SELECT 1") == [(1,)]
    finally:
        shutil.rmtree(top)


def test_a_folder_closed_to_others_works(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Server(closed / "data", durable=False)
    try:
        with server:
            assert rows(server, "SELECT 1") == [(1,)]
            if server.account.drop:
                assert server.home.is_relative_to(OPEN_PLACE)
    finally:
        shutil.rmtree(server.home)


def test_an_ordinary_user_can_run_it() -> None:
    folder = Path(tempfile.mkdtemp(prefix="linli-embedded-"))
    folder.chmod(0o777)
    # A copy that anyone can read, since the virtual environment may lie in a closed folder.
    binaries = copied_for_others(find_binaries(), folder / "programs")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            with Server(folder / "data", durable=False, binaries=binaries) as server:
                status = 0 if rows(server, "SELECT 1") == [(1,)] and not server.account.drop else 2
        finally:
            os._exit(status)
    try:
        assert os.waitpid(child, 0)[1] == 0
    finally:
        shutil.rmtree(folder)


def test_root_runs_it_as_the_owner_of_the_folder(data: Path) -> None:
    with Server(data) as server:
        made_by = server.pgdata.stat().st_uid
    another = Account(name="another", uid=made_by + 1, gid=made_by + 1, drop=os.geteuid() == 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linli.kernel.embedded.server.server_account", lambda: another)
        found = Server(data).account
    assert found.uid == (made_by if another.drop else another.uid)


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    until(lambda: not alive(child.pid))
    child.wait()
