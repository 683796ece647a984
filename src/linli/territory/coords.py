"""Coordinates in China: WGS 84 inside the house, GCJ-02 and BD-09 at its doors.

Chinese maps and phones speak GCJ-02 (a bent WGS 84) or BD-09 (GCJ-02 bent again); Linli stores WGS 84 only and
converts where a coordinate comes in, so the caller must say which system it speaks. The forward formulas are the
published ones (Krasovsky 1940 ellipsoid); the inverse is found by fixed-point iteration down to less than a
millimetre. Works on floats and on numpy arrays alike. See docs/algorithms/coordinates.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

_A = 6378245.0  # Krasovsky 1940: semi-major axis in metres
_EE = 0.00669342162296594323  # its first eccentricity squared
_BD_PI = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 12  # at most; the error shrinks more than tenfold per step, so four or five are the rule
_CLOSE_DEGREES = 1e-11  # a micrometre on the ground
#: Longitude and latitude box inside which GCJ-02 bends coordinates; outside, it equals WGS 84.
BENT_BOX = (72.004, 0.8293, 137.8347, 55.8271)

Number = Any  # float or numpy array of floats; the pair returned has the shape of the pair given


class CoordinateSystem(StrEnum):
    """Which system a coordinate is given in. There is no default at the doors: a caller declares it."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Point(NamedTuple):
    """A point in degrees, in the system that the caller declares."""

    lng: float
    lat: float
    system: CoordinateSystem

    def wgs84(self) -> tuple[float, float]:
        """Longitude and latitude in WGS 84 degrees."""
        lng, lat = to_wgs84(self.lng, self.lat, system=self.system)
        return lng, lat


def _bend(lng: Number, lat: Number) -> tuple[Number, Number]:
    """The GCJ-02 offset in degrees at a WGS 84 point (zero outside the box)."""
    x, y = lng - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    short = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + short
    d_lat = d_lat + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat = d_lat + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lng = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + short
    d_lng = d_lng + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lng = d_lng + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = lat / 180.0 * np.pi
    magic = 1.0 - _EE * np.sin(phi) ** 2
    d_lat = d_lat * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    d_lng = d_lng * 180.0 / (_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    west, south, east, north = BENT_BOX
    inside = (lng >= west) & (lng <= east) & (lat >= south) & (lat <= north)
    return np.where(inside, d_lng, 0.0), np.where(inside, d_lat, 0.0)


def wgs84_to_gcj02(lng: Number, lat: Number) -> tuple[Number, Number]:
    """Degrees WGS 84 to degrees GCJ-02."""
    d_lng, d_lat = _bend(lng, lat)
    return lng + d_lng, lat + d_lat


def gcj02_to_wgs84(lng: Number, lat: Number) -> tuple[Number, Number]:
    """Degrees GCJ-02 to degrees WGS 84, by iteration: the guess is corrected by what the forward formula misses."""
    w_lng, w_lat = lng, lat
    for _ in range(_INVERSE_STEPS):
        d_lng, d_lat = _bend(w_lng, w_lat)
        miss = np.max(np.abs(w_lng + d_lng - lng) + np.abs(w_lat + d_lat - lat), initial=0.0)
        w_lng, w_lat = lng - d_lng, lat - d_lat
        if miss < _CLOSE_DEGREES:
            break
    return w_lng, w_lat


def gcj02_to_bd09(lng: Number, lat: Number) -> tuple[Number, Number]:
    """Degrees GCJ-02 to degrees BD-09."""
    z = np.hypot(lng, lat) + 0.00002 * np.sin(lat * _BD_PI)
    theta = np.arctan2(lat, lng) + 0.000003 * np.cos(lng * _BD_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def bd09_to_gcj02(lng: Number, lat: Number) -> tuple[Number, Number]:
    """Degrees BD-09 to degrees GCJ-02, by the same iteration (the textbook one-step inverse is off by 0.2 m)."""
    g_lng, g_lat = lng - 0.0065, lat - 0.006
    for _ in range(_INVERSE_STEPS):
        b_lng, b_lat = gcj02_to_bd09(g_lng, g_lat)
        miss = np.max(np.abs(lng - b_lng) + np.abs(lat - b_lat), initial=0.0)
        g_lng, g_lat = g_lng + (lng - b_lng), g_lat + (lat - b_lat)
        if miss < _CLOSE_DEGREES:
            break
    return g_lng, g_lat


def to_wgs84(lng: Number, lat: Number, *, system: CoordinateSystem) -> tuple[Number, Number]:
    """Degrees in `system` to degrees WGS 84. Floats in, floats out; arrays in, arrays out."""
    if system == CoordinateSystem.WGS84:
        return lng, lat
    if system == CoordinateSystem.BD09:
        lng, lat = bd09_to_gcj02(lng, lat)
    return _plain(*gcj02_to_wgs84(lng, lat))


def from_wgs84(lng: Number, lat: Number, *, system: CoordinateSystem) -> tuple[Number, Number]:
    """Degrees WGS 84 to degrees in `system`. Floats in, floats out; arrays in, arrays out."""
    if system == CoordinateSystem.WGS84:
        return lng, lat
    lng, lat = wgs84_to_gcj02(lng, lat)
    return _plain(lng, lat) if system == CoordinateSystem.GCJ02 else _plain(*gcj02_to_bd09(lng, lat))


def _plain(lng: Number, lat: Number) -> tuple[Number, Number]:
    if np.ndim(lng) == 0:
        return float(lng), float(lat)
    return lng, lat
