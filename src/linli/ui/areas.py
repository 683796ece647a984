"""One way to choose an area: type a part of its name, its pinyin or its path, and take one of those that were found.

The list is the server's and every entry a button, so that it works by keyboard. Without a script the field takes a path, or a name that
only one area has.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.fields import AREA_PATH, AreaInput, FieldView, place_of

MOST = 12
LENGTH = 60
_NAME = re.compile(r"[a-z][a-z_]{0,39}")


class AreaField(forms.CharField):
    """The path of an area; a name that only one area has is taken for it."""

    widget = AreaInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Area"))
        options.setdefault("help_text", gettext_lazy("A part of its name, its pinyin, or its path"))
        super().__init__(max_length=LENGTH, **options)

    def clean(self, value: Any) -> str:
        """The path.

        Raises:
            ValidationError: no area, or several, have this name.
        """
        text: str = super().clean(value)
        if not text or AREA_PATH.fullmatch(text):
            return text
        found = territory.search_areas(text, limit=MOST)
        named = [one for one in found if one.name == text] or found
        if len(named) != 1:
            raise forms.ValidationError(
                _("Several areas fit: choose one from the list.") if named else _("There is no such area."), code="area"
            )
        return named[0].path


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """What fits the words in a field; or, with one of them chosen, the field with it and what lies within."""
    name = request.GET.get("field", "")
    name = name if _NAME.fullmatch(name) else "area_path"
    needed, hint, chosen = "needed" in request.GET, "hint" in request.GET, request.GET.get("chosen", "")
    view = FieldView(
        kind="area", name=name, id=f"id_{name}", label="", value=chosen, hint="1" if hint else "", required=needed,
        maxlength=LENGTH, attrs="", look="",
    )  # fmt: skip
    context: dict[str, Any] = {"f": view}
    if AREA_PATH.fullmatch(chosen):
        found = [{"path": path, "name": said} for path, said in territory.choices(chosen)]
        return render(request, "ui/c/area.html", context | {"found": found, "within": True, "fresh": True})
    words = request.GET.get(name, "").strip()[:LENGTH]
    rows = territory.search_areas(words, limit=MOST + 1) if words else []
    found = [{"path": one.path, "name": _called(one)} for one in rows[:MOST]]
    return render(request, "ui/c/area_found.html", context | {"found": found, "words": words, "more": len(rows) > MOST})


def _called(one: territory.Crumb) -> str:
    return territory.place_name(one.path, top=Level.CITY) or place_of(one.path) or one.name
