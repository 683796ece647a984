"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Special operations."""

    name = "linli.operations"
    label = "operations"
    verbose_name = _("Special operations")

    def ready(self) -> None:
        """Announce the room's tasks to the duty lists, and register its jobs and readers."""
        from linli.operations import chores, duties, handlers  # noqa: F401
