"""Calls, tries to reach a reporter, and articles with their versions."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.cases.actions.closing import Outcome as Said
from linli.kernel import ids
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField

NOBODY = UUID(int=0)
"""Stands where an actor has no post or account, and is nobody's."""


class CallState(models.TextChoices):
    """Where a call stands."""

    RINGING = "ringing", _("Ringing")
    OPEN = "open", _("On the line")
    ENDED = "ended", _("Ended")


class Outcome(models.TextChoices):
    """What became of a call."""

    REGISTERED = "registered", _("Registered")
    JOINED = "joined", _("Joined to a case")
    TOLD = "told", _("Told how a case stands")
    ANSWERED = "answered", _("Question answered")
    PASSED_ON = "passed_on", _("Passed on to another number")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    ABANDONED = "abandoned", _("Abandoned")


WITH_CASE = (Outcome.REGISTERED, Outcome.JOINED, Outcome.TOLD)
"""Outcomes that name a case; the others name none."""


class Call(AreaBound):
    """One telephone call. The caller's number is the contact's; what is left here says nothing about a person."""

    area_path = PathField()
    state = models.CharField(max_length=8, choices=CallState)
    line = models.CharField(max_length=80, blank=True)
    """What the telephone system calls it; empty for a number that was typed."""
    contact = DistrictForeignKey(
        "people.Contact", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    """Whom it rings for, then who took it."""
    rang_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    case_number = models.CharField(max_length=20, db_collation="C", blank=True)
    """Of a case that may lie in another district than the hotline, so it is named and not linked."""
    category = models.CharField(max_length=8, db_collation="C", blank=True)
    words = models.CharField(max_length=500, blank=True)
    articles = models.JSONField(default=list)
    seconds_to_register = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "-ended_at"], condition=Q(state="ended"), name="hotline_call_ended"),
            models.Index(fields=["district", "post", "began_at"], condition=Q(state="open"), name="hotline_call_open"),
            models.Index(fields=["district", "rang_at"], condition=Q(state="ringing"), name="hotline_call_ringing"),
            models.Index(
                fields=["district", "contact"], condition=Q(contact__isnull=False), name="hotline_call_contact"
            ),
            models.Index(fields=["district", "case_number"], condition=~Q(case_number=""), name="hotline_call_of_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) & ~Q(outcome="")
                | ~Q(state="ended") & Q(outcome="", ended_at__isnull=True),
                name="hotline_call_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[str(one) for one in WITH_CASE]) & ~Q(case_number="")
                | ~Q(outcome__in=[str(one) for one in WITH_CASE]) & Q(case_number=""),
                name="hotline_call_case",
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(post__isnull=False, began_at__isnull=False), name="hotline_call_taken"
            ),
            models.CheckConstraint(
                condition=Q(seconds_to_register__isnull=True) | Q(seconds_to_register__gte=0), name="hotline_call_seconds"
            ),
        ]  # fmt: skip

    @property
    def is_ended(self) -> bool:
        """Whether it is over."""
        return self.state == CallState.ENDED


class Further(AreaBound):
    """A further matter of a call, the second or a later one: a case of its own; its id is made by the page."""

    call = DistrictForeignKey(Call, on_delete=models.PROTECT, related_name="further", db_index=False)
    area_path = PathField()
    number = models.PositiveSmallIntegerField()
    """Which matter of the call it is; the first is the call's own."""
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    case_number = models.CharField(max_length=20, db_collation="C")
    category = models.CharField(max_length=8, db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["district", "case_number"], name="hotline_further_of_case")]
        constraints = [
            models.UniqueConstraint(fields=["district", "call", "number"], name="hotline_further_once"),
            models.CheckConstraint(condition=Q(number__gte=2), name="hotline_further_number"),
            models.CheckConstraint(
                condition=Q(outcome__in=["registered", "joined"]) & ~Q(case_number=""), name="hotline_further_case"
            ),
        ]


class Try(AreaBound):
    """One attempt to reach the reporter of a verified case."""

    case = DistrictForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    round = models.SmallIntegerField()
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    post_id = models.UUIDField()
    said = models.CharField(max_length=16, choices=[(str(one), str(one)) for one in Said])
    next_at = models.DateTimeField(null=True)
    """When the next try is due; empty when this one ended it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "case", "round", "number"], name="hotline_try_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="hotline_try_number"),
            models.CheckConstraint(condition=Q(next_at__isnull=True) | Q(said="not_reached"), name="hotline_try_next"),
        ]


class VersionState(models.TextChoices):
    """Where a version of an article stands."""

    WAITING = "waiting", _("Waits for a second person")
    CURRENT = "current", _("In force")
    PAST = "past", _("Replaced")
    REFUSED = "refused", _("Sent back")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Article(models.Model):
    """A piece of knowledge, for ever under one code; reference data of the city."""

    code = models.SlugField(max_length=60, primary_key=True)

    def __str__(self) -> str:
        return self.code


class ArticleVersion(models.Model):
    """What one person wrote of an article, and another let through. Never changed but for its state."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.WAITING)
    title_zh = models.CharField(_("Title in Chinese"), max_length=80)
    title_en = models.CharField(_("Title in English"), max_length=120)
    body_zh = models.TextField(_("What to say, in Chinese"), max_length=2_000)
    body_en = models.TextField(_("What to say, in English"), max_length=3_000)
    words = models.JSONField(_("Everyday words"), default=list)
    categories = models.JSONField(_("Categories"), default=list)
    search_text = models.TextField()
    written_by = models.UUIDField()
    written_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)
    look_again_on = models.DateField(null=True)
    """The day on which somebody should read it again."""

    class Meta:
        indexes = [GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="hotline_article_search")]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="hotline_article_version"),
            models.UniqueConstraint(fields=["article"], condition=Q(state="current"), name="hotline_article_one_current"),
            models.UniqueConstraint(fields=["article"], condition=Q(state="waiting"), name="hotline_article_one_waiting"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(state="withdrawn") | ~Q(decided_by=F("written_by")),
                name="hotline_article_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["current", "past"]) | Q(decided_by__isnull=False), name="hotline_article_let_through"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.article_id} {self.number}"
