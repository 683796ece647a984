"""The panels as files, and the brief: what the page shows, with its definition, its days and its moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.briefs.composing import compose
from linli.cockpit import areas, asked, files, panels, trend
from linli.cockpit.asked import Asked
from linli.cockpit.frame import actor_of, staff
from linli.kernel import time
from linli.kernel.documents import Form, file_name, sent
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor
from linli.kernel.workbooks import as_csv, book
from linli.ui.words import when

Table = list[list[str]]


@staff
@never_cache
@require_GET
def panel(request: HttpRequest, panel: str, form: str) -> HttpResponse:
    """A panel as ``csv`` or ``xlsx``; the workbook of ``all`` has every panel. The brief as ``docx`` or ``pdf``.

    Raises:
        NotFound: there is no such panel or form.
    """
    if panel == "brief" and form in set(Form):
        return _brief(request, Form(form))
    if panel not in TABLES or form not in ("csv", "xlsx"):
        raise NotFound("cockpit.no_file", _("There is no such file."))
    actor, wanted = actor_of(request), asked.read(request, request.GET.get("area", "")[:48])
    told = _("%(place)s · %(days)s · taken %(when)s") % {
        "place": wanted.area.name, "days": panels.days_of(wanted), "when": when(time.now(), time.now()),
    }  # fmt: skip
    if form == "xlsx":
        chosen = TABLES if panel == "all" else {panel: TABLES[panel]}
        sheets = {str(NAMES[key]()): make(actor, wanted) for key, make in chosen.items()}
        content = book(sheets, note=told)
    else:
        content = as_csv(TABLES[panel](actor, wanted))
    return files.sent(content, panel, wanted.area.path, form)


def _brief(request: HttpRequest, form: Form) -> HttpResponse:
    wanted = asked.read(request, request.GET.get("area", "")[:48])
    document = compose(actor_of(request), wanted.area.path, wanted.period).document
    plain = f"linli-brief-{wanted.area.path.replace('/', '-')}-{wanted.period.last.isoformat()}.{form.value}"
    name = file_name(f"{document.title} {document.number}", form)
    return HttpResponse(
        form.made(document), content_type=form.content_type, headers={"Content-Disposition": sent(name, plain)}
    )


def _all(actor: Actor, wanted: Asked) -> Table:
    found = panels.faces(panels.values(actor, wanted), wanted)
    head = [_("Figure"), _("Value"), _("How many"), _("What it counts"), _("As of")]
    return [
        head,
        *(
            [one["name"], f"{one['shown']}{one['unit']}", one["note"], one["words"], one["as_of"]]
            for one in found.values()
        ),
    ]


def _areas(actor: Actor, wanted: Asked) -> Table:
    found = areas.panel(actor, wanted)
    heads = [str(one["label"]) for one in found["area_heads"]]
    rows = [
        [one["name"], f"{one['shown']}{one['unit']}", *([one["interval"], one["rank"]] if found["shows_interval"] else []), one["path"]]
        for one in found["areas"]
    ]  # fmt: skip
    return [[*heads, _("Path")], *rows]


def _trend(actor: Actor, wanted: Asked) -> Table:
    found = trend.panel(actor, wanted)
    head = [_("Day"), *(one["name"] for one in found["trend_series"])]
    return [head, *([row["day"], *(str(cell["value"]) for cell in row["cells"])] for row in found["trend"])]


def _kinds(actor: Actor, wanted: Asked) -> Table:
    found = panels.kinds(actor, wanted)
    return [[_("Category"), found["kinds_name"]], *([one["name"], str(one["value"])] for one in found["kinds"])]


TABLES: Mapping[str, Callable[[Actor, Asked], Table]] = {"all": _all, "areas": _areas, "trend": _trend, "kinds": _kinds}
NAMES: Mapping[str, Callable[[], str]] = {
    "all": lambda: _("All figures"),
    "areas": lambda: _("Areas"),
    "trend": lambda: _("Day by day"),
    "kinds": lambda: _("Categories"),
}
