"""The addresses of the project: each door under its prefix, the kernel's own for machines that watch us."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

# Door and prefix; the portal comes last because it has the root.
DOORS = (
    ("linli.api.urls", "api/"),
    ("linli.open311.urls", "open311/"),
    ("linli.administration.urls", "admin/"),
    ("linli.hotline.urls", "hotline/"),
    ("linli.desk.urls", "desk/"),
    ("linli.field.urls", "field/"),
    ("linli.cockpit.urls", ""),
    ("linli.ui.urls", ""),
    ("linli.people.urls", ""),
    ("linli.notices.urls", ""),
    ("linli.portal.urls", ""),
)


def _on_disk(module: str) -> bool:
    if module.split(".")[1] not in settings.INSTALLED_ROOMS:
        return False
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("linli.kernel.observe.urls")),
    *(path(prefix, include(module)) for module, prefix in DOORS if _on_disk(module)),
]
