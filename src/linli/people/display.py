"""A person's choices of display, kept on the account and taken along to every device at sign-in."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from linli.kernel import display
from linli.kernel.trust import Actor
from linli.people import actions
from linli.people.models import Account, Language, TextSize, Theme

_THEMES = {"auto": Theme.SYSTEM, "light": Theme.LIGHT, "dark": Theme.DARK}
_TEXTS = {"normal": TextSize.NORMAL, "large": TextSize.LARGE}


def take_along(response: HttpResponse, account: Account) -> None:
    """Give the device what the account has chosen; an account that never chose leaves the device as it is."""
    if account.display_kept_at is None:
        return
    text = "normal" if account.text_size == TextSize.NORMAL else "large"
    theme = next(word for word, kept in _THEMES.items() if kept == account.theme)
    display.keep_in_cookies(response, {"theme": theme, "text": text, "language": account.language})


def keep(request: HttpRequest, chosen: Mapping[str, str]) -> None:
    """Keep a choice on the account of whoever is signed in, with what the device had chosen before.

    A demo's cast is shared by its visitors, so their choices stay on their devices.
    """
    actor: Actor | None = getattr(request, "actor", None)
    account = getattr(request, "user", None)
    if actor is None or not actor.is_signed_in or not isinstance(account, Account) or account.is_demo:
        return
    whole = display.chosen(request) | dict(chosen)
    actions.change_preferences(
        actor,
        language=Language(whole["language"]) if "language" in whole else None,
        text_size=_TEXTS.get(whole.get("text", "")),
        theme=_THEMES.get(whole.get("theme", "")),
    )
