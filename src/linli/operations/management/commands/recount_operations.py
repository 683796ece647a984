"""`linli recount_operations`: the progress of operations from their tasks, or with `--check` only whether they agree."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.operations import counting
from linli.operations.models import Operation, OperationState


class Command(BaseCommand):
    """Counts the tasks, compares, and writes unless told to check only."""

    requires_system_checks = ()
    help = (
        "Count the progress of operations again from their tasks; --check only compares and exits 1 where they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to write."""
        parser.add_argument("--check", action="store_true", help="compare only, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare and tell."""
        bad = 0
        for found in Operation.objects.exclude(state=OperationState.DRAFT).order_by("number").iterator():
            wrong = counting.differences(found) if options["check"] else counting.mend(found)
            self.stdout.write(f"{found.number}: {found.tasks_count:,} tasks, {len(wrong)} communities differ")
            bad += len(wrong)
        if bad and options["check"]:
            raise CommandError(f"{bad} communities differ from their tasks")
