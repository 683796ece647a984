"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.db import DISTRICT_LENGTH


class Severity(models.IntegerChoices):
    """How much is at stake."""

    DANGER = 1, _("Danger to life")
    URGENT = 2, _("Urgent")
    ORDINARY = 3, _("Ordinary")
    ROUTINE = 4, _("Routine")


class Clock(models.TextChoices):
    """What the limits are counted in."""

    CALENDAR = "calendar", _("around the clock")
    WORKING = "working", _("working hours")


class Level(models.TextChoices):
    """Where a matter of this kind is first looked at."""

    EMERGENCY = "emergency", _("Emergency services")
    MICRO_GRID = "micro_grid", _("Micro-grid")
    PROPERTY = "property", _("Property company")
    COMMUNITY = "community", _("Community")
    SUBDISTRICT = "subdistrict", _("Subdistrict")


class Handler(models.TextChoices):
    """Who takes a matter first."""

    MICRO_GRID_MEMBER = "micro_grid_member", _("Micro-grid member")
    COMMUNITY = "community", _("Community")
    PROPERTY = "property", _("Property company")
    SUBDISTRICT = "subdistrict", _("Subdistrict")
    DEPARTMENT = "department", _("Department")


class Intake(models.TextChoices):
    """What a report of this kind becomes."""

    CASE = "case", _("A case")
    HANDOVER = "handover", _("Handed over by telephone; nothing is recorded")


class Sensitivity(models.TextChoices):
    """Who may see a case of this kind: restricted ones only the named handlers, never on a wall board or in an export."""

    NORMAL = "normal", _("Normal")
    HOUSEHOLD = "household", _("Household")
    PERSONAL = "personal", _("Personal")
    RESTRICTED = "restricted", _("Restricted")


class CategoryGroup(models.Model):
    """A group to browse by; reference data."""

    code = models.CharField(max_length=40, primary_key=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    icon = models.CharField(max_length=40, help_text="a Lucide icon's name")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.code


class Category(models.Model):
    """One kind of matter, for ever under one code; reference data."""

    code = models.CharField(max_length=8, primary_key=True)
    identifier = models.CharField(max_length=60, unique=True)
    group = models.ForeignKey(CategoryGroup, on_delete=models.PROTECT, related_name="categories")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.code


class CategoryVersion(models.Model):
    """How one kind of matter is dealt with, in one scope, from one moment to another. Limits are in minutes of its clock."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="versions")
    scope = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C", blank=True, default="")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    name_zh = models.CharField(_("Name in Chinese"), max_length=80)
    name_en = models.CharField(_("Name in English"), max_length=120)
    keywords_zh = models.JSONField(_("Everyday words in Chinese"), default=list, blank=True)
    keywords_en = models.JSONField(_("Everyday words in English"), default=list, blank=True)
    severity = models.PositiveSmallIntegerField(_("Severity"), choices=Severity)
    clock = models.CharField(_("Clock"), max_length=10, choices=Clock)
    respond_minutes = models.PositiveIntegerField(_("Minutes to respond"))
    resolve_minutes = models.PositiveIntegerField(_("Minutes to resolve"))
    sign_in_minutes = models.PositiveIntegerField(_("Minutes to sign in"))
    intake = models.CharField(_("A report becomes"), max_length=10, choices=Intake, default=Intake.CASE)
    first_level = models.CharField(_("First level"), max_length=20, choices=Level)
    first_handler = models.CharField(_("First handler"), max_length=20, choices=Handler)
    first_handler_note = models.CharField(_("First handler in words"), max_length=80, blank=True)
    lead_function = models.CharField(_("Lead department"), max_length=40, blank=True)
    lead_note = models.CharField(_("Lead department in words"), max_length=80, blank=True)
    co_functions = models.JSONField(_("Assisting departments"), default=list, blank=True)
    resident_reportable = models.BooleanField(_("Residents may report it"), default=True)
    call_first_zh = models.CharField(_("Call first, in Chinese"), max_length=80, blank=True)
    call_first_en = models.CharField(_("Call first, in English"), max_length=120, blank=True)
    call_first_numbers = models.JSONField(_("Numbers to call first"), default=list, blank=True)
    sensitivity = models.CharField(_("Sensitivity"), max_length=12, choices=Sensitivity)
    evidence_required = models.JSONField(_("Evidence required"), default=list, blank=True)
    close_condition_zh = models.CharField(_("Closing condition in Chinese"), max_length=200, blank=True)
    close_condition_en = models.CharField(_("Closing condition in English"), max_length=300, blank=True)
    basis = models.CharField(_("Basis"), max_length=80, blank=True)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="catalog_version_once",
                expressions=[
                    ("scope", RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="TSTZRANGE", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="catalog_version_term"
            ),
            models.CheckConstraint(
                condition=Q(respond_minutes__gte=1, sign_in_minutes__gte=1, resolve_minutes__gte=F("respond_minutes")),
                name="catalog_version_limits",
            ),
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="catalog_version_severity"),
        )

    def __str__(self) -> str:
        return f"{self.category_id}@{self.scope or 'city'}"


class ChangeState(models.TextChoices):
    """Where a proposed change stands."""

    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CategoryChange(models.Model):
    """A proposed next version: only the fields that differ, against the version that its author saw."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="changes")
    scope = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C", blank=True, default="")
    base = models.ForeignKey(CategoryVersion, on_delete=models.PROTECT, null=True, related_name="+")
    values = models.JSONField()
    reason = models.CharField(max_length=300)
    effective_from = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    preview = models.JSONField(null=True, blank=True)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField(default=time.now)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=["state", "-proposed_at"], name="catalog_change_state"),)

    def __str__(self) -> str:
        return f"{self.category_id}:{self.state}"
