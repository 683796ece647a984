"""The room as a Django application."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Counters over cases."""

    name = "linli.metrics"
    label = "metrics"

    def ready(self) -> None:
        """Register the reader of events and the chore of counting what was there before a figure."""
        from linli.metrics import backfilling, handlers  # noqa: F401
