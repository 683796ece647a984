"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField


class Reason(models.TextChoices):
    """Why something is on a list."""

    BELOW_AIM = "below_aim", _("surely off its aim")
    STANDS_OUT = "stands_out", _("stands out")
    OWED = "owed", _("owed for longest")


class ItemState(models.TextChoices):
    """Where an item stands."""

    OPEN = "open", _("open")
    DONE = "done", _("done, to be checked")
    CLOSED = "closed", _("closed")
    CARRIED = "carried", _("carried over")


class Step(models.TextChoices):
    """What an entry is of."""

    DRAWN = "drawn", _("put on the list")
    ASSIGNED = "assigned", _("given to an organisation")
    NOTED = "noted", _("a word on how it goes")
    DONE = "done", _("said to be done")
    CLOSED = "closed", _("checked and closed")
    RETURNED = "returned", _("sent back")
    CARRIED = "carried", _("carried over to the next quarter")


class QuarterList(AreaBound):
    """A district's list of one quarter, named by its first day; ``first`` and ``last`` are the days that were looked at."""

    quarter = models.DateField(_("quarter"))
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    drawn_at = models.DateTimeField(_("drawn"), default=time.now)
    as_of = models.DateTimeField(_("as of"))
    post_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("list of quarterly supervision")
        verbose_name_plural = _("lists of quarterly supervision")
        constraints = (
            models.UniqueConstraint(fields=["district", "quarter"], name="supervision_list_once"),
            models.CheckConstraint(condition=Q(first__lt=F("last")), name="supervision_list_days"),
        )

    def __str__(self) -> str:
        return f"{self.district} {self.quarter}"


class Item(AreaBound):
    """One thing on a list. ``key`` says what it is, so that a quarter has it once; ``facts`` is what was seen when it was drawn."""

    of = DistrictForeignKey(QuarterList, on_delete=models.PROTECT, related_name="items", db_index=False)
    area_path = PathField()
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    key = models.CharField(max_length=120, db_collation="C")
    facts = models.JSONField(default=dict)
    cases = models.JSONField(default=list)
    organisation_id = models.UUIDField(null=True)
    due_on = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=8, choices=ItemState, default=ItemState.OPEN)
    done_by = models.UUIDField(null=True)
    carried_from = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("item of supervision")
        verbose_name_plural = _("items of supervision")
        constraints = (
            models.UniqueConstraint(fields=["district", "of", "key"], name="supervision_item_once"),
            models.CheckConstraint(
                condition=~Q(state=ItemState.DONE) | Q(done_by__isnull=False), name="supervision_item_done_by"
            ),
        )

    def __str__(self) -> str:
        return self.key

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """Who answers for it."""
        return (self.organisation_id,)


class Entry(AreaBound):
    """A step of an item. Added, never changed."""

    item = DistrictForeignKey(Item, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveIntegerField()
    step = models.CharField(max_length=8, choices=Step)
    text = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True)
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("entry of supervision")
        verbose_name_plural = _("entries of supervision")
        constraints = (models.UniqueConstraint(fields=["district", "item", "sequence"], name="supervision_entry_once"),)

    def __str__(self) -> str:
        return f"{self.step} {self.sequence}"
