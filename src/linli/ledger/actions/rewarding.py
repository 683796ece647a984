"""Rewards: what a community offers, changing points for it, collecting it, taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, time
from linli.kernel.errors import Conflict, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.ledger import book, queries
from linli.ledger.actions.suspending import refuse_suspended
from linli.ledger.book import Source
from linli.ledger.models import Redemption, RedemptionState, Reward
from linli.ledger.rules import terms
from linli.ledger.words import number, said

SWEEP = 200


def offer(
    actor: Actor,
    reward_id: UUID,
    *,
    name_zh: str,
    name_en: str = "",
    place: str,
    price: int | str,
    stock: int | str,
) -> Reward:
    """Offer a new reward in the post's own area; once for the id.

    Raises:
        Invalid: a field is wrong.
    """
    policy.require(actor, "points.keep_rewards")
    values = _values(name_zh=name_zh, name_en=name_en, place=place, price=price, stock=stock)
    with transaction.atomic():
        first = Reward.objects.filter(district=actor.district, id=reward_id).first()
        if first is not None:
            return first
        made = Reward.objects.create(
            id=reward_id, district=actor.district, area_path=actor.area_path, changed_at=time.now(), **values
        )
        _noted(actor, made)
    return made


def change(
    actor: Actor,
    reward_id: UUID,
    *,
    version: int,
    name_zh: str,
    name_en: str = "",
    place: str,
    price: int | str,
    stock: int | str,
    offered: bool,
) -> Reward:
    """Change a reward, its stock, or whether it is offered; what was changed for it before keeps its price.

    Raises:
        NotFound: there is none in the post's area.
        Stale: somebody changed it, or took a piece of it, in the meantime.
        Invalid: a field is wrong.
    """
    values = _values(name_zh=name_zh, name_en=name_en, place=place, price=price, stock=stock)
    with transaction.atomic():
        found = Reward.objects.select_for_update().filter(id=reward_id).first()
        if found is None:
            raise queries.missing()
        policy.require(actor, "points.keep_rewards", found)
        if found.version != version:
            raise Stale(
                "points.stale",
                _("Somebody changed this in the meantime, or took a piece of it."),
                mend=_("Look at what is new, then do it again if it still holds."),
                extra={"version": found.version, "stock": found.stock},
            )
        for name, value in values.items():
            setattr(found, name, value)
        found.offered, found.version, found.changed_at = offered, found.version + 1, time.now()
        found.save()
        _noted(actor, found)
    return found


def _values(*, name_zh: str, name_en: str, place: str, price: int | str, stock: int | str) -> dict[str, Any]:
    return {
        "name_zh": said(name_zh, field="name_zh", most=80),
        "name_en": said(name_en, field="name_en", least=0, most=120),
        "place": said(place, field="place", most=120),
        "price": number(price, field="price"),
        "stock": number(stock, field="stock", least=0),
    }


def _noted(actor: Actor, reward: Reward) -> None:
    audit.record(
        actor, "points.keep_rewards", subject_type="points_reward", subject_id=reward.id, district=reward.district,
        detail={"price": reward.price, "stock": reward.stock, "offered": reward.offered},
    )  # fmt: skip


def redeem(actor: Actor, reward_id: UUID, *, redemption_id: UUID) -> Redemption:
    """Change points for one piece of a reward; once for the id. Neither the points nor the stock can be overdrawn.

    Args:
        redemption_id: made by the client.

    Raises:
        NotFound: there is no such reward where the person's points are.
        Conflict: it is not offered any more, there is none left, there are too few points, or the account is suspended.
    """
    policy.require(actor, "points.redeem")
    reward = Reward.objects.filter(id=reward_id).first()
    if reward is None or actor.account_id is None or reward.district not in queries.districts_of(actor):
        raise queries.missing()
    now = time.now()
    with transaction.atomic():
        # The account first, then the reward: two people never wait for each other crosswise.
        account = book.open_account(reward.district, actor.account_id)
        first = (
            Redemption.objects.filter(district=reward.district, id=redemption_id, owner_id=actor.account_id)
            .select_related("reward")
            .first()
        )
        if first is not None:
            return first
        refuse_suspended(account)
        reward = Reward.objects.select_for_update().get(district=reward.district, id=reward_id)
        if not reward.offered or reward.stock < 1:
            raise Conflict("points.none_left", _("There is none left."), mend=_("Choose something else."))
        source = Source(reward.district, reward.area_path, "redemption", redemption_id, now, label=reward.name_zh)
        entry = book.spend(actor, account, reward.price, source=source, rules_number=queries.rules_at(now).number)
        reward.stock, reward.version = reward.stock - 1, reward.version + 1
        reward.save(update_fields=["stock", "version"])
        return Redemption.objects.create(
            id=redemption_id, district=reward.district, reward=reward, entry=entry, owner_id=actor.account_id,
            area_path=reward.area_path, price=reward.price, at=now, collect_by=now + _keeping(),
            code_hash=queries.code_hash(queries.pick_up_code(reward.district, redemption_id)),
        )  # fmt: skip


def take_back(actor: Actor, redemption_id: UUID) -> Redemption:
    """Take back one's own change that was not collected: points and piece are there again.

    Raises:
        NotFound: it is nobody's, or somebody else's.
        Conflict: it was collected, or taken back already.
    """
    policy.require(actor, "points.redeem")
    with transaction.atomic():
        found = _waiting(actor, redemption_id, own=True)
        return _give_back(actor, found, RedemptionState.CANCELLED)


def hand_out(actor: Actor, redemption_id: UUID) -> Redemption:
    """Hand a piece over to whoever showed its code.

    Raises:
        NotFound: it is not of this area.
        Conflict: it was collected, or taken back already.
    """
    with transaction.atomic():
        found = _waiting(actor, redemption_id, own=False)
        policy.require(actor, "points.hand_out", found)
        found.state, found.ended_at, found.ended_by = RedemptionState.COLLECTED, time.now(), actor.account_id
        found.save(update_fields=["state", "ended_at", "ended_by"])
        _tell(actor, found)
    return found


def let_lapse() -> int:
    """Give the points back of what nobody came for in time; returns how many."""
    late = Redemption.objects.filter(state=RedemptionState.WAITING, collect_by__lte=time.now()).order_by("collect_by")
    count = 0
    for district, one in list(late.values_list("district", "id")[:SWEEP]):
        with transaction.atomic():
            found = (
                Redemption.objects.select_for_update(skip_locked=True)
                .filter(district=district, id=one, state=RedemptionState.WAITING)
                .first()
            )
            if found is not None:
                _give_back(SYSTEM, found, RedemptionState.LAPSED)
                count += 1
    return count


def _waiting(actor: Actor, redemption_id: UUID, *, own: bool) -> Redemption:
    found = Redemption.objects.select_for_update().filter(id=redemption_id).first()
    seen = found is not None and (
        found.owner_id == actor.account_id if own else policy.allows(actor, "points.hand_out", found)
    )
    if found is None or not seen:
        raise queries.missing()
    if found.state != RedemptionState.WAITING:
        raise Conflict(
            "points.ended", _("This was collected or taken back already."), extra={"state": str(found.state)}
        )
    return found


def _give_back(actor: Actor, found: Redemption, state: RedemptionState) -> Redemption:
    source = Source(found.district, found.area_path, "redemption", found.id, time.now())
    book.reverse(actor, found.entry, source=source)
    reward = Reward.objects.select_for_update().get(district=found.district, id=found.reward_id)
    reward.stock, reward.version = reward.stock + 1, reward.version + 1
    reward.save(update_fields=["stock", "version"])
    found.state, found.ended_at, found.ended_by = state, time.now(), actor.account_id
    found.save(update_fields=["state", "ended_at", "ended_by"])
    _tell(actor, found)
    return found


def _tell(actor: Actor, found: Redemption) -> None:
    events.append(
        f"points.{found.state}", subject_type="points_redemption", subject_id=found.id, sequence=1, district=found.district,
        area_path=found.area_path, actor=actor, data={"price": found.price},
    )  # fmt: skip


def _keeping() -> timedelta:
    return timedelta(days=terms().collect_days)
