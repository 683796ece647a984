"""Django's entry to the room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts, organisations, posts, contacts."""

    name = "linli.people"
    label = "people"

    def ready(self) -> None:
        """Let the room hear of what happens in others."""
        from linli.people import handlers  # noqa: F401
