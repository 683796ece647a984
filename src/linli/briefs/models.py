"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, PathField


class BriefKind(models.TextChoices):
    """Over how long a brief looks."""

    WEEK = "week", _("Weekly brief")
    MONTH = "month", _("Monthly brief")
    QUARTER = "quarter", _("Quarterly brief")


class Brief(AreaBound):
    """An edition of the brief of an area over the days from ``first`` on.

    ``data`` holds all that its files are made from (:mod:`linli.briefs.keeping`); ``revision`` counts its changes until it is issued.
    """

    area_path = PathField()
    kind = models.CharField(_("kind"), max_length=8, choices=BriefKind)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    version = models.PositiveIntegerField(_("edition"), default=1)
    revision = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict)
    as_of = models.DateTimeField()
    note = models.CharField(_("assessment"), max_length=2000, blank=True)
    changed = models.CharField(_("what changed"), max_length=400, blank=True)
    made_at = models.DateTimeField(default=time.now)
    made_post = models.UUIDField(null=True)
    made_as = models.CharField(max_length=80, blank=True)
    issued_at = models.DateTimeField(null=True)
    issued_post = models.UUIDField(null=True)
    issued_as = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("brief")
        verbose_name_plural = _("briefs")
        constraints = (
            models.UniqueConstraint(
                fields=["district", "area_path", "kind", "first", "version"], name="briefs_brief_edition"
            ),
        )
        indexes = (
            models.Index(fields=["district", "-made_at"], name="briefs_brief_recent"),
            models.Index(fields=["-made_at"], name="briefs_brief_all"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.area_path} {self.first.isoformat()}"


class Subscription(AreaBound):
    """A post that is told of each new brief of an area and kind; ``told`` is the first day of the last one."""

    area_path = PathField()
    kind = models.CharField(_("kind"), max_length=8, choices=BriefKind)
    post_id = models.UUIDField()
    told = models.DateField(null=True)
    made_at = models.DateTimeField(default=time.now)

    class Meta:
        verbose_name = _("subscription to briefs")
        verbose_name_plural = _("subscriptions to briefs")
        constraints = (
            models.UniqueConstraint(
                fields=["district", "area_path", "kind", "post_id"], name="briefs_subscription_once"
            ),
        )
        indexes = (models.Index(fields=["district", "kind", "told"], name="briefs_subscription_due"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.area_path}"
