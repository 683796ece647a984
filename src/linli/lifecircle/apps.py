"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LifeCircleConfig(AppConfig):
    """Places, street networks, and what is reached on foot."""

    name = "linli.lifecircle"
    label = "lifecircle"
    verbose_name = _("Life circle")

    def ready(self) -> None:
        """Register the room's jobs."""
        from linli.lifecircle import chores  # noqa: F401
