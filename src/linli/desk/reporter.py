"""The reporter in clear: asked for with a purpose, shown once, kept in the audit where the person can read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.cases import queries
from linli.cases.actions import talking
from linli.cases.loop import Ref
from linli.desk.frame import actor_of, staff, wants_part
from linli.kernel.errors import Invalid
from linli.people import actions as people_actions


def purposes() -> list[tuple[str, str]]:
    """The usual reasons; another is written in words."""
    return [
        ("call", _("Call back about this case")),
        ("visit", _("Arrange a visit on the spot")),
        ("clarify", _("Ask what is missing in the report")),
        ("other", _("Something else")),
    ]


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def reporter(request: HttpRequest, number: str) -> HttpResponse:
    """Ask what it is needed for, then show name, number and what was said in confidence."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    context: dict[str, Any] = {"case": case, "purposes": purposes(), "chosen": "", "typed": "", "heading": "h2"}
    template = "desk/case/reporter.html" if wants_part(request) else "desk/case/reporter_page.html"
    if request.method == "GET":
        return render(request, template, context)
    chosen, typed = request.POST.get("purpose", ""), request.POST.get("words", "").strip()
    context |= {"chosen": chosen, "typed": typed}
    purpose = typed if chosen == "other" else dict(purposes()).get(chosen, "")
    try:
        if not purpose:
            field = "words" if chosen == "other" else "purpose"
            raise Invalid("purpose.missing", _("Please say what you need this for."), field=field)
        shown = []
        for person in queries.participants_of(case):
            if person.contact_id:
                plain = people_actions.read_contact(
                    actor,
                    person.contact_id,
                    district=case.district,
                    purpose=purpose,
                    matter=case,
                    subject_type="case",
                    subject_id=case.id,
                )
                shown.append(
                    {
                        "kind": person.get_kind_display(),
                        "name": plain.name,
                        "phone": plain.phone,
                        "address": plain.address,
                    }
                )
        said = talking.read_statements(actor, Ref(case.district, case.id), purpose=purpose)
    except Invalid as error:
        return render(request, template, context | {"errors": [error], "error": error}, status=422)
    return render(request, template, context | {"shown": shown, "said": said, "purpose": purpose, "done": True})
