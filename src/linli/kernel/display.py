"""The three choices of display (theme, text size, language) as cookies, which the server reads before it draws: nothing flashes.

Pages keep them for a device, accounts keep them for a person; both speak these words.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES = ("auto", "light", "dark")
TEXTS = ("normal", "large")
THEME_COOKIE = "linli_theme"
TEXT_COOKIE = "linli_text"
_YEAR = 365 * 24 * 3600


def _choices() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return (
        ("theme", THEME_COOKIE, THEMES),
        ("text", TEXT_COOKIE, TEXTS),
        ("language", settings.LANGUAGE_COOKIE_NAME, tuple(code for code, _name in settings.LANGUAGES)),
    )


def keep_in_cookies(response: HttpResponse, wanted: Mapping[str, str]) -> dict[str, str]:
    """Set a cookie for each of ``theme``, ``text`` and ``language`` that ``wanted`` holds and that is one of ours.

    Returns:
        What was kept.
    """
    kept = {}
    for name, cookie, allowed in _choices():
        value = wanted.get(name, "")
        if value in allowed:
            kept[name] = value
            response.set_cookie(
                cookie, value, max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
            )
    return kept


def chosen(request: HttpRequest) -> dict[str, str]:
    """What this device has chosen: only what its cookies hold."""
    found = {name: request.COOKIES.get(cookie, "") for name, cookie, _allowed in _choices()}
    return {name: found[name] for name, _cookie, allowed in _choices() if found[name] in allowed}
