"""`linli load_catalogue`: the default catalogue into the database; repeatable."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from linli.catalog import actions


class Command(BaseCommand):
    """Loads groups, categories and their first versions."""

    help = "Load the default catalogue of event categories. What administrators made of it stays, unless --renew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument(
            "--renew", action="store_true", help="begin a new version of every category that differs from the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was done."""
        choice = actions.OnDifference.RENEW if options["renew"] else actions.OnDifference.KEEP
        done = actions.load_catalogue(on_difference=choice)
        self.stdout.write(f"{done.categories} categories: {done.created} new, {done.renewed} renewed")
