"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.people.models import DataClass, LookupHashField, SealedField


class Status(models.TextChoices):
    """How a dwelling is used."""

    OWNER_OCCUPIED = "owner_occupied", _("owner lives here")
    LET = "let", _("let")
    VACANT = "vacant", _("vacant")
    ABSENT = "absent", _("owner away for long")
    UNKNOWN = "unknown", _("not known")


class Kind(models.TextChoices):
    """What somebody is to a dwelling."""

    OWNER = "owner", _("owner")
    TENANT = "tenant", _("tenant")
    MEMBER = "member", _("household member")
    LODGER = "lodger", _("lodger")


class Source(models.TextChoices):
    """Where a fact is from."""

    VISIT = "visit", _("verified on the spot")
    OFFICE = "office", _("told to the community")
    RESIDENT = "resident", _("told by the person")
    PROPERTY = "property", _("property company")
    POLICE = "police", _("household registration")
    FILE = "file", _("file of another office")


def _validity() -> Func:
    """The half-open range of days on which a row holds."""
    return Func(F("valid_from"), F("valid_to"), function="daterange")


def _dates(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=f"households_{name}_dates"
    )


def _dwelling(related: str) -> DistrictForeignKey:
    return DistrictForeignKey("territory.Dwelling", on_delete=models.PROTECT, related_name=related, db_index=False)


class DatedFact(AreaBound):
    """What is accepted of a place on a half-open range of days: from where it is, when and by which post it was written down."""

    area_path = PathField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    recorded_at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True, blank=True)

    class Meta:
        abstract = True


class DwellingStatus(DatedFact):
    """The accepted use of a dwelling on a range of days. Internal, not personal."""

    dwelling = _dwelling("statuses")
    status = models.CharField(max_length=16, choices=Status)

    class Meta:
        constraints = [
            _dates("status"),
            ExclusionConstraint(
                name="households_status_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("dwelling", RangeOperators.EQUAL),
                    (_validity(), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["area_path"], name="households_status_area"),
            models.Index(fields=["district", "dwelling"], name="households_status_dwelling"),
        ]


class Person(AreaBound):
    """One entry of the register: personal data, under row-level security, reached through a residency.

    ``last_four_hash`` is of the identity number's last four signs, for finding entries that are one person. ``merged_into`` names the
    entry that took this one's place; ``erased_at`` says that what was personal has been deleted.
    """

    name_enc = SealedField()
    name_hash = LookupHashField()
    phone_enc = SealedField()
    phone_hash = LookupHashField()
    number_enc = SealedField(data_class=DataClass.SENSITIVE)
    number_hash = LookupHashField()
    last_four_hash = LookupHashField()
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    guardian_consent_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    recorded_at = models.DateTimeField(default=time.now)
    merged_into = DistrictForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "number_hash"],
                condition=Q(number_hash__isnull=False, merged_into__isnull=True),
                name="households_person_number",
            )
        ]
        indexes = [
            models.Index(fields=["district", "name_hash"], name="households_person_name"),
            models.Index(
                fields=["district", "phone_hash"],
                condition=Q(phone_hash__isnull=False),
                name="households_person_phone",
            ),
        ]


class Residency(DatedFact):
    """A person in a dwelling, in a kind, on a range of days: personal data, under row-level security."""

    person = DistrictForeignKey(Person, on_delete=models.PROTECT, related_name="residencies", db_index=False)
    dwelling = _dwelling("residencies")
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta:
        constraints = [
            _dates("residency"),
            ExclusionConstraint(
                name="households_residency_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("dwelling", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (_validity(), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["district", "dwelling"], name="households_residency_dwelling"),
            models.Index(fields=["district", "person"], name="households_residency_person"),
            models.Index(
                fields=["district", "valid_to"],
                condition=Q(valid_to__isnull=False),
                name="households_residency_ended",
            ),
        ]


class Campaign(AreaBound):
    """Every dwelling of an area is to be verified between two days, both within it."""

    area_path = PathField()
    title = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()
    post_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=time.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="households_campaign_dates"),
            ExclusionConstraint(
                name="households_campaign_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("area_path", RangeOperators.EQUAL),
                    (
                        Func(F("starts_on"), F("ends_on"), models.Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class Outcome(models.TextChoices):
    """What came of a visit."""

    AS_IT_WAS = "as_it_was", _("as it was")
    CHANGED = "changed", _("a change was proposed")
    NOT_MET = "not_met", _("nobody was met")


class Visit(AreaBound):
    """One verification of one dwelling. Internal: it names no resident."""

    dwelling = _dwelling("visits")
    area_path = PathField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    next_try_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=Outcome.NOT_MET) | Q(next_try_on__isnull=True), name="households_visit_next_try"
            )
        ]
        indexes = [
            models.Index(fields=["district", "dwelling", "-at"], name="households_visit_dwelling"),
            models.Index(fields=["area_path", "-at"], name="households_visit_area"),
        ]


class Change(models.TextChoices):
    """What a proposal says has changed."""

    STATUS = "status", _("how it is used")
    MOVED_IN = "moved_in", _("somebody moved in")
    MOVED_OUT = "moved_out", _("somebody moved out")
    PHONE = "phone", _("another telephone number")


class ProposalState(models.TextChoices):
    """Where a proposal stands."""

    PENDING = "pending", _("to be decided")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")


class Proposal(AreaBound):
    """What somebody says has changed at a dwelling: personal data, under row-level security.

    ``wrote`` names the rows that accepting it made and ended, so that it can be taken back.
    """

    dwelling = _dwelling("proposals")
    area_path = PathField()
    change = models.CharField(max_length=10, choices=Change)
    status = models.CharField(max_length=16, choices=Status, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, blank=True)
    person = DistrictForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals")
    name_enc = SealedField()
    phone_enc = SealedField()
    phone_hash = LookupHashField()
    number_enc = SealedField(data_class=DataClass.SENSITIVE)
    guardian_consent_on = models.DateField(null=True, blank=True)
    note_enc = SealedField()
    effective_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source)
    import_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PENDING)
    proposed_at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_post_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    wrote = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ProposalState.PENDING, decided_at__isnull=True)
                | ~Q(state=ProposalState.PENDING) & Q(decided_at__isnull=False),
                name="households_proposal_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["area_path", "proposed_at"],
                condition=Q(state=ProposalState.PENDING),
                name="households_proposal_queue",
            ),
            models.Index(fields=["district", "dwelling"], name="households_proposal_dwelling"),
        ]


class MatchState(models.TextChoices):
    """What was decided of two entries that look like one person."""

    MERGED = "merged", _("one person")
    DISTINCT = "distinct", _("two persons")
    UNDONE = "undone", _("taken back")


class Match(AreaBound):
    """Two entries of the register, and whether they are one person; ``moved`` names the residencies that went over."""

    kept = DistrictForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = DistrictForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    area_path = PathField()
    state = models.CharField(max_length=10, choices=MatchState)
    moved = models.JSONField(default=list)
    at = models.DateTimeField(default=time.now)
    post_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kept", "other"], condition=~Q(state="undone"), name="households_match_once"
            )
        ]


class ImportState(models.TextChoices):
    """Where an import stands."""

    RECEIVING = "receiving", _("being sent")
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")
    ASIDE = "aside", _("set aside")


class Import(AreaBound):
    """A file that is read, and how far; ``offset`` and ``rows`` say where the next chunk begins.

    While a file comes in pieces ``offset`` counts the bytes that are here of ``size``. ``problem`` is the code of what ended it, or of
    what the next chunk failed with ``tries`` times in a row; it is tried again at ``next_try_at``, and set aside after the last time.
    """

    area_path = PathField()
    name = models.CharField(max_length=160)
    digest = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    source = models.CharField(max_length=10, choices=Source)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.WAITING)
    offset = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    bad = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    post_id = models.UUIDField(null=True, blank=True)
    account_id = models.UUIDField(null=True, blank=True)
    started_at = models.DateTimeField(default=time.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["district", "started_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="households_import_open",
            ),
            models.Index(fields=["area_path", "-started_at"], name="households_import_recent"),
        ]


class ImportPiece(AreaBound):
    """A piece of an uploaded file, sealed until it has been read."""

    of = DistrictForeignKey(Import, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    position = models.PositiveIntegerField()
    body_enc = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "of", "position"], name="households_piece_once")]


class ImportProblem(AreaBound):
    """A row of a file that was not taken, and why; its cells are sealed, so that the person who sent it can mend them."""

    of = DistrictForeignKey(Import, on_delete=models.CASCADE, related_name="problems", db_index=False)
    area_path = PathField()
    row = models.BigIntegerField()
    column = models.CharField(max_length=20)
    code = models.CharField(max_length=40)
    cells_enc = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["district", "of", "row"], name="households_problem_row")]
