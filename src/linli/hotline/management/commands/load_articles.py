"""`linli load_articles`: the articles that come with Linli, for a second person to let through; repeatable."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from linli.hotline.actions import articles
from linli.kernel.errors import LinliError
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of


class Command(BaseCommand):
    """Loads the articles that are not there yet."""

    help = (
        "Load the hotline's articles that come with Linli. They show when somebody of the place has let them through."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who lets them through."""
        parser.add_argument(
            "--let-through-by",
            metavar="LOGIN",
            default="",
            help="let all of them through at once in this person's name, who has read them (one who may review articles)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what was done."""
        made = articles.load_articles()
        through = 0
        if login := options["let_through_by"]:
            account = Account.objects.filter(login=login, is_active=True).first()
            posts = posts_of(account.id) if account else []
            if not posts:
                raise CommandError(f"nobody holds a post under the login {login}")
            try:
                through = articles.let_all_through(actor_of_post(posts[0]))
            except LinliError as error:
                raise CommandError(f"{error.message} {error.mend}".strip()) from None
        self.stdout.write(f"{made} new articles, {through} let through")
