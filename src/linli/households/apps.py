"""Django's entry to the room."""

from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    """People and dwellings."""

    name = "linli.households"
    label = "households"

    def ready(self) -> None:
        """Let the room hear of regrouped ground, tell people what is held of them, and register its jobs, files and duties."""
        from linli.households import chores, duties, handlers, holdings, loading  # noqa: F401
