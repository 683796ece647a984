"""`linli preflight`: refuses a start that would not be safe, and says why."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from linli.kernel.observe.checks import database_problems, settings_are_for_production


class Command(BaseCommand):
    """Runs before every `serve`; in production every problem stops the start, elsewhere nothing does."""

    help = "Check that this installation may run in its mode (production refuses demo log-ins, default keys and debug)."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is wrong and exit with 1, or say nothing."""
        if settings.LINLI_MODE != "production":
            return
        problems = settings_are_for_production()
        try:
            problems += database_problems()
        except DatabaseError as problem:
            raise CommandError(f"The database does not answer ({type(problem).__name__}).") from None
        if problems:
            lines = [f"  - {problem.msg}\n    {problem.hint or ''}".rstrip() for problem in problems]
            raise CommandError("Linli does not start in production with this:\n" + "\n".join(lines))
