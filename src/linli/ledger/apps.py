"""The room as a Django application."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Points."""

    name = "linli.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Register the readers of events, the worker's jobs and what is held about an account."""
        from linli.ledger import chores, handlers, holding  # noqa: F401

        holding.announce()
