"""Types and their rules: what belongs where, from which day; and those that come with Linli."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date
from importlib import resources

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.organisations import standing
from linli.organisations.models import Seat, TypeRule
from linli.people.models import OrganisationFamily, OrganisationType
from linli.people.snapshot import changed
from linli.people.staffing import load_organisation_types

VERB = "organisation.configure"
BEGINNING = date(2020, 1, 1)
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
NOWHERE = "000000"
"""The district of what holds everywhere."""


def make_type(actor: Actor, *, code: str, family: str, name_zh: str, name_en: str) -> OrganisationType:
    """Add a type of organisation. Asking again for the same one changes nothing.

    Raises:
        Invalid: code, family or names do not fit.
        Conflict: the code is taken by another type.
    """
    policy.require(actor, VERB)
    if not _CODE.fullmatch(code):
        raise Invalid(
            "type.code",
            _("A code is small letters, figures and low lines, at most 40, and begins with a letter."),
            field="code",
        )
    if family not in OrganisationFamily.values:
        raise Invalid("type.family", _("There is no such family."), field="family")
    names = {"name_zh": name_zh.strip()[:60], "name_en": name_en.strip()[:80]}
    for field, name in names.items():
        if len(name) < 2:
            raise Invalid("type.name", _("Please give a name."), field=field)
    with transaction.atomic():
        known = OrganisationType.objects.filter(code=code).first()
        if known is not None:
            if (known.family, known.name_zh, known.name_en) == (family, *names.values()):
                return known
            raise Conflict("type.code", _("This code is taken."), field="code")
        last = OrganisationType.objects.aggregate(last=Max("position"))["last"] or 0
        made = OrganisationType.objects.create(code=code, family=family, position=last + 1, **names)
        _told(actor, "organisation.type_made", code)
    return made


def set_rule(
    actor: Actor,
    *,
    kind: str,
    seat: str,
    under: str = "",
    also: Sequence[str] = (),
    expected: bool = False,
    holds_from: date,
    source: str = "",
) -> TypeRule:
    """Rule from a day on where a type belongs; the rule before it ends on that day and keeps the days before.

    Args:
        under: the type that it stands under; empty: none.
        also: types that count for it in coverage.
        expected: every place of the kind should have one.
        holds_from: after the day from which the rule before holds; not before today once there is one.

    Raises:
        Invalid: a type, a kind of place or the day does not fit.
        Conflict: a later rule is waiting already.
    """
    policy.require(actor, VERB)
    standing.type_of(kind, field="kind")
    if seat not in Seat.values:
        raise Invalid("rule.seat", _("There is no such kind of place."), field="seat")
    if expected and seat == Seat.ANY:
        raise Invalid("rule.expected", _("Any area cannot be expected to have one; choose a kind."), field="seat")
    for code in (*([under] if under else ()), *also):
        standing.type_of(code, field="under" if code == under else "also")
    if kind in (under, *also):
        raise Invalid("rule.itself", _("A type does not stand under itself."), field="under")
    with transaction.atomic():
        rows = list(TypeRule.objects.select_for_update().filter(type_id=kind).order_by("valid_from"))
        last = rows[-1] if rows else None
        if last is not None:
            same = (last.seat, last.under_id or "", list(last.also), last.expected, last.valid_from)
            if same == (seat, under, list(also), expected, holds_from):
                return last
            if last.valid_from > time.today():
                raise Conflict("rule.waiting", _("A change of this rule is waiting for its day already."))
            if holds_from < time.today() or holds_from <= last.valid_from:
                raise Invalid(
                    "rule.past", _("A rule changes from today on, so that past figures stand."), field="holds_from"
                )
            last.valid_to = holds_from
            last.save(update_fields=["valid_to"])
        made = TypeRule.objects.create(
            id=ids.new_id(), type_id=kind, seat=seat, under_id=under or None, also=list(also), expected=expected,
            source=source.strip()[:120], valid_from=holds_from,
        )  # fmt: skip
        _told(actor, "organisation.rule_set", kind)
    return made


def load_base(actor: Actor = SYSTEM) -> int:
    """Load the types of organisation, and a rule for each that has none; repeatable. Returns how many rules were added."""
    policy.require(actor, VERB)
    text = resources.files("linli.organisations").joinpath("rules/type_rules.csv").read_text("utf-8")
    with transaction.atomic():
        load_organisation_types()
        ruled = set(TypeRule.objects.values_list("type_id", flat=True))
        made = TypeRule.objects.bulk_create(
            TypeRule(
                id=ids.new_id(), type_id=row["type"], seat=row["seat"], under_id=row["under"] or None,
                also=row["also"].split(), expected=row["expected"] == "yes", valid_from=BEGINNING,
            )
            for row in csv.DictReader(text.splitlines())
            if row["type"] not in ruled
        )  # fmt: skip
        changed(standing.STAMP)
        if made:
            _told(actor, "organisation.rules_loaded", "base")
    return len(made)


def _told(actor: Actor, kind: str, subject: str) -> None:
    changed(standing.STAMP)
    audit.record(actor, kind, subject_type="organisation_type", subject_id=subject, district=NOWHERE)
    events.append(
        kind, subject_type="organisation_type", subject_id=ids.new_id(), sequence=1, district=NOWHERE, area_path="",
        actor=actor, data={"type": subject},
    )  # fmt: skip
