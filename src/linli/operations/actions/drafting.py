"""Composing an operation as a draft, changing it, throwing it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import commands, ids, time
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor, policy
from linli.operations import forms, targets
from linli.operations.actions.changing import (
    COMPOSE,
    body_of,
    due_time,
    locked,
    require_state,
    words_of,
)
from linli.operations.duties import kinds
from linli.operations.forms import Field
from linli.operations.models import (
    Operation,
    OperationState,
)
from linli.operations.targets import Target

MOST_MINUTES = 480


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operation says.

    Args:
        kind: code of ``rules/kinds.csv``, which the duty lists know it by.
        due_at: when answers are due.
        minutes_each: what one answer costs, in minutes.
    """

    title: str
    purpose: str
    kind: str
    fields: Sequence[Field]
    target: Target
    due_at: datetime
    minutes_each: int


def compose(actor: Actor, key: str, draft: Draft) -> Operation:
    """Begin an operation as a draft, once for each key.

    Raises:
        Invalid: a field is wrong; it says which and how to mend it.
    """
    policy.require(actor, COMPOSE)
    kept = checked(actor, draft)
    answer = commands.run(
        actor,
        key,
        body_of("compose", kept),
        district=actor.district,
        action=lambda: (201, new_operation(actor, kept).number),
    )
    return Operation.objects.get(district=actor.district, number=answer.body)


def checked(actor: Actor, draft: Draft) -> dict[str, Any]:
    """What a draft says, as it is kept, if all of it is right."""
    if draft.kind not in kinds():
        raise Invalid("operation.kind", _("Choose what kind of operation it is."), field="kind")
    if not 0 < draft.minutes_each <= MOST_MINUTES:
        raise Invalid("operation.minutes", _("Say how many minutes one answer takes."), field="minutes_each")
    target = targets.checked(draft.target, reach=actor.area_path)
    return {
        "title": words_of(draft.title, field="title", most=80),
        "purpose": words_of(draft.purpose, field="purpose", most=1000, least=4),
        "kind": draft.kind,
        "form": forms.to_data(forms.checked(draft.fields)),
        "target": target.to_data(),
        "due_at": due_time(draft.due_at),
        "minutes_each": draft.minutes_each,
        "area_path": target.top,
    }


def new_operation(actor: Actor, kept: Mapping[str, Any], **more: Any) -> Operation:
    """Keep a draft under the next number of its district."""
    district = actor.district
    with connection.cursor() as cursor:
        # One number at a time in a district.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"operations:{district}"])
    stem = f"{district}-{time.today():%y}"
    last = (
        Operation.objects.filter(district=district, number__startswith=stem)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    serial = int(last[len(stem) :]) + 1 if last else 1
    return Operation.objects.create(
        id=ids.new_id(), district=district, number=f"{stem}{serial:04d}", organisation_id=actor.organisation_id,
        post_id=actor.post_id, issued_as=actor.name[:80], made_at=time.now(), **kept, **more,
    )  # fmt: skip


def edit(actor: Actor, operation_id: UUID, version: int, draft: Draft) -> Operation:
    """Change a draft.

    Raises:
        Stale: somebody changed it meanwhile.
        Conflict: it was sent already.
    """
    kept = checked(actor, draft)
    with transaction.atomic():
        found = locked(actor, operation_id, version, COMPOSE)
        require_state(found, OperationState.DRAFT)
        for name, value in kept.items():
            setattr(found, name, value)
        found.version += 1
        found.save()
    return found


def discard(actor: Actor, operation_id: UUID, version: int) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        found = locked(actor, operation_id, version, COMPOSE)
        require_state(found, OperationState.DRAFT)
        found.delete()
