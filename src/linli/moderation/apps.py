"""Django's entry to the room."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """Public versions of what residents write."""

    name = "linli.moderation"
    label = "moderation"

    def ready(self) -> None:
        """Register the reader of events."""
        from linli.moderation import handlers  # noqa: F401
