"""Public versions of what residents write. Every table is area-bound: see ``linli.kernel.db``."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel.db import AreaBound, DistrictForeignKey, PathField


class Source(models.TextChoices):
    """On which step of a case it was written; the value is the kind of the case's log entry."""

    REPORT = "report", _("Report")
    JOIN = "join", _("Joining a report")
    RATE = "rate", _("Rating")
    REOPEN = "reopen", _("Reason of opening again")
    MESSAGE = "message", _("Message to the office")


class TextState(models.TextChoices):
    """Where a text stands."""

    WAITING = "waiting", _("Waits for a look")
    PUBLISHED = "published", _("Public")
    WITHHELD = "withheld", _("Not made public")
    PRIVATE = "private", _("The author keeps it private")


class Reason(models.TextChoices):
    """Why a text is not made public; the list is fixed, so that authors can be told and figures compared."""

    PERSONAL = "personal", _("It shows who somebody is, even with parts covered")
    ACCUSES = "accuses", _("It accuses somebody by name without proof")
    ABUSE = "abuse", _("It insults somebody")
    OFF_TOPIC = "off_topic", _("It is not about the matter, or advertises")
    ENDANGERS = "endangers", _("Made public, it could put somebody or the work on it at risk")
    SENSITIVE = "sensitive", _("The matter touches a household or a person")
    OBJECTION = "objection", _("Its author objected")


class Objection(models.TextChoices):
    """What became of the author's objection."""

    NONE = "", _("None")
    OPEN = "open", _("Waits for another person")
    UPHELD = "upheld", _("Upheld")
    REFUSED = "refused", _("Not upheld")


class Mode(models.TextChoices):
    """How words become public in a district."""

    DECIDED = "decided", _("Each text waits for a moderator")
    CLEAN = "clean", _("Texts in which nothing had to be covered are public at once; the others wait for a moderator")
    OFF = "off", _("No words are public")


class Text(AreaBound):
    """What a resident wrote on one step of a case, as far as the public is concerned; the original stays on the case.

    ``account_id`` is the author: an account, or a participant who follows by code. ``found`` says what the first pass covered.
    """

    case = DistrictForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    sequence = models.IntegerField()
    source = models.CharField(max_length=8, choices=Source)
    account_id = models.UUIDField(null=True)
    said_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=TextState, default=TextState.WAITING)
    proposed_sealed = models.BinaryField()
    found = ArrayField(models.CharField(max_length=12), default=list)
    wording = models.TextField(blank=True)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    objection = models.CharField(max_length=8, choices=Objection, blank=True, default=Objection.NONE)
    objection_against = models.UUIDField(null=True)  # the account whose decision it objects to
    objection_by = models.UUIDField(null=True)  # the account that decided on it
    version = models.IntegerField(default=0)

    class Meta:
        indexes = [
            # The queue, in its order; few wait among all that was ever written.
            models.Index(
                fields=["district", "said_at", "id", "area_path"],
                condition=Q(state="waiting"),
                name="moderation_waiting",
            ),
            models.Index(
                fields=["district", "said_at", "id"], condition=Q(objection="open"), name="moderation_objections"
            ),
            models.Index(fields=["district", "-decided_at", "-id"], name="moderation_decided"),
            models.Index(fields=["district", "case"], condition=Q(state="published"), name="moderation_public"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["district", "case", "sequence"], name="moderation_text_once"),
            models.CheckConstraint(
                condition=Q(state="published") & ~Q(wording="") | ~Q(state="published") & Q(wording=""),
                name="moderation_wording_while_public",
            ),
            models.CheckConstraint(
                condition=Q(state="withheld") & ~Q(reason="") | ~Q(state="withheld") & Q(reason=""),
                name="moderation_withheld_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(objection_by__isnull=True)
                | Q(objection_against__isnull=True)
                | ~Q(objection_by=F("objection_against")),
                name="moderation_two_people",
            ),
        ]  # fmt: skip

    def policy_accounts(self) -> Collection[UUID | None]:
        """Its author."""
        return [self.account_id] if self.account_id else []

    def policy_organisations(self) -> Collection[UUID | None]:
        """Nobody's: moderators reach it by their area."""
        return []


class DecisionKind(models.TextChoices):
    """What was done with a text."""

    PROPOSE = "propose", _("Looked through by rule")
    PUBLISH = "publish", _("Made public")
    WITHHOLD = "withhold", _("Not made public")
    TAKE_BACK = "take_back", _("Taken back")
    KEEP_PRIVATE = "keep_private", _("Kept private by the author")
    ALLOW = "allow", _("Allowed again by the author")
    OBJECT = "object", _("The author objected")
    DECIDE = "decide", _("The objection was decided")


class Decision(AreaBound):
    """One entry of a text's log: added, never changed. Words (a wording, an objection, an answer to it) are sealed."""

    text = DistrictForeignKey(Text, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    sequence = models.IntegerField()
    kind = models.CharField(max_length=12, choices=DecisionKind)
    at = models.DateTimeField()
    account_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=32)
    to_state = models.CharField(max_length=10, choices=TextState)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    words_sealed = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "text", "sequence"], name="moderation_decision_once")
        ]


class Setting(AreaBound):
    """Which texts of a district can become public, and how. Without a row: reports, joinings, ratings and reopenings, each decided."""

    mode = models.CharField(max_length=8, choices=Mode, default=Mode.DECIDED)
    sources = ArrayField(models.CharField(max_length=8, choices=Source), default=list)
    changed_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district"], name="moderation_setting_once")]
