"""What came of an operation as an office document: what was asked, how far it came in each area, and what became of the problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.cases.models import Case
from linli.cases.queries.finding import visible
from linli.desk.frame import actor_of, staff
from linli.desk.operation_watch import number_in_words, version_row
from linli.desk.operations import kind_of, row_of
from linli.kernel import time
from linli.kernel.documents import (
    Block,
    Chart,
    ChartKind,
    Document,
    Form,
    Heading,
    Note,
    Paragraph,
    Series,
    Table,
    file_name,
)
from linli.kernel.documents import sent as named
from linli.kernel.errors import NotFound
from linli.kernel.trust import Actor
from linli.operations import queries
from linli.operations.forms import Field, FieldKind
from linli.operations.models import Operation, OperationState, Problem, Task, TaskState
from linli.operations.queries import AreaProgress, FieldResult
from linli.operations.targets import COMMUNITY_LENGTH
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui.casework.names import Places, catalogue_for, category_name, language, organisation_name
from linli.ui.looks import look_of
from linli.ui.operations import words

NOTHING = "—"
MOST_CHARTED = 20
MOST_PROBLEMS = 200
MOST_GRIDS = 500


@staff
@never_cache
@require_GET
def result(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The document as ``docx`` or ``pdf``, of the whole or of an area.

    Raises:
        NotFound: there is no such form of file, or the operation was not sent.
    """
    actor = actor_of(request)
    found = queries.operation(actor, number)
    if form not in set(Form) or found.state == OperationState.DRAFT:
        raise NotFound("operation.no_file", _("There is no such file."))
    kind = Form(form)
    made = document(actor, found, request.GET.get("area", "")[:48])
    name = named(file_name(f"{made.title} {made.number}", kind), f"linli-{found.number}.{kind.value}")
    return HttpResponse(kind.made(made), content_type=kind.content_type, headers={"Content-Disposition": name})


def document(actor: Actor, found: Operation, area: str = "") -> Document:
    """What came of an operation in an area that the actor reaches.

    Raises:
        NotFound: the area is beyond reach.
    """
    whole = queries.whole(actor, found, area)
    below = queries.progress(actor, found, area) if len(whole.path) < COMMUNITY_LENGTH else []
    place = territory.full_name(whole.path, top=Level.CITY) or whole.path
    blocks: list[Block] = [
        Heading(_("What it was")),
        *_order(found, place),
        Heading(_("How far it came")),
        *_reached(whole),
        *(_areas(below) if below else _grids(queries.tasks(actor, found, whole.path, limit=MOST_GRIDS))),
        Heading(_("What was said")),
        *(block for one in queries.results(actor, found, area) for block in _said(one)),
        Heading(_("Problems found and what became of them")),
        *_problems(actor, queries.problems(actor, found, area, limit=MOST_PROBLEMS), whole),
        Heading(_("Versions")),
        _versions(found),
        Note(
            _(
                "Counted at %(moment)s. The 24-hour rate is the share of tasks first answered within 24 hours of the sending, "
                "among those answered by then or whose 24 hours are over."
            )
            % {"moment": _moment(whole.as_of)}
        ),
    ]
    return Document(
        title=_("Result of %(title)s") % {"title": found.title},
        issuer=organisation_name(found.organisation_id) or found.issued_as,
        number=found.number,
        date=time.today(),
        language="zh-CN" if language().startswith("zh") else "en",
        blocks=tuple(blocks),
        series_name=_("Special operation"),
        mark=_("Made from the figures, not issued"),
    )


def _moment(at: datetime) -> str:
    return date_format(at.astimezone(time.LOCAL_ZONE), "Y-m-d H:i")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else NOTHING


def _order(found: Operation, place: str) -> list[Block]:
    told = _("%(kind)s, in %(place)s, sent at %(sent)s by %(by)s, due %(due)s; %(state)s.") % {
        "kind": kind_of(found.kind), "place": place, "sent": _moment(found.sent_at or found.made_at),
        "by": found.issued_as, "due": _moment(found.due_at), "state": row_of(found)["state"],
    }  # fmt: skip
    return [Paragraph(found.purpose), Paragraph(told)]


def _reached(whole: AreaProgress) -> list[Block]:
    told = [
        ngettext(
            "%(answered)d of %(tasks)d task is answered (%(share)s).",
            "%(answered)d of %(tasks)d tasks are answered (%(share)s).",
            whole.tasks,
        )
        % {"answered": whole.answered, "tasks": whole.tasks, "share": _percent(whole.answered, whole.tasks)},
        _("Within 24 hours: %(within)d of %(counted)d (%(rate)s); %(early)d are not counted yet.")
        % {
            "within": whole.within_day, "counted": whole.counted, "rate": _percent(whole.within_day, whole.counted),
            "early": whole.too_early,
        },
        _("Late: %(late)d. Withdrawn: %(withdrawn)d. Problems found: %(problems)d; of these %(cases)d became cases.")
        % {"late": whole.late, "withdrawn": whole.withdrawn, "problems": whole.problems, "cases": whole.cases},
    ]  # fmt: skip
    return [Paragraph(one) for one in told]


def _areas(below: Sequence[AreaProgress]) -> list[Block]:
    rows = tuple(
        (
            one.name, str(one.tasks), str(one.answered), _percent(one.answered, one.tasks),
            _percent(one.within_day, one.counted), str(one.late), str(one.problems), str(one.cases),
        )
        for one in below
    )  # fmt: skip
    heads = (
        _("Area"), _("Tasks"), _("Answered"), _("Share"), _("Within 24 hours"), _("Late"), _("Problems found"), _("Cases"),
    )  # fmt: skip
    charted = below[:MOST_CHARTED]
    caption = _("Share that is answered, by area")
    if len(below) > len(charted):
        caption = _("%(caption)s (the first %(n)d of %(all)d)") % {
            "caption": caption, "n": len(charted), "all": len(below),
        }  # fmt: skip
    series = Series(_("Answered"), tuple(one.share for one in charted))
    return [
        Chart(ChartKind.BAR, tuple(one.name for one in charted), (series,), caption, percent=True),
        Table(heads, rows, figures=frozenset(range(1, 8)), widths=(5, 2, 2, 2, 3, 2, 3, 2)),
    ]


def _grids(tasks: Sequence[Task]) -> list[Block]:
    """A community has no areas below it that are counted: its tasks themselves."""
    places = Places([one.area_path for one in tasks])
    rows = tuple(
        (
            places.short(one.area_path), str(TaskState(one.state).label),
            _moment(one.answered_at) if one.answered_at else NOTHING, str(one.problems), str(one.cases),
        )
        for one in tasks
    )  # fmt: skip
    heads = (_("Place"), _("State"), _("Answered at"), _("Problems found"), _("Cases"))
    return [Table(heads, rows, figures=frozenset({3, 4}), widths=(5, 3, 4, 2, 2))] if rows else []


def _said(one: FieldResult) -> list[Block]:
    head = Heading(one.label, 2)
    told = ngettext("%(n)d answer.", "%(n)d answers.", one.answered) % {"n": one.answered}
    if one.counts:
        field = Field(one.label, one.kind)
        rows = tuple(
            (words(field, said), str(count), _percent(count, one.answered)) for said, count in one.counts.items()
        )
        return [
            head,
            Table((_("Answer"), _("How many"), _("Share")), rows, figures=frozenset({1, 2}), widths=(6, 2, 2)),
        ]
    if one.sum is not None:
        told = _("%(told)s In all %(sum)s; mean %(mean)s, median %(median)s.") % {
            "told": told, "sum": number_in_words(one.sum), "mean": number_in_words(one.mean),
            "median": number_in_words(one.median),
        }  # fmt: skip
    elif one.kind == FieldKind.PHOTO:
        told = ngettext("%(told)s %(n)d photo.", "%(told)s %(n)d photos.", one.photos) % {"told": told, "n": one.photos}
    elif one.answered:
        told = _("%(told)s The words stand in the file of answers.") % {"told": told}
    return [head, Paragraph(told)]


def _problems(actor: Actor, found: Sequence[Problem], whole: AreaProgress) -> list[Block]:
    if not found:
        return [Paragraph(_("No problem became a case."))]
    cases = {
        case.id: case
        for case in visible(actor).filter(
            district__in={one.district for one in found}, id__in=[one.case_id for one in found]
        )
    }
    places = Places([one.area_path for one in found])
    rows = tuple(
        (one.number, places.short(one.area_path), *_became(cases.get(one.case_id)), _moment(one.at)) for one in found
    )
    closed = sum(not case.is_open for case in cases.values())
    told = _("Of the cases shown here: %(closed)d closed, %(open)d open.") % {
        "closed": closed, "open": len(cases) - closed,
    }  # fmt: skip
    more = whole.cases - len(found)
    heads = (_("Case"), _("Place"), _("Category"), _("State"), _("Found at"))
    note = _("The newest are shown; %(n)d more are not.") % {"n": more} if more > 0 else ""
    return [Paragraph(told), Table(heads, rows, note=note, widths=(5, 5, 4, 3, 4))]


def _became(case: Case | None) -> tuple[str, str]:
    """What a case is and how it stands; of one that the reader may not list, and of what is restricted, no more than its number."""
    if case is None or case.is_restricted:
        return NOTHING, NOTHING
    return category_name(case, catalogue_for(case.district)), str(look_of(case.state).office)


def _versions(found: Operation) -> Table:
    rows = tuple(
        (
            str(one["version"]), one["verb"], _moment(one["at"]), one["name"] or NOTHING, _moment(one["due_at"]),
            one["reason"] or NOTHING,
        )
        for one in map(version_row, queries.versions(found))
    )  # fmt: skip
    heads = (_("Version"), _("Step"), _("At"), _("Who"), _("Due"), _("Why"))
    return Table(heads, rows, widths=(2, 3, 4, 4, 4, 6))
