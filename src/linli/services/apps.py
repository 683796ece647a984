"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    """Services for residents."""

    name = "linli.services"
    label = "services"
    verbose_name = _("Services")

    def ready(self) -> None:
        """Register the room's event handlers and its jobs, and what it holds and forgets of an account, and tells the duty lists."""
        from linli.people import holdings
        from linli.services import chores, duties, files, handlers, queries  # noqa: F401

        holdings.announce(
            "facts", _("What departments confirmed about you"), queries.facts_held, eraser=chores.forget_account
        )
