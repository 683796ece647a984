"""Publishing a set of rules: dated, numbered, never changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.db import NOWHERE
from linli.kernel.errors import Conflict, Invalid
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.ledger import queries, rules
from linli.ledger.models import Per, Rule, RuleSet
from linli.ledger.rules import RuleRow


def load_rules(actor: Actor = SYSTEM) -> RuleSet | None:
    """Publish the list that comes with Linli when there is none yet; it holds from the beginning.

    Returns:
        The set, or ``None`` when there were rules already.
    """
    policy.require(actor, "points.publish_rules")
    if RuleSet.objects.exists():
        return None
    day = rules.terms().first_rules_from
    return _publish(
        actor, rules.shipped(), valid_from=datetime(day.year, day.month, day.day, tzinfo=time.LOCAL_ZONE), note=""
    )


def publish(actor: Actor, rows: Sequence[RuleRow], *, valid_from: datetime, note: str) -> RuleSet:
    """Publish a new set; it holds from ``valid_from`` on, and what happened before keeps the old one.

    Args:
        valid_from: aware, not in the past and later than every set before it.
        note: what changed and why, for everybody to read.

    Raises:
        Invalid: the day is in the past, or there is no note.
        Conflict: nothing is different, or a later set is published already.
    """
    policy.require(actor, "points.publish_rules")
    if valid_from < time.now() - timedelta(minutes=1):
        raise Invalid(
            "points.rules_past", _("Rules do not hold for what has happened already."), field="valid_from",
            mend=_("Choose today or a later day."),
        )  # fmt: skip
    if not note.strip():
        raise Invalid("field.needed", _("This needs words."), field="note", mend=_("Say what changed and why."))
    return _publish(actor, rows, valid_from=valid_from, note=note.strip()[:200])


def _publish(actor: Actor, rows: Sequence[RuleRow], *, valid_from: datetime, note: str) -> RuleSet:
    with transaction.atomic():
        last = RuleSet.objects.order_by("-number").first()  # two at once: the number is taken once
        if last is not None and last.valid_from >= valid_from:
            raise Conflict("points.rules_order", _("Rules that begin later are published already."))
        number = last.number + 1 if last else 1
        made = RuleSet.objects.create(
            id=ids.new_id(), number=number, valid_from=valid_from, published_at=time.now(), published_by=actor.account_id,
            note=note,
        )  # fmt: skip
        Rule.objects.bulk_create(
            Rule(
                id=ids.new_id(), rule_set=made, code=one.code, position=position, name_zh=one.name_zh, name_en=one.name_en,
                points=one.points, per=_per(one), daily_cap=one.daily_cap, monthly_cap=one.monthly_cap,
                confirmation=one.confirmation, confirmers=list(one.confirmers), by_hand=one.by_hand, note_zh=one.note_zh,
                note_en=one.note_en,
            )
            for position, one in enumerate(rows, start=1)
        )  # fmt: skip
        if last is not None and not queries.rule_changes(queries.rule_book(last.number), queries.rule_book(number)):
            raise Conflict("points.rules_same", _("These are the rules that hold already."))
        detail = {"number": number, "valid_from": valid_from.isoformat()}
        audit.record(
            actor,
            "points.publish_rules",
            subject_type="points_rules",
            subject_id=made.id,
            district=NOWHERE,
            detail=detail,
        )
        events.append(
            "points.rules_published", subject_type="points_rules", subject_id=made.id, sequence=number, district=NOWHERE,
            area_path="", actor=actor, data=detail,
        )  # fmt: skip
    return made


def _per(row: RuleRow) -> str:
    if row.per not in set(Per):
        raise Invalid("points.per", _("A rule counts something else than is known here."), field=row.code)
    return row.per
