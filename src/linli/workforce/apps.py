"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkforceConfig(AppConfig):
    """The grid workforce."""

    name = "linli.workforce"
    label = "workforce"
    verbose_name = _("Grid workforce")

    def ready(self) -> None:
        """Register the room's event handlers and jobs, tell who is away, and tell people what is held of them."""
        from linli.people import holdings, queries
        from linli.workforce import chores, handlers, held  # noqa: F401
        from linli.workforce.away import is_away

        queries.tell_who_is_away(is_away)
        holdings.announce("workforce", _("My work in the grids"), held.facts)
