"""`linli import organisations FILE`, and `--base` for the types and rules that come with Linli."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.kernel import loading as kinds
from linli.kernel.errors import LinliError
from linli.kernel.trust import SYSTEM
from linli.organisations import files
from linli.organisations.actions import ruling

MOST_ROWS = 50_000


def arguments(parser: CommandParser) -> None:
    """The files; whether the types that come with Linli are wanted first; whether it is only tried."""
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="CSV or Excel, as /desk/organisations/files has it"
    )
    parser.add_argument("--base", action="store_true", help="the types and rules that come with Linli")
    parser.add_argument("--try", dest="try_only", action="store_true", help="only report, change nothing")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Load it and say what changed, row by row what is wrong."""
    if options["base"]:
        command.stdout.write(f"{ruling.load_base(SYSTEM)} rules")
    for path in options["files"]:
        try:
            report = files.load(SYSTEM, path.read_bytes(), try_only=options["try_only"], most=MOST_ROWS)
        except (LinliError, OSError) as error:
            raise CommandError(f"{path}: {error}") from None
        for one in report.problems:
            command.stderr.write(f"{path}:{one.row}: {one.column}: {one.message}")
        command.stdout.write(
            f"{path}: {report.rows} rows, {report.new} new, {report.changed} changed, {report.dissolved} dissolved, "
            f"{report.same} as they are"
        )
        if report.problems:
            raise CommandError("nothing was changed")


kinds.register(kinds.Kind("organisations", "organisations, and the types that come with Linli", arguments, run))
