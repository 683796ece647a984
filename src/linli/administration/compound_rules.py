"""The rules of compounds: edited into a proposal, looked at as a difference with its effect, published or withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.administration.frame import actor_of, administration, page
from linli.compounds import queries
from linli.compounds.actions import publishing
from linli.compounds.colours import RED, YELLOW
from linli.compounds.models import Colour, RuleChange, called
from linli.compounds.rules import Given
from linli.kernel.errors import LinliError
from linli.ui import compound_forms
from linli.ui import compounds as shown
from linli.ui.sent import day_of, version_of

VERB = "compound.change_rules"
OFF = "off"


@require_http_methods(["GET", "POST"])
@administration(VERB)
def edit(request: HttpRequest) -> HttpResponse:
    """The rules that were published last, as a form; sending it makes a proposal, nothing more."""
    actor = actor_of(request)
    sets = queries.rule_sets()
    base = sets[0] if sets else queries.rule_set()
    error: LinliError | None = None
    if request.method == "POST":
        try:
            made = publishing.propose(
                actor,
                _given(request, base),
                valid_from=day_of(request.POST, "valid_from"),
                reason=request.POST.get("reason", ""),
            )
            return HttpResponseRedirect(f"/admin/compound-rules/changes/{made.id}")
        except LinliError as wrong:
            error = wrong
    sent = request.POST
    colours = [(OFF, _("Not a rule")), (YELLOW, Colour.YELLOW.label), (RED, Colour.RED.label)]
    context: dict[str, Any] = {
        "base": base,
        "rows": [
            shown.rule_row(row) | {
                "bound_name": f"bound-{row['code']}", "colour_name": f"rule-{row['code']}",
                "bound": sent.get(f"bound-{row['code']}", row["bound"]), "chosen": sent.get(f"rule-{row['code']}", row["colour"]),
            }
            for row in base.rules
        ],
        "items": [
            {"name": f"item-{row['code']}", "label": called(row), "points": sent.get(f"item-{row['code']}", row["points"])}
            for row in base.items
        ],
        "terms": [
            {"name": f"term-{name}", "label": str(shown.TERMS[name]), "days": sent.get(f"term-{name}", days)}
            for name, days in base.terms.items()
        ],
        "colours": colours,
        "changes": queries.changes(actor)[:12],
        "reason": sent.get("reason", ""),
        "valid_from": sent.get("valid_from", ""),
        "errors": [error] if error else [],
        "wrong": {error.field: str(error.message)} if error else {},
    }  # fmt: skip
    return page(request, "compound_rules", "compound-rules", status=error.status if error else 200, **context)


def _given(request: HttpRequest, base: Any) -> Given:
    """The set that the form says: bounds, colours, points and terms of what there was; a rule that is off is left out."""
    sent = request.POST
    rules = [
        row | {"bound": compound_forms.number(sent, f"bound-{row['code']}") if f"bound-{row['code']}" in sent else row["bound"],
               "colour": sent.get(f"rule-{row['code']}", row["colour"])}
        for row in base.rules if sent.get(f"rule-{row['code']}") != OFF
    ]  # fmt: skip
    items = [
        row | {"points": points}
        for row in base.items
        if (points := compound_forms.number(sent, f"item-{row['code']}"))  # an item of no points is left out
    ]
    return Given(rules, items, {name: compound_forms.number(sent, f"term-{name}") for name in base.terms})


def _facts(change: RuleChange) -> dict[str, Any]:
    effect = change.preview
    return {
        "change": change,
        "differences": shown.difference_rows(queries.differences(change.base, change)),
        "effect": effect,
        "moves": [{"from": shown.colour(a), "to": shown.colour(b), "count": n} for a, b, n in effect.get("moves", ())],
        "after": [shown.colour(one) | {"count": effect.get("after", {}).get(one, 0)} for one in Colour.values],
    }


@require_GET
@administration(VERB)
def change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """What would change, and how many compounds would change colour."""
    return page(
        request, "compound_rule_change", "compound-rules", **_facts(queries.change(actor_of(request), change_id))
    )


@require_POST
@administration(VERB)
def decide(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Publish, withdraw, or count the effect anew."""
    actor, what = actor_of(request), request.POST.get("decision", "")
    version = version_of(request.POST)
    try:
        if what == "publish":
            made = publishing.publish(actor, change_id, version=version)
            messages.success(request, _("Published; it holds from %(day)s on.") % {"day": made.valid_from.isoformat()})
        elif what == "withdraw":
            publishing.withdraw(actor, change_id, version=version)
            messages.success(request, _("The change was withdrawn."))
        else:
            publishing.count_again(actor, change_id)
            return HttpResponseRedirect(f"/admin/compound-rules/changes/{change_id}")
    except LinliError as error:
        if error.status == 404:
            raise
        facts = _facts(queries.change(actor, change_id))
        return page(request, "compound_rule_change", "compound-rules", status=error.status, errors=[error], **facts)
    return HttpResponseRedirect("/admin/compound-rules")
