"""Assessment at the desk: whose is still to do, one member at a time, and objections. No list of results, no order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.desk.frame import actor_of, address, staff
from linli.desk.team import page
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import audit
from linli.people.words import post_word
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import team, undo
from linli.workforce import assessments
from linli.workforce.actions import assessment as acting
from linli.workforce.models import AssessmentState


@staff
@never_cache
@require_GET
def standing(request: HttpRequest) -> HttpResponse:
    """How far the assessments of the last period are, and the objections that wait."""
    actor = actor_of(request)
    begins, ends = assessments.last_period()
    context: dict[str, Any] = {
        "period": team.period_word(begins, ends),
        "criteria": team.criteria_rows(begins),
        "rows": [
            {
                "name": one.post.account.work_name,
                "hint": f"{post_word(one.post.role, one.post.title)} · {one.post.area.name}",
                "href": address("assessment-done", one.assessment_id)
                if one.assessment_id
                else address("assessment-member", one.post.id),
                "word": AssessmentState(one.state).label if one.state else _("To do"),
                "tone": team.ASSESSMENT_TONES.get(one.state, "soon"),
            }
            for one in assessments.standing(actor)
        ],
        "objections": [
            {"name": one.account.work_name, "href": address("assessment-done", one.id), "answer_by": one.answer_by}
            for one in assessments.objections(actor)
        ],
    }
    return page(request, "assessments", "assessment", **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """One member: what the criteria come to and from what; each look is written down for them to read."""
    actor = actor_of(request)
    found = assessments.member(actor, post_id)
    begins, ends = assessments.last_period()
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            made = acting.review(actor, post_id, words=request.POST.get("words", ""))
            undo.done(request, _("Done; the person reads all of it and can object."))
            return HttpResponseRedirect(address("assessment-done", made.id))
        except NotFound:
            raise
        except LinliError as error:
            errors.append(error)
    audit.record(
        actor, "assessment.read", subject_type="post", subject_id=found.id, district=found.district,
        person_id=found.account_id, purpose=noop("To assess by the published criteria"), fields=("facts",),
    )  # fmt: skip
    context: dict[str, Any] = {
        "name": found.account.work_name,
        "place": territory.full_name(found.area_path, top=Level.COMMUNITY),
        "period": team.period_word(begins, ends),
        "facts": team.fact_rows(assessments.facts(found, begins, ends), begins),
        "sent": request.POST,
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors if error.field},
        "back": address("assessment"),
    }
    return page(request, "assess", "assessment", status=errors[0].status if errors else 200, **context)


@staff
@never_cache
@require_http_methods(["GET", "POST"])
def done(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """An assessment that is done; whoever did not do it answers the objection."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    found = acting.read(actor, assessment_id)
    if request.method == "POST":
        try:
            upheld = request.POST.get("upheld", "")
            if upheld not in ("yes", "no"):
                raise Invalid("assessment.upheld", _("Choose one of the two."), field="upheld")
            acting.answer(actor, assessment_id, upheld=upheld == "yes", words=request.POST.get("words", ""))
            undo.done(request, _("Answered; the person reads your words."))
            return HttpResponseRedirect(address("assessment"))
        except NotFound:
            raise
        except LinliError as error:
            errors.append(error)
    context: dict[str, Any] = {
        "name": found.account.work_name,
        "row": team.assessment_row(found),
        "answers": found.state == AssessmentState.OBJECTED and found.reviewed_by != actor.account_id,
        "sent": request.POST,
        "errors": errors,
        "wrong": {error.field: str(error.message) for error in errors if error.field},
        "back": address("assessment"),
    }
    return page(request, "assessment_done", "assessment", status=errors[0].status if errors else 200, **context)
