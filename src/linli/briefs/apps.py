"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BriefsConfig(AppConfig):
    """Briefs of areas."""

    name = "linli.briefs"
    label = "briefs"
    verbose_name = _("Briefs")

    def ready(self) -> None:
        """Register the room's job."""
        from linli.briefs import chores  # noqa: F401
