"""An item of supervision in words: what was seen, never who is to blame."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.metrics import anomalies, saying
from linli.metrics.catalogue import metrics
from linli.supervision.models import Item, Reason
from linli.territory import queries as territory


def words(item: Item) -> str:
    """What was seen when the list was drawn, in a sentence."""
    facts = item.facts
    place = territory.full_name(item.area_path) or item.area_path
    match item.reason:
        case Reason.BELOW_AIM:
            named = metrics().get(facts["metric"])
            return _(
                "%(place)s: %(name)s %(value)s %% (%(part)s of %(whole)s, probably %(low)s–%(high)s %%), the aim is %(aim)s %%."
            ) % {
                "place": place, "name": named.name() if named else facts["metric"], "value": _percent(facts["value"]),
                "part": saying.number(facts["numerator"]), "whole": saying.number(facts["denominator"]),
                "low": _percent(facts["low"]), "high": _percent(facts["high"]), "aim": _percent(facts["aim"]),
            }  # fmt: skip
        case Reason.STANDS_OUT:
            told = {"name": facts["name"], "seen": facts["seen"], "expected": facts["expected"], "place": place}
            return str(anomalies.WORDS[anomalies.Kind(facts["kind"])]) % told
    return _("%(place)s: case %(number)s has been owed since %(day)s.") % {
        "place": place, "number": facts["number"], "day": _day(facts["due_at"]),
    }  # fmt: skip


def _percent(text: str) -> str:
    return saying.percent(Decimal(text))


def _day(text: str) -> str:
    return date_format(datetime.fromisoformat(text).astimezone(time.LOCAL_ZONE), "Y-m-d") if text else saying.NOTHING
