"""The supervisor, the checks before a start, and the address of live pages."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import RequestFactory

from linli.kernel.embedded import Server
from linli.kernel.embedded.processes import alive, inside
from linli.kernel.serve import processes
from linli.kernel.serve.live import LiveOriginMiddleware, live_url
from linli.kernel.serve.processes import Spec
from linli.kernel.serve.supervisor import MARK, clear_leftovers

ROOT = Path(__file__).resolve().parents[2]
# A child that writes its number into a file and then sleeps; with a grandchild of its own.
SLEEPER = """
import os, subprocess, sys, time
subprocess.Popen(["sleep", "600"])
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
time.sleep(600)
"""
DIES = "import sys; open(sys.argv[1], 'a').write('x\\n'); sys.exit(3)"


def until(look: Callable[[], Any], *, patience: float = 60) -> Any:
    end = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@contextmanager
def supervisor(data: Path, *specs: Spec) -> Iterator[subprocess.Popen[str]]:
    given = json.dumps([(spec.name, spec.command, spec.grace) for spec in specs])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kernel.supervised", str(data), given],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
            clear_leftovers(data)


def python(name: str, code: str, *arguments: str, grace: float = 5) -> Spec:
    return Spec(name=name, command=(sys.executable, "-c", code, *arguments), grace=grace)


def test_a_killed_process_comes_back_at_once_and_what_it_left_is_ended(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    with supervisor(tmp_path, python("worker", SLEEPER, str(numbers))):
        first = int(until(lambda: lines(numbers))[0])
        children = Path(f"/proc/{first}/task/{first}/children")
        grandchild = int(until(lambda: children.read_text().split())[0])
        os.kill(first, signal.SIGKILL)
        second = int(until(lambda: lines(numbers)[1:])[0])
        assert second != first
        assert alive(second)
        until(lambda: not alive(grandchild))


def test_a_process_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with supervisor(tmp_path, python("live", DIES, str(marks))) as process:
        until(lambda: len(lines(marks)) >= 4)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    said = [json.loads(line) for line in errors.splitlines()]
    assert {entry["exit_code"] for entry in said} == {3}
    assert [entry["message"].split()[-2] for entry in said][:3] == ["0.0", "0.2", "0.4"]


def test_stopping_ends_everything(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    with supervisor(tmp_path, python("web", SLEEPER, str(numbers)), python("worker", SLEEPER, str(numbers))) as process:
        started = [int(number) for number in until(lambda: len(lines(numbers)) == 2 and lines(numbers))]
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert output == "stopped\n"
    assert process.returncode == 0
    assert not any(alive(number) for number in started)


def test_one_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPER
    with supervisor(tmp_path, python("worker", deaf, str(numbers), grace=0.3)) as process:
        number = int(until(lambda: lines(numbers))[0])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert not alive(number)


def test_what_a_killed_supervisor_left_behind_is_cleared(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    with supervisor(tmp_path, python("web", SLEEPER, str(numbers))) as process:
        left = int(until(lambda: lines(numbers))[0])
        process.kill()
        process.wait()
        assert alive(left)
        assert left in clear_leftovers(tmp_path)
        until(lambda: not alive(left))


def test_leftovers_of_another_data_folder_are_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: str(tmp_path / "other")})
    try:
        assert clear_leftovers(tmp_path) == []
        assert alive(other.pid)
    finally:
        other.kill()
        other.wait()


def test_web_finishes_requests_in_flight_when_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    with supervisor(
        tmp_path, processes.web("127.0.0.1", port, application="tests.kernel.slow_application:application")
    ) as process:

        def get(path: str) -> bytes:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                return bytes(answer.read())

        def up() -> bool:
            try:
                return get("/") == b"whole answer"
            except OSError:
                return False

        until(up)
        answers: list[bytes] = []
        slow = threading.Thread(target=lambda: answers.append(get("/slow")))
        slow.start()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        slow.join()
        process.communicate(timeout=60)
    assert answers == [b"whole answer"]
    assert process.returncode == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


# Before a start.


@pytest.mark.django_db
def test_production_refuses_demo_logins_default_keys_and_debug(settings, tmp_path: Path) -> None:
    settings.LINLI_MODE = "production"
    settings.LINLI_DATA = tmp_path
    settings.DEBUG = True
    settings.SECRET_KEY = settings.DEFAULT_SECRET_KEY
    settings.LINLI_DEMO_LOGINS = True
    settings.ALLOWED_HOSTS = ["*"]
    settings.LINLI_HTTPS = False
    with pytest.raises(CommandError) as refusal:
        call_command("preflight", skip_checks=True)
    for reason in (
        "LINLI_DEBUG",
        "LINLI_SECRET_KEY",
        "LINLI_DEMO_LOGINS",
        "LINLI_ALLOWED_HOSTS",
        "LINLI_HTTPS",
        "keyring",
    ):
        assert reason in str(refusal.value)


@pytest.mark.django_db
def test_a_demo_starts_with_all_of_it(settings) -> None:
    settings.LINLI_MODE = "demo"
    settings.LINLI_DEMO_LOGINS = True
    call_command("preflight", skip_checks=True)


@pytest.mark.django_db
def test_production_refuses_a_database_role_that_stands_above_row_security(settings, database_server) -> None:
    from django.db import connection

    from linli.kernel.observe.checks import database_problems

    assert "linli.E010" not in {problem.id for problem in database_problems()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("linli_app",)


# Live pages.


def test_live_pages_are_on_the_next_port_of_the_host_that_was_asked(rf: RequestFactory, settings) -> None:
    settings.LINLI_LIVE_URL, settings.LINLI_LIVE_PORT = "", "8001"
    assert live_url(rf.get("/", headers={"host": "192.168.1.7:8000"})) == "http://192.168.1.7:8001"
    assert live_url(rf.get("/", headers={"host": "[::1]:8000"})) == "http://[::1]:8001"
    settings.LINLI_LIVE_URL = "https://city.example/live"
    assert live_url(rf.get("/")) == "https://city.example/live"
    settings.LINLI_LIVE_URL = settings.LINLI_LIVE_PORT = ""
    assert live_url(rf.get("/")) == ""


def test_the_policy_of_a_page_allows_its_live_origin_only(rf: RequestFactory, settings) -> None:
    settings.LINLI_LIVE_URL, settings.LINLI_LIVE_PORT = "", "8001"
    page = LiveOriginMiddleware(lambda request: HttpResponse("<p>"))(rf.get("/", headers={"host": "localhost:8000"}))
    assert page._csp_update == {"connect-src": ["http://localhost:8001"]}
    data = LiveOriginMiddleware(lambda request: HttpResponse("{}", content_type="application/json"))(rf.get("/"))
    assert not hasattr(data, "_csp_update")


# The whole.


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.slow
def test_serve_outlives_its_database_and_its_own_end() -> None:
    data = Path(tempfile.mkdtemp(prefix="linli-serve-"))
    data.chmod(0o755)
    port = free_port()
    log = data / "serve.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LINLI_", "DJANGO_"))}
    environment |= {
        "LINLI_MODE": "demo",
        "LINLI_DATA": str(data),
        "PYTHONPATH": str(ROOT / "src"),
        "LINLI_WEB_WORKERS": "1",
    }
    environment |= {"LINLI_ROOMS": os.environ["LINLI_ROOMS"]} if "LINLI_ROOMS" in os.environ else {}

    def serve() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "linli", "serve", "--port", str(port), "--live-port", str(free_port())]
        with log.open("ab") as output:
            return subprocess.Popen(command, env=environment, stdout=output, stderr=output)

    server = Server(data)
    running = serve()
    try:
        until(lambda: _ready(port) or running.poll() is not None, patience=180)
        assert running.poll() is None, log.read_text()
        # The database dies: it is started again, and the same web workers find it.
        os.kill(int((server.pgdata / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        until(lambda: not _ready(port))
        until(lambda: _ready(port))
        # Everything dies at once: the next start finds the pieces.
        running.kill()
        running.wait()
        for pid in inside(server.pgdata) or []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        running = serve()
        until(lambda: log.read_bytes().count(b'"serving"') == 2 or running.poll() is not None, patience=180)
        assert running.poll() is None, log.read_text()
        until(lambda: _ready(port))
        running.terminate()
        assert running.wait(timeout=120) == 0, log.read_text()
        assert not server.running()
        assert not _ready(port)
    finally:
        running.kill()
        running.wait()
        clear_leftovers(data)
        server.stop()
        shutil.rmtree(data)
