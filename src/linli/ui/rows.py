"""What a row of a list needs, from whatever the door hands over. A page holds fifty: nothing here asks twice."""

from collections.abc import Mapping
from typing import Any

from linli.kernel import time
from linli.ui.clockface import read_clock
from linli.ui.icons import svg
from linli.ui.looks import look_of


def row_context(case: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The context of ui/c/case_row.html from a dict or object (see the tag `case_row`)."""
    get = case.get if isinstance(case, Mapping) else lambda key, default="": getattr(case, key, default)
    name = str(get("state", "") or "")
    look = look_of(name)
    voice = options.get("voice", "office")
    word = get("state_label", "") or str(look.resident if voice == "resident" else look.office) or name
    face = get("clock", None)
    if face is None and get("due_at", None):
        due = {
            key: get(key, None)
            for key in ("due_at", "started_at", "met_at", "paused_reason", "paused_until", "soon_at", "promised")
        }
        face = read_clock(now=options.get("now") or time.now(), **{key: value for key, value in due.items() if value})
    return {
        "href": get("href", "#"),
        "number": get("number", ""),
        "title": get("title", ""),
        "place": get("place", ""),
        "id": get("id", ""),
        "lng": get("lng", ""),
        "lat": get("lat", ""),
        "state_word": word,
        "state_icon": svg(look.icon),
        "tone": f"tone-{look.tone}",
        "icon": svg(get("icon", "") or look.icon),
        "clock": face,
        "clock_icon": svg(face.icon) if face else "",
        "clock_tone": f"tone-{face.tone}" if face else "",
        "mark_tone": "tone-late" if face and face.running == "late" else f"tone-{look.tone}",
        "extra": get("extra", ""),
        "unread": bool(get("unread", "")),
        **options,
    }
