"""How good the suggestions of a category are: figures on held-out texts, versions, what was learnt; a text to try."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from linli.administration.frame import actor_of, administration, may, page
from linli.catalog import queries as catalog
from linli.suggesting import actions, queries
from linli.suggesting.models import VersionState

LONGEST = 600
FAMILY_NAMES: dict[str, str | Promise] = {
    "short": gettext_lazy("A few words"),
    "long": gettext_lazy("Told at length"),
    "angry": gettext_lazy("Angry"),
    "dialect": gettext_lazy("Sichuanese"),
    "typo": gettext_lazy("With typos"),
    "two": gettext_lazy("Two problems in one"),
    "elder": gettext_lazy("As old people say it"),
    "formal": gettext_lazy("As an office writes it"),
    "question": gettext_lazy("As a question"),
    "spoken": gettext_lazy("Dictated without a pause"),
}
TONES = {
    VersionState.CURRENT: "good", VersionState.ASKED: "info", VersionState.REFUSED: "soon", VersionState.BEFORE: "quiet",
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@administration("suggestion.view")
def overview(request: HttpRequest) -> HttpResponse:
    """The version in use with its figures, the versions before it, the commonest mistakes; a text sent is tried and not kept."""
    actor = actor_of(request)
    versions = queries.versions(actor)
    current = next((one for one in versions if one.state == VersionState.CURRENT), None)
    text = request.POST.get("text", "").strip()[:LONGEST]
    learnt = queries.learnt(actor)
    context: dict[str, Any] = {
        "versions": [{"row": one, "top1": _percent(one.top1), "top3": _percent(one.top3), "tone": TONES[VersionState(one.state)],
                      "fresh": _percent(one.fresh["top3"]) if one.fresh else ""} for one in versions],
        "current": current,
        "waits": any(one.state == VersionState.ASKED for one in versions),
        "learnt": learnt,
        "corrected": [(_called(before), _called(after), times) for before, after, times in learnt.commonest],
        "text": text,
        "tried": queries.attempt(actor, text) if text else [],
        "silent": bool(text) and not queries.suggest(text),
        "language": get_language() or "",
        "may_train": may(actor, "suggestion.train"),
    }  # fmt: skip
    context["tried"] = [
        {"name": _called(one.entry.code), "percent": one.percent, "words": one.words} for one in context["tried"]
    ]
    if current is not None:
        context |= _figures(current.figures, current.threshold)
    return page(request, "suggestions", "suggestions", **context)


def _figures(told: dict[str, Any], threshold: float) -> dict[str, Any]:
    by_category = sorted(told["categories"].items(), key=lambda pair: (pair[1][1], pair[0]))
    return {
        "facts": [
            (_("Right at the first"), _percent(told["top1"])),
            (_("Right among three"), _percent(told["top3"])),
            (_("One of both, where there are two problems"), _percent(told["either"])),
            (_("It says something"), _percent(told["spoken"])),
            (_("Right among three when it does"), _percent(told["kept"])),
            (_("Chance and truth apart"), _percent(told["gap"])),
            (_("Silent below"), _percent(threshold)),
        ],
        "families": [(FAMILY_NAMES.get(key, key), int(n), _percent(a), _percent(b)) for key, (n, a, b) in told["families"].items()],
        "categories": [(key, _called(key), int(n), _percent(a), _percent(b)) for key, (n, a, b) in by_category],
        "confusions": [(_called(right), _called(said), times) for right, said, times in told["confusions"]],
        "bins": [(_percent(said), _percent(share), int(n)) for said, share, n in told["bins"]],
    }  # fmt: skip


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _called(code: str) -> str:
    entry = catalog.current().get(code)
    return f"{code} {entry.called(get_language() or '')}" if entry else code


@require_POST
@administration("suggestion.train")
def train(request: HttpRequest) -> HttpResponse:
    """Ask the worker for a new version."""
    version = actions.ask_for_training(actor_of(request))
    messages.success(request, _("Version %(n)d is asked for. It is trained within a minute.") % {"n": version.number})
    return HttpResponseRedirect("/admin/suggestions")
