"""The kernel's tables."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids
from linli.kernel.db import DISTRICT_LENGTH, AreaBound, PathField


class Event(AreaBound):
    """What happened, told to the other rooms: written with the change, read by consumers from a cursor.

    ``xid`` is the transaction that wrote it. A reader goes by (xid, id) and stops below the oldest transaction still running,
    so that an event that commits late is never passed over.
    """

    xid = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text::bigint)", []), editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    sequence = models.BigIntegerField()
    area_path = PathField()
    post_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["district", "xid", "id"], name="kernel_event_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "subject_id", "sequence", "kind"], name="kernel_event_once_per_sequence"
            )
        ]


class Cursor(models.Model):
    """How far a consumer has read the events of a district."""

    pk = models.CompositePrimaryKey("consumer", "district")
    consumer = models.CharField(max_length=60)
    district = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C")
    xid = models.BigIntegerField(default=0)
    event_id = models.UUIDField(default=ids.UUID(int=0))
    moved_at = models.DateTimeField(null=True)


class ParkedEvent(AreaBound):
    """An event that a consumer could not take: set aside with its error, so that those behind it go on."""

    consumer = models.CharField(max_length=60)
    event_id = models.UUIDField()
    at = models.DateTimeField()
    error = models.TextField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "consumer", "event_id"], name="kernel_parked_event_once")
        ]


class Command(AreaBound):
    """A command from outside that has been carried out, with its first answer."""

    actor_key = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    body_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "actor_key", "key"], name="kernel_command_once")]


class Clock(models.TextChoices):
    """How a time limit is counted."""

    CALENDAR = "calendar", _("around the clock")
    WORKING = "working", _("working hours")


class DeadlineState(models.TextChoices):
    """Where a deadline stands. One that passed and is still owed stays ``running`` with ``fired_at`` set."""

    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    MET = "met", _("met")
    CANCELLED = "cancelled", _("cancelled")


class Deadline(AreaBound):
    """By when something is owed.

    ``due_history`` keeps the due dates that were replaced: ``[{"due_at", "replaced_at", "why", "minutes"}]``; ``minutes`` is
    what the new due time was counted from, from ``replaced_at`` unless ``counted_from`` says otherwise.
    """

    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    area_path = PathField()
    clock = models.CharField(max_length=10, choices=Clock)
    minutes = models.IntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=DeadlineState, default=DeadlineState.RUNNING)
    paused_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_history = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(
                fields=["district", "due_at"],
                condition=models.Q(state="running", fired_at__isnull=True),
                name="kernel_deadline_sweep",
            ),
            models.Index(
                fields=["district", "due_at"],
                condition=models.Q(state="running", provisional=True),
                name="kernel_deadline_provisional",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "subject_id", "kind"],
                condition=models.Q(state__in=["running", "paused"]),
                name="kernel_deadline_one_of_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(state="paused", paused_at__isnull=False) | ~models.Q(state="paused"),
                name="kernel_deadline_paused_since",
            ),
            models.CheckConstraint(condition=models.Q(minutes__gte=0), name="kernel_deadline_minutes"),
        ]


class WorkCalendarDay(models.Model):
    """One day of the official calendar: a holiday, a make-up workday, or as the weekday says."""

    date = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    reason = models.CharField(max_length=40, blank=True)
    official = models.BooleanField(default=True)


class AuditEntry(AreaBound):
    """A privileged act, or a look at personal data. The app's role may add and read these, and nothing else."""

    at = models.DateTimeField()
    account_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32)
    actor_name = models.CharField(max_length=60, blank=True)
    area_path = PathField(blank=True)
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    person_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=200, blank=True)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "-at"], name="kernel_audit_recent"),
            models.Index(fields=["person_id", "-at"], name="kernel_audit_person"),
            models.Index(fields=["district", "subject_type", "subject_id"], name="kernel_audit_subject"),
        ]


class UploadState(models.TextChoices):
    """Where an upload stands."""

    OPEN = "open", _("under way")
    WHOLE = "whole", _("whole")
    REFUSED = "refused", _("refused")


class Upload(AreaBound):
    """A photo that comes in pieces, until a report takes it or it is swept.

    ``pieces`` lists the pieces' keys on the private shelf in order; they are read together and no file is made of them before the
    photo is taken.
    """

    owner = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    length = models.IntegerField()
    offset = models.IntegerField(default=0)
    pieces = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=UploadState, default=UploadState.OPEN)
    refusal = models.JSONField(default=dict)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["district", "expires_at"], name="kernel_upload_expiry")]
        constraints = [
            models.UniqueConstraint(fields=["district", "owner", "key"], name="kernel_upload_once"),
            models.CheckConstraint(
                condition=models.Q(length__gt=0, offset__gte=0, offset__lte=models.F("length")),
                name="kernel_upload_offset",
            ),
        ]
