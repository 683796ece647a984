"""The tables of the room; what belongs to a person or a machine and not to an area hangs on the account."""

from __future__ import annotations

from datetime import time as clock_time

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.people.models import LookupHashField, SealedField


class Topic(models.TextChoices):
    """What people choose by: the kinds of messages on the settings page."""

    PROGRESS = "progress", _("How my report goes on")
    QUESTION = "question", _("Questions to me")
    RESULT = "result", _("What came of it")
    WORK = "work", _("Work for me")
    MENTION = "mention", _("Notes that name me")
    PRESSURE = "pressure", _("Reminders, supervision and lateness")
    TEAM = "team", _("Leave, cover, duty and training")
    POINTS = "points", _("My points")
    PLACE = "place", _("What runs out in compounds")


class Kind(models.TextChoices):
    """What a notice says."""

    TAKEN_UP = "taken_up", _("Taken up")
    CALLED = "called", _("Departments called")
    EXTENDED = "extended", _("More time")
    LATE = "late", _("Late")
    QUESTION = "question", _("A question to you")
    MESSAGE = "message", _("A message to you")
    DONE = "done", _("Done, please check")
    NOT_TAKEN_UP = "not_taken_up", _("Not taken up")
    CLOSED = "closed", _("Closed")
    ASSIGNED = "assigned", _("New work")
    CALLED_ON = "called_on", _("You are called")
    RETURNED = "returned", _("Came back")
    FAILED = "failed", _("Not solved on the spot")
    REOPENED = "reopened", _("Taken up again")
    ANSWERED = "answered", _("The reporter wrote")
    MENTIONED = "mentioned", _("A note names you")
    SUPERVISED = "supervised", _("Supervised")
    REMINDED = "reminded", _("Reminded")
    OVERDUE = "overdue", _("Out of time")
    LEAVE_ASKED = "leave_asked", _("Leave to decide")
    LEAVE_GRANTED = "leave_granted", _("Your leave")
    LEAVE_REFUSED = "leave_refused", _("Your leave")
    COVERING = "covering", _("You stand in")
    COVERED = "covered", _("Somebody stands in for you")
    LEAVE_ENDED = "leave_ended", _("You are back")
    SWAP_ASKED = "swap_asked", _("A shift to take")
    SWAP_AGREED = "swap_agreed", _("Your shift is taken")
    SWAP_REFUSED = "swap_refused", _("Your shift stays yours")
    TRAINING = "training", _("A training")
    CERTIFICATE = "certificate", _("A certificate ends")
    ASSESSED = "assessed", _("Your assessment")
    POINTS_GIVEN = "points_given", _("Points for you")
    POINTS_TAKEN = "points_taken", _("Points taken away")
    POINTS_REVERSED = "points_reversed", _("Points taken back")
    POINTS_ANSWERED = "points_answered", _("Your objection")
    POINTS_REFUSED = "points_refused", _("Points not confirmed")
    SUSPENDED = "suspended", _("Account suspended")
    LIFTED = "lifted", _("Suspension over")
    RUNNING_OUT = "running_out", _("Runs out soon")
    DEDICATED = "dedicated", _("In a dedicated grid")
    TASK_SENT = "task_sent", _("A special operation")
    TASK_CHANGED = "task_changed", _("An operation was amended")
    TASK_EXTENDED = "task_extended", _("More time for an operation")
    TASK_REMINDED = "task_reminded", _("Reminded of an operation")
    TASK_STOPPED = "task_stopped", _("An operation was stopped")
    DRAFT_PREPARED = "draft_prepared", _("A draft was prepared")
    BRIEF_MADE = "brief_made", _("A brief was made")
    WATCH_DRAWN = "watch_drawn", _("Quarterly supervision")
    WATCH_GIVEN = "watch_given", _("Quarterly supervision")
    WATCH_DONE = "watch_done", _("To check")
    WATCH_RETURNED = "watch_returned", _("Sent back")


TOPIC_OF = {
    Kind.TAKEN_UP: Topic.PROGRESS,
    Kind.CALLED: Topic.PROGRESS,
    Kind.EXTENDED: Topic.PROGRESS,
    Kind.LATE: Topic.PROGRESS,
    Kind.QUESTION: Topic.QUESTION,
    Kind.MESSAGE: Topic.QUESTION,
    Kind.DONE: Topic.RESULT,
    Kind.NOT_TAKEN_UP: Topic.RESULT,
    Kind.CLOSED: Topic.RESULT,
    Kind.ASSIGNED: Topic.WORK,
    Kind.CALLED_ON: Topic.WORK,
    Kind.RETURNED: Topic.WORK,
    Kind.FAILED: Topic.WORK,
    Kind.REOPENED: Topic.WORK,
    Kind.ANSWERED: Topic.WORK,
    Kind.MENTIONED: Topic.MENTION,
    Kind.SUPERVISED: Topic.PRESSURE,
    Kind.REMINDED: Topic.PRESSURE,
    Kind.OVERDUE: Topic.PRESSURE,
    Kind.LEAVE_ASKED: Topic.TEAM,
    Kind.LEAVE_GRANTED: Topic.TEAM,
    Kind.LEAVE_REFUSED: Topic.TEAM,
    Kind.COVERING: Topic.TEAM,
    Kind.COVERED: Topic.TEAM,
    Kind.LEAVE_ENDED: Topic.TEAM,
    Kind.SWAP_ASKED: Topic.TEAM,
    Kind.SWAP_AGREED: Topic.TEAM,
    Kind.SWAP_REFUSED: Topic.TEAM,
    Kind.TRAINING: Topic.TEAM,
    Kind.CERTIFICATE: Topic.TEAM,
    Kind.ASSESSED: Topic.TEAM,
    Kind.POINTS_GIVEN: Topic.POINTS,
    Kind.POINTS_TAKEN: Topic.POINTS,
    Kind.POINTS_REVERSED: Topic.POINTS,
    Kind.POINTS_ANSWERED: Topic.POINTS,
    Kind.POINTS_REFUSED: Topic.POINTS,
    Kind.SUSPENDED: Topic.POINTS,
    Kind.LIFTED: Topic.POINTS,
    Kind.RUNNING_OUT: Topic.PLACE,
    Kind.DEDICATED: Topic.WORK,
    Kind.TASK_SENT: Topic.WORK,
    Kind.TASK_CHANGED: Topic.WORK,
    Kind.TASK_EXTENDED: Topic.WORK,
    Kind.TASK_REMINDED: Topic.PRESSURE,
    Kind.TASK_STOPPED: Topic.WORK,
    Kind.DRAFT_PREPARED: Topic.WORK,
    Kind.BRIEF_MADE: Topic.WORK,
    Kind.WATCH_DRAWN: Topic.WORK,
    Kind.WATCH_GIVEN: Topic.WORK,
    Kind.WATCH_DONE: Topic.WORK,
    Kind.WATCH_RETURNED: Topic.WORK,
}
FOR_REPORTERS = (Topic.PROGRESS, Topic.QUESTION, Topic.RESULT)
FOR_STAFF = (Topic.WORK, Topic.MENTION, Topic.PRESSURE, Topic.TEAM, Topic.PLACE)
FOR_ALL = (Topic.POINTS,)
HERE_ONLY = (Topic.PROGRESS, Topic.TEAM, Topic.POINTS, Topic.PLACE)
"""What stands in the list alone, unless somebody chooses that it goes out."""


class Channel(models.TextChoices):
    """The ways out of the house."""

    EMAIL = "email", _("E-mail")
    PUSH = "push", _("This device")
    SMS = "sms", _("Text message")
    WECHAT = "wechat", _("WeChat")


class Notice(AreaBound):
    """One person is told of one event. It holds facts; its words are made where they are read, in the person's language."""

    event_id = models.UUIDField()
    account = models.ForeignKey("people.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    post_id = models.UUIDField(null=True)  # the post that it is for; none for who reported
    kind = models.CharField(max_length=16, choices=Kind)
    case_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(
        null=True
    )  # what it is about when that is no case: a leave, a shift, an entry of points, an operation
    day = models.DateField(null=True)  # the first day that it is about
    until = models.DateField(null=True)  # the last one
    number = models.CharField(max_length=20, db_collation="C", blank=True)
    category = models.CharField(max_length=8, db_collation="C", blank=True)  # empty for a restricted case
    severity = models.SmallIntegerField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "event_id", "account"], name="notices_once_per_event"),
            models.CheckConstraint(
                condition=models.Q(case_id__isnull=False, subject_id__isnull=True)
                | models.Q(case_id__isnull=True, subject_id__isnull=False, number=""),
                name="notices_about_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="notices_mine"),
            models.Index(fields=["account"], condition=models.Q(read_at__isnull=True), name="notices_unread"),
            models.Index(fields=["district", "at"], name="notices_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.number or self.subject_id}"

    @property
    def topic(self) -> Topic:
        """The kind of message that it is on the settings page."""
        return TOPIC_OF[Kind(self.kind)]


class Settings(models.Model):
    """How an account wants to be told. Without a row everything is as by default.

    ``chosen`` holds for a channel the topics that go over it; a channel that is not named takes :data:`DEFAULT_TOPICS`.
    """

    account = models.OneToOneField("people.Account", on_delete=models.CASCADE, primary_key=True, related_name="+")
    chosen = models.JSONField(default=dict)
    quiet_from = models.TimeField(default=clock_time(22))
    quiet_to = models.TimeField(default=clock_time(8))
    digest = models.BooleanField(default=False)
    digest_at = models.TimeField(default=clock_time(18))
    changed_at = models.DateTimeField(default=time.now)

    def __str__(self) -> str:
        return str(self.account_id)

    def wants(self, channel: Channel | str, topic: Topic) -> bool:
        """Whether messages of this kind go over a channel."""
        return topic in self.chosen.get(channel, DEFAULT_TOPICS)


DEFAULT_TOPICS = tuple(str(topic) for topic in Topic if topic not in HERE_ONLY)


class Address(models.Model):
    """Where a channel reaches a person: sealed, found by a keyed hash, and used only when it is verified."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    account = models.ForeignKey("people.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel)
    value_enc = SealedField(null=False)
    value_hash = LookupHashField()
    label = models.CharField(max_length=60, blank=True)  # what its owner sees: masked, or a device's name
    code_hash = models.BinaryField(max_length=32, null=True)
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=time.now)
    verified_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)  # the counterpart says that there is nobody there any more

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "channel", "value_hash"], name="notices_address_once")
        ]
        indexes = [
            models.Index(
                fields=["account"],
                condition=models.Q(verified_at__isnull=False, gone_at__isnull=True),
                name="notices_address_in_use",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.label}"


class DeliveryState(models.TextChoices):
    """Where a delivery or a posting stands."""

    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    GIVEN_UP = "given_up", _("given up")
    DROPPED = "dropped", _("not wanted any more")


class Delivery(AreaBound):
    """Takes a notice to an address, once. ``provider_id`` is what the counterpart called it."""

    notice = DistrictForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    address = models.ForeignKey(Address, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    digest = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "notice", "address"], name="notices_delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["district", "due_at"], condition=models.Q(state="waiting"), name="notices_delivery_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.state}"


class Hook(models.Model):
    """A machine's address to which signed events of an area go; its secret is shown once and kept sealed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    reach_path = PathField()
    secret_enc = SealedField(null=False)
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(default=time.now)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Posting(AreaBound):
    """One event on its way to a hook. ``log`` keeps each try: ``[{"at", "status", "ms", "error"}]``, the last ones."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="postings", db_index=False)
    event_id = models.UUIDField()
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    log = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "hook", "event_id"], name="notices_posting_once")]
        indexes = [
            models.Index(
                fields=["district", "due_at"], condition=models.Q(state="waiting"), name="notices_posting_due"
            ),
            models.Index(fields=["hook", "-at", "-id"], name="notices_posting_log"),
            models.Index(fields=["district", "at"], name="notices_posting_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.state}"
