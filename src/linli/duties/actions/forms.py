"""Forms that communities are asked for: registered, sent with what is known filled in, answered in place, reviewed yearly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from linli.duties import facts, guarding, queries
from linli.duties.actions.lists import words
from linli.duties.models import Frequency, Outcome, ReportForm, Review, Sheet, Tier, Use
from linli.duties.tasks import Kind, Task
from linli.kernel import events, ids, time
from linli.kernel.db import insert_all, within
from linli.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.people.models import Organisation

MOST_QUESTIONS = 30
MOST_MINUTES = 10_000
LONGEST_ANSWER = 500
LATEST = timedelta(days=366)


def register(
    actor: Actor,
    *,
    title: str,
    purpose: str,
    basis: str,
    frequency: str,
    minutes: int,
    questions: Sequence[str],
    matter: str = "",
) -> ReportForm:
    """Register a form with all that it asks, before it can be sent to anybody.

    Args:
        frequency: a value of :class:`Frequency`.
        minutes: what one answer costs a community.
        questions: what it asks, a line for each. What the platform can count is filled in by itself; what it holds of persons is refused.
        matter: code of the matter in words that it serves, when it is one of the lists: a form goes nowhere where its matter may not.

    Raises:
        Invalid: ``duties.fact_held`` for a question that the platform answers by holding it of persons; ``form.matter`` for one that
            stands on no list here; something is missing.
    """
    policy.require(actor, "duties.keep_form")
    department = queries.function_of(actor)
    if actor.organisation_id is None or not department:
        raise Forbidden("form.department", _("Only a department can register a form."))
    if frequency not in Frequency.values:
        raise Invalid("form.frequency", _("Choose how often it is asked for."), field="frequency")
    if not 0 < minutes <= MOST_MINUTES:
        raise Invalid("form.minutes", _("Say how many minutes one answer costs a community."), field="minutes")
    if matter and matter not in dict(queries.matters(actor.district)):
        raise Invalid(
            "form.matter",
            _("There is no such matter on the lists here."),
            field="matter",
            mend=_("Choose one from the list, or none."),
        )
    asked = looked_through(questions)
    with transaction.atomic():
        # One number at a time: the department's row is the queue.
        Organisation.objects.select_for_update().filter(district=actor.district, function=queries.OFFICE).first()
        last = ReportForm.objects.filter(district=actor.district).aggregate(last=Max("code"))["last"] or "F0000"
        found = ReportForm.objects.create(
            id=ids.new_id(), district=actor.district, area_path=actor.area_path, code=f"F{int(last[1:]) + 1:04d}",
            organisation_id=actor.organisation_id, department=department, title=words(title, field="title", most=120),
            purpose=words(purpose, field="purpose", most=300, least=4), basis=words(basis, field="basis", most=200, least=4),
            matter=matter, frequency=frequency, minutes=minutes, facts=asked, valid_from=time.today(),
            registered_at=time.now(), post_id=actor.post_id,
        )  # fmt: skip
        _told(actor, found, "form.registered", {"asked": len(found.asked), "filled": len(asked) - len(found.asked)})
    return found


def looked_through(questions: Sequence[str]) -> list[dict[str, str]]:
    """The questions of a form, each with how it is had.

    Raises:
        Invalid: there is none, there are too many, one comes twice, or one asks for what is held of persons.
    """
    lines = [line for one in questions if (line := " ".join(one.split())[:120])]
    if not 0 < len(lines) <= MOST_QUESTIONS:
        raise Invalid("form.questions", _("Ask one to thirty questions, a line for each."), field="questions")
    found: list[dict[str, str]] = []
    for line in lines:
        known = facts.recognised(line)
        if known is not None and not (known.how == "filled" and facts.can_fill(known.code)):
            raise Invalid(
                "duties.fact_held",
                _("“%(question)s” asks for what the platform holds already: %(fact)s.")
                % {"question": line, "fact": known.called},
                field="questions",
                mend=_(
                    "Leave it out. What is held of persons is used where it is held, with a purpose; nobody lists it again."
                ),
                extra={"fact": known.code},
            )
        if any(one["label"] == line or (known and one["fact"] == known.code) for one in found):
            raise Invalid("form.twice", _("“%(question)s” is asked twice.") % {"question": line}, field="questions")
        found.append({"label": line, "fact": known.code if known else "", "how": "filled" if known else "asked"})
    return found


def _told(actor: Actor, found: ReportForm, kind: str, data: dict[str, object]) -> None:
    found.version += 1
    found.save(update_fields=["version"])
    events.append(
        kind, subject_type="form", subject_id=found.id, sequence=found.version, district=found.district, area_path=found.area_path,
        actor=actor, data={"code": found.code, **data},
    )  # fmt: skip
    audit.record(
        actor, kind, subject_type="form", subject_id=found.id, district=found.district,
        detail={"code": found.code, **data},
    )  # fmt: skip


def _own(actor: Actor, form_id: UUID) -> ReportForm:
    policy.require(actor, "duties.keep_form")
    found = ReportForm.objects.select_for_update().filter(district=actor.district, id=form_id).first()
    if found is None or found.organisation_id != actor.organisation_id:
        raise NotFound("form.none", _("There is no such form that you can see."))
    return found


def send(actor: Actor, form_id: UUID, *, area_path: str, due_on: date) -> list[Sheet]:
    """Send a form to every community of an area, with what the platform knows filled in.

    Args:
        area_path: a district, a subdistrict or a community.
        due_on: by when it is answered.

    Raises:
        Conflict: ``duties.negative`` or ``duties.unfunded``: the form, or the matter that it serves, must not be sent there;
            ``form.lapsed``; ``form.sent`` when every community there still has it open.
    """
    with transaction.atomic():
        found = _own(actor, form_id)
        today = time.today()
        if found.valid_to is not None and found.valid_to <= today:
            raise Conflict(
                "form.lapsed", _("This form has lapsed: %(why)s") % {"why": found.lapsed}, mend=_("Register it anew.")
            )
        if not today <= due_on <= today + LATEST:
            raise Invalid("form.due", _("Give a day within a year, not before today."), field="due_on")
        places = queries.communities(area_path) if within(area_path, actor.district) else []
        if not places:
            raise Invalid(
                "duties.area", _("There is no such area."), field="area_path", mend=_("Choose one from the list.")
            )
        for task in tasks_of(found):
            guarding.require_may_send(task, area_path=area_path, tier=Tier.COMMUNITY)
        waiting = Sheet.objects.filter(
            district=found.district, form_id=found.id, area_path__in=places, answered_at__isnull=True
        )
        held = set(waiting.values_list("area_path", flat=True))
        fresh = [one for one in places if one not in held]
        if not fresh:
            raise Conflict("form.sent", _("Every community there still has it open."), field="area_path")
        codes = [one["fact"] for one in found.facts if one["how"] == "filled"]
        now = time.now()
        sheets = [
            Sheet(
                id=ids.new_id(), district=found.district, form_id=found.id, area_path=place, sent_at=now, due_on=due_on,
                filled=facts.values(codes, place), is_demo=found.is_demo,
            )
            for place in fresh
        ]  # fmt: skip
        insert_all(sheets)
        _told(
            actor, found, "form.sent",
            {"area": area_path, "communities": len(sheets), "due": due_on.isoformat()},
        )  # fmt: skip
    return sheets


def tasks_of(found: ReportForm) -> list[Task]:
    """What sending a form asks of communities: the form itself, and the matter that it serves."""
    own = [Task(Kind.FORM, found.code, found.department)]
    return [*own, Task(Kind.MATTER, found.matter, found.department)] if found.matter else own


def answer(actor: Actor, sheet_id: UUID, *, answers: Mapping[str, str], minutes: int | None = None) -> Sheet:
    """Answer a form for one's own community: only what the platform could not fill in.

    Args:
        answers: question to answer. Figures and plain words; nothing about persons.
        minutes: what it really cost.

    Raises:
        Invalid: a question has no answer, or one that holds an identity or telephone number.
        Conflict: it was answered already.
    """
    with transaction.atomic():
        queries.sheet(actor, sheet_id)
        found = Sheet.objects.select_for_update().select_related("form").get(district=actor.district, id=sheet_id)
        policy.require(actor, "duties.answer_form", found)
        if found.answered_at is not None:
            raise Conflict("form.answered", _("This was answered already."))
        said = {}
        for question in found.form.asked:
            text = " ".join(answers.get(question, "").split())[:LONGEST_ANSWER]
            if not text:
                raise Invalid("form.answer", _("Please answer: %(question)s") % {"question": question}, field=question)
            if _names_somebody(text):
                raise Invalid(
                    "form.personal",
                    _("An answer holds the number of a person."),
                    field=question,
                    mend=_("Give figures; what is known of persons stays where it is."),
                )
            said[question] = text
        if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
            raise Invalid("form.minutes", _("Say how many minutes it took."), field="minutes")
        found.answers, found.answered_at, found.post_id, found.minutes = said, time.now(), actor.post_id, minutes
        found.save()
        events.append(
            "form.answered", subject_type="sheet", subject_id=found.id, sequence=1, district=found.district,
            area_path=found.area_path, actor=actor, data={"code": found.form.code, "minutes": minutes},
        )  # fmt: skip
    return found


def _names_somebody(text: str) -> bool:
    figures = "".join(one if one.isdigit() or one in "xX" else " " for one in text).split()
    return any(len(one) >= 15 or (len(one) == 11 and one.startswith("1")) for one in figures)


def note_use(actor: Actor, form_id: UUID, *, what: str, used_on: date | None = None) -> Use:
    """Say who used the result of one's own form, and what for; the yearly review counts it."""
    day = used_on or time.today()
    with transaction.atomic():
        found = _own(actor, form_id)
        if not found.valid_from <= day <= time.today():
            raise Invalid("form.used_on", _("Give a day since it was registered, not after today."), field="used_on")
        if not Sheet.objects.filter(district=found.district, form_id=found.id, answered_at__isnull=False).exists():
            raise Conflict("form.no_result", _("Nobody has answered it yet, so there is no result to use."))
        use = Use.objects.create(
            id=ids.new_id(), district=found.district, form_id=found.id, organisation_id=found.organisation_id, used_on=day,
            what=words(what, field="what", most=300, least=4), post_id=actor.post_id, recorded_at=time.now(),
        )  # fmt: skip
        _told(actor, found, "form.used", {"on": day.isoformat()})
    return use


def renew(actor: Actor, form_id: UUID, *, reason: str) -> Review:
    """Keep a form that nobody used this year, with a reason that stands in the review."""
    with transaction.atomic():
        found = _own(actor, form_id)
        if found.valid_to is not None and found.valid_to <= time.today():
            raise Conflict("form.lapsed", _("This form has lapsed: %(why)s") % {"why": found.lapsed})
        year = time.today().year
        if Review.objects.filter(district=found.district, form_id=found.id, year=year).exists():
            raise Conflict("form.reviewed", _("It has been renewed for this year already."))
        figures = queries.reckon([found], year=year)[0]
        return _close(actor, figures, year, Outcome.RENEWED, reason=words(reason, field="reason", most=300, least=4))


def _close(actor: Actor, figures: queries.Reviewed, year: int, outcome: Outcome, *, reason: str = "") -> Review:
    found = figures.form
    made = Review.objects.create(
        id=ids.new_id(), district=found.district, form_id=found.id, year=year, outcome=outcome, reason=reason,
        sheets=figures.sheets, minutes=figures.minutes, uses=len(figures.uses), post_id=actor.post_id, decided_at=time.now(),
    )  # fmt: skip
    _told(actor, found, "form.reviewed", {"year": year, "outcome": str(outcome), "minutes": figures.minutes})
    return made


def close_year(year: int) -> int:
    """Close the review of a year that is over (归零重置): what nobody used and nobody renewed has lapsed with it.

    Returns:
        How many forms were closed; closing a year again closes nothing.
    """
    first = date(year + 1, 1, 1)
    if time.today() < first:
        raise Invalid("form.year", _("The year is not over."), field="year")
    done = 0
    with transaction.atomic():
        rows = list(
            ReportForm.objects.select_for_update()
            .filter(queries.in_year(year))
            .exclude(reviews__year=year)
            .order_by("district", "id")
        )
        for figures in queries.reckon(rows, year=year):
            found = figures.form
            if figures.uses:
                _close(SYSTEM, figures, year, Outcome.KEPT)
            else:
                _close(SYSTEM, figures, year, Outcome.LAPSED)
                found.valid_to = max(first, found.valid_from)
                found.lapsed = str(_("nobody used its result in %(year)s") % {"year": year})
                found.save(update_fields=["valid_to", "lapsed"])
                Sheet.objects.filter(district=found.district, form_id=found.id, answered_at__isnull=True).delete()
            done += 1
    return done
