"""`linli backfill`: count new figures over the log that was there before them, slice by slice, while the city runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel import time
from linli.metrics import backfilling
from linli.metrics.counting import KEPT


class Command(BaseCommand):
    """Works off what waits; the worker does the same by itself, a slice a minute where nothing waits and at once where something does."""

    requires_system_checks = ()
    help = "Count new figures over the history; goes on where it was cut off. The worker does it by itself, this does it now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What, and where."""
        parser.add_argument("figure", nargs="*", metavar="FIGURE", help="all that wait unless given")
        parser.add_argument(
            "--district", action="append", metavar="CODE", help="six figures; every district unless given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and tell."""
        figures = set(options["figure"] or KEPT)
        if unknown := figures - KEPT:
            raise CommandError(f"there is no figure {', '.join(sorted(unknown))}; there are {', '.join(sorted(KEPT))}")
        backfilling.begin_everywhere()
        for district in backfilling.pending(figures):
            if not options["district"] or district in options["district"]:
                self._district(district, figures)
        left = backfilling.pending(figures)
        self.stdout.write("nothing waits" if not left else f"waiting still: {', '.join(left)}")

    def _district(self, district: str, figures: set[str]) -> None:
        began, entries = time.monotonic(), 0
        while found := backfilling.one_slice(district, figures):
            entries += found.entries
            if found.done:
                names = ", ".join(found.figures)
                self.stdout.write(f"{district}: whole: {names}")
            elif found.entries:
                pace = entries / max(time.monotonic() - began, 0.001)
                self.stdout.write(f"{district}: {entries:,} entries, {pace:,.0f} a second")
