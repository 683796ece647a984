"""The audit's page, for those who watch over it, and the working calendar's."""

from __future__ import annotations

from io import StringIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.administration.acts import GROUPS, act_word
from linli.administration.frame import ROWS, actor_of, administration, page
from linli.kernel import deadlines, time, workdays
from linli.kernel.calendar import read_days
from linli.kernel.errors import LinliError
from linli.kernel.models import AuditEntry
from linli.kernel.trust import Role
from linli.kernel.trust.audit import said
from linli.people.words import ROLES, role_word

CALENDAR_BYTES = 256 * 1024


@require_GET
@administration("audit.read")
def audit(request: HttpRequest) -> HttpResponse:
    """Privileged acts and readings of personal data, the newest first; by a cursor, so that a long record costs no more."""
    verb, role, who, before = (request.GET.get(key, "").strip() for key in ("verb", "role", "who", "before"))
    found = AuditEntry.objects.all()
    if verb:
        found = found.filter(verb__startswith=verb)
    if role:
        found = found.filter(role=role)
    if who:
        found = found.filter(actor_name__icontains=who)
    if cursor := _cursor(before):
        found = found.filter(id__lt=cursor)
    rows = list(found.order_by("-id")[: ROWS + 1])
    more = len(rows) > ROWS
    rows = rows[:ROWS]
    asked = {"verb": verb, "role": role, "who": who}
    next_href = f"?{urlencode({**{k: v for k, v in asked.items() if v}, 'before': rows[-1].id})}" if more else ""
    # Whoever is just signing in has no role yet.
    entries = [
        {
            "row": row,
            "role": role_word(row.role) if row.role != Role.ANONYMOUS else "",
            "act": act_word(row.verb),
            "purpose": said(row.purpose),
        }
        for row in rows
    ]
    context: dict[str, Any] = {
        **asked,
        "entries": entries,
        "next_href": next_href,
        "verbs": [("", _("All")), *GROUPS.items()],
        "roles": [("", _("All")), *ROLES.items()],
    }
    return page(request, "audit", "audit", **context)


def _cursor(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@administration("calendar.load")
def calendar(request: HttpRequest) -> HttpResponse:
    """Which years are official, what rests on a provisional one, and loading the official one."""
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            loaded = workdays.load_official(read_days(StringIO(_file(request))), actor=actor_of(request))
        except LinliError as error:
            errors = [{"message": f"{error.message} {error.mend}".strip(), "href": "#id_file"}]
        except ValueError as error:
            errors = [{"message": str(error), "href": "#id_file"}]
        else:
            years = ", ".join(map(str, loaded.years))
            said = _("The calendar of %(years)s is loaded; %(n)d deadlines were computed again.")
            messages.success(request, said % {"years": years, "n": loaded.recomputed})
            return HttpResponseRedirect("/admin/calendar")
    this_year = time.today().year
    known = deadlines.calendar()
    shown = [
        {"year": year, "official": not known.is_provisional(year), "now": year == this_year}
        for year in range(this_year - 1, this_year + 3)
    ]
    return page(
        request,
        "calendar",
        "calendar",
        status=422 if errors else 200,
        years=shown,
        provisional=workdays.provisional_years(),
        errors=errors,
    )


def _file(request: HttpRequest) -> str:
    """The text of the file that was sent."""
    sent = request.FILES.get("file")
    if sent is None or sent.size is None or sent.size > CALENDAR_BYTES:
        raise ValueError(_("Please choose a CSV file of at most 256 kB."))
    try:
        return sent.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(_("The file is not UTF-8 text.")) from None
