"""Webhooks' pages: make one, see what went to it, send again, switch off and on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.administration.frame import actor_of, administration, numbered, page
from linli.kernel.errors import LinliError, NotFound
from linli.notices import actions, queries
from linli.notices.actions.hooks import VERB, known_kinds
from linli.notices.models import DeliveryState, Hook
from linli.people import scopes
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.areas import AreaField

TONES = {
    DeliveryState.WAITING: "soon",
    DeliveryState.SENT: "good",
    DeliveryState.GIVEN_UP: "late",
    DeliveryState.DROPPED: "quiet",
}


def _kinds() -> list[tuple[str, str]]:
    return [(kind, scopes.word(kind)) for kind in scopes.in_order(known_kinds())]


class HookForm(forms.Form):
    """A new webhook."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Who listens there"))
    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=500, help_text=gettext_lazy("https:// on a public host")
    )
    area_path = AreaField(
        help_text=gettext_lazy("Only what happens there is sent: a part of its name, its pinyin, or its path")
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Events"), choices=_kinds, widget=forms.CheckboxSelectMultiple, initial=["case.*"]
    )


@require_GET
@administration(VERB)
def listing(request: HttpRequest) -> HttpResponse:
    """All webhooks."""
    rows = [{"hook": hook, **_facts(hook)} for hook in queries.hooks(actor_of(request))]
    return page(request, "webhooks", "webhooks", rows=rows)


@require_http_methods(["GET", "POST"])
@administration(VERB)
def new(request: HttpRequest) -> HttpResponse:
    """Make one; its secret is shown here and never again."""
    form, errors = HookForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        try:
            hook, secret = actions.make_hook(actor_of(request), **form.cleaned_data)
        except LinliError as error:
            if error.field in form.fields:
                form.add_error(error.field, f"{error.message} {error.mend}".strip())
            else:
                errors = [{"message": str(error.message), "href": ""}]
        else:
            return _show(request, hook, secret=secret)
    return page(
        request,
        "form",
        "webhooks",
        status=422 if form.is_bound else 200,
        form=form,
        errors=errors,
        title=_("New webhook"),
        send=_("Make the webhook"),
        back=reverse("administration:webhooks"),
    )


def _facts(hook: Hook) -> dict[str, Any]:
    """The area and the events of a webhook in words."""
    where = territory.full_name(hook.reach_path, top=Level.CITY) or hook.reach_path
    return {"where": where, "kinds": scopes.words(hook.kinds)}


def _hook(hook_id: UUID) -> Hook:
    found = Hook.objects.filter(id=hook_id).first()
    if found is None:
        raise NotFound("webhook.none", _("There is no such webhook."))
    return found


@require_GET
@administration(VERB)
def one(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """One webhook and its delivery log, the newest first."""
    return _show(request, _hook(hook_id))


def _show(request: HttpRequest, hook: Hook, **more: Any) -> HttpResponse:
    found, base = numbered(request, queries.postings(actor_of(request), hook.id))
    rows = [
        {
            "row": row,
            "event": scopes.word(row.kind),
            "tone": TONES[DeliveryState(row.state)],
            "last": row.log[-1] if row.log else None,
        }
        for row in found.object_list
    ]
    shown = {"hook": hook, "found": found, "base": base, "rows": rows, **_facts(hook)}
    return page(request, "webhook", "webhooks", **shown, **more)


@require_POST
@administration(VERB)
def switch(request: HttpRequest, hook_id: UUID) -> HttpResponse:
    """Switch a webhook off, or on again."""
    if request.POST.get("to") == "on":
        actions.resume_hook(actor_of(request), hook_id)
        messages.success(request, _("The webhook is on again."))
    else:
        actions.end_hook(actor_of(request), hook_id)
        messages.success(request, _("The webhook is off."))
    return HttpResponseRedirect(reverse("administration:webhook", args=[hook_id]))


@require_POST
@administration(VERB)
def replay(request: HttpRequest, hook_id: UUID, posting_id: UUID) -> HttpResponse:
    """Send an event once more."""
    actions.replay(actor_of(request), hook_id, posting_id)
    messages.success(request, _("It is sent again."))
    return HttpResponseRedirect(reverse("administration:webhook", args=[hook_id]))
