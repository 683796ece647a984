"""The timeline as residents read it: plain and kind, by unit and never by name; what is the office's own affair is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.cases.models import Case, EvidenceKind, LogEntry
from linli.kernel import time
from linli.ui.casework.names import catalogue_for, language, organisation_name
from linli.ui.words import when


@dataclass(frozen=True, slots=True)
class Told:
    """How one step reads."""

    title: str
    icon: str
    tone: str = ""
    text: str = ""
    quote: str = ""


@dataclass(slots=True)
class Scene:
    """What sentences need beside their entry; the unit that has the case moves along with the log."""

    case: Case
    own: bool
    said: Mapping[str, str] = field(default_factory=dict)
    """What was said, by the id of the statement."""
    unit: str = ""

    def named(self, value: Any) -> str:
        """A unit of an entry's data in words."""
        return organisation_name(value) or _("the responsible unit")


Teller = Callable[[LogEntry, Scene], Told | None]


def moment(text: Any) -> str:
    """A moment of an entry's data in words."""
    return when(datetime.fromisoformat(str(text)), time.now()) if text else ""


def _report(entry: LogEntry, scene: Scene) -> Told:
    return Told(_("You reported this") if scene.own else _("Reported by a neighbour"), "inbox", "info")


def _confirm_rejection(entry: LogEntry, scene: Scene) -> Told | None:
    if not entry.data.get("agree"):
        return None
    way = _("Another way that is open to you: %(way)s") % {"way": entry.data.get("other_way", "")}
    return Told(_("This cannot be taken on here"), "ban", "quiet", text=way, quote=entry.data.get("reason", ""))


def _dispatch(entry: LogEntry, scene: Scene) -> Told:
    scene.unit = scene.named(entry.data.get("organisation"))
    return Told(_("Passed on to %(unit)s") % {"unit": scene.unit}, "send", "info")


def _sign_in(entry: LogEntry, scene: Scene) -> Told:
    if scene.unit:
        return Told(_("%(unit)s has taken it on") % {"unit": scene.unit}, "user-check", "info")
    return Told(_("It has been taken on"), "user-check", "info")


def _decide_return(entry: LogEntry, scene: Scene) -> Told:
    scene.unit = scene.named(entry.data.get("organisation"))
    title = _("Passed on to %(unit)s") if entry.data.get("agree") else _("It stays with %(unit)s")
    return Told(title % {"unit": scene.unit}, "send", "info")


def _call(entry: LogEntry, scene: Scene) -> Told:
    units = _(", ").join(scene.named(one) for one in entry.data.get("organisations", []))
    return Told(_("Asked to help: %(units)s") % {"units": units}, "megaphone", "info")


def _join_call(entry: LogEntry, scene: Scene) -> Told:
    return Told(_("%(unit)s is helping") % {"unit": scene.named(entry.data.get("organisation"))}, "handshake", "good")


def _finish_call(entry: LogEntry, scene: Scene) -> Told:
    return Told(_("%(unit)s has done its part") % {"unit": scene.named(entry.data.get("organisation"))}, "check-check", "good",
                quote=entry.data.get("result", ""))  # fmt: skip


def _reclassify(entry: LogEntry, scene: Scene) -> Told:
    kind = catalogue_for(scene.case.district).get(entry.data.get("new", ""))
    return Told(_("Now filed under: %(category)s") % {"category": kind.called(language()) if kind else ""}, "tag")


def _decide_extension(entry: LogEntry, scene: Scene) -> Told | None:
    if not entry.data.get("agree"):
        return None
    words = {"old": moment(entry.data.get("old_due")), "new": moment(entry.data.get("due"))}
    return Told(
        _("More time is needed"), "calendar-clock", "soon", text=_("Now by %(new)s instead of %(old)s.") % words
    )


def _approve_suspension(entry: LogEntry, scene: Scene) -> Told | None:
    if not entry.data.get("agree") or entry.data.get("approval") == "first":
        return None
    text = _("It is looked at again on %(when)s.") % {"when": moment(entry.data.get("review_on"))}
    return Told(_("On hold, with a plan"), "circle-pause", "quiet", text=text)


def _review_suspension(entry: LogEntry, scene: Scene) -> Told:
    if on := entry.data.get("review_on"):
        return Told(_("Looked at again; still on hold until %(when)s") % {"when": moment(on)}, "circle-pause", "quiet")
    return Told(_("The work goes on"), "play", "info")


def _verify(entry: LogEntry, scene: Scene) -> Told:
    if entry.data.get("passed"):
        return Told(_("Checked on the spot: it is solved"), "badge-check", "good")
    return Told(_("Checked on the spot: not solved yet, it is being done again"), "rotate-ccw", "soon")


def _rate(entry: LogEntry, scene: Scene) -> Told:
    score = entry.data.get("score", "")
    title = _("You rated it %(score)s of 5") if scene.own else _("Rated %(score)s of 5")
    return Told(title % {"score": score}, "star", "brand", quote=scene.said.get(str(entry.data.get("statement")), ""))


def _message(entry: LogEntry, scene: Scene) -> Told | None:
    text = scene.said.get(str(entry.data.get("statement")), "")
    if not text:
        return None  # between the office and another reporter
    if entry.data.get("side") == "reporter":
        return Told(_("You wrote"), "message-circle", "brand", quote=text)
    unit = scene.unit or organisation_name(scene.case.holder_id) or _("The community")
    return Told(_("%(unit)s wrote to you") % {"unit": unit}, "mail", "brand", quote=text)


def _late(entry: LogEntry, scene: Scene) -> Told | None:
    due = moment(entry.data.get("due_at"))
    match entry.data.get("deadline", ""):
        case "response":
            return Told(
                _("The answer is late"),
                "clock-alert",
                "late",
                text=_("It was promised for %(when)s. The next level has been told.") % {"when": due},
            )
        case "resolution":
            return Told(
                _("It is not solved in time"),
                "clock-alert",
                "late",
                text=_("It was promised for %(when)s. The next level has been told.") % {"when": due},
            )
        case _:
            return None


def _evidence(entry: LogEntry, scene: Scene) -> Told:
    words = {EvidenceKind.REPORT: _("Photo with the report"), EvidenceKind.BEFORE: _("Photo before the work"),
             EvidenceKind.AFTER: _("Photo after the work")}  # fmt: skip
    kind = entry.data.get("kind", "")
    return Told(words.get(EvidenceKind(kind), _("Photo")) if kind in set(EvidenceKind) else _("Photo"), "image")


def _merge(entry: LogEntry, scene: Scene) -> Told:
    text = _("It is solved together with report %(number)s; you read here how it goes on.") % {
        "number": entry.data.get("master", "")
    }
    return Told(_("Put together with a neighbour's report"), "git-merge", "info", text=text)


def _merged_in(entry: LogEntry, scene: Scene) -> Told:
    count = int(entry.data.get("participants", 0) or 0)
    text = (
        ngettext("%(n)d more neighbour waits for the same.", "%(n)d more neighbours wait for the same.", count)
        % {"n": count}
        if count
        else ""
    )
    return Told(_("A neighbour's report was put together with this one"), "git-merge", "info", text=text)


def _split(entry: LogEntry, scene: Scene) -> Told:
    count = len(entry.data.get("children", []))
    return Told(ngettext("Divided into %(n)d part", "Divided into %(n)d parts", count) % {"n": count}, "split")


def _plain(
    title: Callable[[], str], icon: str, tone: str = "", *, quote: str = "", text: Callable[[], str] | None = None
) -> Teller:
    def tell(entry: LogEntry, scene: Scene) -> Told:
        return Told(
            title(), icon, tone, text=text() if text else "", quote=str(entry.data.get(quote, "")) if quote else ""
        )

    return tell


def _hidden(entry: LogEntry, scene: Scene) -> None:
    return None


TELLERS: Mapping[str, Teller] = {
    "report": _report,
    "join": _plain(lambda: _("A neighbour joined: the same trouble"), "user-plus", "info"),
    "begin_verification": _plain(lambda: _("Somebody goes to have a look"), "search", "info"),
    "propose_rejection": _hidden,
    "confirm_rejection": _confirm_rejection,
    "register": _plain(lambda: _("Accepted"), "clipboard-check", "info"),
    "reclassify": _reclassify,
    "relocate": _plain(lambda: _("The place was put right"), "map-pinned"),
    "merge": _merge,
    "merged_in": _merged_in,
    "master_closed": _plain(lambda: _("The report that led is solved"), "circle-check", "good"),
    "master_rejected": _confirm_rejection,
    "split": _split,
    "dispatch": _dispatch,
    "sign_in": _sign_in,
    "request_return": _plain(
        lambda: _("The right unit is being found"),
        "corner-up-left",
        "soon",
        text=lambda: _("The time that you were promised runs on."),
    ),
    "decide_return": _decide_return,
    "call": _call,
    "join_call": _join_call,
    "finish_call": _finish_call,
    "withdraw_call": _hidden,
    "start": _plain(lambda: _("The work has begun"), "hammer", "brand"),
    "wait_resident": _plain(lambda: _("We need something from you"), "message-circle", "soon", quote="reason"),
    "resume": _plain(lambda: _("The work goes on"), "play", "info"),
    "request_extension": _hidden,
    "decide_extension": _decide_extension,
    "request_suspension": _hidden,
    "approve_suspension": _approve_suspension,
    "review_suspension": _review_suspension,
    "dispose": _plain(
        lambda: _("Done, says the one who did it"),
        "clipboard-list",
        "brand",
        quote="outcome",
        text=lambda: _("Somebody else checks on the spot."),
    ),
    "verify": _verify,
    "feedback": _plain(lambda: _("We asked you how it went"), "phone-call", "brand"),
    "close": _plain(lambda: _("Solved and closed"), "circle-check", "good"),
    "rate": _rate,
    "reopen": _plain(lambda: _("Opened again"), "refresh-cw", "soon", quote="reason"),
    "request_exclusion": _hidden,
    "decide_exclusion": _hidden,
    "comment": _hidden,
    "message": _message,
    "add_evidence": _evidence,
    "supervise": _plain(lambda: _("Followed up from above"), "flag", "info"),
    "lift_supervision": _hidden,
    "remind": _hidden,
    "late": _late,
}
"""Kind of an entry → how residents read it; a test walks the loop's verbs against this."""


def tell(
    case: Case, entries: Iterable[LogEntry], *, own: bool, said: Mapping[str, str], photos: Mapping[str, dict[str, str]]
) -> list[dict[str, Any]]:
    """The timeline, the newest first; photos that were added one after another stand in one step.

    Args:
        own: whether the reader reported it, rather than joined.
        said: statements that the reader may read, by id.
        photos: what the gallery shows, by the id of the evidence; those that are not ready have no ``src``.
    """
    scene = Scene(case, own, said)
    rows: list[dict[str, Any]] = []
    for entry in entries:
        teller = TELLERS.get(entry.kind, _hidden)
        told = teller(entry, scene)
        if told is None:
            continue
        picture = photos.get(str(entry.data.get("evidence", ""))) if entry.kind == "add_evidence" else None
        shown = [picture] if picture and picture["src"] else []
        if (
            rows
            and entry.kind == "add_evidence"
            and rows[-1]["kind"] == "add_evidence"
            and rows[-1]["title"] == told.title
        ):
            rows[-1]["photos"] += shown
            rows[-1]["waiting"] = rows[-1]["waiting"] or not shown
            continue
        rows.append({"title": told.title, "at": entry.at, "icon": told.icon, "tone": told.tone, "text": told.text, "quote": told.quote,
                     "kind": entry.kind, "photos": shown, "waiting": entry.kind == "add_evidence" and not shown})  # fmt: skip
    for row in rows:
        if row["waiting"] and not row["text"]:
            row["text"] = _("It is being prepared and shows in a moment.")
    return list(reversed(rows))
