"""`linli words`: compiles the translations; with --check says what is missing from them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.kernel import words

# Problems that are listed unless asked for more.
SHOWN = 60
PACKAGE = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    """Needs neither the gettext programs nor the database."""

    help = "Compile the catalogues of interface text, without the gettext programs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--check and --collect."""
        parser.add_argument(
            "--collect", action="store_true", help="add marked texts that are in no catalogue, to be translated"
        )
        parser.add_argument("--check", action="store_true", help="list what is not translated and fail if anything is")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect when asked, compile, check when asked."""
        if options["collect"]:
            self.stdout.write(f"{words.collect(PACKAGE)} texts added")
        words.compile_all(words.catalogues(PACKAGE))
        if options["check"]:
            found = words.problems(PACKAGE)
            if found:
                shown = found if options["verbosity"] > 1 else found[:SHOWN]
                rest = f"\n  ... and {len(found) - len(shown)} more (-v 2 lists all)" if len(found) > len(shown) else ""
                raise CommandError(f"{len(found)} problems in the interface text:\n  " + "\n  ".join(shown) + rest)
