"""Django's entry to the door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdministrationConfig(AppConfig):
    """Configuration and oversight; no models."""

    name = "linli.administration"
    label = "administration"
    verbose_name = _("Administration")

    def ready(self) -> None:
        """Tell the interface who is signed in, whom a demo may become, and which doors a post opens."""
        from linli.administration import header
        from linli.ui import slots

        slots.fill(account=header.account, demo_people=header.demo_people, doors=header.doors)
