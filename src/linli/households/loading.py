"""`linli import dwellings FILE.csv`: a file of any size from the command line, with a bar, resumed where it was broken off."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.households.actions import importing
from linli.households.files import PathFeed, as_csv
from linli.households.models import Import, ImportProblem, ImportState, Source
from linli.kernel import loading
from linli.kernel.errors import LinliError
from linli.kernel.trust import SYSTEM, context

SHOWN = 50


def arguments(parser: CommandParser) -> None:
    """The files, their area and their source."""
    parser.add_argument("files", nargs="+", type=Path, help="CSV or Excel; the first line names the columns")
    parser.add_argument("--area", required=True, help="path of the district, community … whose dwellings they hold")
    parser.add_argument("--source", choices=Source.values, default=Source.FILE, help="where the facts are from")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Read each file to its end; name the first bad rows, count the others."""
    for path in options["files"]:
        try:
            if not path.is_file():
                raise CommandError(f"there is no file {path}")
            if path.suffix.lower() == ".csv":
                _read(command, path, path.name, options)
            else:
                with NamedTemporaryFile(suffix=".csv") as kept:
                    kept.write(as_csv(path.read_bytes(), path.name))
                    kept.flush()
                    _read(command, Path(kept.name), path.name, options)
        except LinliError as error:
            raise CommandError(f"{error.message} {error.mend}".strip()) from None


def _read(command: BaseCommand, path: Path, name: str, options: dict[str, Any]) -> None:
    one = importing.begin_file(SYSTEM, path, area_path=options["area"], source=Source(options["source"]))
    if one.rows:
        command.stdout.write(f"{name}: going on after {one.rows:,} rows")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=not command.stdout.isatty()) as bars:
        task = bars.add_task(f"{name} (bytes)", total=one.size, completed=one.offset)

        def progress(now: Import) -> None:
            bars.update(task, completed=now.offset)

        one = importing.run(one, PathFeed(path), progress=progress)
    with context.personal(SYSTEM):
        wrong = list(
            ImportProblem.objects.filter(district=one.district, of=one)
            .order_by("row")
            .values_list("row", "column", "code")[:SHOWN]
        )
    for row, column, code in wrong:
        command.stderr.write(f"row {row}, {column}: {code}")
    if one.bad > SHOWN:
        command.stderr.write(f"... {one.bad:,} bad rows in all; the desk gives them as a workbook")
    counts = ", ".join(f"{count:,} {key}" for key, count in one.counts.items())
    done = "read" if one.state == ImportState.DONE else "stopped"
    command.stdout.write(f"{name}: {one.rows:,} rows {done}, {one.bad:,} bad; new: {counts or 'nothing'}")


loading.register(loading.Kind("dwellings", "dwellings and who lives in them", arguments, run))
