"""Tries to reach the reporter of a verified case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.cases.actions import closing
from linli.cases.actions.closing import Outcome as Said
from linli.cases.loop import Ref, check_state, check_version, load, may_view, require
from linli.cases.models import Case
from linli.hotline import queries, rules
from linli.hotline.models import NOBODY, Try
from linli.kernel import deadlines, ids, time
from linli.kernel.errors import Conflict
from linli.kernel.models import Clock
from linli.kernel.trust import Actor
from linli.ui.words import when


def record(actor: Actor, ref: Ref, *, version: int, said: Said, words: str = "") -> Try:
    """Note a try: what the reporter said, or that nobody answered.

    Whoever answers is heard at once. Nobody counts as not reached before the last try of ``rules/callbacks.yaml``, each of them in
    working time and after the pause that the one before it asks for; then the loop notes *not reached*.

    Args:
        version: of the case, as the actor saw it.
        words: what was said, in a sentence.

    Raises:
        Conflict: outside working hours, too soon after the last try, or the case is not waiting for this.
        Stale, NotFound, Forbidden: as the loop's ``feedback``.
    """
    rule = rules.callbacks()
    with transaction.atomic():
        case = load(actor, ref)
        require(actor, "case.feedback", case)
        check_version(case, version)
        check_state(case, "case.feedback")
        before = list(Try.objects.filter(district=case.district, case_id=case.id, round=case.round).order_by("number"))
        now, number = time.now(), len(before) + 1
        next_at = None
        if said == Said.NOT_REACHED:
            _in_its_time(now, before[-1].next_at if before else None)
            if number < rule.tries:
                next_at, _provisional = deadlines.compute(Clock.WORKING, rule.pauses[number - 1], now)
        made = Try.objects.create(
            id=ids.new_id(), district=case.district, case=case, area_path=case.area_path, round=case.round, number=number,
            at=now, post_id=actor.post_id or NOBODY, said=said, next_at=next_at,
        )  # fmt: skip
        if next_at is None:
            closing.feedback(actor, ref, version=version, outcome=said, words=words.strip()[:500])
        elif case.disposed_by is not None and case.disposed_by == actor.account_id:
            raise Conflict("case.own_work", _("You handled this case; somebody else has to check it."))
    return made


def record_ring(actor: Actor, ref: Ref, *, version: int, said: Said, words: str = "") -> list[Try]:
    """Note what came of ringing a reporter: when nobody answered, for every case of the same call that waits for a word now.

    One ring is one attempt to reach one person: each of these cases gets its try and its next one, so nobody is rung twice in a row.

    Returns:
        The try of the case asked about, then those of the others.

    Raises:
        Conflict, Stale, NotFound, Forbidden: as :func:`record`, for the case asked about; then nothing is noted.
    """
    with transaction.atomic():
        if said != Said.NOT_REACHED:
            return [record(actor, ref, version=version, said=said, words=words)]
        case = load(actor, ref)
        numbers = queries.together(actor, [case.number]).get(case.number, [])
        others = Case.objects.select_for_update().filter(district=case.district, number__in=numbers).order_by("id")
        waiting = [one.case for one in queries.may_ring(actor, [one for one in others if may_view(actor, one)])]
        made = [record(actor, ref, version=version, said=said, words=words)]
        for one in waiting:
            made.append(record(actor, Ref(one.district, one.id), version=one.version, said=said))
    return made


def _in_its_time(now: datetime, allowed: datetime | None) -> None:
    if not deadlines.calendar().is_working(now):
        raise Conflict(
            "callback.hours",
            _("Outside working hours a call that nobody answers is no try."),
            mend=_("Ring again in working hours; whoever answers may be heard at any time."),
        )
    if allowed is not None and now < allowed:
        raise Conflict(
            "callback.too_soon",
            _("The next try counts from %(when)s on.") % {"when": when(allowed, now)},
            mend=_("Whoever answers earlier may be heard at any time."),
            extra={"next_at": allowed.isoformat()},
        )
