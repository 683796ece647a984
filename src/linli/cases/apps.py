"""Django's entry to the closed loop."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The closed loop."""

    name = "linli.cases"
    label = "cases"

    def ready(self) -> None:
        """Register the room's event handlers, its answer to "what would this change of the catalogue have done", and what it hands over."""
        from django.utils.translation import gettext_lazy as _

        from linli.cases import duties, foreseen, handing, handlers, live, mentions, photos, searching  # noqa: F401
        from linli.catalog import preview
        from linli.people import handing as hands

        preview.register("cases", foreseen.count)
        hands.announce(handing.KIND, _("Cases"), handing.Cases())
