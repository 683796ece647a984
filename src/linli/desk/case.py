"""The case page: what it is, until when, what is next; then the timeline, and beside it the map, the people and the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.cases import mentions, queries
from linli.cases.dossier import dossier
from linli.cases.loop import Ref
from linli.cases.models import (
    OPEN_ORDERS,
    Approval,
    ApprovalState,
    Case,
    Channel,
    Evidence,
    OrderKind,
    OrderState,
    WorkOrder,
)
from linli.cases.queries import View
from linli.cases.verbs import Facts, next_actions
from linli.desk import actions, inbox
from linli.desk.frame import actor_of, address, staff, wants_part
from linli.kernel import time
from linli.kernel.db import district_of
from linli.kernel.models import Deadline, DeadlineState
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.people import queries as people
from linli.people.words import post_word
from linli.ui.casework import story
from linli.ui.casework.doing import AT_ONCE, INLINE, beside, offered
from linli.ui.casework.names import (
    PROMISED,
    Places,
    catalogue_for,
    category_name,
    clock_name,
    face_of,
    language,
    organisation_name,
    role_name,
)
from linli.ui.clockface import Promised, read_clock
from linli.ui.dedicated import of_case as dedicated_of_case


@staff
@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    """A case: as the third pane, or as a whole page whose list comes after it."""
    place = inbox.place_of(request, otherwise=View.OPEN)
    context = pane_context(request, number)
    if wants_part(request):
        return render(request, "desk/case/pane.html", context | {"heading": "h2", "place_query": place.query()})
    context |= {
        "heading": "h1",
        "pane": "case",
        "place_query": place.query(),
        "list_href": address("list", query=place.query(at=context["case"].number)),
        "here_href": address("inbox", query=place.query()),
        "topics": inbox.topics(actor_of(request)),
    }
    return render(request, "desk/case/page.html", context)


@staff
@require_GET
def aside(request: HttpRequest, number: str) -> HttpResponse:
    """What comes after the page: the reporter, masked, and what was reported nearby."""
    actor = actor_of(request)
    case = queries.get(actor, number)
    joined = queries.participants_of(case)
    contact_ids = [one.contact_id for one in joined if one.contact_id]
    masked = people.masked_contacts(actor, contact_ids, district=case.district) if contact_ids else {}
    near = queries.near(
        district=case.district,
        category=case.category,
        lng=case.lng,
        lat=case.lat,
        area_path=case.area_path,
        words=case.description,
    )
    context = {
        "case": case,
        "mentioned": mentions.waiting(actor, case),
        "others_writing": actions.writers(actor, case),
        "reporters": [
            {
                "kind": one.get_kind_display(),
                "at": one.joined_at,
                "contact": masked.get(one.contact_id) if one.contact_id else None,
                "account": bool(one.account_id),
            }
            for one in joined[:10]
        ],
        "more_reporters": max(0, len(joined) - 10),
        "may_read": policy.allows(actor, "case.read_reporter", case),
        "near": [
            {"number": one.number, "metres": one.metres, "state": one.state, "words": one.words}
            for one in near
            if one.id != case.id
        ],
    }
    return render(request, "desk/case/aside.html", context)


def pane_context(request: HttpRequest, number: str) -> dict[str, Any]:
    """All that a case page shows at once; a fixed number of queries however long its log is.

    Raises:
        NotFound: there is no such case, or none that the actor may see.
    """
    actor = actor_of(request)
    case = queries.get(actor, number)
    found = dossier(case)
    orders, approvals, log, photos, clocks = found.orders, found.approvals, found.log, found.photos, found.clocks
    waiting = tuple(one for one in approvals if one.state in (ApprovalState.ASKED, ApprovalState.FIRST))
    verbs = next_actions(actor, case, Facts(waiting, tuple(orders)))
    related = queries.related(actor, case)
    posts = people.holders(
        story.posts_in(log)
        | {one.post_id for one in orders if one.post_id}
        | ({case.handler_post_id} if case.handler_post_id else set()),
        districts={case.district, district_of(case.district[:4]), actor.district} - {""},
    )
    places = Places({case.area_path, *(one.area_path for one in related), *story.paths_in(log)})
    catalogue = catalogue_for(case.district)
    primary, rest = offered(verbs, case)
    entry = catalogue.get(case.category)
    return {
        "case": case,
        "ref": Ref(case.district, case.id),
        "title": category_name(case, catalogue),
        "place_name": places.short(case.area_path),
        "place_steps": places.steps(case.area_path),
        "face": face_of(case),
        "dedicated": dedicated_of_case(case.area_path),
        "severity_word": inbox.Severity(case.severity).label,
        "channel": Channel(case.channel).label,
        "primary": primary,
        "beside": beside(primary, rest),
        "at_once": primary is not None and primary["name"] in AT_ONCE,
        "menu": rest,
        "may_comment": any(verb.name == INLINE for verb in verbs),
        "timeline": story.tell(case, log, places=places, posts=posts),
        "orders": [order_row(one, posts, clocks) for one in orders if one.kind == OrderKind.CALL],
        "hands": hands(case, orders, posts),
        "approvals": [approval_row(one, actor) for one in approvals],
        "clocks": [clock_row(one, orders) for one in clocks],
        "provisional": any(one.provisional for one in clocks),
        "photos": photo_groups(case, photos),
        "may_add_photo": case.is_open and policy.allows(actor, "case.add_evidence", case),
        "evidence_needed": "after" in entry.evidence_required if entry else False,
        "close_condition": entry.close_condition(language()) if entry else "",
        "related": related_rows(case, related, places),
        "joined": case.participants_count - 1,
        "now": time.now(),
    }


def hands(case: Case, orders: Iterable[WorkOrder], posts: Mapping[UUID, people.Member]) -> list[dict[str, str]]:
    """Who has it, by post: the handler, and whoever was called."""
    found = []
    if case.holder_id:
        post = posts.get(case.handler_post_id) if case.handler_post_id else None
        found.append(_hand(_("In hand"), organisation_name(case.holder_id), post))
    for one in orders:
        if one.kind == OrderKind.CALL and one.state in OPEN_ORDERS and one.organisation_id != case.holder_id:
            found.append(
                _hand(
                    _("Called"), organisation_name(one.organisation_id), posts.get(one.post_id) if one.post_id else None
                )
            )
    return found


def _hand(part: str, organisation: str, post: people.Member | None) -> dict[str, str]:
    title = post_word(post.role, post.title) if post else ""
    return {"part": part, "organisation": organisation, "post": title, "name": post.name if post else ""}


def order_row(order: WorkOrder, posts: Mapping[UUID, people.Member], clocks: Iterable[Deadline]) -> dict[str, Any]:
    """A call with its own clock."""
    tail = order.id.hex[-12:]
    running = next((one for one in clocks if one.kind.endswith(f":{tail}")), None)
    face = None
    if order.state in OPEN_ORDERS:
        promised = Promised.JOIN if order.state == OrderState.SENT else Promised.HANDLE
        started = running.started_at if running else order.sent_at
        face = read_clock(due_at=order.due_at, now=time.now(), started_at=started, promised=promised)
    post = posts.get(order.post_id) if order.post_id else None
    tones = {OrderState.SENT: "soon", OrderState.ANSWERED: "info", OrderState.FINISHED: "good"}
    return {
        "organisation": organisation_name(order.organisation_id),
        "lead": order.is_lead,
        "task": order.task,
        "result": order.result,
        "state_word": order.get_state_display(),
        "state_tone": tones.get(OrderState(order.state), "quiet"),
        "who": " · ".join(part for part in (role_name(post.role), post.name) if part) if post else "",
        "clock": face,
    }


def approval_row(approval: Approval, actor: Actor) -> dict[str, Any]:
    """Something that needs a second person."""
    is_open = approval.state in (ApprovalState.ASKED, ApprovalState.FIRST)
    tones = {ApprovalState.APPROVED: "good", ApprovalState.REFUSED: "late"}
    return {
        "what": approval.get_kind_display(),
        "reason": approval.reason,
        "state_word": approval.get_state_display(),
        "state_tone": "soon" if is_open else tones.get(ApprovalState(approval.state), "quiet"),
        "is_open": is_open,
        "own": is_open and actor.account_id in (approval.asked_by, approval.first_by),
        "decision": approval.decision,
        "at": approval.asked_at,
    }


def clock_row(deadline: Deadline, orders: Iterable[WorkOrder]) -> dict[str, Any]:
    """One clock that is owed, with the due dates that it had before."""
    kind = deadline.kind.partition(":")[0]
    tail = deadline.kind.partition(":")[2]
    whose = next((organisation_name(one.organisation_id) for one in orders if tail and one.id.hex.endswith(tail)), "")
    paused = deadline.state == DeadlineState.PAUSED
    reasons = {
        "resumed": _("after a pause"),
        "extended": _("extended"),
        "reclassified": _("new category"),
        "recomputed": _("official calendar loaded"),
    }
    return {
        "name": clock_name(deadline.kind),
        "whose": whose,
        "paused": paused,
        "face": read_clock(
            due_at=deadline.due_at,
            now=time.now(),
            started_at=deadline.started_at,
            paused_reason=_("the clock stands") if paused else "",
            promised=PROMISED.get(kind, Promised.DONE),
        ),
        "provisional": deadline.provisional,
        "history": [
            {"due_at": _moment(row.get("due_at")), "why": reasons.get(row.get("why", ""), row.get("why", ""))}
            for row in reversed(deadline.due_history)
        ],
    }


def _moment(text: Any) -> Any:
    return datetime.fromisoformat(text) if isinstance(text, str) else text


def photo_groups(case: Case, photos: Iterable[Evidence]) -> list[dict[str, Any]]:
    """The evidence in groups: with the report, before, after."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, one in enumerate(photos, start=1):
        label = str(one.get_kind_display())
        ready = one.state == FileState.READY
        groups.setdefault(label, []).append(
            {
                "src": address("photo", case.number, one.id, "large") if ready else "",
                "thumb": address("photo", case.number, one.id, "small") if ready else "",
                "alt": _("%(kind)s, photo %(n)d") % {"kind": label, "n": number},
                "caption": str(one.refusal or one.get_state_display()) if not ready else "",
            }
        )
    return [{"label": label, "items": items} for label, items in groups.items()]


def related_rows(case: Case, related: Iterable[Case], places: Places) -> list[dict[str, Any]]:
    """The cases that hang together with this one, each with how."""
    rows = []
    for one in related:
        if one.id == case.master_id:
            how = _("leads this case")
        elif one.id == case.parent_id:
            how = _("this was split off it")
        elif one.master_id == case.id:
            how = _("merged into this")
        else:
            how = _("split off this")
        rows.append(inbox.row_of(one, places, how=how))
    return rows
