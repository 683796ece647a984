"""The file of a case for the shelf or a hearing: a page to print, and the same as a PDF. Nothing personal, nothing sealed."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

import typst
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.desk.case import pane_context
from linli.desk.frame import actor_of, address, staff
from linli.kernel import time
from linli.kernel.errors import Conflict
from linli.kernel.trust import audit
from linli.ui.casework.names import organisation_name, post_name
from linli.ui.looks import look_of

CHINESE = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Noto Serif CJK SC", "WenQuanYi Micro Hei")
"""The fonts that a PDF is set in, the first that the machine has."""


def contents(request: HttpRequest, number: str) -> dict[str, Any]:
    """What stands in the file: the facts, then what happened from the beginning.

    Raises:
        NotFound: there is no such case, or none that the actor may see.
    """
    actor = actor_of(request)
    pane = pane_context(request, number)
    case = pane["case"]
    rows = [
        (_("Number"), case.number),
        (_("State"), str(look_of(case.state).office)),
        (_("Severity"), str(pane["severity_word"])),
        (
            _("Place"),
            " · ".join(part for part in (pane["place_name"], case.address_text if not sealed(case) else "") if part),
        ),
        (_("Reported"), f"{_moment(case.reported_at)} · {pane['channel']}"),
        (_("Due"), _moment(case.due_at)),
        (_("Closed"), _moment(case.closed_at)),
        (_("In hand"), organisation_name(case.holder_id)),
    ]
    return {
        "case": case,
        "title": pane["title"],
        "facts": [(label, value) for label, value in rows if value],
        "words": case.description,
        "outcome": case.outcome,
        "timeline": list(reversed(pane["timeline"])),
        "mark": _("%(who)s · %(when)s")
        % {
            "who": post_name(actor),
            "when": _moment(time.now()),
        },
        "chain": bytes(case.log_head).hex(),
    }


def sealed(case: Any) -> bool:
    """Whether what was said of a case is not for paper."""
    return case.sensitivity in ("personal", "restricted")


def _moment(moment: Any) -> str:
    return moment.astimezone(time.LOCAL_ZONE).strftime("%Y-%m-%d %H:%M") if moment else ""


@staff
@never_cache
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The file as a page to print."""
    found = contents(request, number)
    _note(request, found["case"], "page")
    has_pdf = bool(font())
    return render(
        request, "desk/casefile.html", found | {"pdf_href": address("casefile-pdf", number) if has_pdf else ""}
    )


@staff
@never_cache
@require_GET
def pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The file as a PDF.

    Raises:
        Conflict: the machine has no Chinese font.
    """
    family = font()
    if not family:
        raise Conflict(
            "pdf.font",
            _("This machine has no Chinese font for PDFs."),
            mend=_("Print the page, or install Noto Sans CJK."),
        )
    found = contents(request, number)
    _note(request, found["case"], "pdf")
    data = {
        "font": family,
        "lang": request.LANGUAGE_CODE[:2],
        "title": found["title"],
        "number": found["case"].number,
        "facts": [[label, value] for label, value in found["facts"]],
        "sections": [
            [label, text]
            for label, text in ((_("What was reported"), found["words"]), (_("What was done"), found["outcome"]))
            if text
        ],
        "happened": _("What happened"),
        "timeline": [
            [
                _moment(row["at"]),
                str(row["title"]),
                " · ".join(str(row[k]) for k in ("text", "quote") if row[k]),
                str(row["who"]),
            ]
            for row in found["timeline"]
        ],
        "mark": found["mark"],
        "chain": found["chain"],
    }
    return HttpResponse(
        made(data),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{found["case"].number}.pdf"'},
    )


def made(data: dict[str, Any]) -> bytes:
    """Set the file. What people wrote comes as data, never as markup."""
    source = resources.files("linli.desk").joinpath("rules/casefile.typ").read_bytes()
    return bytes(typst.compile(source, sys_inputs={"file": json.dumps(data, ensure_ascii=False)}))


@lru_cache(maxsize=1)
def font() -> str:
    """The Chinese font of this machine; ``""`` when it has none."""
    there = set(typst.Fonts().families())
    return next((family for family in CHINESE if family in there), "")


def _note(request: HttpRequest, case: Any, form: str) -> None:
    audit.record(
        actor_of(request), "case.file", subject_type="case", subject_id=case.id, district=case.district,
        detail={"form": form},
    )  # fmt: skip
