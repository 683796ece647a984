"""The room as a Django application."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices to people, webhooks to machines."""

    name = "linli.notices"
    label = "notices"

    def ready(self) -> None:
        """Register the readers of events and the worker's jobs."""
        from linli.notices import chores, compounds, dedicated, handlers, own  # noqa: F401
