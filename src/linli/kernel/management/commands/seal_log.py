"""`linli seal_log`: sign and write down how far every case's log had come; a daily job does the same."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.kernel import sealing, time
from linli.kernel.crypto import KeyringError


class Command(BaseCommand):
    """Seals one day in every district; days left out before it are made up for."""

    help = "Seal the case log up to the end of a day (default: the last one that is over) in every district."

    def add_arguments(self, parser: CommandParser) -> None:
        """The day."""
        parser.add_argument("day", nargs="?", type=date.fromisoformat, help="2026-11-21")

    def handle(self, *args: Any, day: date | None = None, **options: Any) -> None:
        """Seal it, and say what was sealed."""
        if day is None:
            day = (time.now() - sealing.SETTLING).astimezone(time.LOCAL_ZONE).date() - timedelta(days=1)
        try:
            sealed = sealing.seal_up_to(day)
        except (sealing.SealError, KeyringError, OSError) as error:
            raise CommandError(str(error)) from None
        for root in sealed:
            self.stdout.write(f"{root.district} {root.date}: {root.count} chains, root {root.root}")
        self.stdout.write(f"{len(sealed)} districts, written to {sealing.roots_folder()}")
