"""Posts' pages: find, appoint, end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.administration.frame import actor_of, administration, may, numbered, page
from linli.kernel.db import district_of
from linli.kernel.errors import LinliError, NotFound
from linli.kernel.trust import Role
from linli.people import actions, queries
from linli.people.actions.posts import NOT_APPOINTED
from linli.people.confirming import confirmed
from linli.people.models import Account, Organisation, Post
from linli.people.words import ROLES, post_word, role_word
from linli.territory import queries as territory
from linli.ui.areas import AreaField

APPOINTED = [(role.value, ROLES[role]) for role in Role if role not in NOT_APPOINTED]


class AppointForm(forms.Form):
    """Who, as what, for whom, where and how long."""

    login = forms.CharField(label=gettext_lazy("Person"), max_length=64, help_text=gettext_lazy("Their sign-in name"))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=APPOINTED)
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=64,
        help_text=gettext_lazy("Its code, as the list of organisations shows it"),
    )
    area_path = AreaField()
    title = forms.CharField(label=gettext_lazy("Title"), max_length=60, required=False)
    full_time = forms.BooleanField(label=gettext_lazy("Full time"), required=False, initial=True)
    starts_on = forms.DateField(
        label=gettext_lazy("First day"), required=False, help_text=gettext_lazy("Empty: today"), widget=forms.DateInput
    )
    ends_on = forms.DateField(
        label=gettext_lazy("First day after"),
        required=False,
        help_text=gettext_lazy("Empty: no end"),
        widget=forms.DateInput,
    )


class EndForm(forms.Form):
    """Why, and from when."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    ends_on = forms.DateField(
        label=gettext_lazy("First day after"),
        required=False,
        help_text=gettext_lazy("Empty: today, at once"),
        widget=forms.DateInput,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class PhoneForm(forms.Form):
    """The number that residents ring."""

    phone = forms.CharField(
        label=gettext_lazy("Public number"),
        max_length=24,
        required=False,
        help_text=gettext_lazy("Residents see it and ring it. Empty: none is published."),
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )


@require_GET
@administration("post.view")
def listing(request: HttpRequest) -> HttpResponse:
    """Posts within reach, by words, role and area."""
    actor = actor_of(request)
    words, role, area = (request.GET.get(key, "").strip() for key in ("q", "role", "area"))
    chosen = Role(role) if role in {one.value for one in Role} else None
    ended = request.GET.get("ended", "") == "1"
    matching = queries.posts_matching(actor, words=words, role=chosen, area_path=area, ended=ended)
    found, base = numbered(request, matching)
    rows = [
        {
            "row": row,
            "role": post_word(row.role, row.title),
            "place": territory.place_name(row.area_path) or row.area.name,
        }
        for row in found
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "found": found,
        "base": base,
        "q": words,
        "role": role,
        "area": area,
        "ended": ended,
    }
    return page(
        request, "posts", "posts", roles=[("", _("All")), *APPOINTED], may_edit=may(actor, "post.appoint"), **context
    )


@require_http_methods(["GET", "POST"])
@administration("post.appoint")
@confirmed
def appoint(request: HttpRequest) -> HttpResponse:
    """Give somebody a post."""
    form, errors = AppointForm(request.POST or None, initial=request.GET.dict()), []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        path = data["area_path"].strip()
        account = Account.objects.filter(login=data["login"].strip().lower(), is_active=True).first()
        body = Organisation.objects.filter(district=district_of(path), code=data["organisation"].strip()).first()
        if account is None:
            form.add_error("login", _("There is no such account."))
        elif body is None:
            form.add_error("organisation", _("There is no such organisation."))
        else:
            try:
                actions.appoint(
                    actor_of(request),
                    account_id=account.id,
                    role=Role(data["role"]),
                    district=district_of(path),
                    organisation_id=body.id,
                    area_path=path,
                    title=data["title"],
                    full_time=data["full_time"],
                    starts_on=data["starts_on"],
                    ends_on=data["ends_on"],
                )
            except LinliError as error:
                if error.field in form.fields:
                    form.add_error(error.field, f"{error.message} {error.mend}".strip())
                else:
                    errors = [{"message": f"{error.message} {error.mend}".strip(), "href": ""}]
            else:
                messages.success(request, _("The post is given."))
                return HttpResponseRedirect(f"/admin/posts?area={path}")
    return page(
        request,
        "form",
        "posts",
        status=422 if form.is_bound else 200,
        form=form,
        errors=errors,
        title=_("Appoint somebody"),
        send=_("Give the post"),
        back="/admin/posts",
    )


@require_http_methods(["GET", "POST"])
@administration("post.appoint")
@confirmed
def end(request: HttpRequest, district: str, post_id: UUID) -> HttpResponse:
    """End a post, with a reason."""
    post = Post.objects.select_related("account", "organisation", "area").filter(district=district, id=post_id).first()
    if post is None:
        raise NotFound("post.none", _("There is no such post."))
    form, errors = EndForm(request.POST or None, initial={"version": post.version}), []
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_post(
                actor_of(request),
                post_id,
                district=district,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                ends_on=form.cleaned_data["ends_on"],
            )
        except LinliError as error:
            errors = [{"message": f"{error.message} {error.mend}".strip(), "href": ""}]
        else:
            messages.success(request, _("The post has ended."))
            return HttpResponseRedirect("/admin/posts")
    facts = [
        (_("Person"), post.account.work_name or post.account.login),
        (_("Role"), role_word(post.role)),
        (_("Organisation"), post.organisation.name),
        (_("Area"), f"{territory.place_name(post.area_path)} {post.area_path}"),
    ]
    return page(
        request,
        "form",
        "posts",
        status=422 if form.is_bound else 200,
        form=form,
        errors=errors,
        facts=facts,
        title=_("End a post"),
        send=_("End the post"),
        danger=True,
        back="/admin/posts",
    )


@require_http_methods(["GET", "POST"])
@administration("post.appoint")
def phone(request: HttpRequest, district: str, post_id: UUID) -> HttpResponse:
    """Publish the work number of a post."""
    post = Post.objects.select_related("account", "area").filter(district=district, id=post_id).first()
    if post is None:
        raise NotFound("post.none", _("There is no such post."))
    form = PhoneForm(request.POST or None, initial={"phone": post.public_phone})
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_post_phone(actor_of(request), post_id, district=district, phone=form.cleaned_data["phone"])
        except LinliError as error:
            form.add_error("phone", f"{error.message} {error.mend}".strip())
        else:
            messages.success(request, _("The public number is kept."))
            return HttpResponseRedirect(f"/admin/posts?area={post.area_path}")
    facts = [
        (_("Person"), post.account.work_name or post.account.login),
        (_("Role"), role_word(post.role)),
        (_("Area"), f"{territory.place_name(post.area_path)} {post.area_path}"),
    ]
    return page(
        request,
        "form",
        "posts",
        status=422 if form.is_bound else 200,
        form=form,
        facts=facts,
        title=_("Public number"),
        send=_("Keep it"),
        back="/admin/posts",
    )
