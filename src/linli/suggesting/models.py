"""Versions of the model, and what the desk corrected."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.db import AreaBound, PathField

KEPT = timedelta(days=365)
"""How long a correction is kept, its words with it."""


class VersionState(models.TextChoices):
    """What became of a version."""

    ASKED = "asked", _("Waits for training")
    CURRENT = "current", _("In use")
    BEFORE = "before", _("In use before")
    REFUSED = "refused", _("Not taken: worse than the one in use")


class Because(models.TextChoices):
    """Why a version was trained."""

    FIRST = "first", _("There was none")
    CORRECTIONS = "corrections", _("New corrections")
    CATALOGUE = "catalogue", _("The catalogue changed")
    BY_HAND = "by_hand", _("Asked for by hand")


class ModelVersion(models.Model):
    """A training asked for, then a trained model with its measured figures; the same for the whole city.

    ``figures`` is a :class:`linli.suggesting.learning.Figures`; ``fresh`` says how the version before fared on the corrections that
    came after it; ``measured_on`` is the digest of the held-out texts, ``learnt_from`` of everything that it was trained on.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.ASKED)
    because = models.CharField(max_length=12, choices=Because)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField(default=time.now)
    trained_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0.0)
    texts = models.PositiveIntegerField(default=0)
    corrections = models.PositiveIntegerField(default=0)
    top1 = models.FloatField(default=0.0)
    top3 = models.FloatField(default=0.0)
    threshold = models.FloatField(default=0.0)
    figures = models.JSONField(default=dict)
    fresh = models.JSONField(default=dict)
    measured_on = models.CharField(max_length=64, blank=True)
    learnt_from = models.CharField(max_length=64, blank=True)
    catalogue = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(default=b"")

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=VersionState.CURRENT), name="suggesting_one_current"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=VersionState.ASKED), name="suggesting_one_asked"
            ),
            models.CheckConstraint(
                condition=~Q(state=VersionState.CURRENT) | Q(trained_at__isnull=False),
                name="suggesting_current_trained",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class Correction(AreaBound):
    """A case that the desk put into another category; one row a case, the last correction.

    ``words`` are the case's own, without numbers and names, and empty where the case is sealed.
    """

    case_id = models.UUIDField()
    sequence = models.IntegerField()
    area_path = PathField()
    before = models.CharField(max_length=8, db_collation="C")
    after = models.CharField(max_length=8, db_collation="C")
    words = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["district", "case_id"], name="suggesting_correction_once"),)
        indexes = (models.Index(fields=["district", "at"], name="suggesting_correction_at"),)
