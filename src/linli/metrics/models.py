"""The counters."""

from __future__ import annotations

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
    RETURNED = "returned", _("Returns")
    RETURNED_VALIDLY = "returned_validly", _("Returned with good reason")
    CALLED = "called", _("Calls")
    EXTENDED = "extended", _("Given more time")
    SUSPENDED = "suspended", _("Suspended with a plan")
    VERIFICATION_FAILED = "verification_failed", _("Failed verification")
    CLOSED = "closed", _("Closed")
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
