"""One verb on many cases: what it needs is asked once, each case is done by itself, and the page says which were refused and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from linli.cases import queries
from linli.cases.verbs import VERBS
from linli.desk import actions
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.desk.models import Batch
from linli.kernel import ids
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor, policy
from linli.ui import undo
from linli.ui.casework import doing, forms

NOT_SENT = ("csrfmiddlewaretoken", "key", "case", "verb", "ready")


def verbs_for(actor: Actor) -> list[dict[str, str]]:
    """The verbs that the post may try on many cases."""
    return [doing.verb_row(VERBS[name]) for name in actions.BULK if policy.allows(actor, VERBS[name].row)]


@staff
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Ask for what the verb needs; with that, begin, and go to the page that shows how far it is."""
    actor = actor_of(request)
    chosen, name = request.POST.getlist("case"), request.POST.get("verb", "")
    if not chosen:
        raise Invalid("batch.nothing", _("Tick at least one case."), mend=_("The box stands before each row."))
    if name not in actions.BULK:
        raise Invalid("batch.verb", _("This cannot be done with many cases at once."))
    policy.require(actor, VERBS[name].row)
    first = queries.get(actor, chosen[0].partition(":")[0])
    ready = "ready" in request.POST or not VERBS[name].inputs
    form = forms.Form(actor, first, VERBS[name], request.POST if "ready" in request.POST else None)
    if ready:
        form.read()
    if not ready or form.errors:
        context = {
            "verb": VERBS[name],
            "icon": doing.VERB_ICONS.get(name, "arrow-right"),
            "fields": form.fields(),
            "errors": form.errors,
            "chosen": chosen,
            "numbers": [one.partition(":")[0] for one in chosen],
            "note": doing.note_of(VERBS[name]),
            "key": request.POST.get("key") or str(ids.new_id()),
        }
        return render(request, "desk/bulk/form.html", context, status=422 if form.errors else 200)
    batch = actions.begin_batch(
        actor,
        key=request.POST.get("key") or str(ids.new_id()),
        verb=name,
        sent={one: request.POST.getlist(one) for one in request.POST if one not in NOT_SENT},
        chosen=chosen,
    )
    actions.go_on(actor, batch.id)
    return HttpResponseRedirect(address("batch", batch.id))


@staff
@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How far a batch is, and what became of each case."""
    found = actions.batch_of(actor_of(request), batch_id)
    return render(request, "desk/bulk/page.html", _context(found))


@staff
@require_POST
def go_on(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Do the next portion; the page asks for it by itself until all is done."""
    found = actions.go_on(actor_of(request), batch_id)
    if wants_part(request):
        return render(request, "desk/bulk/result.html", _context(found))
    return HttpResponseRedirect(address("batch", batch_id))


@staff
@require_POST
def take_back(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Take a batch back as a whole; what has gone on since stays and says so."""
    try:
        actions.undo_batch(actor_of(request), batch_id)
        undo.done(request, _("Taken back."))
    except LinliError as error:
        undo.done(request, str(error.message))
    return HttpResponseRedirect(address("batch", batch_id))


def _context(found: Batch) -> dict[str, Any]:
    done = [row for row in found.done if "refused" not in row]
    refused = [row for row in found.done if "refused" in row]
    ready = len(found.done) >= len(found.chosen)
    return {
        "batch": found,
        "verb": VERBS[found.verb],
        "done": done,
        "refused": refused,
        "kept": [row for row in done if "kept" in row],
        "count": len(found.done),
        "total": len(found.chosen),
        "ready": ready,
        "said": ngettext("%(n)d case done", "%(n)d cases done", len(done)) % {"n": len(done)},
        "refused_said": ngettext("%(n)d refused", "%(n)d refused", len(refused)) % {"n": len(refused)},
        "may_undo": ready and bool(done) and found.undone_at is None and found.verb in actions.UNDOABLE,
    }
