"""The outbox's page, and *sync*: which pages the phone keeps for a dead zone.

What waits lies on the phone alone, so the page is drawn there; the server gives its frame and its words.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cases.models import Case
from linli.cases.verbs import VERBS
from linli.field import answers, dwellings, operations
from linli.field.frame import actor_of, address, member
from linli.field.today import work_of
from linli.kernel import time
from linli.kernel.trust import Actor, policy
from linli.ui import vite

MOST_CASES = 20
"""What one person does in a day, and more. Each case is two to four pages of some ten kilobytes."""
AHEAD = {"dispatched": ("dispose",), "signed_in": ("dispose",), "handling": ("dispose",), "disposed": ("verify",)}
"""The forms that a case may need before the phone is back: also that of the step after the next one."""


@member
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What waits on this phone."""
    return render(request, "field/outbox/page.html", {"nav": "outbox"})


@member
@never_cache
@require_GET
def sync(request: HttpRequest) -> HttpResponse:
    """The pages to keep, each with what changes when it does: ``[[address, version], …]``."""
    actor = actor_of(request)
    look = _look(request, actor)
    cases = [case for case, _view in work_of(actor)][:MOST_CASES]
    tasks = operations.kept_pages(actor)
    day = time.now().astimezone(time.LOCAL_ZONE).date().isoformat()
    list_ = "|".join([day, *(f"{case.id}:{case.version}" for case in cases), *(f"{one}:{mark}" for one, mark in tasks)])
    pages = [
        (address("today"), list_),
        (f"{address('today')}?order=walk", list_),
        (address("report"), ""),
        (address("outbox"), ""),
        (address("me"), ""),
    ]
    for case in cases:
        pages += [(one, str(case.version)) for one in pages_of(actor, case)]
    pages += tasks
    pages += dwellings.kept_pages(actor)
    if actor.area_path:
        pages.append((address("ground", actor.area_path), day))
    return answers.done(
        address("today"),
        "",
        account=str(actor.account_id),
        pages=[[one, hashlib.sha256(f"{look}|{version}".encode()).hexdigest()[:16]] for one, version in pages],
    )


def pages_of(actor: Actor, case: Case) -> list[str]:
    """The addresses of a case that are kept: its page, the forms of its next steps, adding a photo."""
    names = [name for name in AHEAD.get(str(case.state), ()) if policy.allows(actor, VERBS[name].row, case)]
    found = [address("case", case.number), *(f"{address('do', case.number, name)}?ahead=1" for name in names)]
    if policy.allows(actor, "case.add_evidence", case):
        found.append(address("photos", case.number))
    return found


def _look(request: HttpRequest, actor: Actor) -> str:
    """What every page depends on: who acts, how it looks, which build."""
    cookies = [request.COOKIES.get(name, "") for name in (settings.LANGUAGE_COOKIE_NAME, "linli_theme", "linli_text")]
    try:
        build: Any = vite.entry("app").script.href
    except vite.NotBuilt:
        build = ""
    return "|".join([str(actor.post_id), *cookies, build])
