"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust.policy import Apart


class OperationState(models.TextChoices):
    """Where an operation stands."""

    DRAFT = "draft", _("being prepared")
    SENT = "sent", _("under way")
    STOPPED = "stopped", _("stopped")
    ENDED = "ended", _("ended")


class TaskState(models.TextChoices):
    """Where a task stands."""

    OPEN = "open", _("to be answered")
    ANSWERED = "answered", _("answered")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MISSED = "missed", _("not answered")


class Season(models.TextChoices):
    """How often a template comes again."""

    NONE = "", _("only when somebody takes it")
    YEARLY = "yearly", _("every year")
    QUARTERLY = "quarterly", _("every quarter")
    MONTHLY = "monthly", _("every month")


class Template(AreaBound):
    """An operation kept for the next season; ``next_on`` is the first day of the next one, for which a draft is prepared."""

    area_path = PathField()
    title = models.CharField(_("title"), max_length=80)
    purpose = models.CharField(_("purpose"), max_length=1000)
    kind = models.CharField(_("kind"), max_length=20, db_collation="C")
    form = models.JSONField(default=list)
    target = models.JSONField(default=dict)
    minutes_each = models.PositiveSmallIntegerField(_("minutes for each"))
    days = models.PositiveSmallIntegerField(_("days to answer"))
    season = models.CharField(_("season"), max_length=10, choices=Season, blank=True, default="")
    next_on = models.DateField(_("next on"), null=True, blank=True)
    ahead = models.PositiveSmallIntegerField(_("days ahead"), default=7)
    organisation_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    kept_at = models.DateTimeField(default=time.now)

    class Meta:
        verbose_name = _("template of operations")
        verbose_name_plural = _("templates of operations")
        constraints = (
            models.UniqueConstraint(fields=["district", "area_path", "title"], name="operations_template_title"),
        )
        indexes = (
            models.Index(fields=["next_on"], condition=Q(next_on__isnull=False), name="operations_template_next"),
        )

    def __str__(self) -> str:
        return self.title

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """Whose template it is."""
        return (self.organisation_id,)


class Operation(AreaBound):
    """One order of work to many targets. ``district`` is its issuer's; ``area_path`` is where it reaches at most.

    ``form`` holds the field specs of :mod:`linli.operations.forms`; ``target`` the rule of :mod:`linli.operations.targets`.
    """

    number = models.CharField(_("number"), max_length=16, db_collation="C")
    area_path = PathField()
    title = models.CharField(_("title"), max_length=80)
    purpose = models.CharField(_("purpose"), max_length=1000)
    kind = models.CharField(_("kind"), max_length=20, db_collation="C")
    form = models.JSONField(default=list)
    target = models.JSONField(default=dict)
    due_at = models.DateTimeField(_("due"))
    minutes_each = models.PositiveSmallIntegerField(_("minutes for each"))
    state = models.CharField(_("state"), max_length=8, choices=OperationState, default=OperationState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    organisation_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    issued_as = models.CharField(max_length=80, blank=True)
    template = DistrictForeignKey(
        Template, on_delete=models.SET_NULL, null=True, related_name="operations", db_index=False
    )
    season_on = models.DateField(null=True)
    made_at = models.DateTimeField(default=time.now)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    tasks_count = models.PositiveIntegerField(default=0)
    districts = models.JSONField(default=list)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("special operation")
        verbose_name_plural = _("special operations")
        constraints = (
            models.UniqueConstraint(fields=["district", "number"], name="operations_number"),
            models.UniqueConstraint(fields=["district", "template", "season_on"], name="operations_season_once"),
            models.CheckConstraint(
                condition=Q(state="draft", sent_at__isnull=True) | ~Q(state="draft") & Q(sent_at__isnull=False),
                name="operations_sent",
            ),
        )
        indexes = (
            models.Index(fields=["district", "-made_at"], name="operations_recent"),
            models.Index(fields=["district", "state"], name="operations_by_state"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_running(self) -> bool:
        """Whether it takes answers."""
        return self.state == OperationState.SENT

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """Who issued it."""
        return (self.organisation_id,)


class OperationVersion(AreaBound):
    """What an operation said at a version: purpose, form, deadline, and why it changed. Added, never edited."""

    operation = DistrictForeignKey(Operation, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=10)
    title = models.CharField(max_length=80)
    purpose = models.CharField(max_length=1000)
    form = models.JSONField(default=list)
    due_at = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True)
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("version of an operation")
        verbose_name_plural = _("versions of operations")
        ordering = ("version",)
        constraints = (
            models.UniqueConstraint(fields=["district", "operation", "version"], name="operations_version_once"),
        )


class Task(Apart, AreaBound):
    """An operation at one target, in the district of the target. The operation may be another district's or the city's, so it is named
    by its id alone. ``problems`` counts what the form calls one, ``cases`` what became a case.

    ``answer`` is what was said last, to ``answered_version``; ``before`` is what stood there until then, for taking back.
    """

    operation_id = models.UUIDField()
    area_path = PathField()
    community = PathField()
    organisation_id = models.UUIDField(null=True)
    state = models.CharField(_("state"), max_length=9, choices=TaskState, default=TaskState.OPEN)
    sent_at = models.DateTimeField()
    first_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_version = models.PositiveIntegerField(default=0)
    answer = models.JSONField(default=dict)
    before = models.JSONField(null=True)
    problems = models.PositiveSmallIntegerField(default=0)
    cases = models.PositiveSmallIntegerField(default=0)
    within_day = models.BooleanField(default=False)
    post_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)
    reminded_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("task of an operation")
        verbose_name_plural = _("tasks of operations")
        constraints = (
            models.UniqueConstraint(
                fields=["district", "operation_id", "area_path", "organisation_id"],
                nulls_distinct=False,
                name="operations_task_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False), name="operations_task_answered"
            ),
        )
        indexes = (
            models.Index(fields=["district", "area_path"], condition=Q(state="open"), name="operations_task_open"),
        )


class Problem(AreaBound):
    """A problem that a task found, and the case that it became."""

    task = DistrictForeignKey(Task, on_delete=models.CASCADE, related_name="found", db_index=False)
    operation_id = models.UUIDField()
    area_path = PathField()
    case_id = models.UUIDField()
    number = models.CharField(max_length=16)
    at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("problem that an operation found")
        verbose_name_plural = _("problems that operations found")
        constraints = (models.UniqueConstraint(fields=["district", "task", "case_id"], name="operations_problem_once"),)
        indexes = (models.Index(fields=["district", "operation_id", "-at"], name="operations_problem_recent"),)


class Progress(AreaBound):
    """How far an operation is in a community; kept in the transaction of every change.

    ``tasks`` leaves out what was withdrawn. What is late is not kept: it follows from the deadline.
    """

    operation_id = models.UUIDField()
    area_path = PathField()
    tasks = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    first_answered = models.IntegerField(default=0)
    within_day = models.IntegerField(default=0)
    problems = models.IntegerField(default=0)
    cases = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)
    changed_at = models.DateTimeField(default=time.now)

    class Meta:
        verbose_name = _("progress of an operation")
        verbose_name_plural = _("progress of operations")
        constraints = (
            models.UniqueConstraint(fields=["district", "operation_id", "area_path"], name="operations_progress_once"),
            models.CheckConstraint(
                condition=Q(
                    answered__gte=0, answered__lte=F("tasks"), within_day__lte=F("first_answered"), problems__gte=0
                ),
                name="operations_progress_counts",
            ),
        )
