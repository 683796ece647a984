"""Django's entry to the field app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldConfig(AppConfig):
    """The grid members' door; no models."""

    name = "linli.field"
    label = "field"
    verbose_name = _("Field")
