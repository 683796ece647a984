"""The counters, their roll-ups, and from where on the reader keeps each."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.kernel.db import AreaBound, PathField


class Figure(models.TextChoices):
    """What is counted. Those of a clock count on the day it was due; all others on the day they happened."""

    REPORTED = "reported", _("Reported")
    JOINED = "joined", _("Joined by others")
    REGISTERED = "registered", _("Registered")
    REPEATED = "repeated", _("Came back within thirty days of a closing")
    REJECTED = "rejected", _("Not taken up")
    MERGED = "merged", _("Merged")
    RESPONDED_ON_TIME = "responded_on_time", _("Responded in time")
    RESPONDED_LATE = "responded_late", _("Responded late")
    RESOLVED_ON_TIME = "resolved_on_time", _("Resolved in time")
    RESOLVED_LATE = "resolved_late", _("Resolved late")
    RESOLVED_LAST_HOURS = "resolved_last_hours", _("Resolved in the last two hours")
    TOOK_1H = "took_1h", _("Took up to an hour")
    TOOK_2H = "took_2h", _("Took 1–2 hours")
    TOOK_4H = "took_4h", _("Took 2–4 hours")
    TOOK_8H = "took_8h", _("Took 4–8 hours")
    TOOK_16H = "took_16h", _("Took 8–16 hours")
    TOOK_1D = "took_1d", _("Took 16–24 hours")
    TOOK_2D = "took_2d", _("Took 1–2 days")
    TOOK_3D = "took_3d", _("Took 2–3 days")
    TOOK_4D = "took_4d", _("Took 3–4 days")
    TOOK_5D = "took_5d", _("Took 4–5 days")
    TOOK_7D = "took_7d", _("Took 5–7 days")
    TOOK_10D = "took_10d", _("Took 7–10 days")
    TOOK_15D = "took_15d", _("Took 10–15 days")
    TOOK_20D = "took_20d", _("Took 15–20 days")
    TOOK_30D = "took_30d", _("Took 20–30 days")
    TOOK_60D = "took_60d", _("Took 30–60 days")
    TOOK_LONGER = "took_longer", _("Took more than 60 days")
    RESPONSE_OWED = "response_owed", _("Response due and still owed")
    RESOLUTION_OWED = "resolution_owed", _("Resolution due and still owed")
    SIGNED_IN_ON_TIME = "signed_in_on_time", _("Signed in in time")
    SIGNED_IN_LATE = "signed_in_late", _("Signed in late")
    SIGN_IN_OWED = "sign_in_owed", _("Not signed in before it was due")
    DISPATCHED = "dispatched", _("Dispatched")
    RETURNED = "returned", _("Returns")
    RETURNED_VALIDLY = "returned_validly", _("Returned with good reason")
    CALLED = "called", _("Calls")
    CALL_ANSWERED_ON_TIME = "call_answered_on_time", _("Calls answered in time")
    CALL_ANSWERED_LATE = "call_answered_late", _("Calls answered late")
    CALL_UNANSWERED = "call_unanswered", _("Calls that ran out unanswered")
    EXTENDED = "extended", _("Given more time")
    SUSPENDED = "suspended", _("Suspended with a plan")
    VERIFIED = "verified", _("Passed verification")
    VERIFICATION_FAILED = "verification_failed", _("Failed verification")
    CLOSED = "closed", _("Closed")
    CLOSED_NEAR = "closed_near", _("Closed within the community")
    SATISFIED = "satisfied", _("Content")
    NEUTRAL = "neutral", _("So-so")
    NOT_SATISFIED = "not_satisfied", _("Not content")
    NOT_REACHED = "not_reached", _("Not reached")
    NOT_ASKED = "not_asked", _("Closed without calling back")
    EXCLUDED = "excluded", _("Left out by two people")
    REOPENED = "reopened", _("Taken up again")


TOOK: Mapping[Figure, int | None] = {
    Figure.TOOK_1H: 60,
    Figure.TOOK_2H: 120,
    Figure.TOOK_4H: 240,
    Figure.TOOK_8H: 480,
    Figure.TOOK_16H: 960,
    Figure.TOOK_1D: 1_440,
    Figure.TOOK_2D: 2_880,
    Figure.TOOK_3D: 4_320,
    Figure.TOOK_4D: 5_760,
    Figure.TOOK_5D: 7_200,
    Figure.TOOK_7D: 10_080,
    Figure.TOOK_10D: 14_400,
    Figure.TOOK_15D: 21_600,
    Figure.TOOK_20D: 28_800,
    Figure.TOOK_30D: 43_200,
    Figure.TOOK_60D: 86_400,
    Figure.TOOK_LONGER: None,
}
"""The figures that say how long a resolution took, the shortest first, each with the minutes up to which it counts."""


class DayFigure(AreaBound):
    """One figure of one community (or the area above it, for what lies in none), category and level on one day.

    ``minutes`` sums, for the figures of a clock, how long it ran by the calendar from its start to its end.
    """

    area_path = PathField()
    category = models.CharField(max_length=8, db_collation="C")
    level = models.CharField(max_length=12)
    figure = models.CharField(max_length=24, choices=Figure)
    day = models.DateField()
    count = models.BigIntegerField(default=0)
    minutes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "area_path", "day", "figure", "category", "level"], name="metrics_day_figure_once"
            )
        ]
        indexes = [models.Index(fields=["district", "day", "figure"], name="metrics_day_figure_day")]


class AreaDay(AreaBound):
    """One figure of a community, subdistrict or district on one day, over all categories and levels: what panels read.

    The city is the sum of its districts. What lies in no community counts for the areas above it.
    """

    area_path = PathField()
    figure = models.CharField(max_length=24, choices=Figure)
    day = models.DateField()
    count = models.BigIntegerField(default=0)
    minutes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "area_path", "figure", "day"], name="metrics_area_day_once")
        ]


class CategoryDay(AreaBound):
    """One figure of one category in a subdistrict or district on one day; a community's are its day figures."""

    area_path = PathField()
    category = models.CharField(max_length=8, db_collation="C")
    figure = models.CharField(max_length=24, choices=Figure)
    day = models.DateField()
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "area_path", "figure", "day", "category"], name="metrics_category_day_once"
            )
        ]


class AreaMonth(AreaBound):
    """An :class:`AreaDay` over the month that begins on ``month``: what panels over many months read of the whole ones."""

    area_path = PathField()
    figure = models.CharField(max_length=24, choices=Figure)
    month = models.DateField()
    count = models.BigIntegerField(default=0)
    minutes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "area_path", "figure", "month"], name="metrics_area_month_once")
        ]


class CategoryMonth(AreaBound):
    """One figure of one category in a community, subdistrict or district over the month that begins on ``month``."""

    area_path = PathField()
    category = models.CharField(max_length=8, db_collation="C")
    figure = models.CharField(max_length=24, choices=Figure)
    month = models.DateField()
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "area_path", "figure", "month", "category"], name="metrics_category_month_once"
            )
        ]


class Standing(AreaBound):
    """How many open cases of a community, subdistrict or district stand in a state now.

    Beside the states of cases there are those of clocks that are owed, by the name of their figure (``resolution_owed``).
    """

    area_path = PathField()
    state = models.CharField(max_length=24)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "area_path", "state"], name="metrics_standing_once")]


class Backfill(AreaBound):
    """From which event on the reader keeps a figure in a district, and how far the log before it has been counted.

    ``figure`` is one of :class:`Figure` or :data:`linli.metrics.counting.STANDING`. The reader counts what comes after the event
    (``xid``, ``event_id``), the back-fill what came before, case by case in the order of their ids, up to ``after``.
    """

    figure = models.CharField(max_length=24)
    xid = models.BigIntegerField(default=0)
    event_id = models.UUIDField(default=UUID(int=0))
    after = models.UUIDField(default=UUID(int=0))
    entries = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "figure"], name="metrics_backfill_once")]
