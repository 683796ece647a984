"""One task of an operation at the desk: the community answers for a grid, above all for one that nobody holds."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.desk.frame import actor_of, address, draw, staff
from linli.kernel import ids
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import policy
from linli.operations import actions, queries
from linli.operations.models import TaskState
from linli.ui import undo
from linli.ui.casework.names import Places
from linli.ui.operations import PREFIX, field_rows, filled_rows, photos_of, said_rows, values_of
from linli.ui.sent import version_of


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The form of a task, or what was answered."""
    actor = actor_of(request)
    task = queries.task(actor, task_id)
    policy.require(actor, "operation.answer", task, view="operation.view")
    operation = queries.operation_of(task)
    back = address("operation", operation.number, query={"area": task.community})
    asked = queries.form_at(operation, operation.version)
    error: LinliError | None = None
    if request.method == "POST":
        try:
            version = version_of(request.POST) or operation.version
            key = request.POST.get("key", "")
            photos = [str(one) for one in photos_of(request, actor, key)]
            values = values_of(queries.form_at(operation, version), request.POST, photos)
            actions.answer(actor, task.id, key, values, version)
            undo.done(request, _("Answered."))
            return HttpResponseRedirect(back)
        except NotFound:
            raise
        except LinliError as wrong:
            known = {one.code for one in asked}
            field = PREFIX + wrong.field if wrong.field in known else wrong.field
            error = Invalid(wrong.code, wrong.message, field=field, mend=wrong.mend, status=wrong.status)
    answered = queries.form_at(operation, task.answered_version) if task.answered_version else []
    return draw(
        request, "operations/task", [], error=error, task=task, operation=operation, place=Places([task.area_path]).short(task.area_path),
        open=operation.is_running and task.state == TaskState.OPEN, filled=filled_rows(asked, task.area_path), back=back,
        fields=field_rows(asked, request.POST, {error.field: str(error.message)} if error else {}),
        said=said_rows(answered, task.answer), key=str(ids.new_id()),
    )  # fmt: skip
