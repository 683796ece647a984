"""Django's entry to the room."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Event categories as dated configuration."""

    name = "linli.catalog"
    label = "catalog"
