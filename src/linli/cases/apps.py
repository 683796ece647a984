"""Django's entry to the closed loop."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The closed loop."""

    name = "linli.cases"
    label = "cases"

    def ready(self) -> None:
        """Register the room's event handlers."""
        from linli.cases import handlers  # noqa: F401
