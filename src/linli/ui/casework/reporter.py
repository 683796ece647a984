"""The reporter in clear: asked for with a purpose, shown once, kept in the audit where the person can read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.cases.actions import talking
from linli.cases.loop import Ref
from linli.cases.models import Case
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor


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
        ref = Ref(case.district, case.id)
        shown = [
            {"kind": one.participant.get_kind_display(), "name": one.name, "phone": one.phone, "address": one.address}
            for one in talking.read_people(actor, ref, purpose=purpose)
            if one.name or one.phone or one.address
        ]
        said = talking.read_statements(actor, ref, purpose=purpose)
    except Invalid as error:
        return context | {"errors": [error], "error": error}
    return context | {"shown": shown, "said": said, "purpose": purpose, "done": True}
