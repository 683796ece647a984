"""`linli trickle`: keeps a demo alive; every half minute or so somebody reports or does something. Runs until SIGTERM."""

from __future__ import annotations

import logging
import os
import random
import signal
from argparse import ArgumentParser
from threading import Event
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from linli.kernel.errors import LinliError
from linli.simulation import demo
from linli.simulation.live import Trickle

log = logging.getLogger("linli.trickle")


class Command(BaseCommand):
    """The fourth process of a demo; it refuses to run anywhere else."""

    requires_system_checks = ()
    help = "Let things happen in a demo by the real clock, one every 20 to 60 seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How often."""
        parser.add_argument("--district", default=demo.DISTRICT, metavar="CODE")
        parser.add_argument("--least", type=float, default=20.0, help="seconds between two things, at least")
        parser.add_argument("--most", type=float, default=60.0, help="and at most")
        parser.add_argument("--count", type=int, help="end after so many")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        if settings.LINLI_MODE == "production":
            raise CommandError("a trickle of made-up reports has no place in production; set LINLI_MODE=demo")
        stop = Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        try:
            trickle = Trickle(options["district"], seed=int.from_bytes(os.urandom(4)))
        except LinliError as error:
            raise CommandError(f"{error.message} {error.mend}".strip()) from None
        left = options["count"]
        while not stop.is_set() and left != 0:
            if what := trickle.once():
                log.info("trickle", extra={"what": what})
            left = None if left is None else left - 1
            stop.wait(random.uniform(options["least"], options["most"]))
