"""Following a report by number and code, without an account."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linli.cases import queries
from linli.cases.actions import intake
from linli.cases.models import Case
from linli.kernel import ids
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, Role
from linli.people import limits
from linli.people.pages import network_of, rows_of
from linli.portal import applied
from linli.portal.frame import address, door, visitor

FOLLOWED = "followed"
KEPT = 20
BY_NETWORK = limits.Limit("follow:net", 60, 900)
BY_NUMBER = limits.Limit("follow:number", 20, 900)


@door
@never_cache
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Number and code lead to the case. The printed square fills both in; only the button asks."""
    sent = request.POST if request.method == "POST" else request.GET
    number, code = sent.get("number", "").strip()[:30], sent.get("code", "").strip()[:12]
    context = {"number": number, "code": code, "place": "mine", "known": list(request.session.get(FOLLOWED, {}))}
    if request.method == "GET":
        return render(request, "portal/follow.html", context)
    try:
        written = ids.parse_ticket_number(number)
        if written is None:
            raise Invalid(
                "follow.number", _("This is not a number of ours."), field="number", mend=_("It is on your receipt.")
            )
        limits.count(BY_NETWORK, network_of(request))
        limits.count(BY_NUMBER, written)
        try:
            remember(request, written, code)
        except NotFound:
            # Cases and applications share one row of numbers: what is not the one may be the other.
            return HttpResponseRedirect(address("application", applied.remember(request, written, code)))
    except NotFound:
        wrong = Invalid(
            "follow.wrong", _("Number and code do not fit together."), field="code", mend=_("Both are on your receipt.")
        )
        return render(request, "portal/follow.html", context | {"errors": rows_of(wrong)}, status=422)
    except LinliError as error:
        return render(request, "portal/follow.html", context | {"errors": rows_of(error)}, status=error.status)
    return HttpResponseRedirect(address("case", written))


def remember(request: HttpRequest, number: str, code: str) -> None:
    """Let this browser see the case from now on.

    Raises:
        NotFound: number and code do not fit together.
    """
    person = intake.participant_by_code(number, code)
    known: dict[str, list[str]] = dict(request.session.get(FOLLOWED, {}))
    known[number] = [str(person.account_id or person.id), person.district]
    request.session[FOLLOWED] = dict(list(known.items())[-KEPT:])


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget what was followed by code in this browser: for a shared computer."""
    request.session.pop(FOLLOWED, None)
    request.session.pop(applied.FOLLOWED, None)
    return HttpResponseRedirect(address("follow"))


def case_for(request: HttpRequest, number: str) -> tuple[Actor, Case]:
    """The case that this visitor asks for, with the one who may see it: the account, else whoever showed the code here.

    Raises:
        NotFound: it is neither the account's own nor was its code shown in this browser.
    """
    actor = visitor(request)
    known = request.session.get(FOLLOWED, {}) if request.session.session_key else {}
    written = ids.parse_ticket_number(number) or number
    if actor.is_signed_in:
        try:
            return actor, queries.get(actor, number)
        except NotFound:
            if written not in known:
                raise
    if written in known:
        person, district = known[written]
        actor = Actor(role=Role.RESIDENT, account_id=UUID(person), district=district)
    return actor, queries.get(actor, number)
