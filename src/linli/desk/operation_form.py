"""Reading the page on which an operation is composed. What was typed is never lost, whichever button was pressed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from linli.dedicated.kinds import kinds as dedicated_kinds
from linli.kernel import time
from linli.kernel.deadlines import calendar
from linli.kernel.errors import Invalid
from linli.kernel.trust import Actor
from linli.operations import targets
from linli.operations.actions import Draft
from linli.operations.duties import kinds
from linli.operations.forms import MOST_FIELDS, NO, YES, Field, FieldKind
from linli.operations.targets import Target, TargetLevel
from linli.people.models import OrganisationType
from linli.territory import queries as territory
from linli.territory.models import Level

QUICK = (1, 3, 5, 10)
"""Working days to answer that are one tap away."""
LARGEST_LIST = 1024 * 1024
PARTS = ("label", "kind", "choices", "problem", "required", "code", "fact")
LOCAL = "%Y-%m-%dT%H:%M"


def field_kinds() -> list[tuple[str, str]]:
    """What a question may take."""
    return [
        (FieldKind.YES_NO, _("yes or no")), (FieldKind.CHOICE, _("one of several")), (FieldKind.NUMBER, _("a number")),
        (FieldKind.TEXT, _("a few words")), (FieldKind.PHOTO, _("photos")),
    ]  # fmt: skip


def levels() -> list[tuple[str, str]]:
    """What one task may be for."""
    return [
        (TargetLevel.MICRO_GRID, _("every micro-grid")), (TargetLevel.GENERAL_GRID, _("every general grid")),
        (TargetLevel.DEDICATED_GRID, _("every dedicated grid")), (TargetLevel.ORGANISATION, _("every organisation")),
    ]  # fmt: skip


def quick_times() -> list[dict[str, str]]:
    """Deadlines one tap away, in working time, and one's own."""
    now, working = time.now(), calendar()
    found = [
        {
            "value": str(days),
            "label": ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days},
            "hint": working.add_working(now, working.day_length * days)
            .at.astimezone(time.LOCAL_ZONE)
            .strftime("%m-%d %H:%M"),
        }
        for days in QUICK
    ]
    return [*found, {"value": "at", "label": _("At another time"), "hint": _("as given below")}]


def empty(actor: Actor) -> dict[str, Any]:
    """The page before anything is typed."""
    return {
        "title": "", "purpose": "", "kind": "", "minutes_each": "5", "due": "3", "due_at": "", "level": TargetLevel.MICRO_GRID,
        "areas": [actor.area_path] if actor.area_path else [], "area": "", "organisation_type": "", "dedicated_kind": "", "listed": "",
        "fields": [_blank()],
    }  # fmt: skip


def _blank() -> dict[str, str]:
    return dict.fromkeys(PARTS, "") | {"kind": str(FieldKind.YES_NO), "required": "1"}


def of_draft(draft: Draft) -> dict[str, Any]:
    """The page for what stands already."""
    return {
        "title": draft.title, "purpose": draft.purpose, "kind": draft.kind, "minutes_each": str(draft.minutes_each), "due": "at",
        "due_at": draft.due_at.astimezone(time.LOCAL_ZONE).strftime(LOCAL), "level": str(draft.target.level),
        "areas": list(draft.target.areas), "area": "", "organisation_type": draft.target.organisation_type,
        "dedicated_kind": draft.target.dedicated_kind,
        "listed": "\n".join(draft.target.listed), "fields": [_typed(one) for one in draft.fields],
    }  # fmt: skip


def _typed(one: Field) -> dict[str, str]:
    words = {YES: _("yes"), NO: _("no")} if one.kind == FieldKind.YES_NO else {}
    return {
        "label": one.label, "kind": str(one.kind), "choices": "\n".join(one.choices),
        "problem": ", ".join(words.get(each, each) for each in one.problem), "required": "1" if one.required else "",
        "code": one.code, "fact": one.fact,
    }  # fmt: skip


def typed(request: HttpRequest) -> dict[str, Any]:
    """What the page sent, after the button that moves questions or areas has done its work."""
    sent = request.POST
    names = (
        "title",
        "purpose",
        "kind",
        "minutes_each",
        "due",
        "due_at",
        "level",
        "area",
        "organisation_type",
        "dedicated_kind",
        "listed",
    )
    found: dict[str, Any] = {name: sent.get(name, "").strip() for name in names}
    count = int(sent["count"]) if sent.get("count", "").isdecimal() and len(sent["count"]) < 3 else 0
    found["fields"] = [
        {part: sent.get(f"{part}-{number}", "") for part in PARTS} for number in range(min(count, MOST_FIELDS))
    ]
    found["areas"] = list(dict.fromkeys(sent.getlist("areas")))[: targets.MOST_AREAS]
    if found["area"]:
        found["areas"] = list(dict.fromkeys([*found["areas"], found["area"]]))
        found["area"] = ""
    file = request.FILES.get("list_file")
    if file is not None and file.size is not None and file.size <= LARGEST_LIST:
        found["listed"] = file.read().decode("utf-8-sig", errors="replace").strip()
    _press(found, sent.get("do", ""))
    return found


def _press(found: dict[str, Any], button: str) -> None:
    fields: list[dict[str, str]] = found["fields"]
    what, _dash, place = button.partition("-")
    if what == "add" and place == "question" and len(fields) < MOST_FIELDS:
        fields.append(_blank())
        found["fresh"] = len(fields) - 1
    number = int(place) if place.isdecimal() and int(place) < len(fields) else -1
    if number < 0:
        return
    if what == "remove":
        del fields[number]
        found["fresh"] = min(number, len(fields) - 1)
    elif what in ("up", "down"):
        other = number - 1 if what == "up" else number + 1
        if 0 <= other < len(fields):
            fields[number], fields[other] = fields[other], fields[number]
            found["fresh"] = other


def draft_of(page: dict[str, Any]) -> Draft:
    """What the page says, as an operation.

    Raises:
        Invalid: a field is wrong; ``field`` is its name on the page.
    """
    paths, bad = targets.listed(page["listed"])
    if bad:
        told = ", ".join(f"{number} ({words[:24]})" for number, words in sorted(bad.items())[:10])
        raise Invalid(
            "operation.list",
            ngettext(
                "There is no such area on this line: %(lines)s",
                "There is no such area on these lines: %(lines)s",
                len(bad),
            )
            % {"lines": told},
            field="listed",
            mend=_("Give one path a line, as the register of grids writes it."),
        )
    level = page["level"] if page["level"] in set(TargetLevel) else TargetLevel.MICRO_GRID
    return Draft(
        page["title"], page["purpose"], page["kind"], [_field(one) for one in page["fields"]],
        Target(() if paths else tuple(page["areas"]), TargetLevel(level), page["organisation_type"], paths, page["dedicated_kind"]),
        _due(page), int(page["minutes_each"]) if page["minutes_each"].isdecimal() and len(page["minutes_each"]) < 4 else 0,
    )  # fmt: skip


def _due(page: dict[str, Any]) -> datetime:
    if page["due"].isdecimal() and int(page["due"]) in QUICK:
        working = calendar()
        return working.add_working(time.now(), working.day_length * int(page["due"])).at
    return moment_of(page["due_at"])


def moment_of(text: str, *, field: str = "due_at") -> datetime:
    """A local date and time that a form sent.

    Raises:
        Invalid: it is none.
    """
    try:
        return datetime.fromisoformat(text).replace(tzinfo=time.LOCAL_ZONE)
    except ValueError:
        raise Invalid("operation.due", _("Please give a day and a time."), field=field) from None


def _field(one: dict[str, str]) -> Field:
    kind = FieldKind(one["kind"]) if one["kind"] in set(FieldKind) else FieldKind.TEXT
    problem = [part.strip() for part in one["problem"].replace("，", ",").replace("、", ",").split(",") if part.strip()]
    if kind == FieldKind.YES_NO:
        spoken = {_("yes"): YES, _("no"): NO}
        problem = [spoken.get(each, each) for each in problem]
    return Field(
        one["label"], kind, code=one["code"][:20], required=bool(one["required"]),
        choices=tuple(one["choices"].splitlines()), problem=tuple(problem), fact=one["fact"],
    )  # fmt: skip


def place_of(wrong: str) -> str:
    """Where on the page the field of an error is."""
    if wrong.startswith("fields."):
        return f"label-{wrong.removeprefix('fields.')}"
    return {"fields": "label-0", "target": "area"}.get(wrong, wrong)


def options() -> dict[str, Any]:
    """What the page offers to choose from."""
    chinese = (get_language() or "zh").startswith("zh")
    return {
        "kinds": [("", _("Please choose")), *((code, name.called()) for code, name in kinds().items())],
        "field_kinds": field_kinds(),
        "levels": levels(),
        "quick": quick_times(),
        "dedicated_kinds": [
            ("", _("Every kind")),
            *((one.code, one.called("zh" if chinese else "en")) for one in dedicated_kinds().values()),
        ],
        "organisation_types": [
            ("", _("Every kind")),
            *((one.code, one.name_zh if chinese else one.name_en) for one in OrganisationType.objects.all()),
        ],
        "most_fields": MOST_FIELDS,
    }


def area_rows(paths: list[str]) -> list[dict[str, str]]:
    """The areas that are chosen, in words."""
    return [{"path": path, "name": territory.full_name(path, top=Level.DISTRICT) or path} for path in paths]
