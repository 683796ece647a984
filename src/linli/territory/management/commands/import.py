# ruff: noqa: N999 (a command is called what people type, and they type "import")
"""`linli import KIND FILE...`: load a city's list of divisions, or a list of a kind that a room above has registered."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.kernel import loading
from linli.kernel.trust import SYSTEM
from linli.territory.actions import ImportRefused, import_divisions

_PACKAGED = Path(__file__).resolve().parents[2] / "data" / "divisions"
_PROBLEMS_SHOWN = 200


class Command(BaseCommand):
    """Loads lists."""

    help = "Load a list: `import divisions FILE...` takes districts, subdistricts and communities in any order."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to load and the day it is of."""
        kinds = parser.add_subparsers(dest="kind", required=True, parser_class=type(parser))
        divisions = kinds.add_parser("divisions", help="statistical divisions of a city, and the areas that govern")
        divisions.add_argument(
            "files", nargs="+", help="CSV files, or the name of a city whose list comes with Linli: chengdu, dazhou"
        )
        divisions.add_argument(
            "--dated", type=date.fromisoformat, default=date(2023, 6, 30), help="day of the list, YYYY-MM-DD"
        )
        divisions.add_argument("--source", default="national statistical division list", help="where the list is from")
        divisions.add_argument("--city-name", default="", help="name of the city, where Linli does not know it")
        for kind in loading.kinds():
            kind.arguments(kinds.add_parser(kind.name, help=kind.help))

    def handle(self, *args: Any, **options: Any) -> None:
        """Load a list of divisions as a whole or not at all, and name every bad row; other kinds do as their room says."""
        for kind in loading.kinds():
            if kind.name == options["kind"]:
                kind.run(self, options)
                return
        paths: list[Path] = []
        for name in options["files"]:
            packaged = sorted(_PACKAGED.glob(f"{name}_*.csv")) if name.isalpha() else []
            paths += packaged or [Path(name)]
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, disable=not self.stdout.isatty()) as bars:
            task = bars.add_task("rows", total=None)
            try:
                report = import_divisions(
                    SYSTEM,
                    paths,
                    valid_from=options["dated"],
                    source=options["source"],
                    city_name=options["city_name"],
                    progress=lambda done, total: bars.update(task, completed=done, total=total),
                )
            except ImportRefused as refused:
                bars.stop()
                for problem in refused.problems[:_PROBLEMS_SHOWN]:
                    self.stderr.write(str(problem))
                if len(refused.problems) > _PROBLEMS_SHOWN:
                    self.stderr.write(f"... and {len(refused.problems) - _PROBLEMS_SHOWN} more")
                raise CommandError(f"{refused.message} {refused.mend}") from refused
        levels = ", ".join(f"{count:,} of level {level}" for level, count in report.by_level.items())
        if report.changed_nothing:
            self.stdout.write(f"{report.rows:,} rows read ({levels}); all of it was there already, nothing changed")
            return
        self.stdout.write(
            f"{report.rows:,} rows read ({levels}); divisions: {report.divisions_created:,} new, "
            f"{report.divisions_changed:,} changed, {report.unchanged:,} as they were; "
            f"areas: {report.areas_created:,} new, {report.areas_changed:,} renamed"
        )
