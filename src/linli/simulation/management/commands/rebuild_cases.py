"""`linli rebuild_cases`: the rows of cases from their log, or with `--check` only whether the two agree."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.cases.models import Case
from linli.cases.rebuilding import rebuild

SHOWN = 50


class Command(BaseCommand):
    """Compares, and writes unless told to check only. Ends with an error when a row or a chain disagrees."""

    requires_system_checks = ()
    help = "Make the state columns of cases again from their log; --check only compares and exits 1 where they differ."

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
            result = rebuild(district=district, write=not options["check"])
            for difference in result.differences[:SHOWN]:
                self.stderr.write(str(difference))
            self.stdout.write(
                f"{district}: {result.cases:,} cases, {result.entries:,} entries, "
                f"{len(result.differences)} differences, {result.written} rows written"
            )
            bad += len(result.differences)
        if bad and options["check"]:
            raise CommandError(f"{bad} differences between the cases and their log")
