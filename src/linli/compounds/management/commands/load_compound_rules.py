"""`linli load_compound_rules`: the rules of compounds' colours that come with Linli; repeatable."""

from typing import Any

from django.core.management.base import BaseCommand

from linli.compounds.actions import publishing


class Command(BaseCommand):
    """Publishes the rules."""

    help = "Publish the rules of colours, the yearly check and the terms that come with Linli, once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish and say what was done."""
        made = publishing.load_rules()
        self.stdout.write("the rules are there" if made is None else f"rules {made.number} hold")
