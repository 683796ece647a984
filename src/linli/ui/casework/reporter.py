"""The reporter in clear: asked for with a purpose, shown once, kept in the audit where the person can read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.cases.actions import talking
from linli.cases.loop import Ref
from linli.cases.models import Case
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor
from linli.people import actions as people_actions


def purposes() -> list[tuple[str, str]]:
    """The usual reasons; another is written in words."""
    return [
        ("call", _("Call back about this case")),
        ("visit", _("Arrange a visit on the spot")),
        ("clarify", _("Ask what is missing in the report")),
        ("other", _("Something else")),
    ]


def asked(request: HttpRequest, actor: Actor, case: Case, *, action: str) -> dict[str, Any]:
    """What ``ui/verb/reporter.html`` draws: the question what it is needed for, then name, number and what was said in confidence.

    Args:
        action: the address that the question is sent to.

    Raises:
        NotFound, Forbidden: the post may not.
    """
    context: dict[str, Any] = {
        "case": case,
        "purposes": purposes(),
        "chosen": "",
        "typed": "",
        "reporter_action": action,
    }
    if request.method == "GET":
        return context
    chosen, typed = request.POST.get("purpose", ""), request.POST.get("words", "").strip()
    context |= {"chosen": chosen, "typed": typed}
    purpose = typed if chosen == "other" else dict(purposes()).get(chosen, "")
    try:
        if not purpose:
            field = "words" if chosen == "other" else "purpose"
            raise Invalid("purpose.missing", _("Please say what you need this for."), field=field)
        shown = [
            _in_clear(actor, case, person, purpose) for person in queries.participants_of(case) if person.contact_id
        ]
        said = talking.read_statements(actor, Ref(case.district, case.id), purpose=purpose)
    except Invalid as error:
        return context | {"errors": [error], "error": error}
    return context | {"shown": shown, "said": said, "purpose": purpose, "done": True}


def _in_clear(actor: Actor, case: Case, person: Any, purpose: str) -> dict[str, Any]:
    plain = people_actions.read_contact(
        actor,
        person.contact_id,
        district=case.district,
        purpose=purpose,
        matter=case,
        subject_type="case",
        subject_id=case.id,
    )
    return {"kind": person.get_kind_display(), "name": plain.name, "phone": plain.phone, "address": plain.address}
