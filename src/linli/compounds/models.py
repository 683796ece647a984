"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.compounds.voting import Ballot, Result, Subject
from linli.kernel import ids, time
from linli.kernel.db import AreaBound, DistrictForeignKey
from linli.kernel.storage.shown import StoredFile


class Source(models.TextChoices):
    """Where a record is from."""

    FILING = "filing", _("Filed at the subdistrict")
    MINUTES = "minutes", _("Minutes of a meeting")
    CONTRACT = "contract", _("A contract")
    BANK = "bank", _("A bank statement")
    COMPANY = "company", _("Told by the property company")
    COMMITTEE = "committee", _("Told by the owners' committee")
    ON_SITE = "on_site", _("Seen on the spot")
    FILE = "file", _("A file that was read in")
    OTHER = "other", _("Something else")


class CommitteeState(models.TextChoices):
    """Where the owners' committee stands; that its term is over follows from the day."""

    UNKNOWN = "unknown", _("Not noted")
    NONE = "none", _("None")
    PREPARING = "preparing", _("In preparation")
    ELECTED = "elected", _("Elected")
    OVER = "over", _("Term over")


RECORDED = (CommitteeState.NONE, CommitteeState.PREPARING, CommitteeState.ELECTED)
"""What a record may say of a committee."""


class Kind(models.TextChoices):
    """Who looks after a compound."""

    UNKNOWN = "unknown", _("Not noted")
    PROFESSIONAL = "professional", _("Property company")
    COMMUNITY_RUN = "community_run", _("Run by the community")
    SELF_MANAGED = "self_managed", _("Managed by the owners")
    NONE = "none", _("Nobody")


KINDS = (Kind.PROFESSIONAL, Kind.COMMUNITY_RUN, Kind.SELF_MANAGED, Kind.NONE)
"""What a record may say of it."""


class FundKind(models.TextChoices):
    """What an entry of the maintenance fund is."""

    OPENING = "opening", _("Balance brought forward")
    INCOME = "income", _("Paid in")
    INTEREST = "interest", _("Interest")
    SPENDING = "spending", _("Spent")
    STATEMENT = "statement", _("Statement without movement")
    REVERSAL = "reversal", _("Reversal")


class RenovationState(models.TextChoices):
    """How far a renovation is."""

    PLANNED = "planned", _("Planned")
    UNDER_WAY = "under_way", _("Work under way")
    DONE = "done", _("Work done")


class Work(models.TextChoices):
    """What a renovation is made of."""

    PIPES = "pipes", _("Water and sewage pipes")
    POWER = "power", _("Electricity")
    GAS = "gas", _("Gas pipes")
    ROADS = "roads", _("Roads and paving")
    FACADE = "facade", _("Façade and insulation")
    ROOF = "roof", _("Roof")
    LIFT = "lift", _("Lift added")
    FIRE = "fire", _("Fire protection")
    PARKING = "parking", _("Parking")
    CHARGING = "charging", _("Charging for e-bikes")
    GREEN = "green", _("Greenery")
    LIGHTING = "lighting", _("Lighting")
    ACCESS = "access", _("Barrier-free access")


class Answer(models.TextChoices):
    """The answer to an item of the yearly check."""

    YES = "yes", _("Met")
    PARTLY = "partly", _("Partly met")
    NO = "no", _("Not met")


class Colour(models.TextChoices):
    """The state of a compound's governance."""

    RED = "red", _("Red")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")


class Record(AreaBound):
    """A record of a compound's file: where it is from, who noted it and when; added, never changed.

    ``replaces`` names the record that it corrects or carries on; of such a chain the last one holds.
    """

    compound = DistrictForeignKey("territory.Compound", on_delete=models.PROTECT, related_name="+", db_index=False)
    replaces = DistrictForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    replaces_id: UUID | None
    source = models.CharField(max_length=10, choices=Source)
    source_note = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    noted_as = models.CharField(max_length=80, blank=True, help_text="internal: the work name colleagues see")
    synthetic = models.BooleanField(default=False)

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                fields=["district", "replaces"], condition=Q(replaces__isnull=False), name="compounds_%(class)s_once"
            ),
        )
        indexes = (models.Index(fields=["district", "compound"], name="compounds_%(class)s_of"),)

    def __str__(self) -> str:
        return f"{self.compound_id}:{self.noted_at:%Y-%m-%d}"


class Committee(Record):
    """The owners' committee from a day on. Of the chair: a post of the house, or the id of a contact that people keeps."""

    state = models.CharField(max_length=10, choices=[(one.value, one.label) for one in RECORDED])
    holds_from = models.DateField()
    elected_on = models.DateField(null=True)
    term_ends_on = models.DateField(null=True)  # the first day on which the term is over
    members = models.PositiveSmallIntegerField(null=True)
    chair_post = DistrictForeignKey(
        "people.Post", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    chair_contact_id = models.UUIDField(null=True)
    organisation = DistrictForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="elected", elected_on__isnull=False, term_ends_on__gt=F("elected_on"), members__gt=0)
                | ~Q(state="elected") & Q(elected_on__isnull=True, term_ends_on__isnull=True),
                name="compounds_committee_term",
            ),
        )


class Contract(Record):
    """Who looks after a compound in a stretch of time, and for what fee in fen a square metre and month."""

    kind = models.CharField(max_length=14, choices=[(one.value, one.label) for one in KINDS])
    company = models.CharField(max_length=120, blank=True)
    organisation = DistrictForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # the first day on which it holds no more
    fee_fen = models.PositiveIntegerField(null=True)

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="compounds_contract_days"
            ),
            models.CheckConstraint(
                condition=~Q(kind="professional") | ~Q(company="") & Q(ends_on__isnull=False), name="compounds_contract_company"
            ),
        )  # fmt: skip


class FundEntry(Record):
    """One line of a statement of the maintenance fund: ``amount`` in fen, spending below zero; ``replaces`` is what it reverses."""

    kind = models.CharField(max_length=10, choices=FundKind)
    amount = models.BigIntegerField()
    day = models.DateField()
    words = models.CharField(max_length=200, blank=True)

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind="reversal", replaces__isnull=False)
                | Q(replaces__isnull=True, kind__in=["opening", "income", "interest"], amount__gte=0)
                | Q(replaces__isnull=True, kind="spending", amount__lt=0)
                | Q(replaces__isnull=True, kind="statement", amount=0),
                name="compounds_fund_amount",
            ),
        )


class Renovation(Record):
    """A renovation and how far it is; ``ends_on`` is the day on which it is, or was, to be done."""

    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=RenovationState)
    works = models.JSONField(default=list)
    starts_on = models.DateField()
    ends_on = models.DateField()
    cost_fen = models.BigIntegerField(null=True)

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="compounds_renovation_days"),
        )


class Dues(Record):
    """How many households were billed for a period and how many of them paid; both days are in it."""

    starts_on = models.DateField()
    ends_on = models.DateField()
    billed = models.PositiveIntegerField()
    paid = models.PositiveIntegerField()

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), paid__lte=F("billed"), billed__gt=0),
                name="compounds_dues_paid",
            ),
        )

    @property
    def share(self) -> int:
        """Per cent of the households that paid; never 100 while one owes."""
        return self.paid * 100 // self.billed


class Vote(Record):
    """A vote of the owners in counts alone; areas in square decimetres, so that two decimals of a square metre are whole."""

    subject = models.CharField(max_length=16, choices=Subject.choices)
    title = models.CharField(max_length=120)
    held_on = models.DateField()
    heads = models.PositiveIntegerField()
    area = models.PositiveBigIntegerField()
    yes_heads = models.PositiveIntegerField()
    yes_area = models.PositiveBigIntegerField()
    no_heads = models.PositiveIntegerField()
    no_area = models.PositiveBigIntegerField()
    abstain_heads = models.PositiveIntegerField()
    abstain_area = models.PositiveBigIntegerField()
    result = models.CharField(max_length=10, choices=Result.choices)

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(heads__gte=F("yes_heads") + F("no_heads") + F("abstain_heads"), heads__gt=0),
                name="compounds_vote_heads",
            ),
            models.CheckConstraint(
                condition=Q(area__gte=F("yes_area") + F("no_area") + F("abstain_area"), area__gt=0),
                name="compounds_vote_area",
            ),
        )

    @property
    def ballot(self) -> Ballot:
        """The counts, for the rule."""
        return Ballot(
            self.heads, self.area, self.yes_heads, self.yes_area, self.no_heads, self.no_area, self.abstain_heads, self.abstain_area
        )  # fmt: skip


class RuleSet(models.Model):
    """The published rules as they hold from a day on, until the next begin; reference data, never changed.

    ``rules``: colour rules; ``items``: of the yearly check; ``terms``: days before something runs out (``rules/governance.yaml``).
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    valid_from = models.DateField(unique=True)
    rules = models.JSONField()
    items = models.JSONField()
    terms = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.UUIDField(null=True)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number}@{self.valid_from}"


class ChangeState(models.TextChoices):
    """Where a change of the rules stands."""

    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RuleChange(models.Model):
    """A next rule set that is prepared: its difference is shown, its effect is counted, then it is published or withdrawn."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    base = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    rules = models.JSONField()
    items = models.JSONField()
    terms = models.JSONField()
    reason = models.CharField(max_length=200)
    valid_from = models.DateField()
    preview = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    proposed_by = models.UUIDField(null=True)
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-proposed_at",)

    def __str__(self) -> str:
        return self.reason


class Check(Record):
    """The yearly check of a compound: the answers to the items of a rule set, and the points that they gave."""

    year = models.PositiveSmallIntegerField()
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+", db_index=False)
    answers = models.JSONField()
    points = models.PositiveSmallIntegerField()
    most = models.PositiveSmallIntegerField()

    class Meta(Record.Meta):
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=Q(points__lte=F("most"), most__gt=0), name="compounds_check_points"),
        )

    @property
    def share(self) -> int:
        """Per cent of the points that there are."""
        return self.points * 100 // self.most


class Photo(StoredFile):
    """A photo of the compound; what is shown is a copy without its metadata."""

    compound = DistrictForeignKey("territory.Compound", on_delete=models.PROTECT, related_name="+", db_index=False)
    caption = models.CharField(max_length=120, blank=True)
    post_id = models.UUIDField(null=True)
    noted_as = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "compound", "sha256"], name="compounds_photo_once")]
        indexes = [
            models.Index(fields=["district", "at"], condition=Q(state="waiting"), name="compounds_photo_waiting"),
        ]


class Standing(AreaBound):
    """What the file of a compound adds up to today; a projection of its records, made anew with each of them and every day."""

    compound = DistrictForeignKey("territory.Compound", on_delete=models.CASCADE, related_name="+", db_index=False)
    colour = models.CharField(max_length=6, choices=Colour)
    hits = models.JSONField(default=list)
    measures = models.JSONField(default=dict)
    committee_state = models.CharField(max_length=10, choices=CommitteeState, default=CommitteeState.UNKNOWN)
    term_ends_on = models.DateField(null=True)
    kind = models.CharField(max_length=14, choices=Kind, default=Kind.UNKNOWN)
    company = models.CharField(max_length=120, blank=True)
    contract_ends_on = models.DateField(null=True)
    fund_on = models.DateField(null=True)
    fund_balance = models.BigIntegerField(default=0)
    dues_share = models.PositiveSmallIntegerField(null=True)
    check_share = models.PositiveSmallIntegerField(null=True)
    check_year = models.PositiveSmallIntegerField(null=True)
    renovation_state = models.CharField(max_length=10, choices=RenovationState, blank=True)
    renovation_ends_on = models.DateField(null=True)  # of the one that is to be done first
    rules_number = models.PositiveIntegerField()
    made_on = models.DateField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["district", "compound"], name="compounds_standing_once"),)
        indexes = (models.Index(fields=["district", "made_on"], name="compounds_standing_age"),)

    def __str__(self) -> str:
        return f"{self.compound_id}:{self.colour}"


class RunsOut(models.TextChoices):
    """What runs out."""

    CONTRACT = "contract", _("Property contract")
    COMMITTEE = "committee", _("Committee's term")
    FUND = "fund", _("Fund statement")
    RENOVATION = "renovation", _("Renovation")


class Told(AreaBound):
    """That the community was told of something that runs out: once for the compound, the kind and the day."""

    compound = DistrictForeignKey("territory.Compound", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=RunsOut)
    day = models.DateField()
    told_at = models.DateTimeField(default=time.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "compound", "kind", "day"], name="compounds_told_once"),
        )

    def __str__(self) -> str:
        return f"{self.compound_id}:{self.kind}:{self.day}"


def called(row: dict[str, Any]) -> str:
    """The name of a rule or an item in the reader's language."""
    return str(row["name_zh"] if (get_language() or "zh").startswith("zh") else row["name_en"])


def last_day(first_day_over: date) -> date:
    """The last day of a term that names the first one on which it is over."""
    return date.fromordinal(first_day_over.toordinal() - 1)
