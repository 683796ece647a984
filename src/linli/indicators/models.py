"""Evidence that stands where a value cannot be computed (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.storage.shown import StoredFile
from linli.kernel.trust.policy import Apart


class State(models.TextChoices):
    """How far evidence has come."""

    PENDING = "pending", _("Waits for review")
    ACCEPTED = "accepted", _("Evidence accepted")
    RETURNED = "returned", _("Evidence returned")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Evidence(Apart, AreaBound):
    """What a community shows for an indicator. ``value`` is what it claims, ``accepted_value`` what the review found; shares, 0 to 1."""

    set_id = models.CharField(max_length=60, db_collation="C")
    indicator_id = models.CharField(max_length=60, db_collation="C")
    area_path = PathField()
    text = models.TextField(_("what it shows"), max_length=2000)
    value = models.FloatField(_("value"))
    dated = models.DateField(_("day"))
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    accepted_value = models.FloatField(_("accepted value"), null=True)
    valid_until = models.DateField(_("valid until"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    noted_at = models.DateTimeField(default=time.now)
    noted_by = models.UUIDField()
    noted_as = models.CharField(max_length=80, blank=True)
    post_id = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)
    reviewed_as = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = (
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=1), name="indicators_evidence_value"),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(accepted_value__gte=0, accepted_value__lte=1, valid_until__isnull=False, reviewed_by__isnull=False),
                name="indicators_evidence_accepted",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("noted_by")),
                name="indicators_evidence_another",
            ),
        )
        indexes = (
            models.Index(fields=["district", "area_path", "set_id", "indicator_id"], name="indicators_evidence_area"),
            models.Index(fields=["district", "state", "noted_at"], name="indicators_evidence_state"),
        )

    def __str__(self) -> str:
        return f"{self.area_path} {self.set_id}.{self.indicator_id}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whoever handed it in."""
        return (self.noted_by,)

    def holds(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.state == State.ACCEPTED and self.valid_until is not None and day <= self.valid_until

    def expired(self, day: date) -> bool:
        """Whether it was accepted and counts no longer."""
        return self.state == State.ACCEPTED and not self.holds(day)


class EvidenceFile(StoredFile):
    """A photo or scan of evidence. What is shown is a copy without its metadata."""

    evidence = DistrictForeignKey(Evidence, on_delete=models.PROTECT, related_name="files", db_index=False)

    class Meta:
        verbose_name = _("file of evidence")
        verbose_name_plural = _("files of evidence")
        constraints = (models.UniqueConstraint(fields=["district", "evidence", "sha256"], name="indicators_file_once"),)
        indexes = (
            models.Index(fields=["district", "at"], condition=Q(state="waiting"), name="indicators_file_waiting"),
        )

    def __str__(self) -> str:
        return str(self.id)


class Snapshot(AreaBound):
    """What an area came to in a set in one quarter, as it was known then; ``score`` is empty where nothing was known."""

    area_path = PathField()
    set_id = models.CharField(max_length=60, db_collation="C")
    quarter = models.DateField()
    score = models.FloatField(null=True)
    known = models.FloatField()
    taken_at = models.DateTimeField(default=time.now)

    class Meta:
        verbose_name = _("score of a quarter")
        verbose_name_plural = _("scores of quarters")
        constraints = (
            models.UniqueConstraint(
                fields=["district", "area_path", "set_id", "quarter"], name="indicators_snapshot_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.set_id} {self.area_path} {self.quarter}"
