"""The reporter in clear, in a dialog or as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.cases import queries
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.ui.casework import reporter as shared


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def reporter(request: HttpRequest, number: str) -> HttpResponse:
    """Ask what it is needed for, then show name, number and what was said in confidence."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    context = shared.asked(request, actor, case, action=address("reporter", case.number)) | {"heading": "h2"}
    template = "desk/case/reporter.html" if wants_part(request) else "desk/case/reporter_page.html"
    return render(request, template, context, status=422 if "error" in context else 200)
