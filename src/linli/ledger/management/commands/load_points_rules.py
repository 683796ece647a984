"""`linli load_points_rules`: the rules of points that come with Linli, or a new set from a file; repeatable."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel import time
from linli.kernel.errors import LinliError
from linli.kernel.trust import SYSTEM
from linli.ledger import rules
from linli.ledger.actions import publishing


class Command(BaseCommand):
    """Publishes rules."""

    help = "Publish the rules of points: without a file those that come with Linli, once; with one a new set, dated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the day and the note of a new set."""
        parser.add_argument("file", nargs="?", type=Path, help="a CSV with the columns of points_rules.csv")
        parser.add_argument("--from", dest="first", help="the first day on which it holds, such as 2027-01-01")
        parser.add_argument("--note", default="", help="what changed and why, for everybody to read")

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish and say what was done."""
        if options["file"] is None:
            made = publishing.load_rules()
            self.stdout.write("the rules are there" if made is None else f"rules {made.number} hold")
            return
        try:
            with options["file"].open(encoding="utf-8-sig") as file:
                rows = rules.read(file)
            day = datetime.fromisoformat(options["first"] or "").replace(tzinfo=time.LOCAL_ZONE)
            made = publishing.publish(SYSTEM, rows, valid_from=day, note=options["note"])
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        except LinliError as error:
            raise CommandError(f"{error.message} {error.mend}".strip()) from error
        self.stdout.write(f"rules {made.number} hold from {day.date()}")
