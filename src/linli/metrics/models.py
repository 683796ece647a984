"""The counters, their roll-ups, and from where on the reader keeps each."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.kernel.db import AreaBound, PathField


class Figure(models.TextChoices):
    """What is counted. Those of a clock count on the day it was due; all others on the day they happened."""

    REPORTED = "reported", _("Reported")
    JOINED = "joined", _("Joined by others")
    REGISTERED = "registered", _("Registered")
    REJECTED = "rejected", _("Not taken up")
    MERGED = "merged", _("Merged")
    RESPONDED_ON_TIME = "responded_on_time", _("Responded in time")
    RESPONDED_LATE = "responded_late", _("Responded late")
    RESOLVED_ON_TIME = "resolved_on_time", _("Resolved in time")
    RESOLVED_LATE = "resolved_late", _("Resolved late")
    RESOLVED_LAST_HOURS = "resolved_last_hours", _("Resolved in the last two hours")
    RESPONSE_OWED = "response_owed", _("Response due and still owed")
    RESOLUTION_OWED = "resolution_owed", _("Resolution due and still owed")
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
