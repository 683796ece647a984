"""Sending a draft to all of its targets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.duties import guarding
from linli.duties.queries import function_of
from linli.kernel import commands, ids, time
from linli.kernel.db import DISTRICT_LENGTH
from linli.kernel.errors import Conflict
from linli.kernel.trust import Actor
from linli.operations import queries, targets
from linli.operations.actions.changing import (
    SEND,
    body_of,
    due_time,
    locked,
    next_version,
    require_state,
)
from linli.operations.duties import task_of
from linli.operations.models import (
    Operation,
    OperationState,
)
from linli.operations.targets import COMMUNITY_LENGTH, Target

# In the order of the paths, so that the indexes grow page by page.
_SEND = """
WITH made AS (
    INSERT INTO operations_task (id, district, operation_id, area_path, community, organisation_id, state, sent_at, answered_version,
        answer, problems, cases, within_day, version)
    SELECT (%(stem)s || substr(gen_random_uuid()::text, 16))::uuid, left(t.area_path, {district}), %(operation)s, t.area_path,
           left(t.area_path, {community}), t.organisation_id, 'open', %(now)s, 0, '{{}}', 0, 0, false, 1
      FROM ({selection}) t ORDER BY t.area_path
    RETURNING district, community
)
INSERT INTO operations_progress (id, district, operation_id, area_path, tasks, answered, first_answered, within_day, problems, cases,
    withdrawn, changed_at)
SELECT (%(stem)s || substr(gen_random_uuid()::text, 16))::uuid, district, %(operation)s, community, count(*), 0, 0, 0, 0, 0, 0, %(now)s
  FROM made GROUP BY district, community
RETURNING district, tasks
"""


def send(actor: Actor, operation_id: UUID, version: int, key: str) -> Operation:
    """Send a draft to all of its targets: one statement makes every task, in one transaction with their progress and the event.

    Raises:
        Conflict: ``duties.negative`` or ``duties.unfunded``: the duty list forbids it; ``operation.nobody``: there is no target.
        Stale: somebody changed it meanwhile.
    """

    def action() -> tuple[int, Any]:
        found = locked(actor, operation_id, version, SEND)
        require_state(found, OperationState.DRAFT)
        target = Target.from_data(found.target)
        due_time(found.due_at)
        require_may_send(actor, found)
        now = time.now()
        selection, values = targets.selection(target)
        with connection.cursor() as cursor:
            cursor.execute(
                _SEND.format(selection=selection, district=DISTRICT_LENGTH, community=COMMUNITY_LENGTH),
                values | {"stem": str(ids.new_id())[:15], "operation": found.id, "now": now},
            )
            made = cursor.fetchall()
        if not made:
            raise Conflict("operation.nobody", _("Nobody is a target of this."), mend=_("Choose other areas."))
        found.state, found.sent_at, found.tasks_count = (
            OperationState.SENT,
            now,
            sum(tasks for _district, tasks in made),
        )
        found.districts = sorted({district for district, _tasks in made})
        found.organisation_id, found.post_id, found.issued_as = actor.organisation_id, actor.post_id, actor.name[:80]
        next_version(actor, found, "sent", {"tasks": found.tasks_count, "due": found.due_at.isoformat()})
        return 200, str(found.id)

    commands.run(actor, key, body_of("send", [str(operation_id), version]), district=actor.district, action=action)
    return Operation.objects.get(queries.visible(actor), id=operation_id)


def require_may_send(actor: Actor, found: Operation) -> None:
    """Refuse an operation that the duty lists do not let down to its areas."""
    task = task_of(found.kind, function_of(actor))
    for root in Target.from_data(found.target).roots:
        guarding.require_may_send(task, area_path=root, field="target")
