"""Django's entry to the room."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Event categories as dated configuration."""

    name = "linli.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Tell the duty lists what categories there are."""
        from linli.catalog import duties  # noqa: F401
