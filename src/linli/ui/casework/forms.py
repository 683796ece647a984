"""A verb's form from the verb's own description: what is drawn for each input, and what is read from what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from linli.cases import queries, router
from linli.cases.models import OPEN_ORDERS, Case, OrderKind
from linli.cases.verbs import Input, Kind, Verb
from linli.catalog.snapshot import Entry
from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.trust import Actor
from linli.people import queries as people
from linli.territory import address_search, locating
from linli.ui.casework.names import Places, catalogue_for, language

LONGEST = {Kind.LINE: 120, Kind.TEXT: 500}
AHEAD = (timedelta(days=1), timedelta(days=3), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose, with the words that a search in the list looks at."""

    value: str
    label: str
    hint: str = ""
    words: str = ""
    chosen: bool = False


@dataclass(slots=True)
class Field:
    """One input, ready to be drawn."""

    name: str
    kind: str
    label: str
    required: bool
    hint: str = ""
    value: Any = ""
    error: str = ""
    groups: list[tuple[str, list[Choice]]] = field(default_factory=list)
    longest: int | None = None

    @property
    def id(self) -> str:
        """The control's id; the error summary links to it."""
        return f"id_{self.name}"

    @property
    def options(self) -> list[dict[str, Any]]:
        """The choices as the ui's field takes them."""
        return [
            {"value": one.value, "label": one.label, "hint": one.hint} for _label, row in self.groups for one in row
        ]


class Form:
    """The inputs of one verb on one case, empty or as they were sent."""

    def __init__(self, actor: Actor, case: Case, verb: Verb, sent: QueryDict | None = None) -> None:
        self.actor, self.case, self.verb, self.sent = actor, case, verb, sent
        self.errors: list[LinliError] = []

    def fields(self) -> list[Field]:
        """Every input with what was typed and what is wrong with it."""
        wrong = {error.field: str(error.message) for error in self.errors if error.field}
        return [self._field(one, wrong.get(one.name, "")) for one in self.verb.inputs]

    def _field(self, one: Input, error: str) -> Field:
        sent = self.sent
        value: Any = (sent.get(one.name, "") if sent is not None else "").strip()
        chosen = set(sent.getlist(one.name)) if sent is not None else set()
        view = Field(
            name=one.name,
            kind=str(one.kind),
            label=str(one.label),
            required=one.required,
            hint=str(one.hint),
            value=value,
            error=error,
            longest=LONGEST.get(one.kind),
        )
        match one.kind:
            case Kind.ORGANISATION | Kind.ORGANISATIONS:
                view.groups = organisation_choices(self.case, chosen, called=self.verb.name == "withdraw_call")
            case Kind.CATEGORY | Kind.CATEGORIES:
                view.groups = category_choices(self.case.district, chosen)
            case Kind.CHOICE:
                view.groups = [("", [Choice(key, str(label)) for key, label in one.choices])]
            case Kind.YES_NO:
                view.groups = [("", [Choice("yes", _("Yes")), Choice("no", _("No"))])]
            case Kind.SCORE:
                view.groups = [("", [Choice(str(score), str(score)) for score in range(1, 6)])]
            case Kind.AREA:
                view.value = place_value(self.case, sent)
        return view

    def read(self) -> dict[str, Any]:
        """The action's arguments from what was sent; what is wrong is kept in :attr:`errors`."""
        found: dict[str, Any] = {}
        sent = self.sent if self.sent is not None else QueryDict()
        for one in self.verb.inputs:
            try:
                found |= READERS[one.kind](self, one, sent)
            except LinliError as error:
                self.errors.append(error)
        return found


Reader = Callable[[Form, Input, QueryDict], dict[str, Any]]


def _needed(one: Input, *, mend: str = "") -> Invalid:
    return Invalid("field.needed", _("%(label)s: this is needed.") % {"label": one.label}, field=one.name, mend=mend)


def _text(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    text = sent.get(one.name, "").strip()
    if one.required and not text:
        raise _needed(one)
    return {one.name: text}


def _yes_no(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    answer = sent.get(one.name, "")
    if answer not in ("yes", "no"):
        raise _needed(one, mend=_("Choose yes or no."))
    return {one.name: answer == "yes"}


def _moment(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    text = sent.get(one.name, "").strip()
    if not text:
        if one.required:
            raise _needed(one)
        return {one.name: None}
    try:
        return {one.name: datetime.fromisoformat(text).replace(tzinfo=time.LOCAL_ZONE)}
    except ValueError:
        raise Invalid(
            "field.moment", _("This is no date and time."), field=one.name, mend=_("For example 2026-11-30T17:00.")
        ) from None


def _ids(form: Form, one: Input, sent: QueryDict) -> list[UUID]:
    known = {choice.value for _label, row in organisation_choices(form.case, set()) for choice in row}
    values = [value for value in sent.getlist(one.name) if value]
    if unknown := set(values) - known:
        raise Invalid(
            "case.organisation",
            _("There is no such organisation here."),
            field=one.name,
            mend=_("Choose one from the list."),
            extra={"unknown": len(unknown)},
        )
    if one.required and not values:
        raise _needed(one)
    return [UUID(value) for value in values]


def _organisation(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    found = _ids(form, one, sent)
    return {one.name: found[0] if found else None}


def _organisations(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    return {one.name: _ids(form, one, sent) or None}


def _category(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    code = sent.get(one.name, "")
    if code not in catalogue_for(form.case.district):
        raise Invalid("case.category", _("Choose a category."), field=one.name)
    return {one.name: code}


def _categories(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    codes = [code for code in sent.getlist(one.name) if code in catalogue_for(form.case.district)]
    if not codes:
        raise Invalid("case.category", _("Choose at least one category."), field=one.name)
    return {one.name: codes}


def _case(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    return {one.name: typed_number(form.actor, sent.get(one.name, ""), field=one.name, district=form.case.district).id}


def _choice(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    value = sent.get(one.name, "")
    if value not in dict(one.choices):
        raise _needed(one)
    return {one.name: value}


def _score(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    value = sent.get(one.name, "")
    return {one.name: int(value) if value.isdigit() else 0}


def _area(form: Form, one: Input, sent: QueryDict) -> dict[str, Any]:
    """A chosen grid, else the point on the map, else the best place of an address."""
    chosen = sent.get(one.name, "")
    lng, lat = number_of(sent.get("lng", "")), number_of(sent.get("lat", ""))
    if chosen:
        return {one.name: chosen} | ({"lng": lng, "lat": lat} if lng is not None and lat is not None else {})
    if lng is not None and lat is not None:
        try:
            found = locating.locate(locating.Point(lng, lat, locating.CoordinateSystem("wgs84")))
        except NotFound as error:
            raise Invalid("case.area", error.message, field=one.name) from None
        return {one.name: found.path, "lng": lng, "lat": lat}
    if address := sent.get("address", "").strip():
        for place in places_for(address, form.case.district):
            return {one.name: place.path, "lng": place.lng, "lat": place.lat}
        raise Invalid(
            "case.address",
            _("No place was found for this address."),
            field="address",
            mend=_("Point to it on the map."),
        )
    raise _needed(one, mend=_("Search for an address, or point to the place on the map."))


READERS: Mapping[Kind, Reader] = {
    Kind.LINE: _text,
    Kind.TEXT: _text,
    Kind.YES_NO: _yes_no,
    Kind.MOMENT: _moment,
    Kind.ORGANISATION: _organisation,
    Kind.ORGANISATIONS: _organisations,
    Kind.CATEGORY: _category,
    Kind.CATEGORIES: _categories,
    Kind.CASE: _case,
    Kind.AREA: _area,
    Kind.CHOICE: _choice,
    Kind.SCORE: _score,
}


def number_of(text: str) -> float | None:
    """A number that a form's hidden field carries."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        return None


def places_for(address: str, district: str) -> list[address_search.AddressCandidate]:
    """The places of an address, the best first; only grids and what lies in one."""
    return [
        one for one in address_search.locate_address(address, district=district, limit=6) if one.district == district
    ]


def place_value(case: Case, sent: QueryDict | None) -> dict[str, Any]:
    """What the place chooser shows: the case's present place, or what was sent."""
    if sent is None:
        return {"path": "", "lng": case.lng, "lat": case.lat, "address": case.address_text}
    return {
        "path": sent.get("area_path", ""),
        "lng": sent.get("lng", ""),
        "lat": sent.get("lat", ""),
        "address": sent.get("address", ""),
    }


def organisation_choices(case: Case, chosen: Iterable[str], *, called: bool = False) -> list[tuple[str, list[Choice]]]:
    """Who can be put to work on a case, the category's own departments first, then community, subdistrict, departments.

    Args:
        called: only those with an open call on the case.
    """
    picked = set(chosen)
    if called:
        ids_ = [
            one.organisation_id
            for one in case.work_orders.all()
            if one.kind == OrderKind.CALL and one.state in OPEN_ORDERS
        ]
        found = people.organisations(ids_)
        return [("", [_organisation_choice(one, picked) for one in found.values()])]
    entry = catalogue_for(case.district).get(case.category)
    first = router.departments(entry, case.area_path) if entry else []
    groups: dict[str, list[Choice]] = {
        _("For this category"): [],
        _("Community"): [],
        _("Subdistrict"): [],
        _("District"): [],
    }
    for one in people.organisations_over(case.area_path):
        if one.district != case.district:
            continue
        depth = one.area_path.count("/")
        label = (
            _("For this category")
            if one.id in first
            else (_("District"), _("Subdistrict"), _("Community"))[min(depth, 2)]
        )
        groups[label].append(_organisation_choice(one, picked))
    return [(label, rows) for label, rows in groups.items() if rows]


def _organisation_choice(one: people.OrganisationRef, picked: set[str]) -> Choice:
    return Choice(
        str(one.id), one.called(language()), words=f"{one.name} {one.name_en}".casefold(), chosen=str(one.id) in picked
    )


def category_choices(district: str, chosen: Iterable[str]) -> list[tuple[str, list[Choice]]]:
    """Every category in its group, with its everyday words to search by."""
    picked, speech = set(chosen), language()
    return [
        (
            group.called(speech),
            [category_choice(entry, chosen=entry.code in picked) for entry in entries if entry.becomes_case],
        )
        for group, entries in catalogue_for(district).groups()
    ]


def category_choice(entry: Entry, *, chosen: bool) -> Choice:
    """One category."""
    words = " ".join((entry.name_zh, entry.name_en, *entry.keywords_zh, *entry.keywords_en, entry.code)).casefold()
    return Choice(entry.code, entry.called(language()), words=words, chosen=chosen)


def places_named(found: Iterable[address_search.AddressCandidate]) -> list[dict[str, Any]]:
    """Places of an address as choices: its own name, and the grid that is responsible."""
    rows = list(found)
    names = Places([one.path for one in rows])
    return [
        {
            "path": one.path,
            "name": one.name,
            "address": one.address,
            "grid": names.short(one.path),
            "lng": one.lng,
            "lat": one.lat,
        }
        for one in rows
    ]


def typed_number(actor: Actor, text: str, *, field: str, district: str) -> Case:
    """The case of a number that somebody typed into a field.

    Raises:
        Invalid: there is none that the actor may see in this district.
    """
    try:
        found = queries.get(actor, text)
    except NotFound:
        found = None
    if found is None or found.district != district:
        raise Invalid(
            "case.number",
            _("There is no case with this number here."),
            field=field,
            mend=_("Check the figures; it has thirteen."),
        )
    return found
