"""`linli serve`, `demo`, `dbstart`, `dbstop`, `dbstatus`: the commands that run before and without Django."""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import psycopg

from linli.kernel.embedded import EmbeddedError, Server
from linli.kernel.embedded.environment import data_folder, publish
from linli.kernel.serve import processes
from linli.kernel.serve.supervisor import Supervisor, clear_leftovers, say

# Seconds to wait for a port that a dying process still holds.
PATIENCE_FOR_PORT = 3.0

COMMANDS = {
    "serve": "run web, live pages and worker until stopped",
    "demo": "make a demo data folder if need be, and serve it",
    "dbstart": "start the embedded database and leave it running",
    "dbstop": "stop an embedded database that was left running",
    "dbstatus": "say whether the embedded database runs, and where",
}


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one of COMMANDS; returns the exit status."""
    try:
        match command:
            case "serve" | "demo":
                return _serve(command, arguments)
            case "dbstart":
                server = Server(data_folder())
                server.attach()
                server.keep()
                server.detach()
            case "dbstop":
                server = Server(data_folder())
                server.release()
                server.stop()
            case "dbstatus":
                server = Server(data_folder())
                place = f"in {server.home}"
                print(f"running {place}" if server.running() else f"not running {place}")
    except EmbeddedError as problem:
        print(f"linli: {problem}", file=sys.stderr)
        return 1
    return 0


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"linli {command}", description=COMMANDS[command])
    parser.add_argument("--host", default=os.environ.get("LINLI_HOST", "127.0.0.1"), help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("LINLI_PORT", "8000")), help="port of pages and API"
    )
    parser.add_argument("--live-port", type=int, help="port of live pages (default: the one above --port)")
    parser.add_argument("--data", type=Path, help="data folder (default: LINLI_DATA, else ./data)")
    if command == "demo":
        parser.add_argument("--still", action="store_true", help="no live trickle: nothing happens but what you do")
    parser.add_argument("--no-migrate", action="store_true", help="do not bring the database's schema up to date")
    if command == "demo":
        parser.add_argument("--light", action="store_true", help="one subdistrict and a few cases: ready in seconds")
    return parser


def _serve(command: str, arguments: Sequence[str]) -> int:
    """The whole start: own the folder, attach the database, migrate, check, then supervise."""
    given = _parser(command).parse_args(arguments)
    if given.data:
        os.environ["LINLI_DATA"] = str(given.data.absolute())
    if command == "demo":
        os.environ["LINLI_MODE"] = "demo"
    data = data_folder()
    os.environ["LINLI_DATA"] = str(data)
    port: int = given.port
    live_port: int = given.live_port or port + 1

    server = Server(data)
    server.own()
    embedded = not os.environ.get("LINLI_DATABASE_URL")
    try:
        clear_leftovers(data)
        for number in (port, live_port):
            _require_free(given.host, number)
        if embedded:
            publish(server.attach())
        if not given.no_migrate:
            _linli("migrate", "--verbosity", "0")
        _linli("preflight")
        _fresh_metrics(data)
        specs = [processes.web(given.host, port)]
        live = processes.live(given.host, live_port)
        if live:
            specs.append(live)
            os.environ.setdefault("LINLI_LIVE_PORT", str(live_port))
        specs.append(processes.worker())
        if command == "demo":
            _linli("seed_demo", *(["--light"] if given.light else []))
            if not given.still:
                specs.append(processes.trickle())
        address = f"http://{given.host}:{port}/"
        supervisor = Supervisor(
            specs,
            data=data,
            server=server if embedded else None,
            on_ready=lambda: _announce(address, demo=command == "demo"),
        )
        supervisor.run()
        say("stopped")
        return 0
    except subprocess.CalledProcessError as problem:
        return problem.returncode or 1
    except KeyboardInterrupt:
        return 130
    finally:
        if embedded:
            server.detach()
        server.disown()


def _linli(*arguments: str) -> None:
    """Run a management command in a process of its own; its words go to our terminal."""
    subprocess.run([sys.executable, "-m", "linli", *arguments], check=True, stdin=subprocess.DEVNULL)


def _require_free(host: str, port: int) -> None:
    """Refuse a start on a port that is taken; one that a process just killed may be free a moment later."""
    end = time.monotonic() + PATIENCE_FOR_PORT
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as problem:
                if time.monotonic() > end:
                    raise EmbeddedError(
                        f"Cannot listen on {host} port {port}: {problem.strerror}. Choose another with --port."
                    ) from None
            else:
                return
        time.sleep(0.1)


def _fresh_metrics(data: Path) -> None:
    """An empty folder in which the processes put their figures for /metrics."""
    folder = data / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _announce(address: str, *, demo: bool) -> None:
    """Tell where it is, once it answers."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            # Our own address, over HTTP, given by whoever started us.
            with urllib.request.urlopen(f"{address}healthz", timeout=2):
                break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    else:
        say("web does not answer", level="error", process_name="web")
        return
    say("serving", address=address)
    if demo:
        print(
            f"\nLinli is at {address}\nBecome anybody with one click at {address}sign-in:\n{_cast()}\n"
            f"Open311 for other makers' apps, with a key to try: {address}open311/\nStop it with Ctrl-C.\n",
            flush=True,
        )


def _cast() -> str:
    """The demo's log-ins, a line each. Asked of the database directly: the supervisor knows no models."""
    try:
        with psycopg.connect(os.environ["LINLI_DATABASE_URL"]) as connection:
            rows = connection.execute(
                "SELECT login, work_name FROM people_account WHERE is_demo AND is_active ORDER BY date_joined, login"
            ).fetchall()
    except psycopg.Error:
        return ""
    return "\n".join(f"  {login:12} {name}" for login, name in rows)
