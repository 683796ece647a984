"""`linli recount`: the counters from the case log, or with `--check` only whether they agree."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.cases.models import Case
from linli.metrics.recounting import recount

SHOWN = 50


class Command(BaseCommand):
    """Counts the log, compares, and writes unless told to check only."""

    requires_system_checks = ()
    help = "Count the figures again from the case log; --check only compares and exits 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, and whether to write."""
        parser.add_argument("--check", action="store_true", help="compare only, write nothing")
        parser.add_argument(
            "--district", action="append", metavar="CODE", help="six figures; every district unless given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare and tell."""
        districts = options["district"] or sorted(set(Case.objects.values_list("district", flat=True)))
        bad = 0
        for district in districts:
            result = recount(district, write=not options["check"])
            for key, (counter, log) in list(result.differences.items())[:SHOWN]:
                self.stderr.write(f"{' '.join(map(str, key))}: the counter says {tuple(counter)}, the log {tuple(log)}")
            self.stdout.write(
                f"{district}: {result.entries:,} entries, {result.counters:,} counters, {len(result.differences)} differences"
            )
            bad += len(result.differences)
        if bad and options["check"]:
            raise CommandError(f"{bad} counters differ from the log")
