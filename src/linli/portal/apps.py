"""Django's entry to the portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The residents' door; no models."""

    name = "linli.portal"
    label = "portal"
    verbose_name = _("Portal")
