"""``linli worker``: background work until told to stop."""

from __future__ import annotations

import logging
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from linli.kernel import work

log = logging.getLogger("linli.worker")


class Command(BaseCommand):
    """The third process of an installation, beside web and live pages."""

    help = "Let event consumers read, fire deadlines, prepare photos, seal the log, forget what is old; until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options."""
        parser.add_argument("--once", action="store_true", help="do what there is to do, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the worker."""
        if options["once"]:
            self.stdout.write(str(work.run_dry()))
            return
        worker = work.Worker()

        def stop(number: int, frame: FrameType | None) -> None:
            worker.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        log.info("worker started", extra={"jobs": [one.name for one in work.jobs()]})
        worker.run()
        log.info("worker stopped")
