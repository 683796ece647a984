"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupervisionConfig(AppConfig):
    """Quarterly supervision."""

    name = "linli.supervision"
    label = "supervision"
    verbose_name = _("Quarterly supervision")
