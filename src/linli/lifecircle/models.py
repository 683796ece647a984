"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

import numpy as np
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import time
from linli.kernel.db import AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust.policy import Apart
from linli.lifecircle.walking import Streets

LATTICE = 1e6
"""Crossings are kept in whole millionths of a degree (11 cm)."""


class StreetNetwork(Apart, AreaBound):
    """The street network of a district from a day on. Followed by another, never overwritten.

    ``crossings`` are int32 pairs (longitude, latitude in millionths of a degree), ``ends`` int32 pairs of rows of them, ``lengths``
    float32 metres; all little-endian.
    """

    area_path = PathField()
    source = models.CharField(_("source"), max_length=120)
    crossings = models.BinaryField()
    ends = models.BinaryField()
    lengths = models.BinaryField()
    crossing_count = models.PositiveIntegerField(_("crossings"))
    street_count = models.PositiveIntegerField(_("streets"))
    kilometres = models.FloatField(_("kilometres"))
    sha256 = models.BinaryField(max_length=32)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    set_aside = models.BooleanField(default=False)
    synthetic = models.BooleanField(_("synthetic"), default=False, help_text=_("Drawn, not surveyed."))
    noted_at = models.DateTimeField(_("noted at"), default=time.now)
    noted_as = models.CharField(max_length=80, blank=True)
    post_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("street network")
        verbose_name_plural = _("street networks")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="lifecircle_streets_dates"
            ),
            ExclusionConstraint(
                name="lifecircle_streets_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    (Func(F("valid_from"), F("valid_to"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(set_aside=False),
            ),
        )

    def __str__(self) -> str:
        return self.source

    @property
    def streets(self) -> Streets:
        """The network as it is walked."""
        points = np.frombuffer(bytes(self.crossings), dtype="<i4").reshape(-1, 2) / LATTICE
        ends = np.frombuffer(bytes(self.ends), dtype="<i4").reshape(-1, 2)
        return Streets(points, ends, np.frombuffer(bytes(self.lengths), dtype="<f4").astype(np.float64))


class Place(Apart, AreaBound):
    """A service with a door. ``area_path`` is the micro-grid that it stands in; it counts from a day until it is retired."""

    area_path = PathField()
    kind = models.CharField(_("kind"), max_length=32, db_collation="C")
    name = models.CharField(_("name"), max_length=80)
    lng = models.FloatField(_("longitude"))
    lat = models.FloatField(_("latitude"))
    position = models.CharField(_("position"), max_length=160, blank=True)
    hours = models.CharField(_("opening hours"), max_length=80, blank=True)
    active_from = models.DateField(_("open from"))
    active_until = models.DateField(
        _("open until"), null=True, blank=True, help_text=_("The first day on which it is not.")
    )
    synthetic = models.BooleanField(_("synthetic"), default=False, help_text=_("Made up, not surveyed."))
    changed_at = models.DateTimeField(_("changed at"), default=time.now)
    changed_as = models.CharField(max_length=80, blank=True)
    post_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = (
            models.CheckConstraint(
                condition=Q(active_until__isnull=True) | Q(active_until__gte=F("active_from")), name="lifecircle_place_dates"
            ),
            models.UniqueConstraint(
                fields=["district", "kind", "name", "lng", "lat"],
                condition=Q(active_until__isnull=True),
                name="lifecircle_place_once",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["district", "area_path", "kind"], name="lifecircle_place_path"),)

    def __str__(self) -> str:
        return self.name


class Basis(models.TextChoices):
    """What a micro-grid weighs."""

    HOUSEHOLDS = "households", _("households of the register")
    GRIDS = "grids", _("micro-grids, each counted once")


class Reckoning(AreaBound):
    """How far the reaches of a district are reckoned: ``wanted`` moves with every change, ``done`` follows it."""

    wanted = models.PositiveBigIntegerField(default=1)
    done = models.PositiveBigIntegerField(default=0)
    network_id = models.UUIDField(null=True)
    ground = models.BigIntegerField(default=0)
    turns_on = models.DateField(null=True)
    basis = models.CharField(max_length=12, choices=Basis, default=Basis.GRIDS)
    grids = models.PositiveIntegerField(default=0)
    places = models.PositiveIntegerField(default=0)
    off_streets = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    reckoned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reckoning of a district")
        verbose_name_plural = _("reckonings of districts")
        constraints = (models.UniqueConstraint(fields=["district"], name="lifecircle_reckoning_once"),)


class Reach(AreaBound):
    """How far a micro-grid is from the nearest place of a kind; ``minutes`` is empty where there is no way."""

    area_path = PathField()
    kind = models.CharField(max_length=32, db_collation="C")
    minutes = models.FloatField(null=True)
    place = DistrictForeignKey(Place, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    weight = models.PositiveIntegerField()
    straight = models.FloatField(help_text=_("Minutes as the crow flies."))

    class Meta:
        verbose_name = _("reach of a micro-grid")
        verbose_name_plural = _("reaches of micro-grids")
        constraints = (
            models.UniqueConstraint(fields=["district", "kind", "area_path"], name="lifecircle_reach_once"),
        )  # fmt: skip


class Coverage(AreaBound):
    """The reaches of an area summed up, from the community to the district: weight within fifteen minutes, and all of it."""

    area_path = PathField()
    kind = models.CharField(max_length=32, db_collation="C")
    covered = models.PositiveBigIntegerField()
    whole = models.PositiveBigIntegerField()
    grids_covered = models.PositiveIntegerField()
    grids = models.PositiveIntegerField()
    circled = models.PositiveIntegerField(help_text=_("Micro-grids that a circle on the map would count as covered."))

    class Meta:
        verbose_name = _("coverage of an area")
        verbose_name_plural = _("coverages of areas")
        constraints = (
            models.UniqueConstraint(fields=["district", "area_path", "kind"], name="lifecircle_coverage_once"),
        )  # fmt: skip
