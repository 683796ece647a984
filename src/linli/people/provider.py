"""Signing in with an account of another house: OpenID Connect with discovery, PKCE, state and nonce, by Authlib.

The provider stands in the settings (``LINLI_OIDC_*``); docs/how-to/sign-in-safely.md tells how it is set up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from joserfc.errors import JoseError

from linli.kernel.errors import LinliError

TIMEOUT_SECONDS = 5
BACK = "/sign-in/provider/back"


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is at the provider: the subject, for ever, and a name to show once."""

    issuer: str
    subject: str
    label: str


class NotProved(LinliError):
    """The provider did not say who this is."""

    status = 422


def is_set_up() -> bool:
    """Whether there is a provider."""
    return bool(settings.LINLI_OIDC_ISSUER and settings.LINLI_OIDC_CLIENT_ID)


def name() -> str:
    """What the provider is called, in the reader's language."""
    if not is_set_up():
        return ""
    chinese = (get_language() or "").startswith("zh")
    first, second = settings.LINLI_OIDC_NAME_ZH, settings.LINLI_OIDC_NAME_EN
    return str((first or second) if chinese else (second or first)) or _("another account of yours")


@lru_cache(maxsize=4)
def _client(issuer: str, client_id: str, secret: str) -> Any:
    return OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=secret or None,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def _known() -> Any:
    client = _client(settings.LINLI_OIDC_ISSUER, settings.LINLI_OIDC_CLIENT_ID, settings.LINLI_OIDC_CLIENT_SECRET)
    told = str(client.load_server_metadata().get("issuer", "")).rstrip("/")
    if told != settings.LINLI_OIDC_ISSUER:  # OpenID Connect Discovery 1.0, 4.3
        raise _not_proved("issuer")
    return client


def go_there(request: HttpRequest, *, again: bool = False) -> HttpResponse:
    """Send the browser to the provider; state, nonce and verifier stay in the session.

    Args:
        again: ask the provider to have the person prove to be there, even when signed in over there.

    Raises:
        NotProved: it does not answer, or is not the one that the settings name.
    """
    try:
        more = {"prompt": "login"} if again else {}
        return cast("HttpResponse", _known().authorize_redirect(request, request.build_absolute_uri(BACK), **more))
    except requests.RequestException as error:
        raise _not_proved(type(error).__name__, status=503) from error
    except (AuthlibBaseError, ValueError, KeyError) as error:
        raise _not_proved(type(error).__name__) from error


def come_back(request: HttpRequest) -> Person:
    """Who the provider says this is: the code is exchanged, the token's signature, issuer, audience, nonce and time are checked.

    Raises:
        NotProved: anything of it is not right, or the person said no there.
    """
    try:
        client = _known()
        token = client.authorize_access_token(
            request, claims_options={"iss": {"essential": True, "values": [client.server_metadata["issuer"]]}}
        )
    except requests.RequestException as error:
        raise _not_proved(type(error).__name__, status=503) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        raise _not_proved(type(error).__name__) from error
    claims = token.get("userinfo")
    if not claims or not claims.get("sub"):
        raise _not_proved("no subject")
    label = claims.get("preferred_username") or claims.get("name") or claims["sub"]
    return Person(issuer=settings.LINLI_OIDC_ISSUER, subject=str(claims["sub"]), label=str(label)[:80])


def _not_proved(kind: str, *, status: int | None = None) -> NotProved:
    return NotProved(
        "provider.not_proved",
        _("%(provider)s did not confirm who you are.") % {"provider": name()},
        mend=_("Please try again, or sign in another way."),
        extra={"kind": kind[:80]},
        status=status,
    )
