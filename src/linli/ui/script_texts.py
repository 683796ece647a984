"""The few words that scripts show, in the page's language (frontend/src/behaviours/words.ts reads them)."""

from django.utils.translation import gettext as _


def script_texts() -> dict[str, str]:
    """Key → text; {names} in braces are filled in by the script."""
    return {
        "undo": _("Undo"),
        "aloud": _("Read aloud"),
        "aloud-stop": _("Stop reading"),
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
        "map-draw": _("Tap point after point from edge to edge; tap the last point again to end the line."),
        "map-in": _("Closer"),
        "map-out": _("Further away"),
        "map-pin": _("The place: move it with the arrow keys"),
        "map-placed": _("Place set. Drag the pin or use the arrow keys to correct it."),
        "map-looking": _("Looking for where you are…"),
        "kept-at": _("No signal: as of {time}"),
        "kept-back": _("As of {time}; the signal is back"),
        "outbox-waiting": _("{n} waiting to be sent"),
        "outbox-stuck": _("{n} not sent, {stuck} of them need you"),
        "outbox-empty": _("Everything has been sent"),
        "outbox-kept": _("Kept on this phone. It is sent as soon as there is a signal."),
        "outbox-photos": _("{n} photos"),
        "outbox-stale": _("Somebody was faster: the case is now “{state}”. Look whether this still holds."),
        "outbox-go-on": _("Fill in the rest"),
        "outbox-discard": _("Throw this away? It has not arrived."),
        "outbox-lose": _("{n} things have not been sent. Sign out and lose them?"),
        "outbox-sign-in": _("Sign in again to send what waits."),
        "walk-length": _("{n} places, about {m} m as the crow flies"),
        "walk-no-position": _("Your position is not available; the way begins in the middle."),
        "map-no-position": _("Your position is not available. Tap the map instead."),
    }
