"""The addresses of the API, below ``/api/``."""

from importlib import import_module

from django.conf import settings
from django.urls import path

from linli.api import reference
from linli.api.door import ERRORS, KEYED, api

# Each registers its endpoints; those with a literal address come before those with a number in the same place.
for module in (
    "reports", "uploads", "lists", "verbs", "cases", "tickets", "catalogue", "services", "words", "ground",
    "people", "my_data", "stream", "notices", "webhooks", "burden", "figures", "ledger", "workforce", "households", "household_files",
    "duties", "redrawings", "dedicated", "tiles", "compounds", "organisations", "operations", "indicators",
    "supervision", "life_circle", "briefs", "indicator_evidence",
):  # fmt: skip
    import_module(f"linli.api.{module}")

# A door that has endpoints of its own brings them as a router; rooms of one floor do not import each other.
if "hotline" in settings.INSTALLED_ROOMS:
    api.add_router("/hotline", import_module("linli.hotline.endpoints").router(errors=ERRORS, keyed=KEYED))

urlpatterns = [
    path("v1/docs", reference.page, name="api-docs"),
    path("v1/", api.urls),
]
