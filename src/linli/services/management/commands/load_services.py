"""`linli load_services`: the default services into the database, and their next windows; repeatable."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from linli.services.actions import loading, windows


class Command(BaseCommand):
    """Loads the services and their first versions."""

    help = "Load the default services for residents and open their next windows. What is there stays, unless --renew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument(
            "--renew", action="store_true", help="begin a new version of every service that differs from the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was done."""
        choice = loading.OnDifference.RENEW if options["renew"] else loading.OnDifference.KEEP
        done = loading.load_services(on_difference=choice)
        self.stdout.write(f"{done.services} services: {done.created} new, {done.renewed} renewed")
        self.stdout.write(f"{windows.open_windows()} windows opened")
