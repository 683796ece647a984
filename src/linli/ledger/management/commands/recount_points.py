"""`linli recount_points`: every account counted again from its entries; says what does not fit, and changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.ledger import queries


class Command(BaseCommand):
    """Holds the book to itself."""

    help = "Count every account of the ledger again from its entries and follow its chain of hashes. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One district, or all."""
        parser.add_argument("--district", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what does not fit; end with an error when anything does not."""
        faults = list(queries.recount(district=options["district"]))
        for one in faults:
            self.stdout.write(f"{one.district} {one.account_id}: {one.what}")
        if faults:
            raise CommandError(f"{len(faults)} accounts do not fit their entries")
        self.stdout.write("every balance fits its entries")
