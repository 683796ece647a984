"""Django's entry to the room."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Networks of organisations, their coverage, and how they are built."""

    name = "linli.organisations"
    label = "organisations"

    def ready(self) -> None:
        """Register what `linli import` reads."""
        from linli.organisations import loading  # noqa: F401
