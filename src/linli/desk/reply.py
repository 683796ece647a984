"""Writing to the reporter: the organisation's replies, who else is writing, and a look at the text before it is sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.cases import mentions, queries
from linli.cases.loop import Ref, require
from linli.cases.models import Case
from linli.desk import actions, kept, reply_check
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.desk.models import ReplyTemplate
from linli.desk.reply_check import Hint
from linli.kernel import time
from linli.kernel.trust import Actor
from linli.ui import undo
from linli.ui.casework.names import Places, catalogue_for, category_name, language
from linli.ui.words import when


def context_of(actor: Actor, case: Case) -> dict[str, Any]:
    """What stands above the form of a message."""
    return {
        "reply_templates": [
            {"id": str(one.id), "name": one.name, "text": filled(one, case)} for one in kept.templates_of(actor)
        ],
        "writing_href": address("writing", case.number),
        "check_href": address("reply-check", case.number),
        "templates_href": address("templates"),
    }


def filled(template: ReplyTemplate, case: Case) -> str:
    """A shared reply with its places filled from the case; what cannot be said becomes a dash."""
    marks = {
        "{number}": case.number,
        "{category}": category_name(case, catalogue_for(case.district)),
        "{place}": case.address_text or Places({case.area_path}).short(case.area_path),
        "{due}": when(case.due_at, time.now()) if case.due_at else "",
    }
    text = template.text
    for mark, value in marks.items():
        text = text.replace(mark, value or "—")
    return text


@staff
@require_POST
def writing(request: HttpRequest, number: str) -> HttpResponse:
    """Say that one is writing, every twenty seconds; answers with who else is."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    return _writers(request, case, actions.write_on(actor, case))


@staff
@require_GET
def writers(request: HttpRequest, number: str) -> HttpResponse:
    """Who is writing to the reporter of a case at this moment."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    return _writers(request, case, actions.writers(actor, case))


def _writers(request: HttpRequest, case: Case, rows: list[Any]) -> HttpResponse:
    return render(request, "desk/reply/writers.html", {"case": case, "writers": rows})


@staff
@require_POST
def check(request: HttpRequest, number: str) -> HttpResponse:
    """A look at a reply; it keeps nothing and bars nothing."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    require(actor, "case.message", case)
    entry = catalogue_for(case.district).get(case.category)
    asked = reply_check.Asked(
        words=case.description,
        subject=" ".join([entry.called(language()), case.address_text] if entry else []),
        due_at=case.due_at if case.paused_at is None else None,
    )
    found = reply_check.look(request.POST.get("text", "")[:1_000], asked, now=time.now())
    return render(request, "desk/reply/hints.html", {"hints": [hint_word(one) for one in found[:4]]})


def hint_word(hint: Hint) -> str:
    """A hint in words."""
    return {
        Hint.SHORT: _("Very short: say what was or will be done."),
        Hint.NO_NEXT: _("It does not say what happens next."),
        Hint.NO_WHEN: _("The reporter asked when; no day or hour is named."),
        Hint.NO_WHY: _("The reporter asked why; no reason is named."),
        Hint.ELSEWHERE: _("It shares no word with the report: is it the right case?"),
        Hint.NO_GREETING: _("A greeting or a thank-you is missing."),
        Hint.BRUSHES_OFF: _("This may read as brushing off: say who helps instead."),
        Hint.SHOUTS: _("Exclamation marks and capitals read as shouting."),
        Hint.JARGON: _("Office words: say it as one would to a neighbour."),
        Hint.LATE: _("It is late: say sorry, and by when it will be done."),
        Hint.PERSONAL: _("It holds a telephone or identity number: leave it out if it need not be there."),
    }[hint]


@staff
@require_POST
def seen(request: HttpRequest, number: str) -> HttpResponse:
    """The notes that name this post have been seen."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    mentions.seen(actor, Ref(case.district, case.id))
    undo.done(request, _("Noted as seen."))
    home = address("case", case.number)
    return HttpResponse(headers={"HX-Redirect": home}) if wants_part(request) else HttpResponseRedirect(home)
