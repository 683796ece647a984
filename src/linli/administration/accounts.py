"""Accounts' pages: find, make, close; devices and machines' keys. Names and numbers are masked; reading one leaves a row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.administration.frame import actor_of, administration, may, numbered, page
from linli.kernel.errors import LinliError, NotFound
from linli.people import actions, provider, queries
from linli.people.confirming import confirmed
from linli.people.models import Account, Token
from linli.people.words import post_word


class AccountForm(forms.Form):
    """A new member of staff."""

    login = forms.CharField(label=gettext_lazy("Sign-in name"), max_length=64)
    work_name = forms.CharField(
        label=gettext_lazy("Name that colleagues see"), max_length=40, help_text=gettext_lazy("For example He Ming")
    )
    name = forms.CharField(
        label=gettext_lazy("Full name"), max_length=60, required=False, help_text=gettext_lazy("Kept sealed")
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=24,
        required=False,
        help_text=gettext_lazy("For signing in with a code"),
    )


@require_GET
@administration("account.view")
def listing(request: HttpRequest) -> HttpResponse:
    """Accounts by login or work name."""
    words = request.GET.get("q", "").strip()
    found, base = numbered(request, queries.accounts_matching(actor_of(request), words=words))
    return page(request, "accounts", "accounts", found=found, base=base, q=words)


@require_http_methods(["GET", "POST"])
@administration("account.edit")
@confirmed
def new(request: HttpRequest) -> HttpResponse:
    """Make one; the person signs in by code, or chooses a password later."""
    form, errors = AccountForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_account(actor_of(request), **form.cleaned_data)
        except LinliError as error:
            if error.field in form.fields:
                form.add_error(error.field, f"{error.message} {error.mend}".strip())
            else:
                errors = [{"message": str(error.message), "href": ""}]
        else:
            messages.success(request, _("The account is there now."))
            return HttpResponseRedirect(f"/admin/accounts/{made.id}")
    return page(
        request,
        "form",
        "accounts",
        status=422 if form.is_bound else 200,
        form=form,
        errors=errors,
        title=_("New account"),
        send=_("Make the account"),
        back="/admin/accounts",
    )


def _account(account_id: UUID) -> Account:
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise NotFound("account.none", _("There is no such account."))
    return account


@require_GET
@administration("account.view")
def one(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """One account: masked, with its posts, devices and keys."""
    return _show(request, account_id)


def _show(request: HttpRequest, account_id: UUID, **context: Any) -> HttpResponse:
    account = _account(account_id)
    name, phone = queries.masked_account(account)
    posts = [
        {"role": post_word(post.role, post.title), "organisation": post.organisation.name, "path": post.area_path}
        for post in queries.posts_of(account_id)
    ]
    keys = Token.objects.filter(account_id=account_id, ended_at__isnull=True).order_by("created_at")
    return page(
        request,
        "account",
        "accounts",
        account=account,
        name=name,
        phone=phone,
        posts=posts,
        devices=queries.devices_of(account_id),
        keys=keys,
        may_edit=may(actor_of(request), "account.edit"),
        safety=queries.safety_of(account_id),
        provider=provider.name(),
        **context,
    )


@require_POST
@administration("account.view")
@confirmed
def read(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Show name and number in clear, for a purpose that the person can read."""
    try:
        plain = actions.read_account(actor_of(request), account_id, purpose=request.POST.get("purpose", ""))
    except LinliError as error:
        if error.status == 404:
            raise
        return _show(request, account_id, errors=[{"message": f"{error.message} {error.mend}", "href": "#id_purpose"}])
    return _show(request, account_id, plain=plain)


@require_POST
@administration("account.edit")
@confirmed
def close(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Close an account at once."""
    actions.close_account(actor_of(request), account_id, reason=request.POST.get("reason", ""))
    messages.success(request, _("The account is closed and signed out everywhere."))
    return HttpResponseRedirect(f"/admin/accounts/{account_id}")


@require_POST
@administration("account.edit")
@confirmed
def remove_second_factor(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Take the second factor of somebody away who lost phone and codes."""
    try:
        actions.remove_second_factor(actor_of(request), account_id, reason=request.POST.get("reason", ""))
    except LinliError as error:
        if error.status == 404:
            raise
        return _show(request, account_id, errors=[{"message": f"{error.message} {error.mend}".strip(), "href": ""}])
    messages.success(request, _("The second factor is removed; the person sets up a new one at the next sign-in."))
    return HttpResponseRedirect(f"/admin/accounts/{account_id}")


@require_POST
@administration("account.edit")
@confirmed
def link(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Link an account of the sign-in provider to an employee's, or take such a link away."""
    actor, old = actor_of(request), request.POST.get("unlink", "")
    try:
        if old:
            actions.unlink_identity(actor, UUID(old))
            messages.success(request, _("Unlinked: it no longer signs in here."))
        else:
            actions.link_identity(
                actor,
                issuer=settings.LINLI_OIDC_ISSUER,
                subject=request.POST.get("subject", ""),
                account_id=account_id,
                reason=request.POST.get("reason", ""),
            )
            messages.success(request, _("The account of the provider is linked."))
    except ValueError:
        raise NotFound("identity.none", _("There is no such link.")) from None
    except LinliError as error:
        if error.status == 404:
            raise
        target = f"#id_{error.field}" if error.field else ""
        rows = [{"message": f"{error.message} {error.mend}".strip(), "href": target}]
        return _show(request, account_id, errors=rows)
    return HttpResponseRedirect(f"/admin/accounts/{account_id}")


@require_POST
@administration("session.end")
def end_device(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Sign one device out."""
    device = request.POST.get("device", "")
    try:
        actions.end_device_session(actor_of(request), UUID(device))
    except ValueError:
        raise NotFound("device.none", _("There is no such device.")) from None
    messages.success(request, _("That device is signed out."))
    return HttpResponseRedirect(f"/admin/accounts/{account_id}")


@require_POST
@administration("account.edit")
def end_key(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """End a machine's key."""
    try:
        actions.end_token(actor_of(request), UUID(request.POST.get("key", "")))
    except ValueError:
        raise NotFound("token.none", _("There is no such key.")) from None
    messages.success(request, _("The key has ended."))
    return HttpResponseRedirect(f"/admin/accounts/{account_id}")
