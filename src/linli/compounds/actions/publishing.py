"""The rules: loaded once, then changed by a proposal whose difference is shown and whose effect is counted before it is published."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.compounds import rules
from linli.compounds.colours import colour
from linli.compounds.models import ChangeState, RuleChange, RuleSet, Standing
from linli.compounds.rules import Given
from linli.kernel import events, ids, proposals, time
from linli.kernel.db import NOWHERE
from linli.kernel.errors import Conflict, Invalid, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy

VERB = "compound.change_rules"


def load_rules(actor: Actor = SYSTEM) -> RuleSet | None:
    """Publish the rules that come with Linli when there are none yet; they hold from the beginning.

    Returns:
        The set, or ``None`` when there were rules already.
    """
    policy.require(actor, VERB)
    if RuleSet.objects.exists():
        return None
    first, given = rules.shipped()
    with transaction.atomic():
        return _publish(actor, given, valid_from=first, note="")


def propose(actor: Actor, given: Given, *, valid_from: date, reason: str) -> RuleChange:
    """Propose a next set of rules; nothing changes until it is published.

    Args:
        valid_from: tomorrow at the earliest.
        reason: why, for everybody to read.

    Raises:
        Invalid: a rule cannot be so, nothing differs, the day is past, or no reason is given.
    """
    policy.require(actor, VERB)
    kept = rules.checked(given)
    said = " ".join(reason.split())[:200]
    if len(said) < 2:
        raise Invalid("field.needed", _("This needs words."), field="reason", mend=_("Say what changes and why."))
    if valid_from <= time.today():
        raise Invalid(
            "compounds.rules_past", _("Rules hold from tomorrow at the earliest."), field="valid_from",
            mend=_("Choose tomorrow or a later day."),
        )  # fmt: skip
    with transaction.atomic():
        base = _last()
        if (base.rules, base.items, base.terms) == (kept.rules, kept.items, kept.terms):
            raise Invalid("compounds.rules_same", _("Nothing would change."), field="reason")
        made = RuleChange.objects.create(
            id=ids.new_id(), base=base, rules=kept.rules, items=kept.items, terms=kept.terms, reason=said, valid_from=valid_from,
            preview=effect(kept.rules), proposed_by=actor.account_id, proposed_at=time.now(),
        )  # fmt: skip
        _audit(actor, "propose_rules", made)
    return made


def effect(proposed: list[dict[str, Any]]) -> dict[str, Any]:
    """How many compounds would have which colour, and how many would change from which to which, by what stands in their files today."""
    moves: Counter[tuple[str, str]] = Counter()
    for before, measures in Standing.objects.values_list("colour", "measures").iterator(chunk_size=5000):
        moves[before, colour(measures, proposed)[0]] += 1
    after: Counter[str] = Counter()
    for (_before, to), number in moves.items():
        after[to] += number
    changed = [[a, b, n] for (a, b), n in sorted(moves.items(), key=lambda one: (-one[1], one[0])) if a != b]
    return {
        "compounds": sum(moves.values()),
        "change": sum(n for _a, _b, n in changed),
        "moves": changed,
        "after": dict(after),
    }


def count_again(actor: Actor, change_id: UUID) -> RuleChange:
    """Count the effect of a proposed change anew.

    Raises:
        NotFound: there is no such change.
    """
    policy.require(actor, VERB)
    with transaction.atomic():
        change = proposals.locked(RuleChange.objects, change_id)
        change.preview = effect(change.rules)
        change.save(update_fields=["preview"])
    return change


def publish(actor: Actor, change_id: UUID, *, version: int) -> RuleSet:
    """Publish a proposed set: it holds from its day on, and colours change then.

    Raises:
        NotFound: there is no such change.
        Stale: it was decided meanwhile, or other rules were published since it was proposed.
        Invalid: its day has come already.
    """
    policy.require(actor, VERB)
    with transaction.atomic():
        change = proposals.waiting(RuleChange.objects, change_id, version)
        if _last().id != change.base_id:
            raise Stale(
                "compounds.moved_on",
                _("Other rules were published since this was proposed."),
                mend=_("Propose the change again on what holds now."),
            )
        if change.valid_from <= time.today():
            raise Invalid(
                "compounds.rules_past", _("Rules hold from tomorrow at the earliest."), field="valid_from",
                mend=_("Propose it again with a later day."),
            )  # fmt: skip
        made = _publish(
            actor, Given(change.rules, change.items, change.terms), valid_from=change.valid_from, note=change.reason
        )
        _decide(actor, change, ChangeState.PUBLISHED)
    return made


def withdraw(actor: Actor, change_id: UUID, *, version: int) -> RuleChange:
    """Take a proposed change back.

    Raises:
        NotFound: there is no such change.
        Stale: it was decided meanwhile.
    """
    policy.require(actor, VERB)
    with transaction.atomic():
        change = proposals.waiting(RuleChange.objects, change_id, version)
        _decide(actor, change, ChangeState.WITHDRAWN)
    return change


def _last() -> RuleSet:
    found = RuleSet.objects.order_by("-number").first()
    if found is None:
        raise Conflict(
            "compounds.no_rules", _("No rules are published yet."), mend=_("Load those that come with Linli.")
        )
    return found


def _publish(actor: Actor, given: Given, *, valid_from: date, note: str) -> RuleSet:
    last = RuleSet.objects.order_by("-number").first()  # two at once: the number is taken once
    if last is not None and last.valid_from >= valid_from:
        raise Conflict("compounds.rules_order", _("Rules that begin later are published already."))
    made = RuleSet.objects.create(
        id=ids.new_id(), number=last.number + 1 if last else 1, valid_from=valid_from, rules=given.rules, items=given.items,
        terms=given.terms, note=note, published_at=time.now(), published_by=actor.account_id,
    )  # fmt: skip
    detail = {"number": made.number, "valid_from": valid_from.isoformat()}
    audit.record(
        actor,
        "compound.publish_rules",
        subject_type="compound_rules",
        subject_id=made.id,
        district=NOWHERE,
        detail=detail,
    )
    events.append(
        "compound.rules_published", subject_type="compound_rules", subject_id=made.id, sequence=made.number, district=NOWHERE,
        area_path="", actor=actor, data=detail,
    )  # fmt: skip
    return made


def _decide(actor: Actor, change: RuleChange, state: ChangeState) -> None:
    proposals.decide(actor, change, state)
    _audit(actor, f"{state}_rules", change)


def _audit(actor: Actor, what: str, change: RuleChange) -> None:
    audit.record(
        actor, f"compound.{what}", subject_type="compound_rule_change", subject_id=change.id, district=NOWHERE,
        purpose=change.reason, detail={"valid_from": change.valid_from.isoformat()},
    )  # fmt: skip
