"""Words before they become public: what residents wrote beside what the first pass proposes; publish, withhold, take back, decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.desk.frame import actor_of, address, staff
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.moderation import actions, queries
from linli.moderation.actions import Chosen
from linli.moderation.masking import Found
from linli.moderation.models import Objection, Text, TextState
from linli.moderation.queries import LABELS, View
from linli.moderation.texts import MODERATE, Ref, proposal_of
from linli.territory import queries as territory
from linli.ui import undo
from linli.ui.casework.names import catalogue_for, category_name

ICONS = {View.WAITING: "inbox", View.OBJECTIONS: "scale", View.PUBLISHED: "globe", View.WITHHELD: "eye-off"}
TONES = {
    TextState.WAITING: ("info", "hourglass"),
    TextState.PUBLISHED: ("good", "globe"),
    TextState.WITHHELD: ("soon", "eye-off"),
    TextState.PRIVATE: ("quiet", "lock"),
}


def found_words(kinds: Iterable[str]) -> list[str]:
    """What the first pass covered, in words."""
    names = {
        Found.PHONE: _("telephone"), Found.IDENTITY: _("identity number"), Found.NUMBER: _("long number"), Found.EMAIL: _("e-mail"),
        Found.LINK: _("link"), Found.ACCOUNT: _("account"), Found.PLATE: _("number plate"), Found.NAME: _("name"),
        Found.DOOR: _("door"), Found.RUDE: _("insult"),
    }  # fmt: skip
    return [names[Found(kind)] for kind in kinds]


@staff
@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The queue: what has waited longest comes first, as the first pass proposes it."""
    actor = actor_of(request)
    policy.require(actor, MODERATE)
    named = request.GET.get("view", "")
    view = View(named) if named in set(View) else View.WAITING
    after = request.GET.get("after", "")[:200]
    page, counted = queries.queue(actor, view, after=after), queries.counts(actor)
    context: dict[str, Any] = {
        "views": [
            {
                "label": str(LABELS[one]),
                "icon": ICONS[one],
                "count": _shown(counted.get(one, 0)),
                "href": address("words", query={"view": str(one)}),
                "current": one == view,
            }
            for one in View
        ],
        "view": str(view),
        "rows": [_row(one) for one in page.texts],
        "next_href": address("words", query={"view": str(view), "after": page.next}) if page.next else "",
        "first_href": address("words", query={"view": str(view)}) if after else "",
    }
    return render(request, "desk/words/queue.html", context)


def _shown(count: int) -> str:
    return f"{count - 1}+" if count >= queries.COUNT_UP_TO else str(count) if count else ""


def _row(text: Text) -> dict[str, Any]:
    tone, icon = TONES[TextState(text.state)]
    return {
        "name": name_of(text),
        "href": address("words-text", name_of(text)),
        "number": text.case.number,
        "title": category_name(text.case, catalogue_for(text.district)),
        "place": territory.place_name(text.area_path),
        "source": text.get_source_display(),
        "at": text.said_at,
        "words": text.wording or proposal_of(text),
        "found": found_words(text.found),
        "state": text.get_state_display(),
        "reason": text.get_reason_display() if text.reason else "",
        "tone": tone,
        "icon": icon,
        "version": text.version,
        "tick": text.state == TextState.WAITING,
    }


def name_of(text: Text) -> str:
    """How an address names a text: its district and id."""
    return f"{text.district}.{text.id}"


def _ref(name: str) -> Ref:
    district, _dot, text_id = name.partition(".")
    try:
        return queries.ref(district, UUID(text_id))
    except ValueError:
        raise NotFound("words.not_found", _("There are no such words, or none that you can see.")) from None


def _chosen(names: Iterable[str]) -> list[Chosen]:
    found = []
    for one in names:
        name, _colon, version = one.partition(":")
        found.append(Chosen(_ref(name), int(version) if version.isdecimal() else 0))
    return found


@staff
@never_cache
@require_GET
def text(request: HttpRequest, name: str) -> HttpResponse:
    """One text: the original beside the wording, and what was decided before."""
    actor = actor_of(request)
    return render(request, "desk/words/text.html", _context(actor, queries.get(actor, _ref(name))))


def _context(actor: Actor, one: Text) -> dict[str, Any]:
    tone, icon = TONES[TextState(one.state)]
    settled = one.objection != Objection.NONE
    return {
        "row": _row(one),
        "text": one,
        "tone": tone,
        "icon": icon,
        "original": queries.original(actor, one, purpose=noop("Looking through words before they become public")),
        "wording": one.wording or proposal_of(one),
        "reasons": [(str(reason), reason.label) for reason in actions.reasons()],
        "log": [
            {
                "title": step.decision.get_kind_display(),
                "at": step.decision.at,
                "reason": step.decision.get_reason_display() if step.decision.reason else "",
                "words": step.words,
            }
            for step in reversed(queries.log_of(one))
        ],
        "may_publish": not settled and one.state != TextState.PRIVATE,
        "may_take_back": not settled and one.state in (TextState.PUBLISHED, TextState.WITHHELD),
        "objection": one.objection == Objection.OPEN,
        "own_decision": one.objection_against == actor.account_id,
        "case_href": address("case", one.case.number),
    }


@staff
@require_http_methods(["POST"])
def do(request: HttpRequest, name: str, step: str) -> HttpResponse:
    """Publish, withhold, take back, or decide on an objection; then the next text that waits."""
    actor, ref = actor_of(request), _ref(name)
    sent = request.POST.get("version", "")
    version = int(sent) if sent.isdecimal() else 0
    try:
        done, said = _carry_out(actor, ref, step, version, request)
    except NotFound:
        raise
    except LinliError as error:
        context = _context(actor, queries.get(actor, ref)) | {
            "errors": [error],
            "wrong": {error.field: str(error.message)},
            "sent": request.POST,
        }
        return render(request, "desk/words/text.html", context, status=error.status)
    if step in ("publish", "withhold"):
        undo.done(request, said, undo=address("words-do", name, "take-back"), version=str(done.version))
        following = queries.next_after(actor, done)
        return HttpResponseRedirect(address("words-text", name_of(following)) if following else address("words"))
    undo.done(request, said)
    return HttpResponseRedirect(address("words-text", name))


def _carry_out(actor: Actor, ref: Ref, step: str, version: int, request: HttpRequest) -> tuple[Text, str]:
    wording = request.POST.get("wording")
    match step:
        case "publish":
            return actions.publish(actor, ref, version=version, wording=wording), _("Public now.")
        case "withhold":
            reason = request.POST.get("reason", "")
            return actions.withhold(actor, ref, version=version, reason=reason), _("It is not made public.")
        case "take-back":
            return actions.take_back(actor, ref, version=version), _("Taken back; it waits again.")
        case "decide":
            agree = request.POST.get("agree", "")
            if agree not in ("yes", "no"):
                raise Invalid("field.choice", _("Please choose yes or no."), field="agree")
            words = request.POST.get("words", "")
            done = actions.decide(actor, ref, version=version, agree=agree == "yes", words=words, wording=wording)
            return done, _("Decided; the author reads your answer.")
    raise NotFound("not_found", _("There is nothing here that you can see."))


@staff
@require_POST
def publish_many(request: HttpRequest) -> HttpResponse:
    """Make the ticked texts public as they were proposed; it can be taken back as a whole."""
    actor = actor_of(request)
    policy.require(actor, MODERATE)
    many = actions.publish_many(actor, _chosen(request.POST.getlist("text")))
    said = ngettext("%(n)d text is public now.", "%(n)d texts are public now.", len(many.done)) % {"n": len(many.done)}
    if many.refused:
        refused = ngettext(
            "%(n)d had been decided on meanwhile.", "%(n)d had been decided on meanwhile.", many.refused
        ) % {"n": many.refused}
        said = f"{said} {refused}"
    names = ",".join(f"{name_of(one)}:{one.version}" for one in many.done)
    undo.done(request, said, undo=address("words-take-back") if many.done else "", texts=names)
    return HttpResponseRedirect(address("words"))


@staff
@require_POST
def take_back_many(request: HttpRequest) -> HttpResponse:
    """Take back what was made public at once; what has gone on since stays."""
    actor = actor_of(request)
    policy.require(actor, MODERATE)
    names = [one for one in request.POST.get("texts", "").split(",") if one]
    many = actions.take_back_many(actor, _chosen(names))
    undo.done(
        request, ngettext("%(n)d text waits again.", "%(n)d texts wait again.", len(many.done)) % {"n": len(many.done)}
    )
    return HttpResponseRedirect(address("words"))
