"""Django's entry to Open311."""

from django.apps import AppConfig


class Open311Config(AppConfig):
    """Open311."""

    name = "linli.open311"
    label = "open311"
