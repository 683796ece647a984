"""What one takes along: the receipt with its number in large type, the code, and the square that a phone reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.portal.frame import address
from linli.ui.words import when


def square(text: str) -> SafeString:
    """A QR code as a drawing, dark on white in every theme so that a phone reads it."""
    drawing = segno.make(text, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawing)  # noqa: S308 - drawn by us from an address of ours


def receipt(request: HttpRequest, kept: dict[str, Any], *, signed_in: bool) -> dict[str, Any]:
    """The context of a receipt from what was kept of the answer."""
    number, code = kept["number"], kept["code"]
    link = address("case", number) if signed_in and not code else address("follow")
    target = f"{link}?{urlencode({'number': number, 'code': code})}" if code else link
    now = time.now()
    by = when(datetime.fromisoformat(kept["due_at"]), now) if kept["due_at"] else ""
    if kept["joined"]:
        steps = [
            {"text": _("The people who have this report see that you are affected, too.")},
            {
                "text": _("You do not need to report it again."),
                "when": _("Its progress is on the map of open problems."),
            },
        ]
    else:
        steps = [
            {
                "text": _("Your community reads your report and passes it to whoever can solve it."),
                "when": _("You get an answer by %(when)s.") % {"when": by},
            },
            {"text": _("It is solved, and somebody else checks on the spot.")},
            {"text": _("You say whether it is good. If not, it is opened again.")},
        ]
    return {
        "number": number,
        "code": f"{code[:4]} {code[4:]}" if code else "",
        "joined": kept["joined"],
        "signed_in": signed_in,
        "may_follow": bool(code) or signed_in,
        "follow_href": address("case", number),
        "square": square(request.build_absolute_uri(target)) if code or signed_in else "",
        "link": request.build_absolute_uri(link),
        "steps": steps,
    }
