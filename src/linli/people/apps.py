"""Django's entry to the room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts, organisations, posts, contacts."""

    name = "linli.people"
    label = "people"

    def ready(self) -> None:
        """Let the room hear of what happens in others, and register its jobs for the worker."""
        from linli.people import chores, handlers  # noqa: F401
