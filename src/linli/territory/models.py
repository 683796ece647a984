"""State of the three trees: statistical divisions, governing areas with their boundaries, addresses."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids
from linli.kernel.db import DISTRICT_LENGTH, AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust.policy import Apart


class Level(models.TextChoices):
    """Rungs of the governing tree (shared by the statistical one down to the community)."""

    CITY = "city", _("city")
    DISTRICT = "district", _("district")
    SUBDISTRICT = "subdistrict", _("subdistrict")
    COMMUNITY = "community", _("community")
    GENERAL_GRID = "general_grid", _("general grid")
    MICRO_GRID = "micro_grid", _("micro-grid")
    DEDICATED_GRID = "dedicated_grid", _("dedicated grid")
    UNPLACED = "unplaced", _("unplaced")


class DivisionKind(models.TextChoices):
    """Kinds of the national list of statistical divisions."""

    CITY = "city", _("city")
    DISTRICT = "district", _("district or county")
    SUBDISTRICT = "subdistrict", _("subdistrict")
    TOWN = "town", _("town")
    TOWNSHIP = "township", _("township")
    RESIDENT_COMMITTEE = "resident_committee", _("residents' committee")
    VILLAGE_COMMITTEE = "village_committee", _("villagers' committee")
    QUASI_RESIDENT = "quasi_resident", _("quasi-residents' committee")
    QUASI_VILLAGE = "quasi_village", _("quasi-villagers' committee")


def _validity() -> Func:
    """The half-open range of days on which a row holds."""
    return Func(F("valid_from"), F("valid_to"), function="daterange")


def _ends_after_it_begins(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=f"territory_{name}_dates"
    )


class StatisticalDivision(models.Model):
    """One entry of the national list, as the list says it, with the days on which it held. Reference data."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.CharField(_("code"), max_length=12, db_collation="C")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=DivisionKind.choices)
    level = models.CharField(_("level"), max_length=16, choices=Level.choices)
    parent_code = models.CharField(_("parent"), max_length=12, blank=True, db_collation="C")
    governed_by = models.CharField(
        _("governed by"),
        max_length=6,
        blank=True,
        help_text=_("District that governs it, where that is not its parent."),
    )
    source = models.CharField(_("source"), max_length=120)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("statistical division")
        verbose_name_plural = _("statistical divisions")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="territory_division_code"),
            _ends_after_it_begins("division"),
            ExclusionConstraint(
                name="territory_division_once",
                expressions=[("code", RangeOperators.EQUAL), (_validity(), RangeOperators.OVERLAPS)],
            ),
        ]
        indexes = [models.Index(fields=["parent_code"], name="territory_division_parent")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Area(AreaBound):
    """One node of the governing tree while it holds. Its path is the key by which everything else is somewhere."""

    path = PathField(verbose_name=_("path"))
    level = models.CharField(_("level"), max_length=16, choices=Level.choices)
    code = models.CharField(_("statistical code"), max_length=12, blank=True, db_collation="C")
    name = models.CharField(_("name"), max_length=80)
    parent = DistrictForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False, help_text=_("Generated, not surveyed."))
    households = models.PositiveIntegerField(_("households"), default=0)
    label_lng = models.FloatField(_("label longitude"), null=True, blank=True)
    label_lat = models.FloatField(_("label latitude"), null=True, blank=True)
    verified_on = models.DateField(
        _("verified on"), null=True, blank=True, help_text=_("Since when its line is approved.")
    )

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["district", "path", "valid_from"], name="territory_area_path"),
            _ends_after_it_begins("area"),
            models.CheckConstraint(
                condition=Q(level=Level.CITY) | Q(district=Left("path", DISTRICT_LENGTH)),
                name="territory_area_in_district",
            ),
            ExclusionConstraint(
                name="territory_area_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("path", RangeOperators.EQUAL),
                    (_validity(), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="territory_area_by_path"),
            models.Index(fields=["level", "path"], name="territory_area_by_level"),
            models.Index(fields=["code"], name="territory_area_by_code", condition=~Q(code="")),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.name}"


class Boundary(AreaBound):
    """The outline of an area while it holds: WKB of a polygon in WGS 84 degrees, on a lattice of 1e-7 degree (1 cm)."""

    area = DistrictForeignKey(Area, on_delete=models.CASCADE, related_name="boundaries", verbose_name=_("area"))
    geometry = models.BinaryField(_("geometry"))
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    synthetic = models.BooleanField(_("synthetic"), default=False, help_text=_("Drawn, not surveyed."))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        constraints = [
            _ends_after_it_begins("boundary"),
            ExclusionConstraint(
                name="territory_boundary_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    (_validity(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Compound(AreaBound):
    """A residential compound 小区 or courtyard 院落: root of the address tree."""

    area = DistrictForeignKey(
        Area,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Smallest area that holds it."),
    )
    area_path = PathField(verbose_name=_("path"))
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=160)
    search_key = models.CharField(
        _("search key"), max_length=400, help_text=_("Names it goes by, made plain, split by |.")
    )
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    households = models.PositiveIntegerField(_("households"), default=0)
    synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        verbose_name = _("compound")
        verbose_name_plural = _("compounds")
        indexes = [
            models.Index(fields=["area_path"], name="territory_compound_path"),
            GinIndex(fields=["search_key"], opclasses=["gin_trgm_ops"], name="territory_compound_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Building(AreaBound):
    """A building 楼栋. Stands in one micro-grid (or dedicated grid), by its own point."""

    compound = DistrictForeignKey(
        Compound, on_delete=models.PROTECT, related_name="buildings", verbose_name=_("compound")
    )
    area = DistrictForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("micro-grid")
    )
    area_path = PathField(verbose_name=_("path"))
    number = models.CharField(_("number"), max_length=16)
    floors = models.PositiveSmallIntegerField(_("floors"), default=1)
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        constraints = [
            models.UniqueConstraint(fields=["district", "compound", "number"], name="territory_building_number")
        ]
        indexes = [models.Index(fields=["area_path"], name="territory_building_path")]

    def __str__(self) -> str:
        return self.number


class Entrance(AreaBound):
    """A stairwell 单元 of a building (never called unit: that is an organisation)."""

    building = DistrictForeignKey(
        Building, on_delete=models.PROTECT, related_name="entrances", db_index=False, verbose_name=_("building")
    )
    number = models.CharField(_("number"), max_length=16)
    synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        verbose_name = _("entrance")
        verbose_name_plural = _("entrances")
        constraints = [
            models.UniqueConstraint(fields=["building", "number", "district"], name="territory_entrance_number")
        ]

    def __str__(self) -> str:
        return self.number


class Dwelling(AreaBound):
    """A dwelling 户室 on a floor of an entrance. Who lives there is no business of this room."""

    entrance = DistrictForeignKey(
        Entrance, on_delete=models.PROTECT, related_name="dwellings", db_index=False, verbose_name=_("entrance")
    )
    area = DistrictForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("micro-grid")
    )
    area_path = PathField(verbose_name=_("path"))
    floor = models.SmallIntegerField(_("floor"))
    number = models.CharField(_("number"), max_length=16)
    synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        verbose_name = _("dwelling")
        verbose_name_plural = _("dwellings")
        constraints = [
            models.UniqueConstraint(
                fields=["entrance", "floor", "number", "district"], name="territory_dwelling_number"
            )
        ]
        indexes = [models.Index(fields=["area_path"], name="territory_dwelling_path")]

    def __str__(self) -> str:
        return self.number


class RedrawingState(models.TextChoices):
    """How far a change of micro-grids has come; the states between proposed and applied are the approvals it has."""

    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("proposed")
    COMMUNITY = "community", _("approved by the community")
    SUBDISTRICT = "subdistrict", _("approved by the subdistrict")
    DISTRICT = "district", _("approved by the district")
    APPLIED = "applied", _("in force")
    SENT_BACK = "sent_back", _("sent back")
    WITHDRAWN = "withdrawn", _("withdrawn")


EDITABLE = (RedrawingState.DRAFT, RedrawingState.SENT_BACK)
WAITING = (RedrawingState.PROPOSED, RedrawingState.COMMUNITY, RedrawingState.SUBDISTRICT, RedrawingState.DISTRICT)


class Redrawing(Apart, AreaBound):
    """A change of the micro-grids of one community: its steps, what came of them on the sheet, and how far it has come."""

    area = DistrictForeignKey(Area, on_delete=models.PROTECT, related_name="+", verbose_name=_("community"))
    area_path = PathField(verbose_name=_("path"))
    title = models.CharField(_("title"), max_length=80)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=RedrawingState, default=RedrawingState.DRAFT)
    holds_from = models.DateField(_("holds from"), null=True, blank=True)
    steps = models.JSONField(_("steps"), default=list, help_text=_("Splits, merges and so on in their order."))
    pieces = models.JSONField(_("new grids"), default=list)
    ended = models.JSONField(_("grids that end"), default=list)
    confirmed = models.JSONField(_("grids confirmed as they stand"), default=list)
    findings = models.JSONField(_("findings"), default=list)
    begun_by = models.UUIDField(_("begun by"), null=True)
    begun_at = models.DateTimeField(_("begun at"))
    changed_at = models.DateTimeField(_("changed at"))
    applied_on = models.DateField(_("applied on"), null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("change of micro-grids")
        verbose_name_plural = _("changes of micro-grids")
        constraints = [
            models.CheckConstraint(
                condition=Q(holds_from__isnull=False) | ~Q(state__in=[*WAITING, RedrawingState.APPLIED]),
                name="territory_redrawing_dated",
            ),
            models.CheckConstraint(
                condition=Q(applied_on__isnull=False, state=RedrawingState.APPLIED)
                | Q(applied_on__isnull=True) & ~Q(state=RedrawingState.APPLIED),
                name="territory_redrawing_applied",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "area_path", "-changed_at"], name="territory_redrawing_area"),
            models.Index(
                fields=["district", "holds_from"],
                name="territory_redrawing_due",
                condition=Q(state=RedrawingState.DISTRICT),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RedrawingVerb(models.TextChoices):
    """What somebody did with a change of micro-grids."""

    BEGIN = "begin", _("begun")
    PROPOSE = "propose", _("proposed")
    APPROVE = "approve", _("approved")
    SEND_BACK = "send_back", _("sent back")
    WITHDRAW = "withdraw", _("withdrawn")
    APPLY = "apply", _("put in force")


class RedrawingEntry(AreaBound):
    """One entry in the history of a change: who, through which post, when, with which words. Added, never edited."""

    redrawing = DistrictForeignKey(Redrawing, on_delete=models.CASCADE, related_name="entries")
    round = models.PositiveSmallIntegerField()
    verb = models.CharField(_("what was done"), max_length=10, choices=RedrawingVerb)
    state = models.CharField(_("state after it"), max_length=12, choices=RedrawingState)
    at = models.DateTimeField(_("at"))
    account_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32)
    name = models.CharField(_("name"), max_length=80, blank=True)
    words = models.CharField(_("words"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("entry of a change")
        verbose_name_plural = _("entries of changes")
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "redrawing", "round", "account_id"],
                condition=Q(verb__in=["propose", "approve"]),
                name="territory_redrawing_another_person",
            )
        ]


class RedrawnGrid(AreaBound):
    """A grid that a change is about while it waits: two changes never wait on one grid."""

    redrawing = DistrictForeignKey(Redrawing, on_delete=models.CASCADE, related_name="grids")
    path = PathField()

    class Meta:
        verbose_name = _("grid that a change is about")
        verbose_name_plural = _("grids that changes are about")
        constraints = [models.UniqueConstraint(fields=["district", "path"], name="territory_redrawn_once")]


class TerritoryVersion(models.Model):
    """One row that counts the changes of areas and boundaries, so that processes know when to rebuild what they hold."""

    name = models.CharField(primary_key=True, max_length=16, default="ground")
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("territory version")
        verbose_name_plural = _("territory versions")
