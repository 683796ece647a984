"""The tables of the closed loop. Every one is area-bound: see ``linli.kernel.db``."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.cases.states import ENDED, State
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.storage.shown import StoredFile

GENESIS = bytes(32)


class CharacterPairs(models.Func):
    """The characters of a text and its pairs of neighbours, as numbers: what the search index holds (``cases_pairs`` in SQL)."""

    function = "cases_pairs"
    output_field = ArrayField(models.IntegerField())


class Channel(models.TextChoices):
    """How a report came in."""

    PORTAL = "portal", _("Portal")
    FIELD = "field", _("Field app")
    DESK = "desk", _("Desk")
    HOTLINE = "hotline", _("Hotline")
    COUNTER = "counter", _("Counter")
    API = "api", _("API")
    MACHINE = "machine", _("Device")
    OPEN311 = "open311", _("Open311")
    REPLAY = "replay", _("Replay")


class Level(models.TextChoices):
    """At which level a case is in hand."""

    MICRO_GRID = "micro_grid", _("Micro-grid")
    COMMUNITY = "community", _("Community")
    SUBDISTRICT = "subdistrict", _("Subdistrict")
    DISTRICT = "district", _("District")
    CITY = "city", _("City")


class Located(models.TextChoices):
    """How the place of a case was found."""

    INSIDE = "inside", _("inside a grid")
    EDGE = "edge", _("on an edge")
    NEAREST = "nearest", _("nearest grid")
    ADDRESS = "address", _("by address")
    UNPLACED = "unplaced", _("not placed yet")
    BY_HAND = "by_hand", _("placed by hand")


class Case(AreaBound):
    """The governed record of what happened. Its columns are a projection of its log."""

    number = models.CharField(max_length=20, db_collation="C")
    state = models.CharField(max_length=24, choices=State, default=State.SUBMITTED)
    is_open = models.BooleanField(default=True)
    round = models.SmallIntegerField(default=1)
    resume_state = models.CharField(max_length=24, choices=State, blank=True)

    area = DistrictForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    located = models.CharField(max_length=10, choices=Located)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    address_text = models.CharField(max_length=200, blank=True)

    category = models.CharField(max_length=8, db_collation="C")
    category_version = models.ForeignKey(
        "catalog.CategoryVersion", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    severity = models.SmallIntegerField()
    sensitivity = models.CharField(max_length=12)
    description = models.TextField(blank=True)

    channel = models.CharField(max_length=10, choices=Channel)
    level = models.CharField(max_length=12, choices=Level)
    holder = DistrictForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    handler_post = DistrictForeignKey(
        "people.Post", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    disposed_by = models.UUIDField(null=True)  # the account: never the one that verifies
    supervised_at = models.DateTimeField(null=True)
    master = DistrictForeignKey("self", on_delete=models.PROTECT, related_name="merged", null=True, db_index=False)
    parent = DistrictForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True, db_index=False)

    reported_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    disposed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    due_kind = models.CharField(max_length=40, blank=True)
    due_from = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)

    returns = models.SmallIntegerField(default=0)
    extensions = models.SmallIntegerField(default=0)
    waits = models.SmallIntegerField(default=0)
    failures = models.SmallIntegerField(default=0)
    participants_count = models.IntegerField(default=1)
    rating = models.SmallIntegerField(null=True)
    feedback_outcome = models.CharField(max_length=16, blank=True)
    outcome = models.TextField(blank=True)

    log_length = models.IntegerField(default=0)
    log_head = models.BinaryField(max_length=32, default=GENESIS)

    class Meta:
        indexes = [
            models.Index(
                fields=["district", "area_path", "due_at"], condition=models.Q(is_open=True), name="cases_open_area"
            ),
            models.Index(
                fields=["district", "holder", "due_at"], condition=models.Q(is_open=True), name="cases_open_holder"
            ),
            models.Index(
                fields=["district", "handler_post", "due_at"],
                condition=models.Q(is_open=True, handler_post__isnull=False),
                name="cases_open_post",
            ),
            # In the order of the lists (see below), for all that is open.
            models.Index(
                fields=["district", "due_at", "id", "area_path"],
                condition=models.Q(is_open=True),
                name="cases_open_in_order",
            ),
            # Rare among what is open: without these the count of an almost empty view walks everything in a district.
            models.Index(
                fields=["district", "state", "due_at", "area_path"],
                condition=models.Q(is_open=True),
                name="cases_open_state",
            ),
            # In the order of the list, so that its first page is the first fifty of a range and nothing is sorted. The path
            # at the end lets a post with a part of the district pass over the others' cases without reading them.
            models.Index(
                fields=["district", "due_at", "id", "area_path"],
                condition=models.Q(is_open=True, state__in=["submitted", "verifying", "registered"]),
                name="cases_open_to_take_up",
            ),
            models.Index(
                fields=["district", "due_at", "id", "area_path"],
                condition=models.Q(is_open=True, state__in=["verified", "feedback"]),
                name="cases_open_to_call_back",
            ),
            models.Index(
                fields=["district", "due_at"],
                condition=models.Q(is_open=True, supervised_at__isnull=False),
                name="cases_open_supervised",
            ),
            models.Index(
                fields=["district", "due_at"],
                condition=models.Q(is_open=True, located="unplaced"),
                name="cases_open_unplaced",
            ),
            models.Index(
                fields=["district", "-reported_at", "-id"], condition=models.Q(is_open=False), name="cases_ended"
            ),
            models.Index(fields=["district", "category", "reported_at"], name="cases_category"),
            models.Index(fields=["district", "area_path", "-reported_at"], name="cases_area"),
            models.Index(fields=["district", "master"], condition=models.Q(master__isnull=False), name="cases_merged"),
            models.Index(
                fields=["district", "parent"], condition=models.Q(parent__isnull=False), name="cases_children"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="cases_number"),
            models.CheckConstraint(
                condition=models.Q(is_open=False, state__in=sorted(ENDED))
                | models.Q(is_open=True) & ~models.Q(state__in=sorted(ENDED)),
                name="cases_open_or_ended",
            ),
            models.CheckConstraint(condition=models.Q(rating__isnull=True) | models.Q(rating__range=(1, 5)), name="cases_rating"),
            models.CheckConstraint(
                condition=~models.Q(state=State.MERGED) | models.Q(master__isnull=False), name="cases_merged_into_a_master"
            ),
            models.CheckConstraint(condition=models.Q(severity__range=(1, 4)), name="cases_severity"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def version(self) -> int:
        """What a command names as the version that its user saw: every change is one entry of the log."""
        return self.log_length

    @property
    def is_restricted(self) -> bool:
        """Whether only those who work on it by name may see it."""
        return self.sensitivity == "restricted"

    def policy_accounts(self) -> Collection[UUID | None]:
        """The people who reported or joined it."""
        return [
            found for person in self.participants.all() for found in (person.account_id, person.id) if found is not None
        ]

    def policy_organisations(self) -> Collection[UUID | None]:
        """The organisations in whose hands it is or was."""
        held = [self.holder_id] if self.holder_id else []
        return [*held, *(order.organisation_id for order in self.work_orders.all())]


class LogEntry(AreaBound):
    """One step of a case. Added, never changed; hashed as ``docs/algorithms/case-log.md`` says."""

    case = DistrictForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.IntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    post_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=32)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24)
    data = models.JSONField(default=dict)
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "case", "sequence"], name="cases_log_sequence")]


class ParticipantKind(models.TextChoices):
    """How a person belongs to a case."""

    REPORTER = "reporter", _("Reporter")
    JOINED = "joined", _("Joined")
    PROXY = "proxy", _("On behalf of somebody")


class Participant(AreaBound):
    """Somebody who reported a case or joined it, signed in or with a code."""

    case = DistrictForeignKey(Case, on_delete=models.PROTECT, related_name="participants", db_index=False)
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    contact = DistrictForeignKey(
        "people.Contact", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    kind = models.CharField(max_length=10, choices=ParticipantKind)
    joined_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "-joined_at"], condition=models.Q(account__isnull=False), name="cases_mine"
            ),
            models.Index(fields=["district", "case"], name="cases_participant_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "case", "account"],
                condition=models.Q(account__isnull=False),
                name="cases_join_once",
            )
        ]


class Statement(AreaBound):
    """What a participant said of a personal or restricted matter, or on joining: sealed, under row-level security."""

    case = DistrictForeignKey(Case, on_delete=models.PROTECT, related_name="statements", db_index=False)
    area_path = PathField()
    account_id = models.UUIDField(null=True)
    text_sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["district", "case"], name="cases_statement_case")]


class OrderKind(models.TextChoices):
    """What a work order asks."""

    DISPATCH = "dispatch", _("Dispatch")
    CALL = "call", _("Call")


class OrderState(models.TextChoices):
    """Where a work order stands."""

    SENT = "sent", _("Sent")
    ANSWERED = "answered", _("Answered")
    FINISHED = "finished", _("Finished")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN_ORDERS = (OrderState.SENT, OrderState.ANSWERED)


class WorkOrder(AreaBound):
    """Puts an organisation to work on a case; a call has its own clocks for joining and finishing."""

    case = DistrictForeignKey(Case, on_delete=models.PROTECT, related_name="work_orders", db_index=False)
    kind = models.CharField(max_length=10, choices=OrderKind)
    state = models.CharField(max_length=10, choices=OrderState, default=OrderState.SENT)
    is_lead = models.BooleanField(default=False)
    organisation = DistrictForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = DistrictForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    asked_by = models.UUIDField(null=True)
    task = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "case"], name="cases_order_case"),
            models.Index(
                fields=["district", "organisation", "due_at"],
                condition=models.Q(state__in=["sent", "answered"]),
                name="cases_orders_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "case", "organisation"],
                condition=models.Q(state__in=["sent", "answered"]),
                name="cases_order_once",
            )
        ]


class ApprovalKind(models.TextChoices):
    """What needs a second person."""

    REJECTION = "rejection", _("Not taking it up")
    RETURN = "return", _("Return")
    EXTENSION = "extension", _("Extension")
    SUSPENSION = "suspension", _("Suspension")
    EXCLUSION = "exclusion", _("Exclusion from the figures")


class ApprovalState(models.TextChoices):
    """Where an approval stands."""

    ASKED = "asked", _("Asked")
    FIRST = "first", _("First level approved")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Approval(AreaBound):
    """A step that one person asks for and another decides: people are accounts here, for one person can hold two posts."""

    case = DistrictForeignKey(Case, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    kind = models.CharField(max_length=12, choices=ApprovalKind)
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.ASKED)
    reason = models.CharField(max_length=500)
    data = models.JSONField(default=dict)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    first_by = models.UUIDField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["district", "case"], name="cases_approval_case")]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "case", "kind"],
                condition=models.Q(state__in=["asked", "first"]),
                name="cases_one_approval_open",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(state="withdrawn")
                | ~models.Q(decided_by=models.F("asked_by")),
                name="cases_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(first_by__isnull=True)
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("first_by")),
                name="cases_two_levels",
            ),
        ]


class EvidenceKind(models.TextChoices):
    """What a piece of evidence shows."""

    REPORT = "report", _("With the report")
    BEFORE = "before", _("Before")
    AFTER = "after", _("After")
    DOCUMENT = "document", _("Document")


class Evidence(StoredFile):
    """A photo on a case. The original is private for ever; what is shown is a copy without its metadata."""

    case = DistrictForeignKey(Case, on_delete=models.PROTECT, related_name="evidence", db_index=False)
    kind = models.CharField(max_length=10, choices=EvidenceKind)
    post_id = models.UUIDField(null=True)
    participant = DistrictForeignKey(Participant, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["district", "case"], name="cases_evidence_case"),
            models.Index(fields=["district", "at"], condition=models.Q(state="waiting"), name="cases_evidence_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["district", "case", "sha256", "kind"], name="cases_evidence_once")
        ]


class Searchable(AreaBound):
    """What a case is found by: its number, kind, place and words, and its notes; filled from events (``linli.cases.searching``).

    A table of its own, written when the words change: a case changes eight times in its life, its words hardly ever. Of a matter
    that touches a person nothing stands here but number and kind.
    """

    case = DistrictForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    words = models.TextField()
    # Kept and not made anew: a common word is looked for by walking a list, row by row.
    pairs = models.GeneratedField(
        expression=CharacterPairs("words"), output_field=ArrayField(models.IntegerField()), db_persist=True
    )

    class Meta:
        indexes = [GinIndex(fields=["pairs"], name="cases_searchable_pairs")]
        constraints = [models.UniqueConstraint(fields=["district", "case"], name="cases_searchable_once")]


class Mention(AreaBound):
    """A note of a case names a post (``linli.cases.mentions``); it waits in that post's view until it is seen."""

    case = DistrictForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    post_id = models.UUIDField()
    by_post_id = models.UUIDField(null=True)
    sequence = models.IntegerField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["post_id", "case"], condition=models.Q(seen_at__isnull=True), name="cases_mention_waiting"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["district", "case", "sequence", "post_id"], name="cases_mention_once")
        ]
