"""`linli replay FILE --mapping NAME`: a real 311 trace through the loop, and a report of what came out."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from linli.kernel.errors import LinliError
from linli.simulation import demo, trace
from linli.simulation.replaying import accounted_for, counts, replay, report


class Command(BaseCommand):
    """Replays and reports; ends with an error when a request is not accounted for or the figures differ from the log."""

    requires_system_checks = ()
    help = "Feed a real city's list of requests through the loop as its reporters and handlers would have acted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to replay, and into which district."""
        parser.add_argument("file", type=Path, help="CSV of the trace")
        parser.add_argument("--mapping", required=True, help="baltimore, los_angeles, or the path of a mapping (YAML)")
        parser.add_argument("--district", default=demo.DISTRICT, metavar="CODE")
        parser.add_argument("--limit", type=int, help="only the first rows")
        parser.add_argument("--jobs", type=int, default=1, help="processes that share the work")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--report", type=Path, help="folder of the report (default: the data folder)")
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="first load divisions, catalogue, ground and staff where they are missing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, replay, report."""
        try:
            found = trace.read(options["file"], trace.load_mapping(options["mapping"]), limit=options["limit"])
        except (trace.MappingError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{found.rows:,} rows: {len(found.requests):,} requests, {len(found.refused):,} refused")
        if not found.requests:
            raise CommandError("there is no request in the file")
        try:
            if options["prepare"]:
                first = min(one.created for one in found.requests)
                demo.prepare(options["district"], since=first, tell=self.stdout.write)
            result = replay(
                found,
                district=options["district"],
                jobs=max(1, options["jobs"]),
                seed=options["seed"],
                tell=self.stdout.write,
            )
        except LinliError as error:
            raise CommandError(f"{error.message} {error.mend}".strip()) from None
        machine, person, figures = report(result, folder=options["report"] or Path(settings.LINLI_DATA))
        for name, count in counts(result).items():
            self.stdout.write(f"  {name:<20}{count:>8,}")
        for line in figures.lines():
            self.stdout.write(line)
        self.stdout.write(f"{result.seconds:.0f} s; the report is in {person} and {machine}")
        if not accounted_for(result):
            raise CommandError("not every request is accounted for")
        if not figures.agrees:
            raise CommandError("the figures differ from a recount of the log")
