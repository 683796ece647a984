"""`linli seed_demo`: a district in full with its people and a month of history, for `./run demo` and for tests of the screens."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel.errors import LinliError
from linli.simulation import demo


class Command(BaseCommand):
    """Makes what is not there yet; running it again is quick."""

    requires_system_checks = ()
    help = "Make a demo: divisions, catalogue, one district's ground and staff, the cast, and a month of simulated history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much."""
        parser.add_argument(
            "--light", action="store_true", help="one subdistrict and 60 cases, for tests of the screens"
        )
        parser.add_argument("--district", default=demo.DISTRICT, metavar="CODE")
        parser.add_argument("--days", type=int, default=demo.DAYS, help="days of history")
        parser.add_argument("--rate", type=float, default=demo.PER_DAY, help="reports a day")
        parser.add_argument("--seed", type=int, default=demo.SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and say how long each step took."""
        plan = demo.Plan(
            district=options["district"],
            days=options["days"],
            per_day=options["rate"],
            seed=options["seed"],
            extent=demo.Extent.LIGHT if options["light"] else demo.Extent.FULL,
        )
        try:
            demo.seed(plan, tell=lambda line: self.stdout.write(line, ending="\n") or self.stdout.flush())
        except LinliError as error:
            raise CommandError(f"{error.message} {error.mend}".strip()) from None
