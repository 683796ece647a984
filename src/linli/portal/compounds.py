"""The compound that one lives in, as far as residents may see its file; and the published rules of colours, for everybody."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.compounds import queries
from linli.compounds.voting import Subject, majority
from linli.kernel import time
from linli.portal.frame import address, door, visitor
from linli.territory import queries as territory
from linli.ui import compounds as shown

SHOWN = 8


@door
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own compound; where several share the micro-grid, which of them."""
    found = queries.own(visitor(request))
    if len(found) == 1:
        return HttpResponseRedirect(address("my-compound", found[0].id))
    rows = [{"href": address("my-compound", one.id), "name": one.name, "address": one.address} for one in found]
    return render(request, "portal/compounds/mine.html", {"place": "mine", "rows": rows})


@door
@never_cache
@require_GET
def page(request: HttpRequest, compound_id: UUID) -> HttpResponse:
    """Committee and its term, contract, fund, votes, dues and the colour with its reasons; nothing of persons."""
    found = queries.own_file(visitor(request), compound_id)
    context = {
        "place": "mine",
        "compound": found.compound,
        "where": territory.full_name(found.compound.area_path),
        "colour": shown.colour(found.standing.colour),
        "reasons": shown.reasons(found.standing, found.rules),
        "rules_href": address("compound-rules"),
        "committee": shown.committee(found.committee, found.standing),
        "contract": shown.contract(found.contract),
        "balance": shown.yuan(found.balance) if found.fund else "",
        "fund_on": found.standing.fund_on,
        "fund": [shown.fund_line(row, gone=row.id in found.reversed_) for row in found.fund[:SHOWN]],
        "renovations": [shown.renovation(row) for row in found.renovations],
        "dues": [shown.dues(row) for row in found.dues[:SHOWN]],
        "votes": [shown.vote(row) for row in found.votes[:SHOWN]],
        "checks": [shown.check(row) for row in found.checks[:1]],
    }
    return render(request, "portal/compounds/page.html", context)


@door
@require_GET
def rules(request: HttpRequest, number: int = 0) -> HttpResponse:
    """The published rules, those in force unless told; what changed from the ones before, and how votes are counted."""
    found = queries.rule_set(number)
    sets = queries.rule_sets()
    before = next((one for one in sets if one.number == found.number - 1), None)
    today = time.today()
    context = shown.rules_page(found) | {
        "changes": shown.difference_rows(queries.differences(before, found)) if before else [],
        "sets": sets,
        "coming": next((one for one in sets if one.valid_from > today and one.number != found.number), None),
        "subjects": [
            {"name": label, "needs": _("three quarters or more") if majority(value) == (3, 4) else _("more than half")}
            for value, label in Subject.choices
        ],
    }
    return render(request, "portal/compounds/rules.html", context)
