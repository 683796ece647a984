"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from linli.catalog.models import ChangeState, Clock, Sensitivity
from linli.kernel import ids
from linli.kernel.db import DISTRICT_LENGTH, AreaBound, DistrictForeignKey, PathField
from linli.kernel.storage.shown import StoredFile
from linli.people.models import DataClass, SealedField


class Way(models.TextChoices):
    """How a resident goes about a service here."""

    FORM = "form", _("Online form")
    BOOKING = "booking", _("Online, with a time")
    REPORT = "report", _("Reported as a problem")
    PAGE = "page", _("A page of its own")
    GUIDE = "guide", _("Guide only")


class Service(models.Model):
    """One service, for ever under one code; reference data."""

    code = models.CharField(max_length=8, primary_key=True)
    identifier = models.CharField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.code


class ServiceVersion(models.Model):
    """How one service is done, in one scope, from one moment to another; ``minutes`` of its clock, 0 for at once."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="versions")
    scope = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C", blank=True, default="")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    group = models.CharField(max_length=20)
    department_zh = models.CharField(max_length=80)
    department_en = models.CharField(max_length=120)
    function = models.CharField(max_length=40, help_text="of people's departments; who answers for it")
    mode = models.CharField(max_length=20)
    way = models.CharField(max_length=10, choices=Way)
    category = models.CharField(
        max_length=8, blank=True, help_text="of the catalogue, where it is reported as a problem"
    )
    page = models.CharField(max_length=80, blank=True)
    identity_level = models.PositiveSmallIntegerField()
    proxy_allowed = models.BooleanField()
    community_assist = models.BooleanField()
    fee = models.CharField(max_length=10)
    days = models.PositiveSmallIntegerField()
    minutes = models.PositiveIntegerField()
    clock = models.CharField(max_length=10, choices=Clock)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity)
    channels = models.JSONField(default=list)
    place_zh = models.CharField(max_length=200)
    place_en = models.CharField(max_length=300)
    hours_zh = models.CharField(max_length=120)
    hours_en = models.CharField(max_length=160)
    phone = models.CharField(max_length=24)
    materials = models.JSONField(default=list)
    form = models.JSONField(default=list)
    proofs = models.JSONField(default=list)
    needs_address = models.BooleanField(default=False)
    gives = models.CharField(max_length=40, blank=True)
    result_zh = models.CharField(max_length=120, blank=True)
    result_en = models.CharField(max_length=160, blank=True)
    words_zh = models.JSONField(default=list)
    words_en = models.JSONField(default=list)
    booking = models.JSONField(null=True, blank=True)
    is_common = models.BooleanField(default=False)
    keep_days = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="services_version_once",
                expressions=[
                    ("scope", RangeOperators.EQUAL),
                    ("service", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="TSTZRANGE", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="services_version_term"
            ),
            models.CheckConstraint(
                condition=Q(way="booking", booking__isnull=False) | (~Q(way="booking") & Q(booking__isnull=True)),
                name="services_version_booking",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_id}@{self.scope or 'city'}"


class State(models.TextChoices):
    """Where an application stands."""

    SUBMITTED = "submitted", _("Sent in")
    ACCEPTED = "accepted", _("Accepted")
    NEEDS_MORE = "needs_more", _("Something is missing")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    REVIEW = "review", _("In review")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ENDED = (State.DONE, State.REFUSED, State.WITHDRAWN)


class Channel(models.TextChoices):
    """How an application came in."""

    PORTAL = "portal", _("Portal")
    COUNTER = "counter", _("Counter")
    DOORSTEP = "doorstep", _("Doorstep")
    HOTLINE = "hotline", _("Hotline")
    API = "api", _("API")


class Consent(models.TextChoices):
    """How somebody without a screen of their own agreed to what is written down for them."""

    SIGNED = "signed", _("In writing: they signed the sheet")
    SPOKEN = "spoken", _("By word of mouth: it was read to them")
    PHONED = "phoned", _("On the telephone: it was read to them")


class Application(AreaBound):
    """One resident's request for one service. ``facts`` holds only answers that are not personal."""

    number = models.CharField(max_length=20, db_collation="C")
    service = models.CharField(max_length=8, db_collation="C")
    service_version = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=State)
    is_open = models.BooleanField(default=True)
    area_path = PathField()
    organisation = DistrictForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    account_id = models.UUIDField(null=True)
    on_behalf = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=Channel)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity)
    facts = models.JSONField(default=dict)
    asked = models.PositiveSmallIntegerField(default=0)
    spared = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    resume_state = models.CharField(max_length=12, choices=State, blank=True)
    closed_at = models.DateTimeField(null=True)
    refused_by = models.UUIDField(null=True)
    reviewed = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(null=True)
    forget_on = models.DateField(null=True)
    log_length = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "number"], name="services_application_number"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="services_application_rating"
            ),
            models.CheckConstraint(
                condition=Q(is_open=False, state__in=["done", "refused", "withdrawn"], closed_at__isnull=False)
                | Q(is_open=True, state__in=["submitted", "accepted", "needs_more", "review"], closed_at__isnull=True),
                name="services_application_open",
            ),
        )
        indexes = (
            models.Index(fields=["district", "organisation", "is_open", "due_at"], name="services_application_queue"),
            models.Index(fields=["account_id", "-submitted_at"], name="services_application_mine"),
            models.Index(
                fields=["district", "forget_on"],
                condition=Q(forget_on__isnull=False),
                name="services_application_forget",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def version(self) -> int:
        """How many steps there are: what a command names to say what its user saw."""
        return self.log_length

    @property
    def owner_id(self) -> UUID:
        """Whose it is: the account's, or, followed by its code alone, its own."""
        return self.account_id or self.id

    @property
    def is_restricted(self) -> bool:
        """Whether only the organisation that handles it may see it."""
        return self.sensitivity == Sensitivity.RESTRICTED

    def policy_accounts(self) -> Collection[UUID | None]:
        """The resident."""
        return (self.owner_id,)

    def policy_organisations(self) -> Collection[UUID | None]:
        """Who handles it."""
        return (self.organisation_id,)


class Step(AreaBound):
    """One step of an application; added and never changed."""

    application = DistrictForeignKey(Application, on_delete=models.PROTECT, related_name="steps", db_index=False)
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    post_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=32)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "application", "sequence"], name="services_step_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.sequence}"


class SaidKind(models.TextChoices):
    """What sealed words are."""

    PERSON = "person", _("about the person")
    ANSWER = "answer", _("answer")
    MESSAGE = "message", _("message")
    RESULT = "result", _("result")


class Said(AreaBound):
    """Words about a person, sealed and under row-level security: answers, messages, results."""

    application = DistrictForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    owner_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=SaidKind)
    field = models.CharField(max_length=40, blank=True)
    data_class = models.CharField(max_length=10, choices=DataClass)
    held = models.BooleanField(default=False)
    side = models.CharField(max_length=10, blank=True)
    text_sealed = SealedField(null=False)
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["district", "application", "at"], name="services_said_application"),
            models.Index(fields=["owner_id", "field", "-at"], name="services_said_owner"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.field}"


class Fact(AreaBound):
    """What a department vouches for about an account, until when; under row-level security."""

    account_id = models.UUIDField()
    area_path = PathField()
    kind = models.CharField(max_length=40)
    holder = models.CharField(max_length=40)
    application_id = models.UUIDField(null=True)
    text_sealed = SealedField()
    obtained_at = models.DateTimeField()
    valid_until = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["district", "account_id", "kind"], name="services_fact_once"),)

    def __str__(self) -> str:
        return self.kind


class ProofState(models.TextChoices):
    """Where a proof of an application stands."""

    HELD = "held", _("Held already")
    ASKED = "asked", _("Asked of the department")
    CONFIRMED = "confirmed", _("Confirmed")
    NOT_HELD = "not_held", _("The department does not hold it")
    TO_BRING = "to_bring", _("The resident brings it")
    SEEN = "seen", _("Seen")


class Proof(AreaBound):
    """A proof that an application needs, and who vouches for it."""

    application = DistrictForeignKey(Application, on_delete=models.PROTECT, related_name="proofs", db_index=False)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=ProofState)
    holder = DistrictForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    post_id = models.UUIDField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["district", "application", "kind"], name="services_proof_once"),)
        indexes = (
            models.Index(
                fields=["district", "holder", "asked_at"], condition=Q(state="asked"), name="services_proof_asked"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.state}"

    @property
    def area_path(self) -> str:
        """Where its application is; whoever vouches is found by the organisation alone."""
        return self.application.area_path

    def policy_accounts(self) -> Collection[UUID | None]:
        """Nobody's own: the resident sees it with the application."""
        return ()

    def policy_organisations(self) -> Collection[UUID | None]:
        """The department that is asked."""
        return (self.holder_id,)


class Attachment(StoredFile):
    """A photo or a document (PDF) with an application; of photos only a harmless copy is shown."""

    application = DistrictForeignKey(Application, on_delete=models.PROTECT, related_name="attachments", db_index=False)
    field = models.CharField(max_length=40)
    media = models.CharField(max_length=10)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "application", "field", "sha256"], name="services_attachment_once"
            ),
        )
        indexes = (
            models.Index(fields=["district", "at"], condition=Q(state="waiting"), name="services_attachment_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.field}:{self.media}"


class Slot(AreaBound):
    """A stretch of time in which one service is done in one area; its seats are its capacity."""

    service = models.CharField(max_length=8, db_collation="C")
    area_path = PathField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_shut = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "service", "area_path", "starts_at"], name="services_slot_once"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="services_slot_stretch"),
        )

    def __str__(self) -> str:
        return f"{self.service}@{self.starts_at:%Y-%m-%d %H:%M}"


class Seat(AreaBound):
    """One place in a slot: free, or one application's. More people than seats cannot be written down."""

    slot = DistrictForeignKey(Slot, on_delete=models.PROTECT, related_name="seats", db_index=False)
    place = models.PositiveSmallIntegerField()
    application = DistrictForeignKey(
        Application, on_delete=models.PROTECT, related_name="seats", null=True, blank=True, db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "slot", "place"], name="services_seat_once"),
            models.UniqueConstraint(
                fields=["district", "application"],
                condition=Q(application__isnull=False),
                name="services_seat_one_of_an_application",
            ),
        )

    def __str__(self) -> str:
        return f"{self.slot_id}:{self.place}"


class ChangeKind(models.TextChoices):
    """What a change makes of a service."""

    VERSION = "version", _("New version")
    CLOSE = "close", _("Closing")


class ServiceChange(models.Model):
    """A next version of a service, or its end: prepared first, then published; nothing changes before."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="changes")
    scope = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C", blank=True, default="")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    base = models.ForeignKey(ServiceVersion, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    effective_from = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "-proposed_at"], name="services_change_state"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="version") | Q(kind="close", values={}), name="services_change_values"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_id} {self.kind}"
