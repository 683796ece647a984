"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    """Indicator sets and scores."""

    name = "linli.indicators"
    label = "indicators"
    verbose_name = _("Indicator sets")

    def ready(self) -> None:
        """Register the room's jobs."""
        from linli.indicators import chores  # noqa: F401
