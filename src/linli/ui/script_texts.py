"""The few words that scripts show, in the page's language (frontend/src/behaviours/words.ts reads them)."""

from django.utils.translation import gettext as _


def script_texts() -> dict[str, str]:
    """Key → text; {names} in braces are filled in by the script."""
    return {
        "undo": _("Undo"),
        "copied": _("Copied"),
        "updated": _("Updated elsewhere: show"),
        "no-network": _("No connection. Nothing was lost; please try again."),
        "not-yours": _("This is not yours to do, or it has gone."),
        "server-error": _("Something went wrong on our side. Please try again in a moment."),
        "photo-alt": _("Photo {n}"),
        "photo-remove": _("Remove photo {n}"),
        "photo-count": _("{n} of {max} photos"),
        "photo-working": _("Making the photo smaller…"),
        "photo-too-many": _("At most {max} photos: the others were left out."),
        "map-title": _("Map"),
        "map-in": _("Closer"),
        "map-out": _("Further away"),
        "map-pin": _("The place: move it with the arrow keys"),
        "map-placed": _("Place set. Drag the pin or use the arrow keys to correct it."),
        "map-looking": _("Looking for where you are…"),
        "map-no-position": _("Your position is not available. Tap the map instead."),
    }
