"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DedicatedConfig(AppConfig):
    """Contacts and plans of dedicated grids."""

    name = "linli.dedicated"
    label = "dedicated"
    verbose_name = _("Dedicated grids")

    def ready(self) -> None:
        """Register the room's jobs."""
        from linli.dedicated import chores  # noqa: F401
