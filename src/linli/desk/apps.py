"""Django's entry to the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """The staff's door."""

    name = "linli.desk"
    label = "desk"
    verbose_name = _("Desk")
