"""The third place: what can be had done. Finding a service, its guide, and the way into its form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor
from linli.portal import service_draft as drafts
from linli.portal.frame import address, door, visitor, wants_part
from linli.services import facts, queries, rules
from linli.services.facts import Count, How
from linli.services.models import Way
from linli.services.queries import Held
from linli.services.snapshot import Catalogue, Entry
from linli.ui.casework.names import language

MOST_FOUND = 10


def emergency_numbers() -> list[dict[str, str]]:
    """Whom to ring in danger, everywhere in China."""
    return [
        {"number": "110", "name": _("Police"), "icon": "shield-alert"},
        {"number": "119", "name": _("Fire and rescue"), "icon": "flame"},
        {"number": "120", "name": _("Ambulance"), "icon": "activity"},
        {"number": "12345", "name": _("City hotline"), "icon": "phone"},
    ]


def counted(entry: Entry, held: Held) -> Count:
    """The facts of a service for somebody of whom the platform holds these."""
    return facts.count(entry, held=held.codes, language=language())


def spared_words(found: Count) -> str:
    """ "asks 3 facts, 5 no longer asked"; ``""`` for a service that asks nothing here."""
    if not found.needed:
        return ""
    asks = ngettext("asks %(n)d fact", "asks %(n)d facts", found.asked) % {"n": found.asked}
    if not found.spared:
        return asks
    spared = ngettext("%(n)d no longer asked", "%(n)d no longer asked", found.spared) % {"n": found.spared}
    return _("%(asks)s, %(spared)s") % {"asks": asks, "spared": spared}


def service_row(entry: Entry, held: Held) -> dict[str, Any]:
    """A service in a list."""
    group = rules.groups()[entry.group]
    return {
        "code": entry.code,
        "name": entry.called(language()),
        "icon": group.icon,
        "department": entry.department(language()),
        "href": address("service", entry.code),
        "facts": spared_words(counted(entry, held)),
        "way": str(entry.way),
    }


@door
@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """Every service: by words, by what is used most, by group."""
    actor = visitor(request)
    held = queries.held_of(actor)
    catalogue = queries.current(district=actor.district)
    words = request.GET.get("q", "").strip()[:80]
    context: dict[str, Any] = {
        "place": "services",
        "words": words,
        "found": [service_row(entry, held) for entry in catalogue.search(words, limit=MOST_FOUND)] if words else [],
    }
    if wants_part(request):
        return render(request, "portal/services/found.html", context)
    context |= {
        "common": [service_row(entry, held) for entry in _common(catalogue)],
        "groups": [
            {
                "code": group.code,
                "name": group.called(language()),
                "icon": group.icon,
                "open": group.code == request.GET.get("group", ""),
                "services": [service_row(entry, held) for entry in entries],
            }
            for group, entries in catalogue.groups()
        ],
        "numbers": emergency_numbers(),
        "begun": _begun(request),
        "signed_in": actor.is_signed_in,
    }
    return render(request, "portal/services/list.html", context)


def _common(catalogue: Catalogue) -> list[Entry]:
    """What is used most; what ends with a time first, for that is done here from end to end."""
    return sorted((entry for entry in catalogue.all() if entry.is_common), key=lambda entry: entry.way != Way.BOOKING)


def _begun(request: HttpRequest) -> list[dict[str, str]]:
    codes = request.session.get(drafts.DRAFTS, {}) if request.session.session_key else {}
    known = queries.current()
    return [
        {"name": entry.called(language()), "href": address("apply", code)}
        for code in codes
        if (entry := known.get(code)) is not None
    ]


def service_of(actor: Actor, code: str) -> Entry:
    """The service that an address names, as it holds where the visitor lives.

    Raises:
        NotFound: there is none.
    """
    found = queries.current(district=actor.district).get(code.upper()[:8])
    if found is None:
        raise NotFound("service.none", _("There is no such service."))
    return found


@door
@never_cache
@require_GET
def guide(request: HttpRequest, code: str) -> HttpResponse:
    """One service: what is needed and what no longer is, where and when, how long, what it costs; and the way on."""
    actor = visitor(request)
    entry = service_of(actor, code)
    held = queries.held_of(actor)
    found = counted(entry, held)
    context = {
        "place": "services",
        "entry": entry,
        "name": entry.called(language()),
        "department": entry.department(language()),
        "facts": spared_words(found),
        "asked": found.of(How.ASKED),
        "spared": found.spared,
        "held": found.of(How.HELD),
        "fetched": [
            {"label": one.label, "holder": _holder(one.code), "until": held.proofs.get(one.code.partition(":")[2])}
            for one in found.of(How.FETCHED)
        ],
        "materials": [{"name": one.called(language()), "how": _how(one.how)} for one in entry.materials],
        "where": entry.place(language()),
        "hours": entry.hours(language()),
        "ways": [rules.way_name(one, language()) for one in entry.channels],
        "result": entry.result(language()),
        "time": _time(entry),
        "fee": _fee(entry),
        "way": str(entry.way),
        "online": entry.is_online,
        "must_sign_in": entry.is_online and entry.needs_account and not actor.is_signed_in,
        "signed_in": actor.is_signed_in,
        "may_use": bool(found.spared) and (actor.is_signed_in or bool(entry.proofs)),
        "on_page": address("my") if entry.page == "/my" else entry.page,
        "begun": request.session.session_key and entry.code in request.session.get(drafts.DRAFTS, {}),
        "group": rules.groups()[entry.group],
        "group_name": rules.groups()[entry.group].called(language()),
        "is_booking": entry.way == Way.BOOKING,
        "keep_months": entry.keep_days // 30,
    }
    return render(request, "portal/services/guide.html", context)


def _holder(code: str) -> str:
    from linli.people.queries import functions

    kind = rules.proofs()[code.partition(":")[2]]
    return functions()[kind.holder].called(language())


def _how(how: tuple[str, ...]) -> dict[str, str]:
    """How a document of the list is had now: fetched, already known, asked in the form, or part of the report."""
    kinds = {one.partition(":")[0] for one in how}
    if kinds == {"proof"}:
        return {"word": _("fetched with your consent"), "tone": "good", "icon": "check"}
    if "proof" in kinds:
        return {"word": _("mostly fetched"), "tone": "good", "icon": "check"}
    if kinds <= {"consent"}:
        return {"word": _("one tick instead of a paper"), "tone": "good", "icon": "check"}
    if "fact" in kinds and "field" not in kinds:
        return {"word": _("known when you are signed in"), "tone": "good", "icon": "check"}
    return {"word": _("a question in the form"), "tone": "quiet", "icon": "pencil"}


def _time(entry: Entry) -> str:
    if entry.days == 0:
        return _("at once")
    if entry.clock == "working":
        return ngettext("%(n)d working day", "%(n)d working days", entry.days) % {"n": entry.days}
    return ngettext("%(n)d day", "%(n)d days", entry.days) % {"n": entry.days}


def _fee(entry: Entry) -> str:
    return {
        "free": _("free"),
        "fee": _("there is a fee; you hear how much before you pay"),
        "mixed": _("partly free; you hear what costs how much before you pay"),
    }.get(entry.fee, entry.fee)


@door
@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Begin an application: for oneself or a relative, with or without what the platform holds. The button is the consent."""
    actor = visitor(request)
    entry = service_of(actor, code)
    if not entry.is_online:
        raise NotFound("service.not_online", _("This is not applied for online here."))
    if entry.needs_account and not actor.is_signed_in:
        return HttpResponseRedirect(f"/sign-in?{urlencode({'next': address('service', entry.code)})}")
    on_behalf = request.POST.get("whom", "") == "relative" and entry.proxy_allowed
    # For a relative only how to reach oneself is taken from what is held, and their proofs with their consent.
    with_held = on_behalf or request.POST.get("use", "") == "held"
    draft = drafts.Draft(
        service=entry.code,
        on_behalf=on_behalf,
        use_held=with_held and actor.is_signed_in,
        use_proofs=with_held,
    )
    drafts.save(request, draft)
    return HttpResponseRedirect(address("apply", entry.code))
