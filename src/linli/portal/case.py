"""How a report goes on: what, until when, in whose hands; what happened; and what the reporter can do about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import queries
from linli.cases.actions import closing, intake, talking
from linli.cases.loop import Ref
from linli.cases.models import Case, Evidence, EvidenceKind, LogEntry, ParticipantKind
from linli.cases.states import State
from linli.cases.verbs import next_actions
from linli.catalog.models import Sensitivity
from linli.kernel import commands, ids
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.moderation import queries as moderation
from linli.people.pages import rows_of as error_rows
from linli.portal import story
from linli.portal.follow import case_for
from linli.portal.frame import address, door, wants_part
from linli.portal.wording import STAGE, place_of, promise_face, row_of, stage_names
from linli.ui import undo
from linli.ui.casework import evidence
from linli.ui.casework.names import catalogue_for, category_name, organisation_name


@door
@never_cache
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The case page; its middle refreshes by itself when something happens."""
    actor, case = case_for(request, number)
    request.live_cases = (case.id,)  # type: ignore[attr-defined]
    context = _context(actor, case)
    return render(
        request,
        "portal/case/part.html" if wants_part(request) else "portal/case/page.html",
        context | {"place": "mine"},
    )


def _context(actor: Actor, case: Case) -> dict[str, Any]:
    people = queries.participants_of(case)
    log = queries.log_of(case)
    me = next((one for one in people if actor.account_id in (one.account_id, one.id)), None)
    own = me is None or me.kind != ParticipantKind.JOINED
    said = _said(actor, case, log, own=own)
    shown = queries.evidence_of(case)
    pictures = {str(one.id): picture_of(case, one, n) for n, one in enumerate(shown, start=1)}
    verbs = {verb.name for verb in next_actions(actor, case)}
    leading = queries.master_of(case)
    followed = leading or case
    reason = next((one.data.get("reason", "") for one in reversed(log) if one.kind == "wait_resident"), "")
    return {
        "case": case,
        "title": category_name(case, catalogue_for(case.district)),
        "where": " · ".join(part for part in (place_of(case), case.address_text) if part),
        "face": promise_face(followed, queries.clocks_of(followed)),
        "unit": organisation_name(followed.holder_id),
        "stages": stage_names() if followed.state in STAGE else [],
        "stage": STAGE.get(State(followed.state), 0),
        "words": case.description or said.get("report", ""),
        "timeline": story.tell(case, log, own=own, said=said, photos=pictures),
        "photos": [one for one in pictures.values() if one["src"]],
        "joined": case.participants_count - 1,
        "own": own,
        "parts": [
            row_of(part, queries.clocks_of(part), public=True)
            | {"href": _way_to(part, code) if code or actor.account_id in part.policy_accounts() else ""}
            for part, code in intake.parts_for(actor, case, log)
        ],
        "leading": row_of(leading, [], public=True) if leading else None,
        "waits_for_me": reason if case.state == State.WAITING_RESIDENT else "",
        "may_rate": "rate" in verbs and case.rating is None,
        "may_rate_again": "rate" in verbs and case.rating is not None,
        "may_reopen": "reopen" in verbs,
        "may_write": "message" in verbs and case.is_open,
        "may_see_public": case.sensitivity == Sensitivity.NORMAL and moderation.has_own(actor, case),
        "may_add_photo": case.is_open and policy.allows(actor, "case.add_evidence", case),
        "key": str(ids.new_id()),
    }


def _way_to(part: Case, code: str) -> str:
    """Where a part is followed: at its page, or first by its code."""
    if not code:
        return address("case", part.number)
    return f"{address('follow')}?{urlencode({'number': part.number, 'code': code})}"


def _said(actor: Actor, case: Case, log: list[LogEntry], *, own: bool) -> dict[str, str]:
    """What the reader said or was written, by the statement's id; the words of a sealed report under ``report``."""
    to_me = [
        UUID(one.data["statement"])
        for one in log
        if own and one.kind == "message" and one.data.get("side") == "staff" and one.data.get("statement")
    ]
    spoken = any(one.data.get("statement") for one in log) or not case.description
    if not spoken:
        return {}
    found = talking.read_own(actor, Ref(case.district, case.id), written=to_me)
    words = {str(one.id): one.text for one in found}
    if own and not case.description:
        words["report"] = talking.words_of_report(found, log)
    return words


def picture_of(case: Case, one: Evidence, number: int) -> dict[str, str]:
    """A photo for the gallery; without ``src`` while it is being prepared."""
    ready = one.state == FileState.READY
    return {
        "src": address("photo", case.number, one.id, "large") if ready else "",
        "thumb": address("photo", case.number, one.id, "small") if ready else "",
        "alt": _("%(kind)s, photo %(n)d") % {"kind": one.get_kind_display(), "n": number},
        "caption": str(one.get_kind_display()),
    }


@door
@require_GET
def photo(request: HttpRequest, number: str, photo: UUID, size: str) -> HttpResponseBase:
    """A photo's harmless copy, to whoever may see the case."""
    _actor, case = case_for(request, number)
    return evidence.answer(case, photo, size)


# --- what the reporter can do ---------------------------------------------------------------------------------------------------


def _form(
    request: HttpRequest, number: str, name: str, carry_out: Callable[[Actor, Case], None], said: Callable[[], str]
) -> HttpResponse:
    """Show a small form, or do what it says, once for its key however often it is sent."""
    actor, case = case_for(request, number)
    context: dict[str, Any] = {
        "place": "mine",
        "case": case,
        "title": category_name(case, catalogue_for(case.district)),
        "key": str(ids.new_id()),
        "sent": request.POST,
        "back": address("case", case.number),
        "score": request.POST.get("score") or request.GET.get("score", ""),
        "rating": case.rating or "",
        "normal": case.sensitivity == Sensitivity.NORMAL,
    }
    if request.method == "GET":
        return render(request, f"portal/case/{name}.html", context)
    sent = {key: request.POST.getlist(key) for key in sorted(request.POST) if key not in ("csrfmiddlewaretoken", "key")}
    files = [[file.name, file.size] for file in request.FILES.getlist("photos")]

    def once() -> tuple[int, dict[str, Any]]:
        carry_out(actor, case)
        return 200, {"number": case.number}

    try:
        commands.run(
            actor,
            request.POST.get("key", ""),
            json.dumps([name, case.number, sent, files]).encode(),
            district=case.district,
            action=once,
        )
    except NotFound:
        raise
    except LinliError as error:
        context |= {"errors": error_rows(error), "wrong": {error.field: str(error.message)}}
        return render(request, f"portal/case/{name}.html", context, status=error.status)
    undo.done(request, said())
    return HttpResponseRedirect(address("case", case.number))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """How good it is, one to five, with a word if one likes."""

    def carry_out(actor: Actor, case: Case) -> None:
        score = request.POST.get("score", "")
        closing.rate(
            actor,
            Ref(case.district, case.id),
            score=int(score) if score.isdigit() else 0,
            words=request.POST.get("words", "")[:500],
            keep_private="keep_private" in request.POST,
        )

    return _form(request, number, "rate", carry_out, lambda: _("Thank you. Your rating helps to do it better."))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """It is not solved after all: with a reason it is opened again, with a new clock."""

    def carry_out(actor: Actor, case: Case) -> None:
        closing.reopen(
            actor,
            Ref(case.district, case.id),
            version=case.version,
            reason=request.POST.get("reason", ""),
            keep_private="keep_private" in request.POST,
        )

    return _form(request, number, "reopen", carry_out, lambda: _("It is opened again, with a new time."))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def message(request: HttpRequest, number: str) -> HttpResponse:
    """Words to whoever has the case."""

    def carry_out(actor: Actor, case: Case) -> None:
        talking.message(actor, Ref(case.district, case.id), text=request.POST.get("text", ""))

    return _form(request, number, "message", carry_out, lambda: _("Your message is with them."))


@door
@never_cache
@require_http_methods(["GET", "POST"])
def photos(request: HttpRequest, number: str) -> HttpResponse:
    """More photos."""
    count = len(request.FILES.getlist("photos"))

    def carry_out(actor: Actor, case: Case) -> None:
        if not count:
            raise Invalid("photo.none", _("No photo was chosen."), field="photos", mend=_("Choose one, then add it."))
        evidence.take_in(actor, case, request, kind=EvidenceKind.REPORT)

    words = ngettext(
        "%(n)d photo added; it is being prepared.", "%(n)d photos added; they are being prepared.", count
    ) % {"n": count}
    return _form(request, number, "photos", carry_out, lambda: words)
