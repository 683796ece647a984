"""Conversions between the three systems, against vectors on which three independent libraries agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.territory.coords import CoordinateSystem, Point, from_wgs84, to_wgs84

VECTORS = [
    ("Tianfu Square", (104.0658, 30.6573), (104.0683075, 30.6548783), (104.0748044, 30.6609075)),
    ("Wuhou Shrine", (104.0438, 30.6459), (104.0462548, 30.6434321), (104.0526824, 30.649732)),
    ("Tongchuan, Dazhou", (107.5048, 31.2146), (107.5093392, 31.2123501), (107.5157714, 31.218627)),
    ("Jianyang", (104.5486, 30.4112), (104.5509887, 30.4084123), (104.5575043, 30.4143992)),
    ("Anren, Dayi", (103.618, 30.5096), (103.6200075, 30.5067794), (103.6266179, 30.5124741)),
]
AGREEMENT = 1.0e-7  # degrees: the vectors have seven decimals, and the libraries differ by up to 7.7e-8


@pytest.mark.parametrize(("place", "wgs", "gcj", "bd"), VECTORS)
def test_a_place_has_the_published_coordinates(place, wgs, gcj, bd):
    for system, there in ((CoordinateSystem.GCJ02, gcj), (CoordinateSystem.BD09, bd)):
        assert from_wgs84(*wgs, system=system) == pytest.approx(there, abs=AGREEMENT)
        assert to_wgs84(*there, system=system) == pytest.approx(wgs, abs=2 * AGREEMENT)


china = st.tuples(st.floats(73.6, 134.7), st.floats(18.2, 53.5))


@given(china, st.sampled_from(CoordinateSystem))
def test_there_and_back_is_less_than_a_tenth_of_a_millimetre(place, system):
    there = from_wgs84(*place, system=system)
    assert to_wgs84(*there, system=system) == pytest.approx(place, abs=1e-9)


@given(st.lists(china, min_size=1, max_size=20), st.sampled_from(CoordinateSystem))
def test_arrays_give_what_single_points_give(places, system):
    lng, lat = (np.array(axis) for axis in zip(*places, strict=True))
    x, y = from_wgs84(lng, lat, system=system)
    for k, place in enumerate(places):
        assert (x[k], y[k]) == pytest.approx(from_wgs84(*place, system=system), abs=1e-12)


def test_outside_china_gcj02_is_wgs84():
    assert from_wgs84(-76.6, 39.3, system=CoordinateSystem.GCJ02) == (-76.6, 39.3)


def test_a_point_says_its_system_and_gives_plain_floats():
    lng, lat = Point(104.0748044, 30.6609075, CoordinateSystem.BD09).wgs84()
    assert (type(lng), type(lat)) == (float, float)
    assert (lng, lat) == pytest.approx((104.0658, 30.6573), abs=2 * AGREEMENT)
