"""What pages do with refusals and with people who are not signed in; for the doors above as well as for signing in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from linli.kernel.errors import Forbidden, LinliError, NotFound, SignInNeeded
from linli.kernel.trust import Role

View = Callable[..., HttpResponse]

FIELD = frozenset({Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER})
ADMINISTRATION = frozenset(
    {
        Role.SYSTEM_ADMINISTRATOR,
        Role.SECURITY_ADMINISTRATOR,
        Role.AUDIT_ADMINISTRATOR,
        Role.AUDITOR,
        Role.DATA_PROTECTION_OFFICER,
    }
)


def guarded(view: View) -> View:
    """Turn refusals into pages: what is not there is 404, what is not allowed 403, and nobody is sent to sign in."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SignInNeeded:
            return to_sign_in(request)
        except NotFound as error:
            raise Http404(error.code) from None
        except Forbidden as error:
            raise PermissionDenied(error.code) from None

    return answer


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in page, and back here afterwards."""
    back = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"/sign-in?{urlencode({'next': back})}")


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where the form says to go on, when that is a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else fallback


def home_of(role: Role) -> str:
    """The door that somebody in this role works behind."""
    if role in FIELD:
        return "/field/"
    if role in ADMINISTRATION:
        return "/admin/"
    if role == Role.CALL_TAKER:
        return "/hotline/"
    return "/" if role in (Role.RESIDENT, Role.ANONYMOUS) else "/desk/"


def rows_of(error: LinliError) -> list[dict[str, str]]:
    """A refusal as the error summary takes it."""
    said = " ".join(str(part) for part in (error.message, error.mend) if part)
    return [{"message": said, "href": f"#id_{error.field}" if error.field else ""}]


def network_of(request: HttpRequest) -> str:
    """The address that asks, for the limits on trying; kept only as a keyed hash.

    The last entry of X-Forwarded-For is what our own proxy saw; what stands before it is the client's word.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if request.is_secure() else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
