"""`linli migrate`: Django's command, run as the owner of the tables unless told otherwise."""

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate


class Command(DjangoMigrate):
    """Migrates through the alias "owner": the application's own role has no right to change a table."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The same arguments, with another default for --database."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
