"""`linli suggest train`, `linli suggest try TEXT`, `linli suggest figures`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel.errors import Conflict
from linli.kernel.trust import SYSTEM
from linli.suggesting import actions, queries
from linli.suggesting.models import ModelVersion, VersionState


class Command(BaseCommand):
    """Trains, tries, tells."""

    help = "The model that suggests categories: train a new version now, try a text, or print what the version in use is worth."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and the text to try."""
        parser.add_argument("what", choices=("train", "try", "figures"))
        parser.add_argument("text", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """One of the three."""
        match options["what"]:
            case "train":
                self._train()
            case "try":
                for one in queries.attempt(SYSTEM, " ".join(options["text"])):
                    words = " ".join(one.words)
                    self.stdout.write(f"{one.entry.code} {one.entry.name_zh} {one.percent} % {words}")
            case "figures":
                self._figures(self._current())

    def _train(self) -> None:
        try:
            actions.ask_for_training(SYSTEM)
        except Conflict:
            self.stdout.write("one was waiting already")
        version = actions.train()
        if version is None:
            raise CommandError(
                "nothing was trained: another process is at it, or the catalogue is empty (linli load_catalogue)"
            )
        self._figures(version)

    def _current(self) -> ModelVersion:
        version = ModelVersion.objects.defer("content").filter(state=VersionState.CURRENT).first()
        if version is None:
            raise CommandError("there is no trained version yet: linli suggest train")
        return version

    def _figures(self, version: ModelVersion) -> None:
        told = version.figures
        self.stdout.write(
            f"version {version.number}, {version.get_state_display()}: {version.texts} texts, {version.corrections} corrections, "
            f"{version.seconds:.1f} s"
        )
        self.stdout.write(
            f"held out by family and scene: top-1 {version.top1:.1%}, top-3 {version.top3:.1%}; chance and truth "
            f"{told['gap']:.1%} apart; speaks for {told['spoken']:.1%} of texts, {told['kept']:.1%} of those hold the right one"
        )
        for family, (texts, first, among) in told["families"].items():
            self.stdout.write(f"  {family:10} {texts:5}  {first:.1%}  {among:.1%}")
