"""`linli load_calendar FILE`: an official year of workdays and holidays."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.kernel.calendar import read_days, shipped_days
from linli.kernel.errors import LinliError
from linli.kernel.trust.actor import SYSTEM
from linli.kernel.workdays import load_official


class Command(BaseCommand):
    """Loads whole years and computes provisional deadlines again."""

    help = (
        "Load the official calendar of one or more whole years from a CSV file (date,is_workday,reason) and compute "
        "again the deadlines that ran on a provisional calendar. Without a file: the years that come with Linli."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One file."""
        parser.add_argument("file", type=Path, nargs="?", help="CSV with the columns date, is_workday (0 or 1), reason")

    def handle(self, *args: Any, file: Path | None = None, **options: Any) -> None:
        """Load it, or say which line is wrong and change nothing."""
        try:
            if file is None:
                days = shipped_days()
            else:
                with file.open(encoding="utf-8-sig", newline="") as lines:
                    days = read_days(lines)
            loaded = load_official(days, actor=SYSTEM)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not UTF-8 text") from None
        except (ValueError, LinliError) as error:
            raise CommandError(f"{file}: {error}") from None
        self.stdout.write(
            f"Loaded {', '.join(map(str, loaded.years))}: {loaded.changed_days} days new or changed, "
            f"{loaded.recomputed} deadlines computed again."
        )
