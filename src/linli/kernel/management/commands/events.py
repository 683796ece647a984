"""`linli events`: the events that a consumer could not take, and giving them to it again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linli.kernel import events


class Command(BaseCommand):
    """Shows or retries what stands aside."""

    help = "Show the events that consumers could not take (--parked), or give them to their consumers again (--retry)."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--parked", action="store_true", help="list them with their errors")
        what.add_argument("--retry", action="store_true", help="give them to their consumers again, the oldest first")
        parser.add_argument("--consumer", default="", help="only those of this consumer, such as cases.deadlines")

    def handle(self, *args: Any, retry: bool, consumer: str, **options: Any) -> None:
        """List or retry."""
        known = {one.name for one in events.consumers()}
        if consumer and consumer not in known:
            raise CommandError(f"There is no consumer {consumer}. There are: {', '.join(sorted(known))}.")
        left = 0
        for row in events.parked():
            if consumer and row.consumer != consumer:
                continue
            taken = retry and events.retry(row)
            left += not taken
            row.refresh_from_db()
            self.stdout.write(f"{row.at:%Y-%m-%d %H:%M} {row.district} {row.consumer} {row.event_id}: "
                              + ("taken" if taken else row.error))  # fmt: skip
        self.stdout.write(f"{left} events stand aside.")
        if retry and left:
            raise CommandError("Not all could be taken; the log says where they fail.")
