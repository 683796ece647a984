"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.duties.tasks import Kind
from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField


class Listing(models.TextChoices):
    """The three lists."""

    WORK = "work", _("Work list")
    ASSIST = "assist", _("Assist list")
    NEGATIVE = "negative", _("Negative list")


class Tier(models.TextChoices):
    """Whose list."""

    COMMUNITY = "community", _("communities")
    SUBDISTRICT = "subdistrict", _("subdistricts")


class Frequency(models.TextChoices):
    """How often a form is asked for."""

    ONCE = "once", _("once")
    YEARLY = "yearly", _("once a year")
    QUARTERLY = "quarterly", _("once a quarter")
    MONTHLY = "monthly", _("once a month")
    WEEKLY = "weekly", _("once a week")


def _organisation() -> DistrictForeignKey:
    return DistrictForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)


class ListEntry(AreaBound):
    """A task on a list, in an area and all below it, on a range of days; ``superseded_at``: it never came into force.

    ``amount`` is money in fen for the whole time; ``instead`` says who does what is on the negative list.
    """

    area_path = PathField()
    tier = models.CharField(max_length=12, choices=Tier)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=20, db_collation="C")
    department = models.CharField(max_length=40, blank=True)
    listing = models.CharField(max_length=8, choices=Listing)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    instead = models.CharField(max_length=200, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    source = models.CharField(max_length=120, blank=True)
    authority = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    admission_id = models.UUIDField(null=True, blank=True)
    post_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=time.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="duties_entry_dates"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="duties_entry_amount"),
            ExclusionConstraint(
                name="duties_entry_once",
                expressions=[
                    *((name, RangeOperators.EQUAL) for name in ("district", "area_path", "tier", "kind", "code", "department")),
                    (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(superseded_at__isnull=True),
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["area_path", "-recorded_at"], name="duties_entry_recent"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}@{self.area_path}"

    @property
    def called(self) -> str:
        """Its title in the reader's language."""
        return in_language(self.title_zh, self.title_en)

    @property
    def funded(self) -> bool:
        """Whether money, its source and the authority for it are attached."""
        return self.amount > 0 and bool(self.source) and bool(self.authority)


def in_language(zh: str, en: str) -> str:
    """The wording in the reader's language; Chinese where there is no other."""
    return en if en and not (get_language() or "zh").startswith("zh") else zh


class AdmissionState(models.TextChoices):
    """Where an application stands."""

    WAITING = "waiting", _("Waits for a decision")
    ADMITTED = "admitted", _("Admitted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Admission(AreaBound):
    """A department's application to have a task put on a list in an area; ``office`` is who decides."""

    area_path = PathField()
    tier = models.CharField(max_length=12, choices=Tier)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=20, db_collation="C")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    organisation = _organisation()
    office = _organisation()
    department = models.CharField(max_length=40)
    listing = models.CharField(max_length=8, choices=Listing)
    why = models.CharField(max_length=500)
    basis = models.CharField(max_length=200)
    minutes = models.PositiveIntegerField()
    amount = models.BigIntegerField(default=0)
    source = models.CharField(max_length=120, blank=True)
    authority = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=AdmissionState, default=AdmissionState.WAITING)
    applied_at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    holds_from = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True) | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="duties_admission_decided",
            ),
            models.CheckConstraint(
                condition=~Q(listing="assist") | (Q(amount__gt=0) & ~Q(source="") & ~Q(authority="")),
                name="duties_admission_money",
            ),
            models.CheckConstraint(condition=~Q(listing="negative"), name="duties_admission_listing"),
            models.UniqueConstraint(
                fields=["district", "organisation", "area_path", "tier", "kind", "code"],
                condition=Q(state="waiting"),
                name="duties_admission_waiting_once",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["district", "office", "state", "-applied_at"], name="duties_admission_office"),
            models.Index(fields=["district", "state", "-decided_at"], name="duties_admission_decisions"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}@{self.area_path}"

    @property
    def called(self) -> str:
        """The task's title in the reader's language."""
        return in_language(self.title_zh, self.title_en)

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """The department that applied, and the office that decides."""
        return (self.organisation_id, self.office_id)


class ReportForm(AreaBound):
    """A report that communities are asked for, registered before it can be sent.

    ``facts`` lists what it asks: ``[{"label", "fact", "how"}]``, ``how`` being ``filled`` or ``asked``; ``minutes`` is what one answer
    costs a community.
    """

    area_path = PathField()
    code = models.CharField(max_length=12, db_collation="C")
    organisation = _organisation()
    department = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300)
    basis = models.CharField(max_length=200)
    matter = models.CharField(max_length=20, db_collation="C", blank=True)
    frequency = models.CharField(max_length=10, choices=Frequency)
    minutes = models.PositiveIntegerField()
    facts = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    lapsed = models.CharField(max_length=300, blank=True)
    registered_at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "code"], name="duties_form_code"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="duties_form_dates"
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def asked(self) -> list[str]:
        """What the community itself has to say."""
        return [one["label"] for one in self.facts if one["how"] == "asked"]

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """The department whose form it is."""
        return (self.organisation_id,)


class Sheet(AreaBound):
    """A form at one community, answered once; ``filled`` is what the platform knew when it was sent. Nothing personal."""

    form = DistrictForeignKey(ReportForm, on_delete=models.PROTECT, related_name="sheets", db_index=False)
    area_path = PathField()
    sent_at = models.DateTimeField()
    due_on = models.DateField()
    filled = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True, blank=True)
    post_id = models.UUIDField(null=True, blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "form", "area_path"],
                condition=Q(answered_at__isnull=True),
                name="duties_sheet_open_once",
            ),
        )
        indexes = (models.Index(fields=["district", "area_path", "-sent_at"], name="duties_sheet_received"),)

    def __str__(self) -> str:
        return f"{self.form_id}@{self.area_path}"

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """The department that asks."""
        return (self.form.organisation_id,)


class Use(AreaBound):
    """What an organisation did with the result of a form."""

    form = DistrictForeignKey(ReportForm, on_delete=models.PROTECT, related_name="uses", db_index=False)
    organisation = _organisation()
    used_on = models.DateField()
    what = models.CharField(max_length=300)
    post_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=time.now)

    class Meta:
        indexes = (models.Index(fields=["district", "form", "used_on"], name="duties_use_form"),)

    def __str__(self) -> str:
        return f"{self.form_id}:{self.used_on}"


class Outcome(models.TextChoices):
    """What came of a form in the yearly review."""

    KEPT = "kept", _("Kept: its result was used")
    RENEWED = "renewed", _("Renewed with a reason")
    LAPSED = "lapsed", _("Lapsed: nobody used it")


class Review(AreaBound):
    """What came of a form in the review of a year, with what it had cost by then."""

    form = DistrictForeignKey(ReportForm, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    year = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    sheets = models.PositiveIntegerField(default=0)
    minutes = models.PositiveIntegerField(default=0)
    uses = models.PositiveIntegerField(default=0)
    post_id = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(default=time.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["district", "form", "year"], name="duties_review_once"),)

    def __str__(self) -> str:
        return f"{self.form_id}:{self.year}"


class Proof(AreaBound):
    """A proof that residents may be asked for in a city or district, until the day on which it is abolished.

    ``kind`` is what services call it, by which askings are counted.
    """

    area_path = PathField()
    code = models.CharField(max_length=20, db_collation="C")
    kind = models.CharField(max_length=40, blank=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    purpose = models.CharField(max_length=200)
    basis = models.CharField(max_length=200)
    issuer_zh = models.CharField(max_length=120)
    issuer_en = models.CharField(max_length=160, blank=True)
    valid_from = models.DateField()
    abolished_on = models.DateField(null=True, blank=True)
    instead = models.CharField(max_length=200, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "area_path", "code"], name="duties_proof_once"),
            models.CheckConstraint(
                condition=Q(abolished_on__isnull=True) | Q(abolished_on__gte=F("valid_from")), name="duties_proof_dates"
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def called(self) -> str:
        """Its name in the reader's language."""
        return in_language(self.name_zh, self.name_en)

    @property
    def issuer(self) -> str:
        """Who issues it, in the reader's language."""
        return in_language(self.issuer_zh, self.issuer_en)
