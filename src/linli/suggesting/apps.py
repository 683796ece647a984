"""Django's entry to the room."""

from django.apps import AppConfig


class SuggestingConfig(AppConfig):
    """Suggestions of a category, and how they are learnt."""

    name = "linli.suggesting"
    label = "suggesting"

    def ready(self) -> None:
        """Register the reader of events and the worker's jobs."""
        from linli.suggesting import handlers, jobs  # noqa: F401
