"""The addresses of Open311, below ``/open311/``; the ending of each names its format."""

from __future__ import annotations

from django.urls import path, register_converter

from linli.open311 import requests, sending, services, updates
from linli.open311.discovery import discovery, page
from linli.open311.door import door, nowhere


class Ending:
    """``.xml``, ``.json`` or nothing; any other is answered as an address that is not there."""

    regex = r"(?:\.[A-Za-z]+)?"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class Code(Ending):
    """The name of one thing: no slash, no dot."""

    regex = r"[^/.]+"


register_converter(Ending, "ending")
register_converter(Code, "code")

app_name = "open311"
urlpatterns = [
    path("", page, name="page"),
    path("discovery<ending:ending>", door(GET=discovery)),
    path("v2", page),
    path("v2/", page),
    path("v2/discovery<ending:ending>", door(GET=discovery)),
    path("v2/services<ending:ending>", door(GET=services.listed)),
    path("v2/services/<code:code><ending:ending>", door(GET=services.definition)),
    path("v2/requests<ending:ending>", door(GET=requests.listed, POST=sending.sent)),
    path("v2/requests/<code:number><ending:ending>", door(GET=requests.one)),
    path("v2/tokens/<code:token><ending:ending>", door(GET=sending.token)),
    path("v2/servicerequestupdates<ending:ending>", door(GET=updates.listed, POST=updates.sent)),
    path("v2/<path:rest>", nowhere),
]
