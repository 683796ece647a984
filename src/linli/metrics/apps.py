"""The room as a Django application."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Counters over cases."""

    name = "linli.metrics"
    label = "metrics"

    def ready(self) -> None:
        """Register the reader of events."""
        from linli.metrics import handlers  # noqa: F401
