"""Django's entry to the live pages."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Live pages."""

    name = "linli.live"
    label = "live"

    def ready(self) -> None:
        """Tell pages where their stream is."""
        from linli.live.address import page_address
        from linli.ui import slots

        slots.fill(live=page_address)
