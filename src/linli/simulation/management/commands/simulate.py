"""`linli simulate`: drives a district on a simulated clock, and says what came of it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel import time
from linli.kernel.errors import LinliError
from linli.people.models import Post
from linli.simulation.demo import DAYS, DISTRICT, SEED
from linli.simulation.figures import summary
from linli.simulation.month import Simulation, Told


class Command(BaseCommand):
    """Lives through some days of a district whose ground and staff are there."""

    requires_system_checks = ()
    help = (
        "Simulate days of a district through the real actions; at the end, figures, compared with a recount of the log."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to simulate."""
        parser.add_argument("--district", default=DISTRICT, metavar="CODE")
        parser.add_argument("--area", default="", metavar="PATH", help="only an area of the district")
        parser.add_argument("--days", type=float, default=DAYS)
        parser.add_argument("--rate", type=float, default=60.0, help="reports a day")
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--until", default="now", help="the end: an ISO moment, or now")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Simulate, sum up, compare."""
        until = time.now() if options["until"] == "now" else datetime.fromisoformat(options["until"])
        if until.tzinfo is None:
            until = until.replace(tzinfo=time.LOCAL_ZONE)
        until = until.astimezone(UTC)
        start = until - timedelta(days=options["days"])
        district = options["district"]
        if not Post.objects.filter(district=district).exists():
            raise CommandError(
                f"{district} has no staff. Make it first: linli import divisions, linli load_catalogue, "
                f"linli generate --district {district}, linli staff --district {district}; or linli seed_demo, which does all."
            )
        day = [start]

        def progress(moment: datetime, told: Told) -> None:
            if moment - day[0] >= timedelta(days=1):
                day[0] = moment
                self.stderr.write(
                    f"{moment.astimezone(time.LOCAL_ZONE):%Y-%m-%d} {told.arrivals:,} reports, {told.actions:,} actions"
                )

        try:
            simulation = Simulation(
                options["area"] or district, start=start, per_day=options["rate"], seed=options["seed"]
            )
            told = simulation.run(until, progress=progress)
        except LinliError as error:
            raise CommandError(f"{error.message} {error.mend}".strip()) from None
        since, after = (
            start.astimezone(time.LOCAL_ZONE).date(),
            until.astimezone(time.LOCAL_ZONE).date() + timedelta(days=1),
        )
        found = summary(district, since=since, until=after)
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    found.as_json() | {"done": told.tally.done, "refused": told.tally.refused, "seconds": told.seconds}
                )
            )
        else:
            self._tell(told)
            for line in found.lines():
                self.stdout.write(line)
        if not found.agrees:
            raise CommandError("the figures differ from a recount of the log")

    def _tell(self, told: Told) -> None:
        self.stdout.write(
            f"{told.arrivals:,} reports ({told.joined} joined a case), {told.actions:,} actions in {told.seconds:.1f} s "
            f"({told.seconds / max(1, told.actions) * 1000:.1f} ms each)"
        )
        if told.tally.refused:
            self.stdout.write(
                "refused: " + ", ".join(f"{what} {count}" for what, count in told.tally.refused.most_common())
            )
