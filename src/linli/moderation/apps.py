"""Django's entry to the room."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """Public versions of what residents write."""

    name = "linli.moderation"
    label = "moderation"

    def ready(self) -> None:
        """Register the reader of events and what is held about an account."""
        from linli.moderation import handlers, holding  # noqa: F401

        holding.announce()
