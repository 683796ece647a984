"""The room's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Components, base pages and the design page; no models."""

    name = "linli.ui"
    label = "ui"
    verbose_name = _("Interface")
