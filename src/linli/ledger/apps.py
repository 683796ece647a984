"""The room as a Django application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Points."""

    name = "linli.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Register the reader of events and the worker's jobs."""
        from linli.ledger import chores, handlers  # noqa: F401
