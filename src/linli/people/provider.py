"""Signing in with an account of another house: OpenID Connect, the code flow with discovery, PKCE, state and nonce.

The provider stands in the settings (``LINLI_OIDC_*``); docs/how-to/sign-in-safely.md tells how it is set up. Tokens are checked by
joserfc; the few calls are the standard library's, which trusts the machine's own certificates.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from linli.kernel import ids, time
from linli.kernel.errors import LinliError

TIMEOUT_SECONDS = 5
MOST_BYTES = 262_144
LASTS_SECONDS = 600
LEEWAY_SECONDS = 120
BACK = "/sign-in/provider/back"
KEPT = "linli_provider"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures by a key of the provider's own; a secret that both know proves nothing to others."""


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


def go_there(request: HttpRequest, *, again: bool = False) -> HttpResponse:
    """Send the browser to the provider; state, nonce and verifier stay in the session.

    Args:
        again: ask the provider to have the person prove to be there, even when signed in over there.

    Raises:
        NotProved: it does not answer, or is not the one that the settings name.
    """
    known = _metadata(settings.LINLI_OIDC_ISSUER)
    state, nonce, verifier = _secret(), _secret(), _secret()
    request.session[KEPT] = [state, nonce, verifier, time.now().timestamp()]
    asked = {
        "response_type": "code",
        "client_id": settings.LINLI_OIDC_CLIENT_ID,
        "redirect_uri": request.build_absolute_uri(BACK),
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": _plain64(sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        **({"prompt": "login"} if again else {}),
    }
    there = str(known["authorization_endpoint"])
    return HttpResponseRedirect(f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}")


def come_back(request: HttpRequest) -> Person:
    """Who the provider says this is: the code is exchanged, the token's signature, issuer, audience, nonce and time are checked.

    Raises:
        NotProved: anything of it is not right, or the person said no there.
    """
    state, nonce, verifier, begun = request.session.pop(KEPT, None) or ("", "", "", 0.0)
    if not state or not constant_time_compare(state, request.GET.get("state", "")):
        raise _not_proved("state")
    if time.now().timestamp() - begun > LASTS_SECONDS:
        raise _not_proved("too late")
    code, issuer = request.GET.get("code", ""), settings.LINLI_OIDC_ISSUER
    if not code:
        raise _not_proved(request.GET.get("error", "no code"))
    known = _metadata(issuer)
    if request.GET.get("iss", known["issuer"]) != known["issuer"]:  # RFC 9207
        raise _not_proved("issuer")
    claims = _claims(known, _exchange(known, code, verifier, request.build_absolute_uri(BACK)), nonce=nonce)
    label = claims.get("preferred_username") or claims.get("name") or claims["sub"]
    return Person(issuer=issuer, subject=str(claims["sub"]), label=str(label)[:80])


def _exchange(known: dict[str, Any], code: str, verifier: str, back: str) -> str:
    """The ID token for a code; the secret travels as a header (OAuth 2.0, 2.3.1)."""
    client, secret = settings.LINLI_OIDC_CLIENT_ID, settings.LINLI_OIDC_CLIENT_SECRET
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {}
    if secret:
        pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        form["client_id"] = client
    return str(_fetch(known["token_endpoint"], form=form, headers=headers).get("id_token", ""))


def _claims(known: dict[str, Any], token: str, *, nonce: str) -> dict[str, Any]:
    """What an ID token says, once it holds (OpenID Connect Core 1.0, 3.1.3.7)."""
    client = settings.LINLI_OIDC_CLIENT_ID
    rules = jwt.JWTClaimsRegistry(
        now=int(time.now().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": known["issuer"]},
        aud={"essential": True, "value": client},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    told: Any = _fetch(known["jwks_uri"])  # asked each time: keys change
    try:
        keys = KeySet.import_key_set(told)
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _not_proved(type(error).__name__) from error
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if others else client) != client:
        raise _not_proved("azp")
    return dict(claims)


@lru_cache(maxsize=4)
def _metadata(issuer: str) -> dict[str, Any]:
    found = _fetch(f"{issuer}/.well-known/openid-configuration")
    # OpenID Connect Discovery 1.0, 4.3: who answers must be who was asked.
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        raise _not_proved("issuer")
    if not all(found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")):
        raise _not_proved("metadata")
    return found


def _fetch(
    address: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    scheme = settings.LINLI_OIDC_ISSUER.partition(":")[0]
    if scheme not in ("http", "https") or not address.startswith((f"{scheme}://", "https://")):
        raise _not_proved("scheme")
    asked = urllib.request.Request(
        address,
        data=urlencode(form).encode() if form else None,
        headers={"Accept": "application/json", "User-Agent": "Linli", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise _not_proved(str(error.code), status=503 if error.code >= 500 else None) from error
    except OSError as error:
        raise _not_proved(type(error).__name__, status=503) from error
    except ValueError as error:
        raise _not_proved("no JSON") from error
    if not isinstance(found, dict):
        raise _not_proved("no JSON")
    return found


def _secret() -> str:
    return _plain64(ids.random_bits(256).to_bytes(32))


def _plain64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _not_proved(kind: str, *, status: int | None = None) -> NotProved:
    return NotProved(
        "provider.not_proved",
        _("%(provider)s did not confirm who you are.") % {"provider": name()},
        mend=_("Please try again, or sign in another way."),
        extra={"kind": kind[:80]},
        status=status,
    )
