"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust import Role, policy
from linli.people.models import SealedField
from linli.territory.models import Level

GRIDS: dict[str, Role] = {
    Level.GENERAL_GRID: Role.GRID_MEMBER,
    Level.MICRO_GRID: Role.MICRO_GRID_MEMBER,
    Level.DEDICATED_GRID: Role.MICRO_GRID_MEMBER,
}
"""The levels of the roster, and the role that holds a grid of each."""
MEMBERS = (Role.MICRO_GRID_MEMBER, Role.GRID_MEMBER, Role.COMMUNITY_WORKER)
"""Whose leaves, hand-overs and shifts these are."""


def _days(*columns: str) -> Func:
    return Func(*(F(column) for column in columns), function="DATERANGE", output_field=DateRangeField())


def _stretch(*columns: str) -> Func:
    return Func(*(F(column) for column in columns), function="TSTZRANGE", output_field=DateTimeRangeField())


class Coverage(AreaBound):
    """How many grids of one level a community has, and how many of them somebody holds; a projection of areas and posts."""

    area_path = PathField()
    level = models.CharField(max_length=16, choices=[(level.value, level.label) for level in Level])
    grids = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    full_time = models.PositiveIntegerField()
    part_time = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "area_path", "level"], name="workforce_coverage_once"),
            models.CheckConstraint(condition=Q(held__lte=F("grids")), name="workforce_coverage_held"),
        )

    def __str__(self) -> str:
        return f"{self.area_path}:{self.level}"


class Reason(models.TextChoices):
    """Why somebody is away: the kind alone, never the particulars."""

    ANNUAL = "annual", _("Annual leave")
    SICK = "sick", _("Illness")
    FAMILY = "family", _("Family")
    TRAINING = "training", _("Training")
    OTHER = "other", _("Something else")


class LeaveState(models.TextChoices):
    """Where a leave stands."""

    ASKED = "asked", _("Asked for")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Leave(AreaBound):
    """Days on which a member is not there. ``ends_on`` is the first day back."""

    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = DistrictForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason)
    state = models.CharField(max_length=10, choices=LeaveState, default=LeaveState.ASKED)
    asked_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)  # the account: never the one that asked
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="workforce_leave_days"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("account")), name="workforce_leave_second_person"
            ),
            ExclusionConstraint(
                name="workforce_leave_apart",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    (_days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["asked", "approved"]),
            ),
        )
        indexes = (
            models.Index(fields=["district", "area_path", "starts_on"], name="workforce_leave_area"),
            models.Index(fields=["account", "-starts_on"], name="workforce_leave_mine"),
            models.Index(
                fields=["district", "starts_on"],
                condition=Q(state="approved", ended_at__isnull=True),
                name="workforce_leave_turns",
            ),
        )

    def __str__(self) -> str:
        return f"{self.area_path}:{self.starts_on}"

    @property
    def last_day(self) -> date:
        """The last day away."""
        return self.ends_on - timedelta(days=1)

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided, shortened or withdrawn."""
        return self.state == LeaveState.ASKED or (self.state == LeaveState.APPROVED and self.ended_at is None)

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whose leave it is."""
        return (self.account_id,)

    def policy_organisations(self) -> Collection[UUID | None]:
        """Whose member is away."""
        return (self.organisation_id,)


class SpanKind(models.TextChoices):
    """What a person does in a span of days."""

    AWAY = "away", _("away")
    COVER = "cover", _("covers")


class Span(AreaBound):
    """Days on which one person is away from a post, or covers it through another; nobody does both at one time.

    ``ends_on`` is the first day after. A span that was taken back ends on the day on which it would have begun.
    """

    leave = DistrictForeignKey(Leave, on_delete=models.PROTECT, related_name="spans", db_index=False)
    kind = models.CharField(max_length=6, choices=SpanKind)
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    by_post = DistrictForeignKey(
        "people.Post", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    made_post = models.BooleanField(default=False, help_text="by_post was made for this and ends with it")
    place = models.PositiveSmallIntegerField(default=0, help_text="0 is asked first")
    things = models.JSONField(default=list, help_text="ids of what came over when the leave began")
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="workforce_span_days"),
            models.CheckConstraint(
                condition=Q(kind="away", by_post__isnull=True) | Q(kind="cover", by_post__isnull=False),
                name="workforce_span_by",
            ),
            models.UniqueConstraint(
                fields=["district", "leave", "kind", "post", "account"], name="workforce_span_once"
            ),
            ExclusionConstraint(
                name="workforce_span_away_or_cover",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("kind", RangeOperators.NOT_EQUAL),
                    (_days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (
            models.Index(fields=["district", "post", "starts_on"], name="workforce_span_post"),
            models.Index(fields=["account", "starts_on"], name="workforce_span_account"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.starts_on}"


class HandOver(AreaBound):
    """Everything that was open in the hands of one post went to another, at one moment."""

    from_post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    to_post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    reason = models.CharField(max_length=200)
    things = models.JSONField(default=list)  # kind, id, number, title, area_path of each
    ends_post = models.BooleanField()
    held_until = models.DateField(null=True, help_text="the end that the old post had before; empty: none")
    made_post = models.BooleanField()
    by_account = models.UUIDField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=["district", "area_path", "-at"], name="workforce_handover_area"),)

    def __str__(self) -> str:
        return f"{self.area_path}:{self.at:%Y-%m-%d}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Who gave and who took."""
        return (self.from_post.account_id, self.to_post.account_id)

    def policy_organisations(self) -> Collection[UUID | None]:
        """Whose members they are."""
        return (self.from_post.organisation_id,)


class ShiftKind(models.TextChoices):
    """What a shift is for (``rules/duty.toml``)."""

    NIGHT = "night", _("Night")
    DAY = "day", _("Day off")


class Shift(AreaBound):
    """A stretch of time in which one person is on duty for a community."""

    area_path = PathField()
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=ShiftKind)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(default=time.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="workforce_shift_stretch"),
            models.UniqueConstraint(fields=["district", "area_path", "day", "kind"], name="workforce_shift_once"),
            ExclusionConstraint(
                name="workforce_shift_apart",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    (_stretch("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        )
        indexes = (models.Index(fields=["account", "starts_at"], name="workforce_shift_mine"),)

    def __str__(self) -> str:
        return f"{self.area_path}:{self.day}:{self.kind}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Who is on duty."""
        return (self.account_id,)

    def policy_organisations(self) -> Collection[UUID | None]:
        """Whose duty it is."""
        return (self.post.organisation_id,)


class SwapState(models.TextChoices):
    """Where a swap stands."""

    ASKED = "asked", _("Asked")
    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Swap(policy.Apart, AreaBound):
    """Somebody asks a colleague to take a shift; with the colleague's consent it is theirs."""

    shift = DistrictForeignKey(Shift, on_delete=models.CASCADE, related_name="swaps", db_index=False)
    area_path = PathField()
    from_account = models.UUIDField()
    to_account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    to_post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=SwapState, default=SwapState.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "shift"], condition=Q(state="asked"), name="workforce_swap_one_open"
            ),
            models.CheckConstraint(condition=~Q(from_account=F("to_account")), name="workforce_swap_two_people"),
        )
        indexes = (models.Index(fields=["to_account"], condition=Q(state="asked"), name="workforce_swap_asked"),)

    def __str__(self) -> str:
        return f"{self.shift_id}:{self.state}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Who asks and who is asked."""
        return (self.from_account, self.to_account_id)


class DutyFeed(models.Model):
    """The secret address of a person's own duty calendar, kept as a hash; a new one ends the old one."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    account = models.OneToOneField("people.Account", on_delete=models.CASCADE, related_name="+")
    key_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(default=time.now)

    def __str__(self) -> str:
        return str(self.account_id)


class Training(policy.Apart, AreaBound):
    """What the members of an area learn, and which posts have to; ``valid_months`` is how long a certificate of it is good."""

    area_path = PathField()
    title = models.CharField(max_length=80)
    about = models.CharField(max_length=500, blank=True)
    materials = models.JSONField(default=list)  # title and address of each
    required_of = models.JSONField(default=list)  # roles
    hours = models.PositiveSmallIntegerField()
    valid_months = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["district", "area_path"], name="workforce_training_area"),)

    def __str__(self) -> str:
        return self.title


class Course(policy.Apart, AreaBound):
    """A training held at a time and a place."""

    training = DistrictForeignKey(Training, on_delete=models.PROTECT, related_name="courses", db_index=False)
    area_path = PathField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    noted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="workforce_course_stretch"),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True) | Q(cancelled_at__isnull=True), name="workforce_course_held_or_not"
            ),
        )
        indexes = (models.Index(fields=["district", "area_path", "-starts_at"], name="workforce_course_area"),)

    def __str__(self) -> str:
        return f"{self.training_id}:{self.starts_at:%Y-%m-%d}"


class Attendance(AreaBound):
    """Somebody is asked to a course; whether they were there is noted afterwards."""

    course = DistrictForeignKey(Course, on_delete=models.CASCADE, related_name="attendances", db_index=False)
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    attended = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "course", "account"], name="workforce_attendance_once"),
        )
        indexes = (models.Index(fields=["account"], name="workforce_attendance_mine"),)

    def __str__(self) -> str:
        return f"{self.course_id}:{self.attended}"


class Certificate(AreaBound):
    """Somebody was trained. ``expires_on`` is the first day on which it is good no more."""

    training = DistrictForeignKey(Training, on_delete=models.PROTECT, related_name="certificates", db_index=False)
    course = DistrictForeignKey(Course, on_delete=models.PROTECT, related_name="certificates", db_index=False)
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    issued_on = models.DateField()
    expires_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "course", "account"], name="workforce_certificate_once"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("issued_on")),
                name="workforce_certificate_term",
            ),
        )
        indexes = (
            models.Index(fields=["account", "training"], name="workforce_certificate_mine"),
            models.Index(
                fields=["district", "expires_on"],
                condition=Q(reminded_at__isnull=True, expires_on__isnull=False),
                name="workforce_certificate_remind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.training_id}:{self.issued_on}"

    @property
    def last_day(self) -> date | None:
        """The last day on which it is good."""
        return None if self.expires_on is None else self.expires_on - timedelta(days=1)


class AssessmentState(models.TextChoices):
    """Where an assessment stands."""

    REVIEWED = "reviewed", _("Reviewed")
    OBJECTED = "objected", _("Objected to")
    UPHELD = "upheld", _("Objection upheld")
    REJECTED = "rejected", _("Objection not upheld")


class Assessment(policy.Apart, AreaBound):
    """One period of one member by the published criteria: ``facts`` hold what each was computed from, as it was then.

    There is no sum in it and no order. The person sees all of it; others one at a time, and that they looked is written down.
    """

    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    begins_on = models.DateField()
    ends_on = models.DateField(help_text="the first day after the period")
    facts = models.JSONField(default=list)
    words_sealed = SealedField(null=False)
    state = models.CharField(max_length=10, choices=AssessmentState, default=AssessmentState.REVIEWED)
    reviewed_by = models.UUIDField()
    reviewed_at = models.DateTimeField()
    objection_until = models.DateTimeField()
    about = models.CharField(max_length=20, blank=True)
    objection_sealed = SealedField()
    objected_at = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    answer_sealed = SealedField()
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "account", "begins_on"], name="workforce_assessment_once"),
            models.CheckConstraint(condition=~Q(reviewed_by=F("account")), name="workforce_assessment_second_person"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True)
                | (~Q(answered_by=F("account")) & ~Q(answered_by=F("reviewed_by"))),
                name="workforce_assessment_third_person",
            ),
        )
        indexes = (models.Index(fields=["district", "area_path", "begins_on"], name="workforce_assessment_area"),)

    def __str__(self) -> str:
        return f"{self.begins_on}:{self.state}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whose it is."""
        return (self.account_id,)
