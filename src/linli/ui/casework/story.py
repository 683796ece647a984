"""The timeline: every entry of a case's log as a sentence, with the post and organisation that did it.

Names are those of colleagues at work; a resident is never named here. What people said in messages and personal statements is
sealed: the entry says that something was said, and the desk shows it for a purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli.cases.models import Case, EvidenceKind, Level, LogEntry
from linli.kernel import time
from linli.kernel.trust import Role
from linli.people import queries as people
from linli.people.words import post_word
from linli.ui.casework.names import Places, catalogue_for, clock_name, language, organisation_name, role_name
from linli.ui.words import when


@dataclass(frozen=True, slots=True)
class Told:
    """How one entry reads."""

    title: str
    icon: str
    tone: str = ""
    text: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What sentences need beside their entry."""

    case: Case
    places: Places

    def organisation(self, value: Any) -> str:
        """An organisation of an entry's data in words."""
        return organisation_name(value) or _("an organisation that has ended")

    def organisations(self, values: Iterable[Any]) -> str:
        """Several organisations in words."""
        return _(", ").join(self.organisation(value) for value in values)

    def category(self, code: str) -> str:
        """A category in words."""
        entry = catalogue_for(self.case.district).get(code)
        return entry.called(language()) if entry else code


Teller = Callable[[LogEntry, Scene], Told]


def moment(text: Any) -> str:
    """A moment of an entry's data in words."""
    return when(datetime.fromisoformat(str(text)), time.now()) if text else ""


def _report(entry: LogEntry, ctx: Scene) -> Told:
    return Told(
        _("Reported: %(category)s") % {"category": ctx.category(ctx.case.category)},
        "inbox",
        "info",
        quote=ctx.case.description,
    )


def _confirm_rejection(entry: LogEntry, ctx: Scene) -> Told:
    data = entry.data
    if data.get("agree"):
        return Told(_("Not taken up"), "ban", "quiet", text=data.get("words", ""), quote=data.get("reason", ""))
    return Told(_("Rejection refused: it will be taken up"), "circle-x", "soon", text=data.get("words", ""))


def _register(entry: LogEntry, ctx: Scene) -> Told:
    before = entry.data.get("repeats", "")
    text = _("The same matter was closed here within thirty days before: %(number)s. Perhaps the cause is still there.")
    return Told(_("Taken up"), "clipboard-check", "info", text=text % {"number": before} if before else "")


def _dispatch(entry: LogEntry, ctx: Scene) -> Told:
    who = ctx.organisation(entry.data.get("organisation"))
    return Told(
        _("Dispatched to %(who)s") % {"who": who}, "send", "info", text=_level(entry), quote=entry.data.get("task", "")
    )


def _level(entry: LogEntry) -> str:
    level = entry.data.get("level", "")
    return _("Level: %(level)s") % {"level": Level(level).label} if level in set(Level) else ""


def _decide_return(entry: LogEntry, ctx: Scene) -> Told:
    data = entry.data
    who = ctx.organisation(data.get("organisation"))
    title = _("Return agreed, now with %(who)s") if data.get("agree") else _("Return refused, back to %(who)s")
    return Told(title % {"who": who}, "scale", "info", quote=data.get("words", ""))


def _request_return(entry: LogEntry, ctx: Scene) -> Told:
    better = entry.data.get("better", "")
    text = _("Better: %(who)s") % {"who": better} if better else ""
    return Told(_("Returned: not ours"), "corner-up-left", "soon", text=text, quote=entry.data.get("reason", ""))


def _call(entry: LogEntry, ctx: Scene) -> Told:
    who = ctx.organisations(entry.data.get("organisations", []))
    return Told(_("Called up: %(who)s") % {"who": who}, "megaphone", "soon", quote=entry.data.get("task", ""))


def _join_call(entry: LogEntry, ctx: Scene) -> Told:
    who = ctx.organisation(entry.data.get("organisation"))
    return Told(_("%(who)s joined") % {"who": who}, "handshake", "good", quote=entry.data.get("words", ""))


def _finish_call(entry: LogEntry, ctx: Scene) -> Told:
    who = ctx.organisation(entry.data.get("organisation"))
    return Told(
        _("%(who)s finished its part") % {"who": who}, "check-check", "good", quote=entry.data.get("result", "")
    )


def _withdraw_call(entry: LogEntry, ctx: Scene) -> Told:
    who = ctx.organisation(entry.data.get("organisation"))
    return Told(_("Call to %(who)s withdrawn") % {"who": who}, "undo-2", quote=entry.data.get("reason", ""))


def _reclassify(entry: LogEntry, ctx: Scene) -> Told:
    words = {"old": ctx.category(entry.data.get("old", "")), "new": ctx.category(entry.data.get("new", ""))}
    return Told(_("Category changed: %(old)s → %(new)s") % words, "tag", quote=entry.data.get("reason", ""))


def _relocate(entry: LogEntry, ctx: Scene) -> Told:
    words = {"old": ctx.places.short(entry.data.get("old", "")), "new": ctx.places.short(entry.data.get("new", ""))}
    return Told(_("Place changed: %(old)s → %(new)s") % words, "map-pinned", quote=entry.data.get("reason", ""))


def _split(entry: LogEntry, ctx: Scene) -> Told:
    numbers = _(", ").join(entry.data.get("children", []))
    return Told(_("Split into %(numbers)s") % {"numbers": numbers}, "split", quote=entry.data.get("reason", ""))


def _request_extension(entry: LogEntry, ctx: Scene) -> Told:
    title = _("More time asked for, until %(when)s") % {"when": moment(entry.data.get("until"))}
    return Told(title, "calendar-clock", "soon", quote=entry.data.get("reason", ""))


def _decide_extension(entry: LogEntry, ctx: Scene) -> Told:
    data = entry.data
    if not data.get("agree"):
        return Told(_("More time refused"), "circle-x", "soon", quote=data.get("words", ""))
    words = {"old": moment(data.get("old_due")), "new": moment(data.get("due"))}
    return Told(
        _("More time granted"),
        "calendar-clock",
        "info",
        text=_("Due %(new)s instead of %(old)s") % words,
        quote=data.get("words", ""),
    )


def _request_suspension(entry: LogEntry, ctx: Scene) -> Told:
    text = _("Review on %(when)s") % {"when": moment(entry.data.get("review_on"))}
    return Told(
        _("Suspension with a plan asked for"), "circle-pause", "soon", text=text, quote=entry.data.get("plan", "")
    )


def _approve_suspension(entry: LogEntry, ctx: Scene) -> Told:
    data = entry.data
    if not data.get("agree"):
        return Told(_("Suspension refused"), "circle-x", "soon", quote=data.get("words", ""))
    if data.get("approval") == "first":
        return Told(_("Suspension approved at the first level"), "check", "info", quote=data.get("words", ""))
    text = _("Review on %(when)s") % {"when": moment(data.get("review_on"))}
    return Told(_("Suspended with a plan"), "circle-pause", "quiet", text=text, quote=data.get("words", ""))


def _review_suspension(entry: LogEntry, ctx: Scene) -> Told:
    if on := entry.data.get("review_on"):
        return Told(
            _("Suspension reviewed, next review %(when)s") % {"when": moment(on)},
            "circle-pause",
            "quiet",
            quote=entry.data.get("words", ""),
        )
    return Told(_("Suspension over, the work goes on"), "play", "info", quote=entry.data.get("words", ""))


def _verify(entry: LogEntry, ctx: Scene) -> Told:
    if entry.data.get("passed"):
        return Told(_("Verified on the spot: solved"), "badge-check", "good", quote=entry.data.get("words", ""))
    return Told(_("Verified on the spot: not solved"), "rotate-ccw", "late", quote=entry.data.get("words", ""))


def outcome_words(outcome: str) -> str:
    """What a reporter said when called back."""
    words = {
        "content": _("Content"),
        "neutral": _("So-so"),
        "not_content": _("Not content"),
        "not_reached": _("Not reached"),
    }
    return words.get(outcome, outcome)


def _feedback(entry: LogEntry, ctx: Scene) -> Told:
    said = outcome_words(entry.data.get("outcome", ""))
    return Told(_("Called back: %(said)s") % {"said": said}, "phone-call", "brand", quote=entry.data.get("words", ""))


def _decide_exclusion(entry: LogEntry, ctx: Scene) -> Told:
    agree = entry.data.get("agree")
    title = _("Left out of the figures") if agree else _("It stays in the figures")
    return Told(title, "scale", "info", text=entry.data.get("words", ""), quote=entry.data.get("reason", ""))


def _rate(entry: LogEntry, ctx: Scene) -> Told:
    title = _("Rated %(score)s of 5") % {"score": entry.data.get("score", "")}
    return Told(title, "star", "brand", text=_("Some words were left with it.") if entry.data.get("statement") else "")


def _message(entry: LogEntry, ctx: Scene) -> Told:
    title = _("The reporter wrote") if entry.data.get("side") == "reporter" else _("Written to the reporter")
    return Told(title, "mail", "brand", text=_("The words are kept sealed; show them under “Reporter”."))


def _late(entry: LogEntry, ctx: Scene) -> Told:
    title = _("Overdue: %(clock)s") % {"clock": clock_name(entry.data.get("deadline", ""))}
    return Told(
        title, "clock-alert", "late", text=_("It was due %(when)s") % {"when": moment(entry.data.get("due_at"))}
    )


def _evidence(entry: LogEntry, ctx: Scene) -> Told:
    kind = entry.data.get("kind", "")
    word = EvidenceKind(kind).label if kind in set(EvidenceKind) else ""
    return Told(_("Photo added: %(kind)s") % {"kind": word}, "image")


def _joined(entry: LogEntry, ctx: Scene) -> Told:
    return Told(_("Somebody else joined the report"), "user-plus", "info")


def _merge(entry: LogEntry, ctx: Scene) -> Told:
    return Told(_("Merged into %(number)s") % {"number": entry.data.get("master", "")}, "git-merge")


def _merged_in(entry: LogEntry, ctx: Scene) -> Told:
    return Told(_("%(number)s was merged into this case") % {"number": entry.data.get("number", "")}, "git-merge")


def _plain(title: Callable[[], str], icon: str, tone: str = "", quote: str = "") -> Teller:
    def tell(entry: LogEntry, ctx: Scene) -> Told:
        return Told(title(), icon, tone, quote=str(entry.data.get(quote, "")) if quote else "")

    return tell


TELLERS: Mapping[str, Teller] = {
    "report": _report,
    "join": _joined,
    "begin_verification": _plain(lambda: _("Somebody goes to look first"), "search", "info"),
    "propose_rejection": _plain(lambda: _("Proposed not to take it up"), "ban", "soon", "reason"),
    "confirm_rejection": _confirm_rejection,
    "register": _register,
    "reclassify": _reclassify,
    "relocate": _relocate,
    "merge": _merge,
    "merged_in": _merged_in,
    "master_closed": _plain(lambda: _("The leading case was closed"), "circle-check", "good"),
    "master_rejected": _confirm_rejection,
    "split": _split,
    "dispatch": _dispatch,
    "sign_in": _plain(lambda: _("Signed in"), "user-check", "info"),
    "request_return": _request_return,
    "decide_return": _decide_return,
    "call": _call,
    "join_call": _join_call,
    "finish_call": _finish_call,
    "withdraw_call": _withdraw_call,
    "start": _plain(lambda: _("Work began"), "hammer", "brand", "words"),
    "wait_resident": _plain(lambda: _("Waits for the resident; the clock stands"), "message-circle", "soon", "reason"),
    "resume": _plain(lambda: _("The work goes on; the clock runs"), "play", "info", "words"),
    "request_extension": _request_extension,
    "decide_extension": _decide_extension,
    "request_suspension": _request_suspension,
    "approve_suspension": _approve_suspension,
    "review_suspension": _review_suspension,
    "dispose": _plain(lambda: _("Reported as done"), "clipboard-list", "brand", "outcome"),
    "verify": _verify,
    "feedback": _feedback,
    "close": _plain(lambda: _("Closed"), "circle-check", "good", "words"),
    "rate": _rate,
    "reopen": _plain(lambda: _("Taken up again"), "refresh-cw", "soon", "reason"),
    "request_exclusion": _plain(lambda: _("Asked to leave it out of the figures"), "scale", "soon", "reason"),
    "decide_exclusion": _decide_exclusion,
    "comment": _plain(lambda: _("Note"), "message-square", "", "text"),
    "message": _message,
    "add_evidence": _evidence,
    "supervise": _plain(lambda: _("Put under supervision"), "flag", "late", "reason"),
    "lift_supervision": _plain(lambda: _("Supervision lifted"), "flag", "", "reason"),
    "remind": _plain(lambda: _("Reminder"), "bell-ring", "soon", "text"),
    "late": _late,
    "handed_over": _plain(lambda: _("Handed over to a colleague"), "repeat", "info"),
}
"""Kind of an entry → how it is told; a test walks the loop's verbs against this."""


def paths_in(entries: Iterable[LogEntry]) -> set[str]:
    """The areas that the entries name, so that the page asks for their names once."""
    return {
        entry.data[key]
        for entry in entries
        if entry.kind == "relocate"
        for key in ("old", "new")
        if entry.data.get(key)
    }


def posts_in(entries: Iterable[LogEntry]) -> set[UUID]:
    """The posts that the entries name."""
    return {entry.post_id for entry in entries if entry.post_id}


def tell(
    case: Case, entries: Iterable[LogEntry], *, places: Places, posts: Mapping[UUID, people.Member]
) -> list[dict[str, Any]]:
    """The timeline, the newest first, as the component draws it."""
    context = Scene(case, places)
    rows = []
    for entry in entries:
        teller = TELLERS.get(entry.kind)
        told = teller(entry, context) if teller else Told(entry.kind, "circle-dot")
        late = [clock_name(kind) for kind in entry.data.get("late", [])]
        text = told.text
        if late:
            text = " ".join(part for part in (text, _("Late: %(clocks)s.") % {"clocks": _(", ").join(late)}) if part)
        rows.append(
            {
                "title": told.title,
                "at": entry.at,
                "icon": told.icon,
                "tone": told.tone,
                "text": text,
                "quote": told.quote,
                "who": who_did(entry, posts),
                "sequence": entry.sequence,
                "kind": entry.kind,
            }
        )
    return list(reversed(rows))


def who_did(entry: LogEntry, posts: Mapping[UUID, people.Member]) -> str:
    """The post that did it, with its organisation and the colleague's name; residents and jobs by their role."""
    post = posts.get(entry.post_id) if entry.post_id else None
    if post is None:
        return "" if entry.actor_role == Role.SYSTEM and entry.kind == "late" else role_name(entry.actor_role)
    organisation = organisation_name(post.organisation_id)
    return _(" · ").join(part for part in (post_word(post.role, post.title), organisation, post.name) if part)
