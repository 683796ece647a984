"""Who is away on a day: the condition that the rooms below ask for when they look for somebody (``people.queries``)."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from linli.workforce.models import Span, SpanKind


def is_away(day: date) -> Exists:
    """The condition on rows of posts that their holder is away from them on a day."""
    return Exists(
        Span.objects.filter(
            district=OuterRef("district"),
            post_id=OuterRef("id"),
            kind=SpanKind.AWAY,
            starts_on__lte=day,
            ends_on__gt=day,
        )
    )
