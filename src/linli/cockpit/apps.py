"""Django's entry to the cockpit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CockpitConfig(AppConfig):
    """The door of whoever answers for an area."""

    name = "linli.cockpit"
    label = "cockpit"
    verbose_name = _("Cockpit")
