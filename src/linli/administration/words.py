"""How what residents write becomes public, district by district."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.administration.frame import actor_of, administration, page
from linli.kernel.errors import LinliError
from linli.moderation import actions, queries
from linli.moderation.models import Mode, Source
from linli.territory import queries as territory
from linli.territory.models import Level
from linli.ui import undo


@require_http_methods(["GET", "POST"])
@administration("moderation.configure")
def settings(request: HttpRequest) -> HttpResponse:
    """Every district with its mode and the texts that can become public; one form for each."""
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            found = actions.configure(
                actor_of(request),
                district=request.POST.get("district", ""),
                mode=request.POST.get("mode", ""),
                sources=request.POST.getlist("sources"),
            )
        except LinliError as error:
            errors.append(error)
        else:
            undo.done(request, _("Set for %(district)s.") % {"district": territory.place_name(found.district)})
            return HttpResponseRedirect("/admin/words")
    known = queries.settings()
    rows = []
    districts = [(one.path, one.name) for one in territory.known_areas() if one.level == Level.DISTRICT]
    for path, name in districts:
        rule = known.get(path, queries.Rule(Mode.DECIDED, queries.BY_DEFAULT))
        rows.append(
            {
                "path": path,
                "name": name,
                "mode": str(rule.mode),
                "sources": [str(one) for one in rule.sources],
                "said": rule.mode.label,
            }
        )
    context = {"rows": rows, "modes": list(Mode.choices), "sources": list(Source.choices), "errors": errors}
    return page(request, "words", "words", status=errors[0].status if errors else 200, **context)
