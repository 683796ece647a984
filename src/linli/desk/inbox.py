"""The views and the list: what waits for this post, what is due first comes first; narrowed by the address alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from linli.cases import queries, searching
from linli.cases.models import Case
from linli.cases.queries import LABELS, Filters, View
from linli.cases.states import State
from linli.catalog.models import Severity
from linli.desk import bulk
from linli.desk.frame import actor_of, address, staff, views_of, wants_part
from linli.kernel import ids, time
from linli.kernel.trust import Actor, policy
from linli.ui.casework.names import Places, catalogue_for, category_icon, category_name, face_of, language
from linli.ui.looks import look_of, office_words

ICONS = {
    View.MINE: "user-check",
    View.UNASSIGNED: "inbox",
    View.LATE: "clock-alert",
    View.SOON: "hourglass",
    View.CALLED: "megaphone",
    View.RETURNED: "corner-up-left",
    View.TO_DECIDE: "scale",
    View.TO_VERIFY: "badge-check",
    View.TO_CALL_BACK: "phone-call",
    View.SUPERVISED: "flag",
    View.UNPLACED: "map-pinned",
    View.MENTIONED: "message-square",
    View.OPEN: "folder",
    View.CLOSED: "archive",
}
KEYS = {
    View.MINE: "m",
    View.UNASSIGNED: "u",
    View.LATE: "l",
    View.SOON: "s",
    View.CALLED: "c",
    View.RETURNED: "r",
    View.TO_DECIDE: "d",
    View.TO_VERIFY: "v",
    View.TO_CALL_BACK: "b",
    View.SUPERVISED: "p",
    View.UNPLACED: "n",
    View.MENTIONED: "a",
    View.OPEN: "o",
    View.CLOSED: "e",
}
"""The letter that follows ``g``."""
SIZE = 50
ROW_COLUMNS = (
    "district", "number", "state", "is_open", "area_path", "category", "severity", "sensitivity", "supervised_at", "reported_at",
    "closed_at", "due_at", "due_kind", "due_from", "participants_count", "log_length",
)  # fmt: skip
"""What a row shows of a case (:func:`row_of`); a search shows its words as well."""
MANY_CHIPS = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Which list somebody looks at: what the address says."""

    view: View
    filters: Filters
    after: str = ""

    def query(self, **changes: str) -> dict[str, str]:
        """The address's query, with changes; an empty value takes one away. Without the page, which a change starts anew."""
        found = {
            "view": str(self.view),
            "category": self.filters.category,
            "area": self.filters.area_path,
            "severity": str(self.filters.severity or ""),
            "state": self.filters.state,
            "q": self.filters.words,
        }
        return {key: value for key, value in (found | changes).items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered."""
        return self.filters != Filters()


def place_of(request: HttpRequest, *, otherwise: View | None = None) -> Place:
    """Read the address; what it names wrongly is left aside.

    Args:
        otherwise: the view when the address names none; the post's first one unless told.
    """
    return place_in(actor_of(request), request.GET, otherwise=otherwise)


def place_in(actor: Actor, asked: QueryDict, *, otherwise: View | None = None) -> Place:
    """Read the query of an address; what it names wrongly, or the post is not offered, is left aside."""
    offered = views_of(actor)
    name = asked.get("view", "")
    view = View(name) if name in set(View) and View(name) in offered else otherwise or offered[0]
    severity = asked.get("severity", "")
    state = asked.get("state", "")
    return Place(
        view,
        Filters(
            category=asked.get("category", "")[:8],
            area_path=asked.get("area", "")[:48],
            severity=int(severity) if severity in {"1", "2", "3", "4"} else None,
            state=state if state in set(State) else "",
            words=asked.get("q", "").strip()[:80],
        ),
        after=asked.get("after", "")[:200],
    )


@staff
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The desk: views, the chosen list, and an empty third pane. A number typed into the search leads to its case."""
    place = place_of(request)
    if number := ids.parse_ticket_number(place.filters.words):
        return HttpResponseRedirect(address("case", number, query=place.query(q="")))
    around = around_of(actor_of(request), place)
    context = views_context(request, place, around.counts) | list_context(request, place, around.facets)
    if wants_part(request):
        return render(request, "desk/inbox/list.html", context)
    return render(request, "desk/inbox/page.html", context | {"pane": "list"})


@staff
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The list pane alone, with fresh counts for the views beside it."""
    place = place_of(request)
    around = around_of(actor_of(request), place)
    context = views_context(request, place, around.counts) | list_context(request, place, around.facets)
    context |= {"current": request.GET.get("at", ""), "with_views": True}
    return render(request, "desk/inbox/list.html", context)


@staff
@require_GET
def views(request: HttpRequest) -> HttpResponse:
    """The views with their counts."""
    return render(request, "desk/inbox/views.html", views_context(request, place_of(request)))


@staff
@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """How many cases of the list have changed since it was drawn: a quiet word, so that no row moves under the hand."""
    place = place_of(request)
    since = _moment(request.GET.get("since", ""))
    count = queries.changed_since(actor_of(request), place.view, since, filters=place.filters) if since else 0
    return render(request, "desk/inbox/news.html", {"count": count, **_addresses(place, request.GET.get("at", ""))})


@staff
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """The search of the header: a number leads to its case, words to the list of all that is open."""
    words = request.GET.get("q", "").strip()[:80]
    if number := ids.parse_ticket_number(words):
        return HttpResponseRedirect(address("case", number))
    return HttpResponseRedirect(address("inbox", query={"view": str(View.OPEN), "q": words}))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def around_of(actor: Actor, place: Place) -> queries.Overview:
    """What the views hold, and what the list can be narrowed to: one query for a community, two for what is larger."""
    return queries.overview(actor, views_of(actor), place.view, filters=place.filters)


def views_context(request: HttpRequest, place: Place, counted: dict[View, int] | None = None) -> dict[str, Any]:
    """The views that the post is offered, with what they hold (one query counts them all unless it is told)."""
    actor = actor_of(request)
    if counted is None:
        counted = queries.counts(actor, views_of(actor))
    may_register = policy.allows(actor, "case.report")
    register = _entry(_("Register"), address("register"), "plus", phone=True)
    views = [
        _entry(
            LABELS[view],
            address("inbox", query={"view": str(view)}),
            ICONS[view],
            key=KEYS[view],
            current=view == place.view,
            shown=shown_count(counted.get(view)) if counted.get(view) else "",
            late=view == View.LATE,
        )
        for view in views_of(actor)
    ]
    return {
        "desk_views": [*([register] if may_register else []), *views, *rooms_of(actor)],
        "may_register": may_register,
        "views_href": address("views", query={"view": str(place.view)}),
        "topics": topics(actor),
    }


def rooms_of(actor: Actor) -> list[dict[str, Any]]:
    """The rooms of the desk that the post may enter, as they stand below the views."""
    house = "dwellings" if policy.reach(actor, "household.view") else "campaigns"
    rooms = (
        (_("Services"), "services", "layout-grid", "service.list"),
        (_("A service for a resident"), "counter-choose", "printer", "service.apply"),
        (_("Public words"), "words", "globe", "case.moderate"),
        (_("Team"), "roster", "users-round", "roster.view|duty.view"),
        (_("Micro-grids"), "redrawings", "map", "redrawing.view"),
        (_("Compounds"), "compounds", "building-2", "compound.view"),
        (_("Organisations"), "organisations", "building-2", "organisation.view"),
        (_("Points"), "points", "star", "points.confirm|points.review|points.keep_rewards"),
        (_("Special operations"), "operations", "flag", "operation.view"),
        (_("Quarterly supervision"), "supervision", "clipboard-list", "supervision.view"),
        (_("Briefs"), "briefs", "file-text", "brief.view"),
        (_("Indicator sets"), "indicators", "chart-column", "indicators.view"),
        (_("Life circle"), "life-circle", "footprints", "lifecircle.view"),
        (_("Duty lists"), "duties", "list-checks", ""),
        (_("People and dwellings"), house, "house", "household.progress"),
    )
    figures = [_entry(_("Cockpit"), "/cockpit", "chart-column")] if policy.reach(actor, "figures.view") else []
    return figures + [
        _entry(label, address(name), icon, later=address("compounds-count") if name == "compounds" else "")
        for label, name, icon, verbs in rooms
        if not verbs or any(policy.reach(actor, verb) for verb in verbs.split("|"))
    ]


def _entry(
    label: Any,
    href: str,
    icon: str,
    *,
    key: str = "",
    shown: str = "",
    later: str = "",
    current: bool = False,
    late: bool = False,
    phone: bool = False,
) -> dict[str, Any]:
    """One line of desk/views.html.

    Args:
        key: the letter that follows ``g``.
        later: where its count is fetched when the page stands.
        phone: whether it stands there on a phone only.
    """
    return {"label": label, "href": href, "icon": icon, "key": key, "shown": shown, "later": later, "current": current,
            "late": late, "phone": phone}  # fmt: skip


def topics(actor: Actor) -> str:
    """What the lists listen to on the live stream: their own news, and for whoever has an area all that happens there."""
    in_area = "area" in policy.reach(actor, "case.list") and actor.area_path
    return f"inbox area:{actor.area_path}" if in_area else "inbox"


def shown_count(count: int | None) -> str:
    """A count as it is shown: exact below a thousand."""
    if count is None:
        return ""
    return f"{queries.COUNT_UP_TO - 1}+" if count >= queries.COUNT_UP_TO else str(count)


def list_context(request: HttpRequest, place: Place, facets: queries.Facets) -> dict[str, Any]:
    """One page of the list with its filters: one query for the cases, one for the places."""
    actor = actor_of(request)
    columns = () if place.filters.words else ROW_COLUMNS
    page = queries.inbox(actor, place.view, filters=place.filters, after=place.after, size=SIZE, columns=columns)
    named = [case.area_path for case in page.cases] + [path for path, _count in facets.areas]
    places = Places([*named, place.filters.area_path] if place.filters.area_path else named)
    hits = searching.snippets(page.cases, place.filters.words) if place.filters.words else {}
    tick = _("Tick %(number)s")
    rows = [row_of(case, places, place, hit=hits.get(case.id), tick=tick) for case in page.cases]
    return {
        "place": place,
        "title": LABELS[place.view],
        "rows": rows,
        "total": shown_count(facets.total),
        "hidden": place.query(q=""),
        "clear_href": address("inbox", query={"view": str(place.view)}),
        "chips": chips_of(place, places),
        "choices": choices_of(place, facets, places, actor),
        "next_href": address("inbox", query=place.query(after=page.next)) if page.next else "",
        "first_href": address("inbox", query=place.query()) if place.after else "",
        "empty": {} if rows else empty_of(place),
        "bulk_verbs": bulk.verbs_for(actor),
        "keep_href": address("kept", query=place.query()),
        "export_href": address("export", query=place.query()) if policy.allows(actor, "case.export") else "",
        "ended_href": _ended(actor, place),
        **_addresses(place),
    }


def _ended(actor: Actor, place: Place) -> str:
    """Where the words are looked for in what has ended; ``""`` when nothing is searched, or it is that list."""
    offers = place.filters.words and place.view != View.CLOSED and View.CLOSED in views_of(actor)
    return address("inbox", query={"view": str(View.CLOSED), "q": place.filters.words}) if offers else ""


def _addresses(place: Place, at: str = "") -> dict[str, str]:
    return {
        "news_href": address("news", query=place.query(since=time.now().isoformat(), at=at)),
        "list_href": address("list", query=place.query(at=at)),
        "here_href": address("inbox", query=place.query()),
    }


@lru_cache(maxsize=1)
def _before_number() -> str:
    return address("case", "-").removesuffix("-")


@lru_cache(maxsize=256)
def _tail(place: Place | None) -> str:
    # Fifty rows share it.
    return f"?{urlencode(query)}" if place and (query := place.query()) else ""


def row_of(
    case: Case,
    places: Places,
    place: Place | None = None,
    *,
    how: str = "",
    hit: searching.Snippet | None = None,
    tick: str = "",
) -> dict[str, Any]:
    """What a row shows of a case, all its words ready (desk/rows.html has none); nothing personal.

    Args:
        how: how the case hangs together with another, in words.
        hit: where its words match a search.
        tick: the label of the box before it, with a place for the number; ``""`` for none.
    """
    catalogue = catalogue_for(case.district)
    face = face_of(case)
    look = look_of(case.state)
    joined = case.participants_count - 1
    return {
        "number": case.number,
        "href": f"{_before_number()}{case.number}{_tail(place)}",
        "title": category_name(case, catalogue),
        "how": how,
        "hit": hit.pieces if hit else (),
        "tick": tick % {"number": case.number} if tick else "",
        "version": case.version,
        "icon": category_icon(case, catalogue),
        "mark_tone": f"tone-{face.tone}" if face and face.tone in ("late", "soon") else "tone-quiet",
        "marks": list(_marks(case)),
        "place": places.short(case.area_path),
        "joined": ngettext("%(n)d joined", "%(n)d joined", joined) % {"n": joined} if joined > 0 else "",
        "state_word": office_words().get(case.state, ""),
        "state_icon": look.icon,
        "state_tone": look.tone,
        "clock": face,
    }


def _marks(case: Case) -> Iterator[dict[str, str]]:
    """The small signs before a title; hardly any row has one."""
    if case.severity <= Severity.URGENT:
        word = str(Severity(case.severity).label)
        first = case.severity == Severity.DANGER
        yield {
            "tone": "late" if first else "soon",
            "icon": "octagon-alert" if first else "triangle-alert",
            "word": word,
        }
    if case.supervised_at is not None:
        yield {"tone": "late", "icon": "flag", "word": _("under supervision")}
    if case.is_restricted:
        yield {"tone": "", "icon": "lock", "word": _("restricted")}


def chips_of(place: Place, places: Places) -> list[dict[str, Any]]:
    """What is filtered by, each with the address that takes it away."""
    filters, catalogue = place.filters, catalogue_for("")
    found: list[tuple[str, str]] = []
    if filters.words:
        found.append(("q", _("“%(words)s”") % {"words": filters.words}))
    if filters.state:
        found.append(("state", str(look_of(filters.state).office)))
    if filters.severity:
        found.append(("severity", str(Severity(filters.severity).label)))
    if filters.category:
        entry = catalogue.get(filters.category)
        found.append(("category", entry.called(language()) if entry else filters.category))
    if filters.area_path:
        found.append(("area", places.name(filters.area_path)))
    return [{"label": label, "href": address("inbox", query=place.query(**{name: ""}))} for name, label in found]


def choices_of(place: Place, facets: queries.Facets, places: Places, actor: Actor) -> list[dict[str, Any]]:
    """The filters that would narrow this list further, each with its count."""
    catalogue = catalogue_for(actor.district)

    def named(code: str) -> str:
        entry = catalogue.get(code)
        return entry.called(language()) if entry else code

    groups = (
        ("state", _("State"), [(state, str(look_of(state).office), n) for state, n in facets.states]),
        ("severity", _("Severity"), [(str(value), str(Severity(value).label), n) for value, n in facets.severities]),
        ("category", _("Category"), [(code, named(code), n) for code, n in facets.categories]),
        ("area", _("Place"), [(path, places.name(path), n) for path, n in facets.areas]),
    )
    return [
        {
            "name": name,
            "label": label,
            "options": [
                {
                    "label": word,
                    "count": n if facets.exact else f"{n}+",
                    "href": address("inbox", query=place.query(**{name: value})),
                }
                for value, word, n in options[:40]
            ],
        }
        for name, label, options in groups
        if len(options) > 1
    ]


def empty_of(place: Place) -> dict[str, str]:
    """What an empty list says, and what can be done about it."""
    if place.is_narrowed:
        return {
            "title": _("Nothing fits these filters"),
            "text": _("Take one away, or look in another view."),
            "icon": "filter",
            "action": _("Clear the filters"),
            "href": address("inbox", query={"view": str(place.view)}),
        }
    words = {
        View.MINE: (_("Nothing is in your hands"), _("Look in “To take up” for what waits.")),
        View.UNASSIGNED: (_("Everything has been taken up"), _("New reports appear here by themselves.")),
        View.LATE: (_("Nothing is late"), _("Have a look at what is due soon.")),
        View.SOON: (_("Nothing is due in the next four hours"), _("A good moment for what is open.")),
        View.CALLED: (_("No calls are open"), _("Calls to your organisation appear here with their clock.")),
        View.RETURNED: (_("Nothing came back"), _("Returned dispatches wait here for your decision.")),
        View.TO_DECIDE: (
            _("Nothing waits for your decision"),
            _("Rejections, extensions and suspensions appear here."),
        ),
        View.TO_VERIFY: (_("Nothing to verify"), _("What handlers report as done appears here.")),
        View.TO_CALL_BACK: (_("Nobody to call back"), _("Verified cases wait here for the reporter's word.")),
        View.SUPERVISED: (_("Nothing is under supervision"), _("Urgent cases that run late come here by themselves.")),
        View.UNPLACED: (_("Every report has its place"), _("Reports whose address was not understood wait here.")),
        View.MENTIONED: (_("Nobody mentioned you"), _("Notes that name you with @ and your name appear here.")),
        View.OPEN: (_("Nothing is open here"), _("Register a report, or wait for the first.")),
        View.CLOSED: (_("Nothing has ended yet"), _("Closed, merged and rejected cases are kept here.")),
    }
    title, text = words[place.view]
    return {"title": title, "text": text, "icon": ICONS[place.view], "action": "", "href": ""}
