"""The services' pages: browse, open a version, prepare the next one or an end, look at the difference, publish or withdraw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.administration.catalogue import districts
from linli.administration.frame import actor_of, administration, kept, page
from linli.administration.service_form import ReasonForm, ServiceForm, begins_with, labels, shown
from linli.kernel import time
from linli.kernel.errors import LinliError, NotFound
from linli.services import queries, rules
from linli.services.actions import versions
from linli.services.models import ChangeKind, ServiceChange, ServiceVersion
from linli.services.queries import Listed
from linli.ui.sent import version_of

HOME = "/admin/services"


@require_GET
@administration("catalogue.edit")
def listing(request: HttpRequest) -> HttpResponse:
    """Every service with its department and limit; searched by words, for the city or a district; closed ones on demand."""
    scope, text, group = request.GET.get("scope", ""), request.GET.get("q", "").strip(), request.GET.get("group", "")
    found = queries.listed(scope)
    if text:
        order = {entry.code: n for n, entry in enumerate(queries.current(district=scope).search(text, limit=60))}
        named = [one for one in found if one.entry.code not in order and _fits(one, text)]
        found = sorted((one for one in found if one.entry.code in order), key=lambda one: order[one.entry.code]) + named
    speaks = get_language() or ""
    chips = [
        {
            "label": one.called(speaks),
            "count": sum(row.entry.group == one.code for row in found),
            "href": kept(request, group="" if group == one.code else one.code),
            "current": group == one.code,
        }
        for one in rules.groups().values()
    ]
    rows = [_row(one) for one in found if not group or one.entry.group == group]
    return page(
        request, "services", "services", rows=rows, chips=chips, q=text, scope=scope, scopes=districts(), group=group,
        changes=queries.open_changes(),
    )  # fmt: skip


def _fits(one: Listed, text: str) -> bool:
    entry, plain = one.entry, text.casefold()
    return plain in entry.code.casefold() or plain in f"{entry.name_zh} {entry.name_en}".casefold()


def _row(one: Listed) -> dict[str, Any]:
    entry, speaks = one.entry, get_language() or ""
    return {
        "entry": entry,
        "name": entry.called(speaks),
        "department": entry.department(speaks),
        "way": shown("way", entry.way),
        "days": entry.days,
        "clock": shown("clock", entry.clock),
        "questions": len(entry.questions()),
        "proofs": len(entry.proofs),
        "holds": one.holds,
        "next_at": one.next_at,
        "ends_at": one.ends_at if one.holds else None,
    }


@require_http_methods(["GET", "POST"])
@administration("catalogue.edit")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one service; sending it prepares a version, nothing more."""
    scope = request.POST.get("scope", request.GET.get("scope", ""))
    listed = _listed(code, scope)
    version, _before = queries.version(listed.entry.version_id)
    form = ServiceForm(request.POST or None, initial=begins_with(version))
    if request.method == "POST" and form.is_valid():
        try:
            change = versions.propose(
                actor_of(request), code=code, scope=scope, values=form.values(), reason=form.cleaned_data["reason"],
                effective_from=form.cleaned_data["effective_from"],
            )  # fmt: skip
        except LinliError as error:
            return _form(request, listed, version, form, scope, errors=_refused(form, error))
        return HttpResponseRedirect(f"{HOME}/changes/{change.id}")
    return _form(request, listed, version, form, scope)


@require_POST
@administration("catalogue.edit")
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Prepare the end of a service."""
    scope = request.POST.get("scope", "")
    listed = _listed(code, scope)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            change = versions.propose_closing(
                actor_of(request), code=code, scope=scope, reason=form.cleaned_data["reason"],
                effective_from=form.cleaned_data["effective_from"],
            )  # fmt: skip
            return HttpResponseRedirect(f"{HOME}/changes/{change.id}")
        except LinliError as error:
            errors = _refused(form, error)
    else:
        errors = []
    version, _before = queries.version(listed.entry.version_id)
    return _form(
        request, listed, version, ServiceForm(initial=begins_with(version)), scope, errors=errors, closing=form
    )


def _listed(code: str, scope: str) -> Listed:
    found = next((one for one in queries.listed(scope) if one.entry.code == code), None)
    if found is None:
        raise NotFound("service.none", _("There is no such service."))
    return found


def _refused(form: forms.Form, error: LinliError) -> list[dict[str, str]]:
    if error.field in form.fields:
        form.add_error(error.field, str(error.message))
        return []
    return [{"message": f"{error.message} {error.mend}".strip(), "href": ""}]


def _form(
    request: HttpRequest,
    listed: Listed,
    version: ServiceVersion,
    form: ServiceForm,
    scope: str,
    *,
    errors: list[dict[str, str]] | None = None,
    closing: ReasonForm | None = None,
) -> HttpResponse:
    entry, speaks = listed.entry, get_language() or ""
    bound = form.is_bound or closing is not None
    return page(
        request, "service", "services", status=422 if bound else 200, entry=entry, listed=listed, name=entry.called(speaks), form=form,
        errors=errors or [], summary=closing if closing is not None else form, closing=closing or ReasonForm(prefix=None),
        may_close=listed.holds and version.scope == scope, scope=scope, scope_name=dict(districts()).get(scope, scope),
        history=queries.history(entry.code, scope=version.scope), changes=queries.open_changes(code=entry.code),
        questions=[(one.code, one.called(speaks)) for one in rules.questions().values()],
        proofs=[(one.code, one.called(speaks)) for one in rules.proofs().values()],
    )  # fmt: skip


@require_GET
@administration("catalogue.edit")
def version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """One version whole, and what it changed against the one before."""
    found, before = queries.version(version_id)
    named = labels()
    speaks = get_language() or ""
    return page(
        request, "service_version", "services", version=found, before=before,
        name=found.name_zh if speaks.startswith("zh") else found.name_en, waits=found.valid_from > time.now(),
        scope_name=dict(districts()).get(found.scope, found.scope),
        differences=_rows(versions.differences(before, found)) if before else [],
        facts=[
            {"label": named[one.field], "value": shown(one.field, one.after), "lang": _speech(one.field)}
            for one in versions.differences(None, found)
            if one.field in named
        ],
    )  # fmt: skip


def _rows(found: list[versions.Difference]) -> list[dict[str, str]]:
    named = labels()
    return [
        {
            "label": named.get(one.field, one.field),
            "lang": _speech(one.field),
            "before": shown(one.field, one.before),
            "after": shown(one.field, one.after),
        }
        for one in found
    ]


def _speech(field: str) -> str:
    """The language of a field that is written in one, so that it is read out in it."""
    return {"zh": "zh-Hans", "en": "en"}.get(field.rpartition("_")[2], "")


@require_GET
@administration("catalogue.edit")
def changes(request: HttpRequest) -> HttpResponse:
    """What is prepared, and the last changes that were decided."""
    return page(
        request, "service_changes", "services", waiting=queries.open_changes(), decided=queries.recent_changes()
    )


@require_GET
@administration("catalogue.edit")
def change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """What would change, from when, and how many applications go on as they were promised."""
    return page(request, "service_change", "services", **_facts(queries.change(change_id)))


def _facts(found: ServiceChange) -> dict[str, Any]:
    would = versions.as_it_would_be(found)
    speaks = get_language() or ""
    return {
        "change": found,
        "name": would.name_zh if speaks.startswith("zh") else would.name_en,
        "closes": found.kind == ChangeKind.CLOSE,
        "differences": [] if found.kind == ChangeKind.CLOSE else _rows(versions.differences(found.base, would)),
        "scope_name": dict(districts()).get(found.scope, found.scope),
        "waits": found.effective_from > time.now(),
        "under_way": queries.under_way(found.base),
    }


@require_POST
@administration("catalogue.edit")
def decide(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Publish or withdraw."""
    actor, number = actor_of(request), version_of(request.POST)
    try:
        if request.POST.get("decision") == "publish":
            versions.publish(actor, change_id, version=number)
            messages.success(request, _("Published. Applications that were made before go on as they were promised."))
        else:
            versions.withdraw(actor, change_id, version=number)
            messages.success(request, _("The change was withdrawn."))
    except LinliError as error:
        if error.status == 404:
            raise
        rows = [{"message": f"{error.message} {error.mend}".strip(), "href": ""}]
        facts = _facts(queries.change(change_id))
        return page(request, "service_change", "services", status=error.status, errors=rows, **facts)
    return HttpResponseRedirect(f"{HOME}/changes")
