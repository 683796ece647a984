"""Types of organisation: where each belongs, what it stands under, whether every place should have one; from a day on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.administration.frame import actor_of, administration, page
from linli.kernel import time
from linli.kernel.errors import LinliError
from linli.organisations import standing
from linli.organisations.actions import ruling
from linli.organisations.models import Seat
from linli.people.models import OrganisationFamily
from linli.ui import undo
from linli.ui.sent import day_of


@require_http_methods(["GET", "POST"])
@administration("organisation.configure")
def types(request: HttpRequest) -> HttpResponse:
    """Every type with its rule; a form changes one from a day on, another adds a type."""
    error: LinliError | None = None
    sent = request.POST
    if request.method == "POST":
        try:
            _do(request)
            return HttpResponseRedirect("/admin/organisation-types")
        except LinliError as wrong:
            error = wrong
    known = standing.types()
    options = [(one.code, one.called) for one in known.values()]
    return page(
        request, "organisation_types", "organisation-types", status=error.status if error else 200,
        errors=[error] if error else [], wrong={error.field: str(error.message)} if error else {}, sent=sent,
        rows=[_row(code) for code in known], types=options, unders=[("", _("None")), *options],
        seats=Seat.choices, families=OrganisationFamily.choices, today=time.today().isoformat(),
        chosen=sent.get("kind") or request.GET.get("type", ""), base_missing=not standing.rules(),
    )  # fmt: skip


def _do(request: HttpRequest) -> None:
    actor, sent = actor_of(request), request.POST
    if sent.get("what") == "base":
        ruling.load_base(actor)
        undo.done(request, _("The types that come with Linli are ruled."))
    elif sent.get("what") == "type":
        ruling.make_type(
            actor, code=sent.get("code", "").strip(), family=sent.get("family", ""), name_zh=sent.get("name_zh", ""),
            name_en=sent.get("name_en", ""),
        )  # fmt: skip
        undo.done(request, _("The type is there; say now where it belongs."))
    else:
        first = day_of(sent, "holds_from")
        ruling.set_rule(
            actor, kind=sent.get("kind", ""), seat=sent.get("seat", ""), under=sent.get("under", ""),
            also=[code for code in sent.getlist("also") if code], expected=sent.get("expected") == "1", holds_from=first,
            source=sent.get("source", ""),
        )  # fmt: skip
        undo.done(request, _("The rule holds from %(day)s.") % {"day": first.isoformat()})


def _row(code: str) -> dict[str, Any]:
    rules = standing.rules(code)
    now = standing.rule_on(code)
    later = next((rule for rule in rules if rule.valid_from > time.today()), None)
    return {
        "code": code,
        "name": standing.types()[code].called,
        "seat": now.seat.label if now else "—",
        "under": standing.names([now.under])[0] if now and now.under else "—",
        "also": standing.names(now.types[1:]) if now else [],
        "expected": bool(now and now.expected),
        "since": now.valid_from if now else None,
        "later": later.valid_from if later else None,
    }
