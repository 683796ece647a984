"""The design page and the preferences (language, theme, text size), kept in cookies and read by the server: nothing flashes."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from linli.kernel.display import keep_in_cookies
from linli.ui import samples, slots
from linli.ui.context import TEXT_COOKIE, THEME_COOKIE


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back. Takes any of ``theme``, ``text``, ``language``; unknown values are left aside."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    quiet = request.headers.get("X-Requested-With") == "fetch"
    response = HttpResponse(status=204) if quiet else HttpResponseRedirect(target)
    chosen = keep_in_cookies(response, request.POST.dict())
    if chosen:
        slots.keep_chosen(request, chosen)
    return response


@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state. `?theme=dark&text=large&lang=en&frame=desk` shows it so without keeping it."""
    request.ui_preview = {  # type: ignore[attr-defined]
        THEME_COOKIE: request.GET.get("theme", ""),
        TEXT_COOKIE: request.GET.get("text", ""),
    }
    frame = request.GET.get("frame", "")
    name = {"portal": "design_portal", "desk": "design_desk", "admin": "design_admin"}.get(frame, "design")
    language = request.GET.get("lang", "")
    with translation.override(language if language in dict(settings.LANGUAGES) else translation.get_language()):
        return render(request, f"ui/{name}.html", samples.design_context(request.GET))


@require_GET
def design_outlines(request: HttpRequest) -> JsonResponse:
    """Made-up outlines for the design page's maps."""
    return JsonResponse(samples.outlines(), content_type="application/geo+json")


@require_GET
def design_cases(request: HttpRequest) -> JsonResponse:
    """Made-up cases for the design page's maps."""
    return JsonResponse(samples.case_points(), content_type="application/geo+json")
