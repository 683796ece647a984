"""`{% load ui %}`: every component that doors draw. docs/reference/design-system.md shows how to call each; /design shows all.

Leaf components are tags (`{% button "Send" kind="primary" %}`), components with a body are block tags
(`{% card title="…" %} … {% endcard %}`). Unknown keyword arguments become HTML attributes (`hx_get="/x"` → `hx-get="/x"`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.ui import fields, icons, undo, vite, words
from linli.ui.clockface import ClockFace, read_clock
from linli.ui.looks import TONES, look_of
from linli.ui.rows import row_context
from linli.ui.script_texts import script_texts

register = template.Library()


def _draw(name: str, context: Mapping[str, Any]) -> SafeString:
    # without the backend's wrapper, which makes a request context that no component needs
    return get_template(f"ui/c/{name}.html").template.render(Context(dict(context)))  # type: ignore[attr-defined]


def _tone(tone: str) -> str:
    if tone and tone not in TONES:
        raise template.TemplateSyntaxError(f"no tone {tone!r}; one of {', '.join(TONES)}")
    return f"tone-{tone}" if tone else ""


# --- the page -----------------------------------------------------------------------------------------------------------------


@register.simple_tag
def vite_tags(name: str) -> SafeString:
    """Styles and script of a built entry, with integrity. `{% vite_tags "app" %}`; bases do this."""
    try:
        built = vite.entry(name)
    except vite.NotBuilt:
        if getattr(settings, "LINLI_MODE", "") != "test":
            raise
        return mark_safe("")
    styles = '<link rel="stylesheet" href="{}" integrity="{}" crossorigin="anonymous">'
    preload = '<link rel="modulepreload" href="{}" integrity="{}" crossorigin="anonymous">'
    script = format_html(
        '<script type="module" src="{}" integrity="{}" crossorigin="anonymous"></script>',
        built.script.href,
        built.script.integrity,
    )
    return format_html_join("", styles, built.styles) + format_html_join("", preload, built.preloads) + script


register.simple_tag(vite_tags, name="vite")


@register.simple_tag
def script_words() -> SafeString:
    """The few words that scripts show, in the page's language, as a JSON block."""
    text = (
        json.dumps(script_texts(), ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    )
    return format_html('<script type="application/json" id="linli-words">{}</script>', mark_safe(text))  # noqa: S308


@register.simple_tag
def undo_of(message: Message) -> dict[str, Any] | None:
    """The undo that a message carries (linli.ui.undo.done)."""
    return undo.of(message)


@register.simple_tag
def address(name: str, fallback: str, *args: Any) -> str:
    """The address of a named page, or ``fallback`` while the door that has it is not installed."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return fallback


@register.simple_tag
def icon(name: str, size: str = "", *, label: str = "", extra: str = "") -> SafeString:
    """`{% icon "map-pin" %}`; size "sm", "lg", "xl"; label only where no word stands beside it."""
    return icons.svg(name, size=size, label=label, extra=extra)


# --- controls -----------------------------------------------------------------------------------------------------------------

_BUTTONS = {
    "primary": "btn-primary",
    "plain": "btn-plain",
    "quiet": "btn-quiet",
    "link": "btn-link-brand",
    "danger": "btn-danger",
    "danger-solid": "btn-danger-solid",
}


@register.simple_tag
def button(
    label: str,
    kind: str = "plain",
    *,
    icon: str = "",
    href: str = "",
    type: str = "submit",  # noqa: A002 - HTML's own name
    size: str = "",
    icon_only: bool = False,
    icon_end: str = "",
    extra: str = "",
    **attrs: Any,
) -> SafeString:
    """`{% button "Send" kind="primary" icon="send" %}`; with ``href`` it is a link that looks like a button.

    :param kind: primary (one a page), plain, quiet, link, danger, danger-solid
    :param size: "", "sm" or "lg"
    """
    classes = " ".join(
        part
        for part in ("btn", _BUTTONS[kind], f"btn-{size}" if size else "", "btn-icon" if icon_only else "", extra)
        if part
    )
    context = {
        "label": label,
        "classes": classes,
        "icon": icon,
        "icon_end": icon_end,
        "icon_only": icon_only,
        "href": href,
        "type": type,
        "attrs": fields.attributes(attrs),
    }
    return _draw("button", context)


@register.simple_tag
def field(bound: BoundField | None = None, **options: Any) -> SafeString:
    """`{% field form.phone %}` or `{% field name="q" label="…" kind="tel" %}`.

    :param look: "cards", "cards-2" (two columns) or "plain", for choices
    """
    view = fields.from_bound(bound, **options) if isinstance(bound, BoundField) else fields.plain(**options)
    return _draw("field", {"f": view, "wide": view.look.startswith("cards-2")})


@register.simple_tag
def error_summary(form: Any = None, errors: Sequence[Any] = ()) -> SafeString:
    """On top of a form: what is wrong, each line a link to its field. Takes a form, or rows of {message, href}."""
    rows = fields.summary_of(form) if form is not None and form.is_bound else []
    for error in errors:
        if isinstance(error, Mapping):
            rows.append({"message": str(error["message"]), "href": str(error.get("href", ""))})
        else:
            # a LinliError: message, mend and the field's name
            target = f"#id_{error.field}" if getattr(error, "field", "") else ""
            mend = getattr(error, "mend", "")
            rows.append(
                {
                    "message": " ".join(part for part in (str(getattr(error, "message", error)), str(mend)) if part),
                    "href": target,
                }
            )
    return _draw("error_summary", {"rows": rows}) if rows else mark_safe("")


@register.simple_tag
def photo_input(
    name: str = "photos", label: str = "", *, hint: str = "", error: str = "", limit: int = 5, required: bool = False,
    field_id: str = "",
) -> SafeString:  # fmt: skip
    """Photos: camera or album, preview, made small before they travel; a plain file field without a script.

    Args:
        field_id: of the field, where a page has several of one name.
    """
    context = {
        "name": name,
        "id": field_id or f"id_{name}",
        "label": label or _("Photos"),
        "hint": hint,
        "error": error,
        "max": limit,
    }
    return _draw("photo_input", {**context, "required": required})


@register.simple_tag
def search_box(name: str = "q", value: str = "", *, label: str = "", key: str = "/", **attrs: Any) -> SafeString:
    """A search field with its sign inside; the key "/" goes to it."""
    context = {
        "name": name,
        "value": value or "",
        "label": label or _("Search"),
        "key": key,
        "attrs": fields.attributes(attrs),
    }
    return _draw("search_box", context)


# --- words and signs ----------------------------------------------------------------------------------------------------------


@register.filter
def when(moment: datetime | None, now: datetime | None = None) -> str:
    """ "today 17:30", "Fri 20 Nov 09:00"."""
    return words.when(moment, now or time.now()) if moment else ""


@register.filter
def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """ "just now", "5 minutes ago", "yesterday", "in 2 hours"."""
    return words.ago(moment, now or time.now()) if moment else ""


@register.simple_tag
def time_tag(moment: datetime | None, style: str = "when", *, now: datetime | None = None) -> SafeString:
    """A `<time>` with its machine form; style "when" or "ago"."""
    if moment is None:
        return mark_safe("")
    shown = (words.ago if style == "ago" else words.when)(moment, now or time.now())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), words.when(moment, now or time.now()), shown
    )


@register.simple_tag
def badge(label: str, tone: str = "quiet", *, icon: str = "") -> SafeString:
    """A small sign: icon, word and colour."""
    drawn = icons.svg(icon) if icon else ""
    return format_html('<span class="badge {}">{}{}</span>', _tone(tone), drawn, label)


@register.simple_tag
def state(name: str, label: str = "", *, voice: str = "office") -> SafeString:
    """The badge of a case's state. ``voice`` "resident" says it in plainer words."""
    look = look_of(name)
    word = label or str(look.resident if voice == "resident" else look.office) or name
    return badge(word, tone=look.tone, icon=look.icon)


@register.simple_tag
def clock(face: ClockFace | None = None, style: str = "full", **options: Any) -> SafeString:
    """`{% clock due_at=… started_at=… promised="reply" %}` or with a ready ClockFace; style "full" or "short" (for rows)."""
    if face is None:
        options.setdefault("now", time.now())
        options["now"] = options["now"] or time.now()
        face = read_clock(
            **{key: value for key, value in options.items() if value is not None} | {"due_at": options.get("due_at")}
        )
    return _draw("clock_short" if style == "short" else "clock", {"c": face, "tone": _tone(face.tone)})


@register.simple_tag
def person(post: str, name: str = "", *, area: str = "", href: str = "") -> SafeString:
    """Somebody by their post; the name only where it may be shown."""
    return _draw("person", {"post": post, "name": name, "area": area, "href": href, "mark": (name or post)[:1]})


@register.simple_tag
def breadcrumb(steps: Sequence[Any]) -> SafeString:
    """Where this is: rows of {label, href} or plain words; the last is here. Also the area path."""
    rows = [step if isinstance(step, Mapping) else {"label": step, "href": ""} for step in steps]
    return _draw("breadcrumb", {"steps": rows})


# --- lists --------------------------------------------------------------------------------------------------------------------


@register.simple_tag
def case_row(case: Any, *, current: bool = False, **options: Any) -> SafeString:
    """One row (56 px on a phone, 40 on a desk) from a dict or object: href, number, title, place, state, due_at or clock, icon.

    Stand it in `<ul class="rows">`. ``link_attrs`` are for htmx (a string from {% attrs %}); ``select`` adds a tick box.
    """
    return _draw("case_row", row_context(case, {"current": current, **options}))


@register.simple_tag
def attrs(**values: Any) -> SafeString:
    """HTML attributes for a component's ``link_attrs``: `{% attrs hx_get="/x" hx_target="#case" as link %}`."""
    return fields.attributes(values)


@register.simple_tag
def list_header(
    title: str,
    count: int | None = None,
    *,
    chips: Sequence[Any] = (),
    note: str = "",
    level: int = 1,
    sticky: bool = False,
) -> SafeString:
    """A list's head: title, count, filter chips ({label, count, href, current, tone, icon}). Level 1 writes the page's h1."""
    context = {"title": title, "count": count, "chips": chips, "note": note, "tag": f"h{level}", "sticky": sticky}
    return _draw("list_header", context)


@register.simple_tag
def filter_chips(chips: Sequence[Any], label: str = "") -> SafeString:
    """Filter chips alone: rows of {label, count, href, current, icon, tone}."""
    return _draw("chips", {"chips": chips, "label": label or _("Filter")})


@register.simple_tag
def pager(
    next_href: str = "",
    previous_href: str = "",
    *,
    page: int = 0,
    pages: int = 0,
    base: str = "?page=",
    total: int | None = None,
) -> SafeString:
    """By cursor (``next_href``, ``previous_href``) or by number (``page``, ``pages``, ``base``); nothing where one page is all there is."""
    if pages == 1 and total is None:
        return SafeString("")
    shown: list[int | None] = []
    for number in range(1, pages + 1):
        if number in (1, pages) or abs(number - page) <= 1:
            shown.append(number)
        elif shown and shown[-1] is not None:
            shown.append(None)
    if pages:
        previous_href = f"{base}{page - 1}" if page > 1 else ""
        next_href = f"{base}{page + 1}" if page < pages else ""
    context = {"next": next_href, "previous": previous_href, "shown": shown, "page": page, "base": base, "total": total}
    return _draw("pager", context)


@register.simple_tag
def empty(
    title: str, text: str = "", *, icon: str = "inbox", action: str = "", href: str = "", level: int = 2
) -> SafeString:
    """Nothing here, and what to do about it."""
    return _draw(
        "empty", {"title": title, "text": text, "icon": icon, "action": action, "href": href, "tag": f"h{level}"}
    )


@register.simple_tag
def skeleton(rows: int = 3) -> SafeString:
    """Grey rows for waits under 300 ms … a second."""
    return _draw("skeleton", {"rows": range(rows)})


@register.simple_tag
def progress(
    value: int, total: int = 100, *, label: str = "", tone: str = "brand", bare: bool = False, alone: bool = False
) -> SafeString:
    """A bar with its number, for anything that takes over two seconds.

    ``bare`` where its label stands beside it already, ``alone`` where its number does as well.
    """
    percent = round(100 * value / total) if total else 0
    context = {
        "value": value,
        "total": total,
        "percent": percent,
        "label": label,
        "tone": _tone(tone),
        "bare": bare,
        "alone": alone,
    }
    return _draw("progress", context)


@register.simple_tag
def table(columns: Sequence[Any], rows: Sequence[Any], *, caption: str = "", empty_text: str = "") -> SafeString:
    """A data table with a sticky head. Columns: {key, label, num, href, sort}; rows: dicts (or objects) by key."""
    heads = [column if isinstance(column, Mapping) else {"key": column, "label": column} for column in columns]
    body = []
    for row in rows:
        get = row.get if isinstance(row, Mapping) else lambda key, default="", row=row: getattr(row, key, default)
        body.append([{"value": get(head["key"], ""), "num": head.get("num", False)} for head in heads])
    return _draw(
        "table", {"heads": heads, "body": body, "caption": caption, "empty_text": empty_text or _("Nothing here yet.")}
    )


@register.simple_tag
def figure(
    label: str,
    value: Any,
    *,
    unit: str = "",
    note: str = "",
    tone: str = "",
    trend: str = "",
    trend_tone: str = "",
    href: str = "",
    percent: int | None = None,
    icon: str = "",
) -> SafeString:
    """A figure with its meaning: label, number, unit, what it means; trend like "+3 %" begins with a sign."""
    context = {
        "label": label,
        "value": value,
        "unit": unit,
        "note": note,
        "tone": _tone(tone),
        "trend": trend,
        "href": href,
    }
    up = trend.startswith("+")
    arrow = "trending-up" if up else "trending-down"
    return _draw(
        "figure", {**context, "trend_tone": _tone(trend_tone), "trend_icon": arrow, "percent": percent, "icon": icon}
    )


# --- the case -----------------------------------------------------------------------------------------------------------------


@register.simple_tag
def timeline(entries: Sequence[Any], now: datetime | None = None) -> SafeString:
    """What happened, newest first or last as given. Entries: {title, at, who, text, quote, icon, tone, photos, next}."""
    return _draw("timeline", {"entries": entries, "now": now or time.now()})


@register.simple_tag
def stages(names: Sequence[str], now: int) -> SafeString:
    """How far along, in four or five words; ``now`` counts from 0, the number of names means all done."""
    rows = [{"name": name, "done": index < now, "now": index == now} for index, name in enumerate(names)]
    return _draw("stages", {"rows": rows})


@register.simple_tag
def gallery(items: Sequence[Any], label: str = "") -> SafeString:
    """Evidence: {src, thumb, alt, caption}; without src the photo is still being made safe."""
    return _draw("gallery", {"items": items, "label": label or _("Evidence")})


@register.simple_tag
def next_steps(steps: Sequence[Any], title: str = "") -> SafeString:
    """What happens next: rows of {text, when}."""
    return _draw("next_steps", {"steps": steps, "title": title or _("What happens next")})


@register.simple_tag
def receipt(title: str, number: str, *, note: str = "", code: str = "", level: int = 1) -> SafeString:
    """The receipt: it worked, and the number to keep (and the code, for those without an account)."""
    return _draw("receipt", {"title": title, "number": number, "note": note, "code": code, "tag": f"h{level}"})


@register.simple_tag
def facts(rows: Sequence[Any]) -> SafeString:
    """Name and value, side by side: pairs or {label, value}."""
    return _draw("facts", {"rows": [_pair(row) for row in rows]})


@register.simple_tag
def answers(rows: Sequence[Any]) -> SafeString:
    """Check your answers: {label, value, href}."""
    return _draw("answers", {"rows": rows})


def _pair(row: Any) -> tuple[Any, Any]:
    return (row["label"], row["value"]) if isinstance(row, Mapping) else (row[0], row[1])


@register.simple_tag
def map_view(mode: str = "view", label: str = "", *, height: str = "", **data: Any) -> SafeString:
    """The map: mode "pick", "cases", "view" or "walk" (the numbered rows of `[data-walk]`).

    Data: outlines, cases, roads, lng, lat, zoom, own, lng_input, lat_input, tiles, figures, bounds, area_page.

    Always put a list or an address beside it: the map is never the only way.
    """
    if mode not in ("pick", "cases", "view", "walk"):
        raise template.TemplateSyntaxError(f"no map mode {mode!r}")
    named = {f"data-{key.replace('_', '-')}": value for key, value in data.items() if value not in (None, "")}
    context = {"mode": mode, "label": label or _("Map"), "height": f"map-{height}" if height else ""}
    return _draw("map", {**context, "attrs": fields.attributes(named)})


@register.simple_tag
def map_key() -> SafeString:
    """What the map's shapes mean."""
    return _draw("map_key", {})


@register.simple_tag(takes_context=True)
def bottom_bar(context: Context, current: str = "") -> SafeString:
    """The portal's four: home, report, services, mine."""
    return _draw("bottom_bar", {"items": portal_places(), "current": current})


@register.simple_tag
def portal_places() -> list[dict[str, str]]:
    """The portal's four places, for the bottom bar and the header of wide screens."""
    return [
        {"key": "home", "label": _("Home"), "icon": "house", "href": address("portal:home", "/")},
        {"key": "report", "label": _("Report"), "icon": "camera", "href": address("portal:report", "/report")},
        {
            "key": "services",
            "label": _("Services"),
            "icon": "layout-grid",
            "href": address("portal:services", "/services"),
        },
        {"key": "mine", "label": _("Mine"), "icon": "circle-user", "href": address("portal:mine", "/mine")},
    ]


# --- components with a body ---------------------------------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    *,
    icon: str = "",
    flush: bool = False,
    level: int = 2,
    extra: str = "",
    action: str = "",
    href: str = "",
) -> SafeString:
    """`{% card title="…" %} … {% endcard %}`; ``flush`` lets a list or table touch the edges; action/href: a link in the head."""
    context = {"content": content, "title": title, "icon": icon, "flush": flush, "tag": f"h{level}", "extra": extra}
    return _draw("card", {**context, "action": action, "href": href})


@register.simple_block_tag
def notice(content: str, title: str = "", *, tone: str = "info", icon: str = "") -> SafeString:
    """A message within the page."""
    default = {"late": "circle-alert", "soon": "triangle-alert", "good": "circle-check"}.get(tone, "info")
    return _draw("notice", {"content": content, "title": title, "tone": _tone(tone), "icon": icon or default})


@register.simple_block_tag
def dialog(content: str, id: str, *, title: str, sheet: bool = True, wide: bool = False) -> SafeString:  # noqa: A002
    """A dialog, opened by any element with `data-opens="ID"`; on a phone it comes from below."""
    return _draw("dialog", {"content": content, "id": id, "title": title, "sheet": sheet, "wide": wide})


@register.simple_block_tag
def menu(
    content: str,
    label: str,
    *,
    icon: str = "ellipsis",
    kind: str = "quiet",
    icon_only: bool = False,
    place: str = "end",
    size: str = "",
) -> SafeString:
    """The rest of the actions. Body: {% menu_item … %}; place "end", "start" or "up"."""
    classes = " ".join(
        part for part in ("btn", _BUTTONS[kind], "btn-icon" if icon_only else "", f"btn-{size}" if size else "") if part
    )
    return _draw(
        "menu",
        {"content": content, "label": label, "icon": icon, "classes": classes, "icon_only": icon_only, "place": place},
    )


@register.simple_tag
def menu_item(
    label: str,
    href: str = "",
    *,
    icon: str = "",
    danger: bool = False,
    current: bool = False,
    type: str = "submit",  # noqa: A002
    **attrs: Any,
) -> SafeString:
    """One entry of a menu: a link with ``href``, else a button (submit, within a form, or type="button")."""
    # Not a template: a page of the desk has twenty of them.
    classes = "menu-item is-danger" if danger else "menu-item"
    inner = format_html("{}<span>{}</span>", icons.svg(icon) if icon else "", label)
    more = fields.attributes(attrs)
    if href:
        here = mark_safe(' aria-current="true"') if current else ""
        return format_html('<a class="{}" href="{}"{}{}>{}</a>', classes, href, here, more, inner)
    return format_html('<button class="{}" type="{}"{}>{}</button>', classes, type, more, inner)


@register.simple_tag(takes_context=True)
def menu_links(context: Context, links: Sequence[Any]) -> SafeString:
    """The entries of a menu from :class:`linli.ui.slots.Link` objects; drawn by Jinja2, as every page has them."""
    csrf = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', context.get("csrf_token", ""))
    drawn = render_to_string("ui/links.html", {"links": links, "csrf": csrf}, using="jinja2")
    return mark_safe(drawn)  # noqa: S308 - Jinja2 has escaped what the links hold


@register.simple_tag
def tabs(items: Sequence[Any], label: str = "") -> SafeString:
    """Tabs that are pages: {label, href, current, count, icon}."""
    return _draw("tabs", {"items": items, "label": label or _("Sections")})
