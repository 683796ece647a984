"""What the doors show alike of duty lists: entries, applications, forms and sheets in words, and reading their forms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.duties import facts, queries
from linli.duties.actions.lists import Money
from linli.duties.models import (
    Admission,
    AdmissionState,
    Frequency,
    ListEntry,
    Listing,
    Outcome,
    ReportForm,
    Sheet,
    Tier,
)
from linli.duties.queries import Listed, ProofCount, Reviewed
from linli.duties.tasks import Kind, choices, known
from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.people.queries import functions
from linli.people.queries import organisation as organisation_of

TONES = {Listing.WORK: ("good", "check"), Listing.ASSIST: ("info", "users-round"), Listing.NEGATIVE: ("late", "ban")}
STATES = {
    AdmissionState.WAITING: ("soon", "hourglass"),
    AdmissionState.ADMITTED: ("good", "check"),
    AdmissionState.REFUSED: ("late", "ban"),
    AdmissionState.WITHDRAWN: ("quiet", "undo-2"),
}


def yuan(fen: int) -> str:
    """An amount of money in words."""
    whole, rest = divmod(fen, 100)
    return _("%(amount)s yuan") % {"amount": f"{whole:,}" + (f".{rest:02d}" if rest else "")}


def department_name(function: str) -> str:
    """A department by what it does; ``""`` for whoever asks."""
    found = functions().get(function)
    return found.called(_language()) if found else ""


def _language() -> str:
    return get_language() or "zh"


def money_words(amount: int, source: str, authority: str) -> str:
    """The money that comes with a duty, in a line."""
    return " · ".join(part for part in (yuan(amount) if amount else "", source, authority) if part)


def title_of(kind: str, code: str, called: str) -> str:
    """How a task is called: by the room whose it is, else as the list says."""
    name = known(Kind(kind)).get(code)
    return name.called() if name else called


def days(first: date, last: date | None) -> str:
    """From when until when, in words."""
    if last is None:
        return (
            _("since %(day)s") % {"day": first.isoformat()}
            if first <= time.today()
            else _("from %(day)s") % {"day": first.isoformat()}
        )
    return _("%(first)s – before %(last)s") % {"first": first.isoformat(), "last": last.isoformat()}


def entry_row(row: ListEntry, *, wider: bool = False) -> dict[str, Any]:
    """An entry of a list in words."""
    tone, icon = TONES[Listing(row.listing)]
    return {
        "id": row.id,
        "title": title_of(row.kind, row.code, row.called),
        "kind": Kind(row.kind).label,
        "code": row.code,
        "list": Listing(row.listing).label,
        "tone": tone,
        "icon": icon,
        "department": department_name(row.department),
        "basis": row.basis,
        "instead": row.instead,
        "minutes": row.minutes,
        "money": money_words(row.amount, row.source, row.authority),
        "unfunded": row.listing == Listing.ASSIST and not row.funded,
        "days": days(row.valid_from, row.valid_to),
        "starts": row.valid_from,
        "coming": row.valid_from > time.today(),
        "place": queries.place(row.area_path),
        "wider": wider,
        "demo": row.is_demo,
    }


def listed_rows(found: Iterable[Listed]) -> list[dict[str, Any]]:
    """The tasks of an area's lists in words."""
    return [entry_row(one.row, wider=one.wider) for one in found]


def admission_row(one: Admission, *, href: str = "") -> dict[str, Any]:
    """An application in words."""
    tone, icon = STATES[AdmissionState(one.state)]
    applicant, office = organisation_of(one.organisation_id), organisation_of(one.office_id)
    return {
        "id": one.id,
        "href": href,
        "title": title_of(one.kind, one.code, one.called),
        "kind": Kind(one.kind).label,
        "who": applicant.called(_language()) if applicant else "",
        "office": office.called(_language()) if office else "",
        "place": queries.place(one.area_path),
        "tier": Tier(one.tier).label,
        "list": Listing(one.listing).label,
        "why": one.why,
        "basis": one.basis,
        "minutes": one.minutes,
        "money": money_words(one.amount, one.source, one.authority),
        "days": days(one.holds_from or one.starts_on, one.ends_on),
        "state": AdmissionState(one.state).label,
        "tone": tone,
        "icon": icon,
        "reason": one.reason,
        "applied_at": one.applied_at,
        "decided_at": one.decided_at,
        "version": one.version,
        "demo": one.is_demo,
    }


def form_row(one: ReportForm, *, href: str = "") -> dict[str, Any]:
    """A form in words."""
    owner = organisation_of(one.organisation_id)
    return {
        "id": one.id, "href": href, "code": one.code, "title": one.title, "who": owner.called(_language()) if owner else "",
        "purpose": one.purpose, "basis": one.basis, "frequency": Frequency(one.frequency).label, "minutes": one.minutes,
        "matter": queries.matter_name(one.matter),
        "asked": one.asked, "filled": [fact["label"] for fact in one.facts if fact["how"] == "filled"],
        "lapsed": one.lapsed, "over": one.valid_to is not None and one.valid_to <= time.today(), "since": one.valid_from,
        "demo": one.is_demo,
    }  # fmt: skip


def review_row(one: Reviewed, *, href: str = "") -> dict[str, Any]:
    """A form in the yearly review, in words."""
    outcome = Outcome(one.outcome.outcome).label if one.outcome else ""
    return form_row(one.form, href=href) | {
        "sheets": one.sheets, "answered": one.answered, "cost": one.minutes, "will_lapse": one.will_lapse, "outcome": outcome,
        "reason": one.outcome.reason if one.outcome else "", "uses": [use_row(use) for use in one.uses],
    }  # fmt: skip


def use_row(use: Any) -> dict[str, Any]:
    """A use of a form's result in words."""
    who = organisation_of(use.organisation_id)
    return {"who": who.called(_language()) if who else "", "what": use.what, "on": use.used_on}


def sheet_row(one: Sheet, *, href: str = "") -> dict[str, Any]:
    """A sheet in words; figures that the platform filled in with their names."""
    named = {fact["fact"]: fact["label"] for fact in one.form.facts}
    held = facts.known()
    return {
        "id": one.id, "href": href, "title": one.form.title, "code": one.form.code, "place": queries.place(one.area_path),
        "who": form_row(one.form)["who"], "purpose": one.form.purpose, "due_on": one.due_on, "sent_at": one.sent_at,
        "late": one.answered_at is None and one.due_on < time.today(), "answered_at": one.answered_at,
        "filled": [(named.get(code) or held[code].called, number) for code, number in one.filled.items()],
        "answers": [(question, one.answers.get(question, "")) for question in one.form.asked], "minutes": one.minutes,
        "expected": one.form.minutes, "demo": one.is_demo,
    }  # fmt: skip


def task_options() -> list[tuple[str, str]]:
    """Every task that can be named, for a picker: ``kind:code`` and its name."""
    return [(f"{kind}:{code}", f"{Kind(kind).label} · {code} {name.called()}") for kind, code, name in choices()]


def department_options() -> list[tuple[str, str]]:
    """Whose asking an entry is about, for a picker."""
    return [("", _("Whoever asks")), *((code, one.called(_language())) for code, one in functions().items())]


def number_in(sent: QueryDict, name: str) -> int:
    """A whole number that was sent; 0 for none.

    Raises:
        Invalid: it is no whole number.
    """
    text = sent.get(name, "").strip()
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 7:
        raise Invalid("field.number", _("Please give a whole number."), field=name)
    return int(text)


def money_in(sent: QueryDict) -> Money:
    """The money that was sent, in yuan.

    Raises:
        Invalid: the amount is none.
    """
    text = sent.get("amount", "").replace(",", "").strip()
    try:
        fen = Decimal(text or 0) * 100
    except InvalidOperation:
        fen = Decimal(-1)
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen > 10**14:
        raise Invalid("duties.amount", _("Give the amount in yuan, not less than nothing."), field="amount")
    return Money(int(fen), sent.get("source", ""), sent.get("authority", ""))


def proof_row(one: ProofCount) -> dict[str, Any]:
    """A proof in words, with how often it was asked for."""
    proof = one.proof
    return {
        "id": proof.id, "code": proof.code, "name": proof.called, "purpose": proof.purpose, "basis": proof.basis,
        "issuer": proof.issuer, "brought": one.brought, "spared": one.spared, "abolished": one.abolished,
        "abolished_on": proof.abolished_on, "instead": proof.instead, "place": queries.place(proof.area_path), "demo": proof.is_demo,
    }  # fmt: skip
