"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust.policy import Apart
from linli.territory.models import Level


class Seat(models.TextChoices):
    """The kind of place that a type of organisation belongs to."""

    CITY = "city", _("city")
    DISTRICT = "district", _("district")
    SUBDISTRICT = "subdistrict", _("subdistrict")
    COMMUNITY = "community", _("community")
    GENERAL_GRID = "general_grid", _("general grid")
    MICRO_GRID = "micro_grid", _("micro-grid")
    DEDICATED_GRID = "dedicated_grid", _("dedicated grid")
    COMPOUND = "compound", _("compound")
    BUILDING = "building", _("building")
    ANY = "any", _("any area")

    @property
    def is_area(self) -> bool:
        """Whether it is a level of area."""
        return self.value in Level.values


class TypeRule(models.Model):
    """What holds of a type of organisation on a range of days; ``also`` are codes of types that count for it. Reference data."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    type = models.ForeignKey("people.OrganisationType", on_delete=models.PROTECT, related_name="+")
    seat = models.CharField(max_length=16, choices=Seat)
    under = models.ForeignKey(
        "people.OrganisationType", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    also = models.JSONField(default=list, blank=True)
    expected = models.BooleanField(default=False, help_text="every place of the kind should have one")
    source = models.CharField(max_length=120, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="organisations_rule_dates"
            ),
            models.CheckConstraint(
                condition=Q(expected=False) | ~Q(seat=Seat.ANY), name="organisations_rule_expected_somewhere"
            ),
            ExclusionConstraint(
                name="organisations_rule_once",
                expressions=[
                    ("type", RangeOperators.EQUAL),
                    (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.type_id}@{self.seat}"


class Profile(AreaBound):
    """What the network adds to an organisation. Nothing personal: whom to ask is a post."""

    organisation = DistrictForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    compound = DistrictForeignKey(
        "territory.Compound", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    building = DistrictForeignKey(
        "territory.Building", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    contact_post = DistrictForeignKey(
        "people.Post", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    description = models.CharField(max_length=400, blank=True)
    description_en = models.CharField(max_length=400, blank=True)
    is_public = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "organisation"], name="organisations_profile_once"),
            models.CheckConstraint(
                condition=Q(building__isnull=True) | Q(compound__isnull=False), name="organisations_profile_building"
            ),
        )
        indexes = (
            models.Index(
                fields=["district", "compound"],
                name="organisations_profile_compound",
                condition=Q(compound__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return str(self.organisation_id)

    @property
    def said(self) -> str:
        """The description in the reader's language."""
        chinese = (get_language() or "zh").startswith("zh")
        return self.description if chinese or not self.description_en else self.description_en


class Deed(models.TextChoices):
    """What happened to an organisation."""

    FOUNDED = "founded", _("Founded")
    CHANGED = "changed", _("Changed")
    DISSOLVED = "dissolved", _("Dissolved")
    REVIVED = "revived", _("Dissolution taken back")


class Entry(AreaBound):
    """One line of an organisation's history: who, through which post, when, what. Added, never edited.

    ``changes`` is ``{field: [before, after]}``; nothing personal is in it.
    """

    organisation = DistrictForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    deed = models.CharField(max_length=10, choices=Deed)
    at = models.DateTimeField(default=time.now)
    account_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["district", "organisation", "at"], name="organisations_entry_of"),)

    def __str__(self) -> str:
        return f"{self.deed}:{self.organisation_id}"


class DriveState(models.TextChoices):
    """Where a drive stands."""

    OPEN = "open", _("under way")
    ENDED = "ended", _("ended")


class Drive(Apart, AreaBound):
    """A plan to build organisations of a type in an area, until a day."""

    type = models.ForeignKey("people.OrganisationType", on_delete=models.PROTECT, related_name="+")
    area = DistrictForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    title = models.CharField(max_length=80)
    until = models.DateField()
    state = models.CharField(max_length=8, choices=DriveState, default=DriveState.OPEN)
    begun_at = models.DateTimeField(default=time.now)
    begun_by = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True) | Q(state="ended", ended_at__isnull=False),
                name="organisations_drive_ended",
            ),
        )
        indexes = (models.Index(fields=["district", "area_path", "-begun_at"], name="organisations_drive_area"),)

    def __str__(self) -> str:
        return self.title


class Stage(models.TextChoices):
    """The five steps of building an organisation, in their order."""

    FIND = "find", _("Find the people")
    FOUND = "found", _("Found it")
    ARRANGE = "arrange", _("Arrange posts")
    SERVE = "serve", _("Begin to serve")
    ROOT = "root", _("Take root")


STAGES = tuple(Stage)


class Build(Apart, AreaBound):
    """One place of a drive: how many steps are done, what is next and until when. Its organisation once that is founded."""

    drive = DistrictForeignKey(Drive, on_delete=models.PROTECT, related_name="builds", db_index=False)
    area = DistrictForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    area_path = PathField()
    place_id = models.UUIDField(help_text="of the area, compound or building that lacks one")
    compound = DistrictForeignKey(
        "territory.Compound", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    building = DistrictForeignKey(
        "territory.Building", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    place_name = models.CharField(max_length=160)
    organisation = DistrictForeignKey(
        "people.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    done = models.PositiveSmallIntegerField(default=0, help_text="how many of the five steps")
    next_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["district", "drive", "place_id"], name="organisations_build_once"),
            models.CheckConstraint(condition=Q(done__lte=5), name="organisations_build_steps"),
            models.CheckConstraint(
                condition=Q(done__lt=2, organisation__isnull=True) | Q(done__gte=2, organisation__isnull=False),
                name="organisations_build_founded",
            ),
        )
        indexes = (
            models.Index(
                fields=["district", "area_path", "next_on"], name="organisations_build_due", condition=Q(done__lt=5)
            ),
        )

    def __str__(self) -> str:
        return self.place_name

    @property
    def next_stage(self) -> Stage | None:
        """The step that comes next; none when all are done."""
        return STAGES[self.done] if self.done < len(STAGES) else None


class Step(AreaBound):
    """One step of a build that was done, by whom; ``undone_at``: it was taken back, for a reason."""

    build = DistrictForeignKey(Build, on_delete=models.PROTECT, related_name="steps", db_index=False)
    stage = models.CharField(max_length=8, choices=Stage)
    done_on = models.DateField()
    at = models.DateTimeField(default=time.now)
    account_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=400, blank=True)
    next_on = models.DateField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=80, blank=True)
    undo_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["district", "build", "stage"],
                condition=Q(undone_at__isnull=True),
                name="organisations_step_once",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | ~Q(undo_reason=""), name="organisations_step_undone"
            ),
        )

    def __str__(self) -> str:
        return f"{self.stage}:{self.build_id}"
