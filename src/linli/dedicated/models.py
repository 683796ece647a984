"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.storage.shown import StoredFile
from linli.kernel.trust.policy import Apart


class Sheet(Apart, AreaBound):
    """What is kept of a dedicated grid: whom to ring there, and of which kind it is. ``contact_id`` is a sealed row of the people room;
    ``kind`` is empty while its name says it (:mod:`linli.dedicated.kinds`)."""

    area = DistrictForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    contact_id = models.UUIDField(null=True)
    duty = models.CharField(_("duty"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, blank=True, default="", db_collation="C")
    named_at = models.DateTimeField(_("named at"), null=True)
    named_as = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("sheet of a dedicated grid")
        verbose_name_plural = _("sheets of dedicated grids")
        constraints = (models.UniqueConstraint(fields=["district", "area"], name="dedicated_sheet_once"),)
        indexes = (models.Index(fields=["district", "area_path"], name="dedicated_sheet_path"),)

    def __str__(self) -> str:
        return self.area_path


class Plan(AreaBound):
    """What is planned for a dedicated grid on a range of days; ``told`` are ids of posts. Followed by another, never overwritten."""

    sheet = DistrictForeignKey(Sheet, on_delete=models.PROTECT, related_name="plans", db_index=False)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"), max_length=8000)
    told = models.JSONField(default=list)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)
    reviewed_as = models.CharField(max_length=80, blank=True)
    set_aside = models.BooleanField(default=False)
    noted_at = models.DateTimeField(default=time.now)
    noted_by = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    noted_as = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("plan of a dedicated grid")
        verbose_name_plural = _("plans of dedicated grids")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="dedicated_plan_dates"
            ),
            ExclusionConstraint(
                name="dedicated_plan_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("sheet", RangeOperators.EQUAL),
                    (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(set_aside=False),
            ),
        )

    def __str__(self) -> str:
        return self.title


class PlanFile(StoredFile):
    """A scan or photo of a plan: ways out, hydrants, keys. What is shown is a copy without its metadata."""

    plan = DistrictForeignKey(Plan, on_delete=models.PROTECT, related_name="files", db_index=False)
    caption = models.CharField(max_length=120, blank=True)
    post_id = models.UUIDField(null=True)
    noted_as = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("file of a plan")
        verbose_name_plural = _("files of plans")
        constraints = (models.UniqueConstraint(fields=["district", "plan", "sha256"], name="dedicated_file_once"),)
        indexes = (
            models.Index(fields=["district", "at"], condition=Q(state="waiting"), name="dedicated_file_waiting"),
        )
