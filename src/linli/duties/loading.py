"""`linli import duties FILE`, and `linli import duties --base CITY` for the lists that come with Linli."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.duties import files
from linli.duties.actions import loading
from linli.kernel import loading as kinds
from linli.kernel.trust import SYSTEM


def arguments(parser: CommandParser) -> None:
    """The file, or the city whose base lists are to be put in force."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="CSV as /admin/duties gives it out")
    parser.add_argument("--base", metavar="CITY", default="", help="the base lists for a city's path (5101)")
    parser.add_argument("--try", dest="try_only", action="store_true", help="only report, change nothing")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Load it and say what changed, line by line what is wrong."""
    if options["base"]:
        done = loading.load_base(city=options["base"])
        command.stdout.write(f"{done.entries} entries, {done.proofs} proofs")
    for path in options["files"]:
        report = files.load(SYSTEM, path.read_bytes(), try_only=options["try_only"])
        for one in report.problems:
            command.stderr.write(f"{path}:{one.row}: {one.column}: {one.message}")
        command.stdout.write(f"{path}: {report.rows} rows, {report.new} new, {report.same} as they are")
        if report.problems:
            raise CommandError("nothing was changed")


kinds.register(kinds.Kind("duties", "work, assist and negative lists", arguments, run))
