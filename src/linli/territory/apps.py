"""The room's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TerritoryConfig(AppConfig):
    name = "linli.territory"
    label = "territory"
    verbose_name = _("territory")

    def ready(self) -> None:
        """Register the room's job."""
        from linli.territory import chores  # noqa: F401
