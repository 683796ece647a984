"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompoundsConfig(AppConfig):
    """The files of compounds."""

    name = "linli.compounds"
    label = "compounds"
    verbose_name = _("Compounds")

    def ready(self) -> None:
        """Register the room's jobs."""
        from linli.compounds import chores  # noqa: F401
