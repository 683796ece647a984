"""The addresses of the API, below ``/api/``."""

from importlib import import_module

from django.urls import path

from linli.api import reference
from linli.api.door import api

# Each registers its endpoints; those with a literal address come before those with a number in the same place.
for module in ("reports", "uploads", "lists", "verbs", "cases", "tickets", "catalogue", "services", "ground", "people", "stream"):
    import_module(f"linli.api.{module}")

urlpatterns = [
    path("v1/docs", reference.page, name="api-docs"),
    path("v1/", api.urls),
]
