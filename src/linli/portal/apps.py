"""Django's entry to the portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The residents' door; no models."""

    name = "linli.portal"
    label = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Let accounts keep what is chosen for display on any page."""
        from linli.people import display
        from linli.portal import my_data
        from linli.ui import slots

        slots.fill(chosen=display.keep)
        my_data.announce()
