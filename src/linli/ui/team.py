"""What the desk and the field app show alike of leaves and duty: rows in words, and the forms that members fill in themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.trust import Actor
from linli.people.models import Post
from linli.people.words import post_word
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.sent import day_of
from linli.workforce import assessing, assessments, certificates, queries
from linli.workforce.actions import assessment, leaving
from linli.workforce.actions.duty import takers
from linli.workforce.models import Assessment, AssessmentState, Leave, LeaveState, Reason, Shift, ShiftKind, Swap

TONES = {
    LeaveState.ASKED: ("soon", "hourglass"),
    LeaveState.APPROVED: ("good", "check"),
    LeaveState.REFUSED: ("late", "ban"),
    LeaveState.WITHDRAWN: ("quiet", "undo-2"),
}


def day_word(day: date) -> str:
    """A day with its weekday, as people say it."""
    # Translators: Django's date format of a short day, for example "Wed 18 Nov".
    return str(date_format(day, _("D j M")))


def leave_row(leave: Leave, covers: Sequence[str] = (), *, href: str = "") -> dict[str, Any]:
    """A leave in words."""
    tone, icon = TONES[LeaveState(leave.state)]
    word = str(LeaveState(leave.state).label)
    if leave.state == LeaveState.APPROVED and leave.ended_at is not None:
        tone, icon, word = "quiet", "check-check", _("Over")
    elif leave.state == LeaveState.APPROVED and leave.begun_at is not None:
        tone, icon, word = "info", "clock", _("Away now")
    return {
        "id": leave.id,
        "name": leave.account.work_name,
        "post": post_word(leave.post.role, leave.post.title),
        "place": territory.full_name(leave.area_path, top=Level.COMMUNITY),
        "days": day_word(leave.starts_on)
        if leave.starts_on == leave.last_day
        else _("%(first)s – %(last)s") % {"first": day_word(leave.starts_on), "last": day_word(leave.last_day)},
        "count": (leave.ends_on - leave.starts_on).days,
        "reason": Reason(leave.reason).label,
        "decision": leave.decision,
        "word": word,
        "tone": tone,
        "icon": icon,
        "covers": list(covers),
        "href": href,
        "version": leave.version,
        "district": leave.district,
        "open": leave.is_open,
        "begun": leave.begun_at is not None,
    }


def my_leave_rows(actor: Actor) -> list[dict[str, Any]]:
    """One's own leaves in words, with who covers."""
    found = queries.my_leaves(actor)
    names = queries.covered_by(found) if found else {}
    return [leave_row(leave, names.get(leave.id, ())) for leave in found]


def reasons() -> list[tuple[str, Any]]:
    """The choices of a reason."""
    return [("", _("Please choose")), *((one.value, one.label) for one in Reason)]


def ask_leave(request: HttpRequest, actor: Actor) -> Leave:
    """What was sent by the form for leave, asked for."""
    return leaving.ask(
        actor,
        first_day=day_of(request.POST, "first_day"),
        last_day=day_of(request.POST, "last_day"),
        reason=request.POST.get("reason", ""),
    )


def shift_row(shift: Shift, *, colleagues: Sequence[Post] = (), asked: Swap | None = None) -> dict[str, Any]:
    """A shift in words, with whom one can ask to take it."""
    local = shift.starts_at.astimezone(time.LOCAL_ZONE), shift.ends_at.astimezone(time.LOCAL_ZONE)
    return {
        "id": shift.id,
        "day": day_word(shift.day),
        "kind": ShiftKind(shift.kind).label,
        "icon": "moon" if shift.kind == ShiftKind.NIGHT else "sun",
        "hours": f"{local[0]:%H:%M} – {local[1]:%H:%M}",
        "place": territory.place_name(shift.area_path, top=Level.COMMUNITY),
        "now": shift.starts_at <= time.now() < shift.ends_at,
        "colleagues": [(str(post.id), post.account.work_name) for post in colleagues],
        "asked": asked.to_account.work_name if asked else "",
        "swap": asked.id if asked else None,
    }


def my_duty(actor: Actor) -> dict[str, Any]:
    """One's own shifts with whom one can ask, and the questions that wait for one's answer."""
    mine = queries.my_shifts(actor)
    swaps = queries.swaps_for(actor)
    asked = {swap.shift_id: swap for swap in swaps if swap.from_account == actor.account_id}
    people = {path: takers(path) for path in {shift.area_path for shift in mine}}
    return {
        "shifts": [
            shift_row(
                shift,
                colleagues=[post for post in people[shift.area_path] if post.account_id != actor.account_id],
                asked=asked.get(shift.id),
            )
            for shift in mine
        ],
        "questions": [
            shift_row(swap.shift) | {"swap": swap.id, "who": swap.shift.account.work_name}
            for swap in swaps
            if swap.to_account_id == actor.account_id
        ],
        "has_feed": queries.has_feed(actor),
    }


def training_rows(actor: Actor) -> list[dict[str, Any]]:
    """One's own trainings in words: what one has to have, whether it is good, and the course one is asked to."""
    found = []
    for one in certificates.mine(actor):
        last = one.certificate.last_day if one.certificate else None
        if one.is_good:
            word, tone, icon = (_("good until %(day)s") % {"day": last} if last else _("has no end")), "good", "check"
        elif one.certificate is not None:
            word, tone, icon = _("over since %(day)s") % {"day": one.certificate.expires_on}, "late", "circle-alert"
        else:
            word, tone, icon = (_("still to do"), "soon", "hourglass") if one.required else (_("free"), "quiet", "info")
        found.append(
            {
                "title": one.training.title,
                "about": one.training.about,
                "materials": one.training.materials,
                "required": one.required,
                "word": word,
                "tone": tone,
                "icon": icon,
                "course": one.course,
            }
        )
    return found


ASSESSMENT_TONES: dict[str, str] = {
    AssessmentState.REVIEWED: "good", AssessmentState.OBJECTED: "soon", AssessmentState.UPHELD: "info",
    AssessmentState.REJECTED: "quiet",
}  # fmt: skip
OUTCOMES = {
    assessing.MET: ("good", "check"), assessing.NOT_MET: ("soon", "circle-alert"), assessing.TOO_LITTLE: ("quiet", "info"),
    assessing.SET_ASIDE: ("info", "undo-2"),
}  # fmt: skip


def period_word(begins: date, ends: date) -> str:
    """A period by its first and last day."""
    return f"{begins:%Y-%m-%d} – {date.fromordinal(ends.toordinal() - 1):%Y-%m-%d}"


def criteria_rows(begins: date) -> list[dict[str, Any]]:
    """The published criteria of the period that begins on a day."""
    return [
        {"name": one.called(get_language() or "zh"), "least": f"{one.least:.0%}", "few": one.few}
        for one in assessing.rules_on(begins).criteria
    ]


def fact_rows(facts: Sequence[dict[str, Any]], begins: date) -> list[dict[str, Any]]:
    """What each criterion comes to, in words, with what it was computed from."""
    words = {
        assessing.MET: _("met"), assessing.NOT_MET: _("not met"), assessing.TOO_LITTLE: _("too little to say"),
        assessing.SET_ASIDE: _("set aside after an objection"),
    }  # fmt: skip
    known = {one.code: one for one in assessing.rules_on(begins).criteria}
    found = []
    for fact in facts:
        criterion = known.get(fact["code"])
        tone, icon = OUTCOMES[fact["outcome"]]
        found.append(
            {
                "code": fact["code"],
                "name": criterion.called(get_language() or "zh") if criterion else fact["code"],
                "least": f"{criterion.least:.0%}" if criterion else "",
                "good": fact["good"],
                "whole": fact["whole"],
                "named": fact["named"],
                "word": words[fact["outcome"]],
                "tone": tone,
                "icon": icon,
            }
        )
    return found


def assessment_row(found: Assessment) -> dict[str, Any]:
    """An assessment in words, for the person and for whoever answers."""
    return {
        "id": found.id,
        "period": period_word(found.begins_on, found.ends_on),
        "facts": fact_rows(found.facts, found.begins_on),
        "words": assessment.words_of(found),
        "state": AssessmentState(found.state).label,
        "tone": ASSESSMENT_TONES[found.state],
        "reviewed_at": found.reviewed_at,
        "until": found.objection_until,
        "may_object": found.state == AssessmentState.REVIEWED and time.now() <= found.objection_until,
        "about": found.about,
        "objection": assessment.words_of(found, "objection"),
        "answer_by": found.answer_by,
        "answer": assessment.words_of(found, "answer"),
    }


def my_assessments(actor: Actor) -> dict[str, Any]:
    """One's own assessments, and what the period of today would come to if it ended now."""
    begins, ends = assessments.this_period()
    return {
        "rows": [assessment_row(one) for one in assessments.mine(actor)],
        "now": fact_rows(assessments.now(actor), begins),
        "period": period_word(begins, ends),
    }
