"""How applications look at every door: state and clock, what was given, proofs, files, what has happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.errors import NotFound
from linli.kernel.storage.shown import FileState, open_shown
from linli.kernel.trust import Role
from linli.people.words import role_word
from linli.services import facts, placing, queries, rules
from linli.services.facts import Person
from linli.services.models import Application, Attachment, SaidKind, Step
from linli.services.models import State as Stands
from linli.services.queries import Words
from linli.services.rules import Question
from linli.ui.casework.names import language
from linli.ui.clockface import ClockFace, Running, read_clock
from linli.ui.words import day_words, when

LOOKS: dict[str, tuple[str, str]] = {
    Stands.SUBMITTED: ("info", "inbox"),
    Stands.ACCEPTED: ("brand", "clipboard-check"),
    Stands.NEEDS_MORE: ("soon", "message-circle"),
    Stands.DONE: ("good", "circle-check"),
    Stands.REFUSED: ("late", "ban"),
    Stands.REVIEW: ("info", "scale"),
    Stands.WITHDRAWN: ("quiet", "undo-2"),
}
"""Tone and icon of each state."""


def look_of(one: Application) -> dict[str, str]:
    """The state of an application: its word, tone and icon."""
    tone, icon = LOOKS[one.state]
    return {"word": str(Stands(one.state).label), "tone": tone, "icon": icon}


def row_of(one: Application, *, href: str, slot: str = "") -> dict[str, Any]:
    """One row of a list."""
    entry = queries.promised(one)
    look = look_of(one)
    return {
        "number": one.number,
        "href": href,
        "title": entry.called(language()),
        "state_word": look["word"],
        "tone": look["tone"],
        "icon": look["icon"],
        "group_icon": rules.groups()[entry.group].icon,
        "clock": face_of(one),
        "at": one.submitted_at,
        "slot": slot,
        "restricted": one.is_restricted,
    }


def slot_words(starts: datetime, ends: datetime) -> str:
    """ "Fri 20 Nov 14:00–16:00"."""
    zone = time.LOCAL_ZONE
    return f"{day_words(starts, time.now())} {starts.astimezone(zone):%H:%M}–{ends.astimezone(zone):%H:%M}"


def face_of(one: Application) -> ClockFace | None:
    """The clock of an application; an ended one says when it ended."""
    now = time.now()
    if not one.is_open:
        assert one.closed_at is not None
        words = _("Ended %(when)s") % {"when": when(one.closed_at, now)}
        return ClockFace(
            Running.STOPPED, "quiet", "circle-check", words, "", "", day_words(one.closed_at, now), None, None
        )
    if one.paused_at is not None:
        return read_clock(due_at=one.due_at, now=now, paused_reason=_("waiting for your answer"))
    return read_clock(due_at=one.due_at, now=now, started_at=one.submitted_at)


def shown_answer(question: Question, value: Any) -> str:
    """An answer in words."""
    if value in (None, "", []):
        return ""
    names = {one.value: one.called(language()) for one in question.options}
    if question.kind == "yes":
        return _("Yes")
    if question.kind == "choices":
        parts = value if isinstance(value, list) else str(value).split(";")
        return _(", ").join(names.get(one, one) for one in parts)
    return names.get(str(value), str(value))


def answers_of(one: Application, said: Any) -> list[tuple[str, str]]:
    """What was given, each with its label, in words."""
    known = rules.questions()
    rows = [(str(facts.LABELS[Person(w.field)]), w.text) for w in said if w.kind == SaidKind.PERSON]
    rows += [(known[code].called(language()), shown_answer(known[code], value)) for code, value in one.facts.items()]
    rows += [
        (known[w.field].called(language()), shown_answer(known[w.field], w.text))
        for w in said
        if w.kind == SaidKind.ANSWER
    ]
    return rows


def person_rows(said: Iterable[Words]) -> list[tuple[str, str]]:
    """What is known of the person, as it was handed in: masked, or in clear."""
    return [(str(facts.LABELS[Person(row.field)]), row.text) for row in said if row.kind == SaidKind.PERSON]


def open_answers(one: Application) -> list[tuple[str, str]]:
    """The answers that are not personal."""
    known = rules.questions()
    return [(known[code].called(language()), shown_answer(known[code], value)) for code, value in one.facts.items()]


def sealed_labels(said: Iterable[Words]) -> list[str]:
    """The questions whose answers are sealed."""
    known = rules.questions()
    return [known[row.field].called(language()) for row in said if row.kind == SaidKind.ANSWER]


def plain_rows(words: Iterable[Words]) -> list[tuple[str, str]]:
    """What a person said of themselves, in clear, each with its label."""
    known = rules.questions()
    rows = list(words)
    return person_rows(rows) + [
        (known[row.field].called(language()), shown_answer(known[row.field], row.text))
        for row in rows
        if row.kind == SaidKind.ANSWER
    ]


def messages(words: Iterable[Words]) -> list[dict[str, Any]]:
    """What was written between the two sides."""
    return [
        {"text": row.text, "at": row.at, "side": _("Office") if row.side == "staff" else _("Resident")}
        for row in words
        if row.kind in (SaidKind.MESSAGE, SaidKind.RESULT)
    ]


def proof_rows(one: Application) -> list[dict[str, str]]:
    """The proofs of an application and how each stands."""
    rows = []
    for proof in queries.proofs_of(one):
        good = proof.state in ("held", "confirmed", "seen")
        holder = placing.called(proof.holder_id, language()) if proof.holder_id else ""
        rows.append(
            {
                "kind": proof.kind,
                "id": str(proof.id),
                "name": rules.proofs()[proof.kind].called(language()),
                "word": str(proof.get_state_display()),
                "holder": holder,
                "tone": "good" if good else "info" if proof.state == "asked" else "soon",
                "icon": "check" if good else "hourglass" if proof.state == "asked" else "file-text",
            }
        )
    return rows


def files_of(one: Application, href: Callable[[UUID, str], str]) -> list[dict[str, Any]]:
    """The files of an application for the gallery and the list of documents."""
    rows = []
    for number, found in enumerate(queries.attachments_of(one), start=1):
        ready = found.state == FileState.READY
        rows.append(
            {
                "pdf": found.media == "pdf",
                "src": href(found.id, "large") if ready else "",
                "thumb": href(found.id, "small") if ready else "",
                "alt": _("Photo %(n)d") % {"n": number},
                "kb": max(1, found.size // 1000),
            }
        )
    return rows


TITLES = {
    "apply": ("send", "info"),
    "accept": ("clipboard-check", "brand"),
    "ask_more": ("message-circle", "soon"),
    "answer": ("message-circle", "info"),
    "proof": ("file-check", "info"),
    "see_proof": ("eye", "info"),
    "finish": ("circle-check", "good"),
    "refuse": ("ban", "late"),
    "appeal": ("scale", "info"),
    "decide_appeal": ("scale", "brand"),
    "rebook": ("calendar-clock", "info"),
    "withdraw": ("undo-2", "quiet"),
    "withdraw_consent": ("eye-off", "quiet"),
    "rate": ("star", "good"),
    "message": ("message-square", "info"),
    "late": ("clock-alert", "late"),
    "forget": ("trash-2", "quiet"),
}


def title_of(step: Step) -> str:
    """What a step was, in words."""
    data = step.data
    titles = {
        "apply": _("Sent in"),
        "accept": _("Taken up"),
        "ask_more": _("Something is missing"),
        "answer": _("The resident answered"),
        "see_proof": _("A proof was shown"),
        "finish": _("Done"),
        "refuse": _("Refused"),
        "appeal": _("A review was asked for"),
        "decide_appeal": _("Taken up after a review") if data.get("agree") else _("Refused after a review, too"),
        "rebook": _("The time was changed"),
        "withdraw": _("Taken back"),
        "withdraw_consent": _("The consent was taken back"),
        "rate": _("Rated %(n)s of 5") % {"n": data.get("score", "")},
        "message": _("A message") if data.get("side") == "staff" else _("A message of the resident"),
        "late": _("The time is over; it is still being worked on"),
        "forget": _("What was said has been deleted: the account was deleted")
        if data.get("account")
        else _("What was said has been deleted: its time was over"),
    }
    if step.kind == "proof":
        name = rules.proofs()[data["proof"]].called(language())
        words = (
            _("Confirmed by the department: %(what)s") if data["holds"] else _("Not held by the department: %(what)s")
        )
        return words % {"what": name}
    return titles.get(step.kind, step.kind)


def told(step: Step, said: dict[str, Words], *, to_resident: bool = False) -> dict[str, Any]:
    """A step for the timeline; words only for those who may read them."""
    icon, tone = TITLES.get(step.kind, ("circle", "quiet"))
    words = said.get(str(step.data.get("said", "")))
    text = ""
    if slot := step.data.get("slot"):
        text = slot_words(datetime.fromisoformat(slot[0]), datetime.fromisoformat(slot[1]))
    own = step.actor_role in (Role.RESIDENT, Role.ANONYMOUS)
    who = (_("You") if own else "") if to_resident else role_word(step.actor_role)
    return {
        "title": title_of(step), "at": step.at, "who": who, "text": text, "quote": words.text if words else "", "icon": icon,
        "tone": tone,
    }  # fmt: skip


def answer_file(one: Application, file: UUID, size: str) -> FileResponse:
    """A file of an application; the caller has asked whether its reader may see it.

    Raises:
        NotFound: there is none, or it is not ready.
    """
    row = Attachment.objects.filter(district=one.district, application=one, id=file).first()
    opened = open_shown(row, thumb=size == "small" and row.media == "photo") if row is not None else None
    if row is None or opened is None or size not in ("large", "small"):
        raise NotFound("file.none", _("There is no such file."))
    kind = "application/pdf" if row.media == "pdf" else "image/jpeg"
    response = FileResponse(opened, content_type=kind, as_attachment=row.media == "pdf", filename=f"{one.number}.pdf")
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
