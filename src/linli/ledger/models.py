"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust import policy
from linli.people.models import SealedField

POINTS = "points"


class RuleSet(models.Model):
    """The list of rules as it holds from a moment on, until the next one begins; reference data, never changed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    valid_from = models.DateTimeField(unique=True)
    published_at = models.DateTimeField()
    published_by = models.UUIDField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number}@{self.valid_from:%Y-%m-%d}"


class Confirmation(models.TextChoices):
    """Who has to say yes before an entry is written."""

    AUTO = "auto", _("by itself")
    ONE = "one", _("one person confirms")
    TWO = "two", _("two people review")
    LEDGER = "ledger", _("the ledger")


class Per(models.TextChoices):
    """What a rule counts."""

    CASE = "case", _("case")
    VISIT = "visit", _("visit")
    TASK = "task", _("task")
    EVENT = "event", _("event")
    HOUR = "hour", _("hour")
    DWELLING = "dwelling", _("dwelling")
    RECORD = "record", _("record")


class Rule(models.Model):
    """One rule of a set: ``points`` for each ``per``, at most ``daily_cap`` a day and ``monthly_cap`` a month."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="rules")
    code = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    points = models.IntegerField()
    per = models.CharField(max_length=12, choices=Per)
    daily_cap = models.PositiveIntegerField(null=True)
    monthly_cap = models.PositiveIntegerField(null=True)
    confirmation = models.CharField(max_length=8, choices=Confirmation)
    confirmers = models.JSONField(default=list)
    by_hand = models.CharField(max_length=8, blank=True)
    note_zh = models.CharField(max_length=200, blank=True)
    note_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["rule_set", "code"], name="ledger_rule_once"),
            models.CheckConstraint(condition=Q(points__gte=0) | Q(confirmation="two"), name="ledger_rule_two_people"),
        )

    def __str__(self) -> str:
        return self.code

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def noted(self, language: str) -> str:
        """What is to be known of it, in a language of the interface; may be empty."""
        return self.note_zh if language.startswith("zh") else self.note_en


class AccountKind(models.TextChoices):
    """Whose an account is."""

    PERSON = "person", _("A person's")
    ISSUING = "issuing", _("Given out")
    WITHDRAWN = "withdrawn", _("Taken back")
    REDEEMED = "redeemed", _("Changed for rewards")
    EXPIRED = "expired", _("Expired")


class Account(AreaBound):
    """A person's account, with its balance; or one of the house's, whose balance is the sum of its entries.

    The house's keep no balance, so that two awards to two people never wait for each other.
    """

    kind = models.CharField(max_length=12, choices=AccountKind)
    unit = models.CharField(max_length=8, default=POINTS)
    owner_id = models.UUIDField(null=True)
    balance = models.BigIntegerField(null=True)
    collecting = models.BooleanField(default=True)
    entries_count = models.PositiveIntegerField(default=0)
    head = models.BinaryField(max_length=32)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "unit", "owner_id"], condition=Q(kind="person"), name="ledger_account_person"
            ),
            models.UniqueConstraint(
                fields=["district", "unit", "kind"], condition=~Q(kind="person"), name="ledger_account_house"
            ),
            models.CheckConstraint(
                condition=Q(kind="person", owner_id__isnull=False, balance__gte=0)
                | (~Q(kind="person") & Q(owner_id__isnull=True, balance__isnull=True)),
                name="ledger_account_not_overdrawn",
            ),
        )
        indexes = (models.Index(fields=["owner_id", "unit"], name="ledger_account_owner"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.unit}"


class EntryKind(models.TextChoices):
    """What an entry is."""

    AWARD = "award", _("Award")
    PENALTY = "penalty", _("Taken away")
    CORRECTION = "correction", _("Correction")
    REDEMPTION = "redemption", _("Changed for a reward")
    EXPIRY = "expiry", _("Expired")
    REVERSAL = "reversal", _("Reversal")


class Limit(models.TextChoices):
    """Why less moved than the rule says."""

    NONE = "", _("Nothing")
    DAY = "day", _("The day's limit")
    MONTH = "month", _("The month's limit")
    BALANCE = "balance", _("The balance")
    SUSPENDED = "suspended", _("The suspension")


class Entry(AreaBound):
    """One transfer from ``debit`` to ``credit``, one of which is the person's ``account``; added and never changed.

    ``occurred_at`` is when what it is for happened, ``at`` when it was written; ``sequence`` counts the entries of the account.
    """

    account = DistrictForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveIntegerField()
    debit = DistrictForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    credit = DistrictForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.CharField(max_length=8, default=POINTS)
    kind = models.CharField(max_length=12, choices=EntryKind)
    nominal = models.PositiveIntegerField()
    amount = models.PositiveIntegerField()
    limited_by = models.CharField(max_length=12, choices=Limit, blank=True, default="")
    rule = models.CharField(max_length=40)
    rules_number = models.PositiveIntegerField()
    event_id = models.UUIDField(null=True)
    event_kind = models.CharField(max_length=60, blank=True)
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    subject_label = models.CharField(max_length=80, blank=True)
    area_path = PathField()
    occurred_at = models.DateTimeField()
    at = models.DateTimeField()
    reverses = DistrictForeignKey("self", on_delete=models.PROTECT, related_name="reversals", null=True, db_index=False)
    by_account = models.UUIDField(null=True)
    by_role = models.CharField(max_length=32)
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "account", "sequence"], name="ledger_entry_sequence"),
            models.UniqueConstraint(
                fields=["district", "account", "rule", "subject_id"],
                condition=Q(kind__in=["award", "penalty"]),
                name="ledger_entry_once",
            ),
            models.UniqueConstraint(
                fields=["district", "account", "rule", "event_id"],
                condition=Q(event_id__isnull=False),
                name="ledger_entry_event_once",
            ),
            models.UniqueConstraint(
                fields=["district", "reverses"], condition=Q(reverses__isnull=False), name="ledger_entry_reversed_once"
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")) & (Q(account=F("debit")) | Q(account=F("credit"))),
                name="ledger_entry_two_sides",
            ),
            models.CheckConstraint(
                condition=Q(limited_by="", amount=F("nominal"))
                | (Q(limited_by__in=["day", "month", "balance", "suspended"]) & Q(amount__lt=F("nominal"))),
                name="ledger_entry_amount",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="ledger_entry_reversal",
            ),
        )
        indexes = (
            models.Index(fields=["district", "account", "rule", "occurred_at"], name="ledger_entry_caps"),
            models.Index(fields=["district", "subject_id"], name="ledger_entry_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.rule}:{self.amount}"

    @property
    def signed(self) -> int:
        """What it did to the person's balance."""
        return self.amount if self.credit_id == self.account_id else -self.amount


class ClaimState(models.TextChoices):
    """Where a claim stands."""

    WAITING = "waiting", _("Waits for confirmation")
    GRANTED = "granted", _("Confirmed")
    REFUSED = "refused", _("Not confirmed")


class Claim(policy.Apart, AreaBound):
    """What needs somebody's confirmation before it becomes an entry; ``quantity`` counts the rule's ``per``."""

    rule = models.CharField(max_length=40)
    rules_number = models.PositiveIntegerField()
    takes_away = models.BooleanField(default=False)
    owner_id = models.UUIDField()
    area_path = PathField()
    quantity = models.PositiveSmallIntegerField(default=1)
    subject_type = models.CharField(max_length=20)
    subject_id = models.UUIDField()
    subject_label = models.CharField(max_length=80, blank=True)
    event_id = models.UUIDField(null=True)
    event_kind = models.CharField(max_length=60, blank=True)
    occurred_at = models.DateTimeField()
    words_sealed = SealedField()
    state = models.CharField(max_length=8, choices=ClaimState, default=ClaimState.WAITING)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason_sealed = SealedField()
    entry = DistrictForeignKey(Entry, on_delete=models.PROTECT, related_name="claims", null=True, db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "owner_id", "rule", "subject_id"], name="ledger_claim_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | Q(state__in=["granted", "refused"], decided_at__isnull=False, decided_by__isnull=False),
                name="ledger_claim_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("owner_id")), name="ledger_claim_not_ones_own"
            ),
            models.CheckConstraint(
                condition=Q(takes_away=False)
                | Q(asked_by__isnull=False) & (Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by"))),
                name="ledger_claim_two_people",
            ),
        )
        indexes = (
            models.Index(
                fields=["district", "area_path", "asked_at"], condition=Q(state="waiting"), name="ledger_claim_waiting"
            ),
            models.Index(fields=["owner_id", "-asked_at"], name="ledger_claim_owner"),
        )

    def __str__(self) -> str:
        return f"{self.rule}:{self.state}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whose it is."""
        return (self.owner_id,)


class ObjectionState(models.TextChoices):
    """Where an objection stands."""

    OPEN = "open", _("Being looked at")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Not upheld")


class Objection(policy.Apart, AreaBound):
    """A person's word against an entry, and the answer of somebody who had no hand in it."""

    entry = DistrictForeignKey(Entry, on_delete=models.PROTECT, related_name="objections", db_index=False)
    owner_id = models.UUIDField()
    area_path = PathField()
    words_sealed = SealedField(null=False)
    state = models.CharField(max_length=8, choices=ObjectionState, default=ObjectionState.OPEN)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_sealed = SealedField()
    result = DistrictForeignKey(Entry, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "entry"], name="ledger_objection_once"),
            models.CheckConstraint(
                condition=Q(state="open", answered_by__isnull=True, answered_at__isnull=True)
                | Q(state__in=["upheld", "rejected"], answered_by__isnull=False, answered_at__isnull=False),
                name="ledger_objection_answered",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("owner_id")),
                name="ledger_objection_not_ones_own",
            ),
        )
        indexes = (
            models.Index(
                fields=["district", "area_path", "due_at"], condition=Q(state="open"), name="ledger_objection_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.state}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whose it is."""
        return (self.owner_id,)


class SuspensionState(models.TextChoices):
    """Where a suspension stands."""

    IN_FORCE = "in_force", _("Suspended")
    LIFTED = "lifted", _("Lifted")
    UNDONE = "undone", _("Taken back: it was not so")


class Suspension(policy.Apart, AreaBound):
    """From a moment to another an account gains nothing and changes nothing, after two people found a breach that its rule says so of.

    What happened before it stays as it was. ``entry`` is the penalty that came with it, to which the person objects.
    """

    account = DistrictForeignKey(Account, on_delete=models.PROTECT, related_name="suspensions", db_index=False)
    owner_id = models.UUIDField()
    entry = DistrictForeignKey(Entry, on_delete=models.PROTECT, related_name="suspensions", db_index=False)
    rule = models.CharField(max_length=40)
    area_path = PathField()
    state = models.CharField(max_length=8, choices=SuspensionState, default=SuspensionState.IN_FORCE)
    asked_by = models.UUIDField()
    decided_by = models.UUIDField()
    begun_at = models.DateTimeField()
    lift_asked_by = models.UUIDField(null=True)
    lift_asked_at = models.DateTimeField(null=True)
    lift_words_sealed = SealedField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "entry"], name="ledger_suspension_once"),
            models.CheckConstraint(
                condition=~Q(asked_by=F("decided_by")) & ~Q(asked_by=F("owner_id")) & ~Q(decided_by=F("owner_id")),
                name="ledger_suspension_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="lifted")
                | (Q(lift_asked_by__isnull=False, ended_by__isnull=False) & ~Q(lift_asked_by=F("ended_by"))),
                name="ledger_suspension_lifted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state="in_force", ended_at__isnull=True)
                | (~Q(state="in_force") & Q(ended_at__isnull=False)),
                name="ledger_suspension_ended",
            ),
        )
        indexes = (
            models.Index(fields=["district", "account", "begun_at"], name="ledger_suspension_account"),
            models.Index(
                fields=["district", "area_path"], condition=Q(state="in_force"), name="ledger_suspension_in_force"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule}:{self.state}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whose it is."""
        return (self.owner_id,)


class Reward(policy.Apart, AreaBound):
    """What points can be changed for in one area: ``stock`` pieces at ``price`` points each."""

    area_path = PathField()
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    place = models.CharField(max_length=120)
    price = models.PositiveIntegerField()
    stock = models.PositiveIntegerField()
    offered = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(price__gt=0), name="ledger_reward_price"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="ledger_reward_stock"),
        )
        indexes = (models.Index(fields=["district", "area_path"], name="ledger_reward_area"),)

    def __str__(self) -> str:
        return self.name_zh

    def called(self, language: str) -> str:
        """Its name in a language of the interface."""
        return self.name_zh if language.startswith("zh") or not self.name_en else self.name_en


class RedemptionState(models.TextChoices):
    """Where a redemption stands."""

    WAITING = "waiting", _("To be collected")
    COLLECTED = "collected", _("Collected")
    CANCELLED = "cancelled", _("Taken back")
    LAPSED = "lapsed", _("Not collected")


class Redemption(policy.Apart, AreaBound):
    """One piece of a reward that a person changed points for; collected with a code that only the person sees."""

    reward = DistrictForeignKey(Reward, on_delete=models.PROTECT, related_name="redemptions", db_index=False)
    entry = DistrictForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner_id = models.UUIDField()
    area_path = PathField()
    price = models.PositiveIntegerField()
    code_hash = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10, choices=RedemptionState, default=RedemptionState.WAITING)
    at = models.DateTimeField()
    collect_by = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "code_hash"], condition=Q(state="waiting"), name="ledger_redemption_code"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="ledger_redemption_ended",
            ),
        )
        indexes = (
            models.Index(fields=["owner_id", "-at"], name="ledger_redemption_owner"),
            models.Index(fields=["district", "collect_by"], condition=Q(state="waiting"), name="ledger_redemption_due"),
        )

    def __str__(self) -> str:
        return f"{self.state}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Whose it is."""
        return (self.owner_id,)


class ExpiryNotice(AreaBound):
    """That a person was told, on their page, that points expire; nothing expires that was not announced in time."""

    account = DistrictForeignKey(Account, on_delete=models.PROTECT, related_name="expiries", db_index=False)
    expires_on = models.DateField()
    amount = models.PositiveIntegerField()
    announced_at = models.DateTimeField()
    entry = DistrictForeignKey(Entry, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "account", "expires_on"], name="ledger_expiry_once"),
        )
        indexes = (
            models.Index(
                fields=["district", "expires_on"], condition=Q(done_at__isnull=True), name="ledger_expiry_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.expires_on}"
