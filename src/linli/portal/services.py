"""The third place: what can be had here now. It says honestly that it is the reporting of problems, and whom else to ring."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.portal.frame import door
from linli.portal.wording import entry_row
from linli.ui.casework.names import catalogue_for, language


def emergency_numbers() -> list[dict[str, str]]:
    """Whom to ring in danger, everywhere in China."""
    return [
        {"number": "110", "name": _("Police"), "icon": "shield-alert"},
        {"number": "119", "name": _("Fire and rescue"), "icon": "flame"},
        {"number": "120", "name": _("Ambulance"), "icon": "activity"},
        {"number": "12345", "name": _("City hotline"), "icon": "phone"},
    ]


@door
@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """The catalogue of what can be reported, by group, with the numbers to ring first."""
    groups = [
        {
            "name": one.called(language()),
            "icon": one.icon,
            "code": one.code,
            "entries": [entry_row(entry) for entry in entries],
        }
        for one, entries in catalogue_for("").groups(residents=True)
    ]
    return render(
        request, "portal/services.html", {"place": "services", "groups": groups, "numbers": emergency_numbers()}
    )
