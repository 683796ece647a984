"""The context processor behind every base page: preferences from cookies, slots from the doors. Lazy where it costs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from linli.kernel.display import TEXT_COOKIE, TEXTS, THEME_COOKIE, THEMES
from linli.ui import slots


class Ui:
    """`ui` in templates."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def _chosen(self, cookie: str, allowed: tuple[str, ...]) -> str:
        value = getattr(self.request, "ui_preview", {}).get(cookie) or self.request.COOKIES.get(cookie, "")
        return value if value in allowed else allowed[0]

    @property
    def theme(self) -> str:
        """auto, light or dark."""
        return self._chosen(THEME_COOKIE, THEMES)

    @property
    def text(self) -> str:
        """normal or large."""
        return self._chosen(TEXT_COOKIE, TEXTS)

    @property
    def language(self) -> str:
        """zh-hans or en."""
        return get_language() or settings.LANGUAGE_CODE

    @property
    def html_lang(self) -> str:
        """The value of the html element's lang attribute."""
        return "zh-Hans" if self.language.startswith("zh") else self.language

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration, which every page then says."""
        return getattr(settings, "LINLI_MODE", "") == "demo"

    @property
    def here(self) -> str:
        """The address of this page, to come back to."""
        return self.request.get_full_path()

    @property
    def account(self) -> Any:
        """Who is signed in (:class:`linli.ui.slots.Account`) or None."""
        return slots.account_of(self.request)

    @property
    def demo_people(self) -> Any:
        """The demo's cast."""
        return slots.demo_people_of(self.request)

    @property
    def doors(self) -> Any:
        """The doors this person may use."""
        return slots.doors_of(self.request)

    @property
    def live_address(self) -> str:
        """The page's live stream."""
        return slots.live_address_of(self.request)


def ui(request: HttpRequest) -> dict[str, Any]:
    """Adds ``ui`` to every template rendered for a request."""
    return {"ui": SimpleLazyObject(lambda: Ui(request))}
