"""The maintenance fund: lines of statements are added, and reversed when they were wrong."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from linli.compounds.actions.filing import Filing, Origin, filing
from linli.compounds.models import FundEntry, FundKind
from linli.compounds.standing import holding
from linli.kernel import time
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import Actor

TYPED = (FundKind.OPENING, FundKind.INCOME, FundKind.INTEREST, FundKind.SPENDING, FundKind.STATEMENT)
"""What somebody may note; a reversal has a function of its own."""
LARGEST = 10**13
"""Fen; no fund of a compound is larger."""


def note(
    actor: Actor,
    compound_id: UUID,
    *,
    kind: FundKind | str,
    amount: int,
    day: date,
    words: str = "",
    stated: int | None = None,
    origin: Origin,
    key: UUID,
) -> FundEntry:
    """Note a line of a statement; once for the key.

    Args:
        amount: in fen, not below zero; spending is taken off. Of a statement without movement nothing.
        day: of the line.
        stated: the balance that the statement gives after everything up to that day; refused when it is another one.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: a field is wrong, more would be spent than there is, or the balance is not the statement's.
        Conflict: a balance was brought forward already.
    """
    if kind not in TYPED:
        raise Invalid("compounds.fund_kind", _("Choose what kind of line it is."), field="kind")
    nothing = kind == FundKind.STATEMENT or (kind == FundKind.OPENING and amount == 0)
    if not 0 <= amount <= LARGEST or nothing != (amount == 0):
        raise Invalid(
            "compounds.amount",
            _("Give an amount above nothing; none for a statement without movement."),
            field="amount",
        )
    if not date(1990, 1, 1) <= day <= time.today():
        raise Invalid("compounds.day", _("This day is too early or too late."), field="day")
    with filing(actor, compound_id, "fund") as open_:
        if (before := open_.first(FundEntry, key)) is not None:
            return before
        rows = FundEntry.objects.filter(district=open_.compound.district, compound=open_.compound)
        if kind == FundKind.OPENING and any(row.kind == FundKind.OPENING for row in holding(rows)):
            raise Conflict(
                "compounds.opened",
                _("A balance was brought forward already."),
                mend=_("Reverse it first if it is wrong."),
            )
        signed = -amount if kind == FundKind.SPENDING else amount
        _must_hold(balance(open_), signed, field="amount")
        if stated is not None and balance(open_, until=day) + signed != stated:
            raise Invalid(
                "compounds.stated",
                _("The lines up to this day do not add up to the balance of the statement."),
                field="stated",
                mend=_("Note the lines that are missing first."),
                extra={"balance": balance(open_, until=day) + signed},
            )
        made = FundEntry.objects.create(
            id=key, **open_.record(origin), kind=str(kind), amount=signed, day=day, words=" ".join(words.split())[:200]
        )
        open_.told = {"kind": made.kind}
    return made


def reverse(actor: Actor, compound_id: UUID, entry_id: UUID, *, reason: str, key: UUID) -> FundEntry:
    """Reverse a line that was wrong: another of the opposite amount on its day; once for the key, and once for the line.

    Raises:
        NotFound, Forbidden: the post may not, or there is no such line.
        Conflict: it was reversed before, or is a reversal itself.
        Invalid: no reason is given, or what it paid in has been spent.
    """
    said = " ".join(reason.split())[:200]
    if len(said) < 2:
        raise Invalid("field.needed", _("This needs words."), field="reason", mend=_("Say what was wrong."))
    with filing(actor, compound_id, "fund") as open_:
        if (before := open_.first(FundEntry, key)) is not None:
            return before
        wrong = open_.replaced(FundEntry, entry_id)
        assert wrong is not None
        if wrong.kind == FundKind.REVERSAL:
            raise Conflict("compounds.reversal", _("A reversal is not reversed."), mend=_("Note the line again."))
        _must_hold(balance(open_), -wrong.amount, field="reason")
        made = FundEntry.objects.create(
            id=key, **open_.record(Origin(wrong.source, wrong.source_note)), replaces=wrong, kind=FundKind.REVERSAL,
            amount=-wrong.amount, day=wrong.day, words=said,
        )  # fmt: skip
        open_.told = {"kind": made.kind}
    return made


def balance(open_: Filing, *, until: date | None = None) -> int:
    """The sum of the lines of a fund, in fen; up to a day, itself among them, when one is given."""
    rows = FundEntry.objects.filter(district=open_.compound.district, compound=open_.compound)
    if until is not None:
        rows = rows.filter(day__lte=until)
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def _must_hold(before: int, amount: int, *, field: str) -> None:
    if before + amount < 0:
        raise Invalid(
            "compounds.overdrawn",
            _("The fund does not hold so much."),
            field=field,
            mend=_("Note what was paid in first."),
        )
