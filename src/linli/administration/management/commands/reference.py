"""`linli reference`: prints the reference pages that come from the rules into docs/reference."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from linli.administration import reference


class Command(BaseCommand):
    """Needs no database."""

    help = "Print docs/reference/roles.md and catalogue.md from the policy table and the catalogue's rules."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write each page."""
        folder = Path(settings.BASE_DIR) / "docs" / "reference"
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in reference.PAGES.items():
            (folder / name).write_text(page(), encoding="utf-8")
            self.stdout.write(str(folder / name))
