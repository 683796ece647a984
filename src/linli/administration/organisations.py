"""Organisations' pages: find, make, end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.administration.frame import actor_of, administration, may, numbered, page
from linli.administration.posts import PhoneForm
from linli.kernel.db import district_of
from linli.kernel.errors import LinliError, NotFound
from linli.people import actions, queries
from linli.people.models import Organisation, OrganisationType
from linli.people.queries import functions
from linli.territory import queries as territory
from linli.ui.areas import AreaField


def types() -> list[tuple[str, str]]:
    """The types of organisation to choose from."""
    chinese = (get_language() or "").startswith("zh")
    return [(row.code, row.name_zh if chinese else row.name_en) for row in OrganisationType.objects.all()]


class OrganisationForm(forms.Form):
    """A new organisation."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=160, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Type"))
    area_path = AreaField()
    code = forms.CharField(
        label=gettext_lazy("Organisation code"), max_length=64, help_text=gettext_lazy("Unique in the district")
    )
    function = forms.ChoiceField(
        label=gettext_lazy("Function"),
        required=False,
        help_text=gettext_lazy("Only for departments: what the catalogue calls it by"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        language = get_language() or ""
        self.fields["kind"].choices = types()  # type: ignore[attr-defined]
        named = [(code, function.called(language)) for code, function in functions().items()]
        self.fields["function"].choices = [("", _("None")), *named]  # type: ignore[attr-defined]


@require_GET
@administration("post.view")
def listing(request: HttpRequest) -> HttpResponse:
    """Organisations within reach, by words, type and area."""
    actor = actor_of(request)
    words, kind, area = (request.GET.get(key, "").strip() for key in ("q", "type", "area"))
    found, base = numbered(request, queries.organisations_matching(actor, words=words, kind=kind, area_path=area))
    chinese = (get_language() or "").startswith("zh")
    rows = [
        {
            "row": row,
            "name": row.name if chinese or not row.name_en else row.name_en,
            "type": row.type.name_zh if chinese else row.type.name_en,
            "place": territory.place_name(row.area_path),
        }
        for row in found
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "found": found,
        "base": base,
        "q": words,
        "type": kind,
        "area": area,
        "types": [("", _("All")), *types()],
    }
    return page(request, "organisations", "organisations", may_edit=may(actor, "organisation.edit"), **context)


@require_http_methods(["GET", "POST"])
@administration("organisation.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Make one."""
    form, errors = OrganisationForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        try:
            path = form.cleaned_data["area_path"].strip()
            made = actions.create_organisation(
                actor_of(request), district=district_of(path), **{**form.cleaned_data, "area_path": path}
            )
        except LinliError as error:
            if error.field in form.fields:
                form.add_error(error.field, str(error.message))
            else:
                errors = [{"message": str(error.message), "href": ""}]
        else:
            messages.success(request, _("%(name)s is there now.") % {"name": made.name})
            return HttpResponseRedirect(f"/admin/organisations?area={made.area_path}")
    return page(
        request,
        "form",
        "organisations",
        status=422 if form.is_bound else 200,
        form=form,
        errors=errors,
        title=_("New organisation"),
        send=_("Make the organisation"),
        back="/admin/organisations",
    )


@require_POST
@administration("organisation.edit")
def end(request: HttpRequest, district: str, organisation_id: UUID) -> HttpResponse:
    """End one today; refused while posts are held in it."""
    seen = request.POST.get("version", "0")
    ended = actions.end_organisation(
        actor_of(request),
        organisation_id,
        district=district,
        version=int(seen) if seen.isdecimal() else 0,
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("%(name)s has ended.") % {"name": ended.name})
    return HttpResponseRedirect("/admin/organisations")


@require_http_methods(["GET", "POST"])
@administration("organisation.edit")
def phone(request: HttpRequest, district: str, organisation_id: UUID) -> HttpResponse:
    """Publish the number of an organisation."""
    found = Organisation.objects.filter(district=district, id=organisation_id).first()
    if found is None:
        raise NotFound("organisation.none", _("There is no such organisation."))
    form = PhoneForm(request.POST or None, initial={"phone": found.public_phone})
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_organisation_phone(
                actor_of(request), organisation_id, district=district, phone=form.cleaned_data["phone"]
            )
        except LinliError as error:
            form.add_error("phone", f"{error.message} {error.mend}".strip())
        else:
            messages.success(request, _("The public number is kept."))
            return HttpResponseRedirect(f"/admin/organisations?area={found.area_path}")
    return page(
        request,
        "form",
        "organisations",
        status=422 if form.is_bound else 200,
        form=form,
        facts=[(_("Name"), found.name), (_("Area"), territory.place_name(found.area_path))],
        title=_("Public number"),
        send=_("Keep it"),
        back="/admin/organisations",
    )
