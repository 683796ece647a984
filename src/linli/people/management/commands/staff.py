"""`linli staff`: synthetic organisations and people on the areas of a district; repeatable."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.kernel.errors import LinliError
from linli.people import staffing


class Command(BaseCommand):
    """Fills a district, or several."""

    help = "Make synthetic organisations, people and posts for a district; vacancies are filled, nothing else changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which districts, and whether the demo's cast comes along."""
        parser.add_argument(
            "--district", action="append", required=True, metavar="CODE", help="six figures; repeatable"
        )
        parser.add_argument("--seed", type=int, default=0, help="another seed gives other names")
        parser.add_argument(
            "--cast", action="store_true", help="with the people of the demo, in the first district named"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill and count."""
        try:
            for district in options["district"]:
                done = staffing.staff_district(district, seed=options["seed"])
                organisations, posts = sum(done.organisations.values()), sum(done.posts.values())
                self.stdout.write(f"{district}: {organisations} organisations, {posts} posts")
            if options["cast"]:
                for member in staffing.make_cast(options["district"][0]):
                    self.stdout.write(f"  {member.login}: {member.role.value}")
        except LinliError as error:
            raise CommandError(str(error)) from None
