"""Django's entry to the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The API."""

    name = "linli.api"
    label = "api"
