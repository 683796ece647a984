"""Webhooks: made, ended, taken up again and replayed by the system administrator."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.cases import states
from linli.kernel import crypto, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import Actor, audit, policy
from linli.notices import outbound
from linli.notices.models import DeliveryState, Hook, Posting
from linli.notices.sending import HOOK_TABLE
from linli.territory import queries as territory

VERB = "webhook.edit"
MOST_HOOKS = 50
ALL = "case.*"
PREFIX = "whsec_"


def known_kinds() -> list[str]:
    """What can be asked for: every step of a case by its verb, or all of them."""
    return [ALL, *sorted({*states.rules(), "case.report", "case.join", "case.late"})]


def make_hook(actor: Actor, *, name: str, url: str, kinds: Iterable[str], area_path: str) -> tuple[Hook, str]:
    """Let signed events of an area go to an address.

    Args:
        url: https, on a public host.
        kinds: of events: ``case.close``, or ``case.*`` for all.

    Returns:
        The hook, and its secret in clear: it is shown once.

    Raises:
        Forbidden: the post may not.
        Invalid: the address, the kinds or the area are none.
        Conflict: there are as many as there may be.
    """
    policy.require(actor, VERB)
    asked = sorted(set(kinds))
    if not asked or not set(asked) <= set(known_kinds()):
        raise Invalid("webhook.kinds", _("Please choose which events."), field="kinds")
    if not name.strip():
        raise Invalid("webhook.name", _("Please give it a name."), field="name")
    try:
        territory.area_at(area_path.strip())
    except NotFound:
        raise Invalid("webhook.area", _("There is no such area."), field="area_path") from None
    address = outbound.check(url)
    secret, hook_id = ids.random_bits(256).to_bytes(32), ids.new_id()
    shown = base64.b64encode(secret).decode()
    with transaction.atomic():
        if Hook.objects.filter(disabled_at__isnull=True).count() >= MOST_HOOKS:
            raise Conflict("webhook.full", _("There are as many webhooks as there may be."))
        hook = Hook.objects.create(
            id=hook_id, name=name.strip()[:80], url=address, kinds=asked, reach_path=area_path.strip(),
            secret_enc=crypto.seal(HOOK_TABLE, hook_id, shown), made_by=actor.account_id, made_at=time.now(),
        )  # fmt: skip
        audit.record(
            actor, "webhook.make", subject_type="webhook", subject_id=hook.id,
            detail={"kinds": asked, "area_path": area_path, "url": address},
        )  # fmt: skip
    return hook, PREFIX + shown


def _lock(actor: Actor, hook_id: UUID) -> Hook:
    policy.require(actor, VERB)
    hook = Hook.objects.select_for_update().filter(id=hook_id).first()
    if hook is None:
        raise NotFound("webhook.none", _("There is no such webhook."))
    return hook


def end_hook(actor: Actor, hook_id: UUID) -> None:
    """Switch a webhook off; what waits for it is not sent.

    Raises:
        Forbidden, NotFound: as they say.
    """
    with transaction.atomic():
        hook = _lock(actor, hook_id)
        if hook.disabled_at is None:
            hook.disabled_at, hook.disabled_why = time.now(), "ended"
            hook.save(update_fields=["disabled_at", "disabled_why"])
            audit.record(actor, "webhook.end", subject_type="webhook", subject_id=hook.id)


def resume_hook(actor: Actor, hook_id: UUID) -> None:
    """Switch a webhook on again; what came up in between can be replayed, as far as it was kept.

    Raises:
        Forbidden, NotFound: as they say.
    """
    with transaction.atomic():
        hook = _lock(actor, hook_id)
        if hook.disabled_at is not None:
            hook.disabled_at, hook.disabled_why, hook.failing_since = None, "", None
            hook.save(update_fields=["disabled_at", "disabled_why", "failing_since"])
            audit.record(actor, "webhook.resume", subject_type="webhook", subject_id=hook.id)


def replay(actor: Actor, hook_id: UUID, posting_id: UUID) -> Posting:
    """Send an event once more, now, with the id that it had.

    Raises:
        Forbidden, NotFound: as they say.
        Conflict: the webhook is switched off.
    """
    with transaction.atomic():
        hook = _lock(actor, hook_id)
        if hook.disabled_at is not None:
            raise Conflict("webhook.disabled", _("This webhook is switched off."), mend=_("Switch it on first."))
        row = Posting.objects.select_for_update().filter(id=posting_id, hook_id=hook.id).first()
        if row is None:
            raise NotFound("webhook.no_posting", _("There is no such delivery."))
        row.state, row.tries, row.due_at = DeliveryState.WAITING, 0, time.now()
        row.save(update_fields=["state", "tries", "due_at"])
        audit.record(
            actor, "webhook.replay", subject_type="webhook", subject_id=hook.id, detail={"posting": str(row.id)}
        )
    return row
