"""A report that somebody takes down for another: what is missing of it, where it is, what it becomes; for the counter and the hotline."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from linli.cases import placing
from linli.cases.actions import intake
from linli.cases.models import Channel
from linli.catalog.snapshot import Entry
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor
from linli.people.actions import contacts
from linli.ui.casework import forms
from linli.ui.casework.names import catalogue_for, language

LEAST_WORDS = 2


def wrong(actor: Actor, sent: QueryDict) -> list[LinliError]:
    """What is missing or wrong in what was sent, all at once."""
    errors: list[LinliError] = []
    if phone := sent.get("phone", "").strip():
        try:
            contacts.phone_hash(phone)
        except Invalid as error:
            errors.append(error)
    if len(sent.get("description", "").strip()) < LEAST_WORDS:
        errors.append(
            Invalid(
                "field.needed",
                _("Write down what is the matter."),
                field="description",
                mend=_("A sentence is enough."),
            )
        )
    if sent.get("category", "") not in catalogue_for(actor.district):
        errors.append(Invalid("case.category", _("Choose a category."), field="category"))
    if not sent.get("address", "").strip() and not (sent.get("lng") and sent.get("lat")):
        errors.append(
            Invalid(
                "place.needed",
                _("Say where it is."),
                field="address",
                mend=_("Give an address, or point to it on the map."),
            )
        )
    return errors


def report_of(actor: Actor, sent: QueryDict, channel: Channel) -> intake.Report:
    """The report that was taken down."""
    return intake.Report(
        category=sent.get("category", ""),
        description=sent.get("description", ""),
        lng=forms.number_of(sent.get("lng", "")),
        lat=forms.number_of(sent.get("lat", "")),
        address=sent.get("address", ""),
        district=actor.district,
        channel=channel,
        reporter=reporter_of(sent),
        on_behalf=True,
    )


def reporter_of(sent: QueryDict) -> intake.Reporter:
    """Whose report it is."""
    return intake.Reporter(name=sent.get("name", "").strip()[:60], phone=sent.get("phone", "").strip()[:24])


def place_of(actor: Actor, sent: QueryDict) -> placing.Place | None:
    """Where it is, as far as that can be said already."""
    lng, lat = forms.number_of(sent.get("lng", "")), forms.number_of(sent.get("lat", ""))
    text = sent.get("address", "").strip()
    if not text and (lng is None or lat is None):
        return None
    try:
        return placing.find(lng=lng, lat=lat, coordinates="wgs84", address=text, district=actor.district)
    except LinliError:
        return None


def call_first(entry: Entry | None) -> dict[str, Any] | None:
    """Whom to ring before anything is written down."""
    speech = language()
    if entry is None or not (entry.call_first(speech) or entry.call_first_numbers):
        return None
    return {"words": entry.call_first(speech), "numbers": entry.call_first_numbers}
