"""Django's entry to the closed loop."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The closed loop."""

    name = "linli.cases"
    label = "cases"

    def ready(self) -> None:
        """Register the room's event handlers, and its answer to "what would this change of the catalogue have done"."""
        from linli.cases import foreseen, handlers, live, mentions, photos, searching  # noqa: F401
        from linli.catalog import preview

        preview.register("cases", foreseen.count)
