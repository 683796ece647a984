"""`linli COMMAND`: every management command, with the embedded database attached for those that need one.

Which database: `LINLI_DATABASE_URL` when it is set; otherwise the embedded server in the data folder (`LINLI_DATA`, by default
`data` in the working directory), which is started for the command when it does not run already.
"""

import os
import sys
from collections.abc import Sequence

from linli.kernel.serve.cli import COMMANDS as OWN_COMMANDS
from linli.kernel.serve.cli import run as run_own

# Commands that never speak to the database, or take care of it themselves.
WITHOUT_DATABASE = frozenset(
    {"check", "collectstatic", "diffsettings", "findstatic", "help", "keyring", "makemigrations", "words"}
    | {"version", "--help", "-h", "--version"}
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; the console script `linli` and `python -m linli` both come here."""
    argv = ["linli", *(sys.argv[1:] if arguments is None else arguments)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.settings")
    command = argv[1] if len(argv) > 1 else "help"
    if command in OWN_COMMANDS:
        raise SystemExit(run_own(command, argv[2:]))
    if command in ("help", "--help", "-h") and len(argv) < 3:
        print(
            "Commands of the house itself:\n" + "".join(f"  {name:10} {text}\n" for name, text in OWN_COMMANDS.items())
        )
    asks_for_help = bool({"-h", "--help"} & set(argv[2:]))
    if command in WITHOUT_DATABASE or asks_for_help or os.environ.get("LINLI_DATABASE_URL"):
        _execute(argv)
        return
    # Imported here so that a machine with its own database never needs the launcher.
    from linli.kernel.embedded import EmbeddedError, Server
    from linli.kernel.embedded.environment import data_folder, publish

    server = Server(data_folder())
    try:
        publish(server.attach())
    except EmbeddedError as problem:
        raise SystemExit(f"linli: {problem}") from None
    try:
        _execute(argv)
    finally:
        _close_connections()
        server.detach()


def _execute(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


def _close_connections() -> None:
    """Leave before the server is stopped, so that it need not throw us out."""
    from django.conf import settings
    from django.db import connections

    if settings.configured:
        connections.close_all()


if __name__ == "__main__":
    main()
