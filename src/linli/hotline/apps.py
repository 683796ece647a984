"""Django's entry to the hotline."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotlineConfig(AppConfig):
    """The call taker's door."""

    name = "linli.hotline"
    label = "hotline"
    verbose_name = _("Hotline")

    def ready(self) -> None:
        """Register the room's job."""
        from linli.hotline import chores  # noqa: F401
