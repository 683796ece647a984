"""Files of micro-grids: whatever goes out comes back the same, and what is damaged is refused with its reason."""

import io
import json
import sqlite3
import struct
import zipfile
from datetime import UTC, datetime

import pytest
import shapefile
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import Invalid
from linli.territory import grid_files, shape_files
from linli.territory.redrawing import Drawn, Sheet, rules
from linli.territory.shape_files import Form
from tests.territory.test_redrawing_sheet import drawn_community

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SQUARE = [[104.06, 30.63], [104.061, 30.63], [104.061, 30.631], [104.06, 30.631], [104.06, 30.63]]
NAMES = st.text(st.characters(exclude_categories=("C", "Z"), max_codepoint=0xFFFF), max_size=80)


def grid(path: str = "510107/012/003/02/001", name: str = "17号微网格", outline: list = SQUARE) -> dict:
    return {"key": path, "stands": True, "name": name, "parent": path[:17], "households": 60, "outline": outline}


def refused(content: bytes) -> Invalid:
    with pytest.raises(Invalid) as error:
        grid_files.read(content)
    return error.value


def zipped(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return whole.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.rpartition(".")[2]: archive.read(name) for name in archive.namelist()}


def surveyed(encoding: str, *, cpg: str = "", column: str = "网格名称") -> bytes:
    """A Shapefile as a surveyor in China sends it."""
    out = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**out, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field(column, "C", 80)
        writer.poly([[(x, y) for x, y in SQUARE[::-1]]])
        writer.record("锦城一号")
    parts = {f"网格.{ending}": part.getvalue() for ending, part in out.items()}
    return zipped(parts | ({"网格.cpg": cpg.encode()} if cpg else {}))


def with_prj(text: str) -> bytes:
    parts = parts_of(grid_files.written([grid()], Form.SHAPEFILE, at=AT))
    return zipped(
        {f"grids.{ending}": part for ending, part in parts.items() if ending != "prj"} | {"grids.prj": text.encode()}
    )


def rewritten(content: bytes, *statements: str) -> bytes:
    base = sqlite3.connect(":memory:")
    base.deserialize(content)
    base.executescript(";".join(statements))
    base.commit()
    return base.serialize()


@given(
    form=st.sampled_from(Form),
    seed=st.integers(0, 10_000),
    parts=st.integers(1, 6),
    names=st.lists(NAMES, min_size=6, max_size=6),
)
def test_what_goes_out_comes_back_and_changes_nothing(form, seed, parts, names):
    standing = drawn_community(seed, parts)
    sheet = Sheet(standing, rules=rules())
    grids = [
        grid(one.path, name, sheet.degrees(sheet.before[one.path]).tolist())
        for one, name in zip(standing, names, strict=False)
    ]
    taken = grid_files.read(grid_files.written(grids, form, at=AT))
    assert [(one["grid"], one["name"]) for one in taken] == [(one["key"], one["name"]) for one in grids]
    for before, after in zip(grids, taken, strict=True):
        assert shapely.Polygon(before["outline"]).normalize() == shapely.Polygon(after["outline"]).normalize()
    sheet.exchange([Drawn(one["grid"], one["name"], tuple(map(tuple, one["outline"]))) for one in taken])
    assert sheet.ended() == []


@given(form=st.sampled_from(Form), data=st.data())
def test_a_damaged_file_is_refused_or_read_and_never_breaks(form, data):
    whole = grid_files.written([grid()], form, at=AT)
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for damaged in (bytes(content), bytes(content[: data.draw(st.integers(0, len(content)))])):
        try:
            grid_files.read(damaged)
        except Invalid as error:
            assert error.code.startswith("redrawing.")  # noqa: PT017


@pytest.mark.parametrize(
    "content",
    [
        surveyed("gbk", cpg="GBK"),
        surveyed("gbk", cpg="ANSI 936"),
        surveyed("gbk"),
        surveyed("utf-8", cpg="UTF-8", column="名称"),
        surveyed("utf-8", column="名称"),
    ],
)
def test_a_surveyors_shapefile_is_read_in_its_encoding(content):
    assert grid_files.read(content)[0]["name"] == "锦城一号"


@pytest.mark.parametrize(
    "text",
    [
        'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]]]',
        'GEOGCS["CGCS2000"]',
        'GEOGCS["WGS 84",DATUM["WGS_1984"]]',
        "",
    ],
)
def test_two_reference_systems_are_taken(text):
    assert grid_files.read(with_prj(text))[0]["outline"][0] == [104.06, 30.63]


def test_another_reference_system_is_refused_with_what_mends_it():
    projected = 'PROJCS["CGCS2000_3_Degree_GK_Zone_35",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"]]'
    for content in (
        with_prj(projected),
        with_prj('GEOGCS["GCS_Beijing_1954"]'),
        rewritten(
            grid_files.written([grid()], Form.GEOPACKAGE, at=AT),
            "INSERT INTO gpkg_spatial_ref_sys VALUES ('CGCS2000 / GK 35', 4523, 'EPSG', 4523, '', '')",
            "UPDATE gpkg_geometry_columns SET srs_id = 4523",
        ),
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [],
                "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4523"}},
            }
        ).encode(),
    ):
        error = refused(content)
        assert error.code == "redrawing.file_system"
        assert "4490" in str(error.mend)
    metres = [[500_000 + 100 * x, 3_390_000 + 100 * y] for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))]
    whole = grid_files.written([grid(outline=metres)], Form.GEOJSON, at=AT)
    assert refused(whole).extra["features"][0]["reason"] == "degrees"


def test_every_bad_feature_is_told_with_its_number_and_reason():
    hole = [SQUARE, [[104.0602, 30.6302], [104.0604, 30.6302], [104.0604, 30.6304], [104.0602, 30.6302]]]
    bow = [[104.06, 30.63], [104.061, 30.631], [104.061, 30.63], [104.06, 30.631], [104.06, 30.63]]
    away = [[x + 1, y] for x, y in SQUARE]
    shapes = [
        {"type": "Polygon", "coordinates": [SQUARE]},
        {"type": "Point", "coordinates": [104.06, 30.63]},
        {"type": "Polygon", "coordinates": hole},
        {"type": "Polygon", "coordinates": [bow]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [away]]},
        None,
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
    ]
    features = [
        {"type": "Feature", "properties": {"grid": f"g{k % 6}"}, "geometry": one} for k, one in enumerate(shapes)
    ]
    features += [{"type": "Feature", "properties": {"name": "字" * 81}, "geometry": shapes[0]}]
    features += [{"type": "Feature", "properties": {"grid": "g0"}, "geometry": shapes[0]}]
    error = refused(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert [(one["feature"], one["reason"]) for one in error.extra["features"]] == [
        (1, "twice"), (2, "kind"), (3, "hole"), (4, "crosses"), (5, "parts"), (6, "shape"), (7, "shape"), (8, "text"), (9, "twice"),
    ]  # fmt: skip


def test_bombs_strange_databases_and_several_layers_are_refused():
    bomb = zipped({"a.shp": b"\0" * (shape_files.MOST_UNPACKED + 1)})
    assert len(bomb) < shape_files.MOST_BYTES
    assert refused(bomb).code == "redrawing.file_packed"
    assert refused(b" " * (shape_files.MOST_BYTES + 1)).code == "redrawing.file_size"
    parts = parts_of(grid_files.written([grid()], Form.SHAPEFILE, at=AT))
    two = zipped({f"{name}.{ending}": part for name in "ab" for ending, part in parts.items()})
    assert refused(two).code == "redrawing.file_layers"
    endless = bytearray(parts["shp"])
    endless[104:108] = struct.pack(">i", -4)  # a record that leads back to itself
    assert refused(zipped({"a.shp": bytes(endless)})).code == "redrawing.unreadable_file"
    package = grid_files.written([grid()], Form.GEOPACKAGE, at=AT)
    view = rewritten(
        package,
        "DROP TABLE micro_grids",
        "CREATE VIEW micro_grids AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS geom FROM n",
    )
    assert refused(view).code == "redrawing.unreadable_file"
    second = rewritten(
        package,
        "CREATE TABLE other (fid INTEGER PRIMARY KEY, geom BLOB)",
        "INSERT INTO gpkg_contents SELECT 'other', data_type, 'other', '', last_change, 0, 0, 0, 0, srs_id FROM gpkg_contents",
        "INSERT INTO gpkg_geometry_columns VALUES ('other', 'geom', 'POLYGON', 4326, 0, 0)",
    )
    assert refused(second).code == "redrawing.file_layers"
    open_elsewhere = package[:18] + b"\2\2" + package[20:]  # copied while a mapping program had it open
    assert len(grid_files.read(open_elsewhere)) == 1


def test_lines_of_every_form_run_through_the_grids():
    road = [(104.05, 30.6305), (104.0605, 30.6306), (104.07, 30.6305)]
    collection = {"type": "FeatureCollection", "features": [{"geometry": {"type": "LineString", "coordinates": road}}]}
    out = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**out, shapeType=shapefile.POLYLINE) as writer:
        writer.field("name", "C", 10)
        writer.line([road[:2], road[1:]])  # two pieces that follow one another
        writer.record("r")
    blob = struct.pack("<2sBBi", b"GP", 0, 1, 4326) + shapely.to_wkb(shapely.LineString(road))
    package = rewritten(
        grid_files.written([grid()], Form.GEOPACKAGE, at=AT), f"UPDATE micro_grids SET geom = X'{blob.hex()}'"
    )
    shape = zipped({f"road.{ending}": part.getvalue() for ending, part in out.items()})
    for content in (json.dumps(collection).encode(), package, shape):
        (line,) = grid_files.lines_of(content, [SQUARE])
        assert line[1] == [104.0605, 30.6306]
        assert 104.0595 < line[0][0] < 104.06 < 104.061 < line[-1][0] < 104.0615
    with pytest.raises(Invalid) as error:
        grid_files.lines_of(grid_files.written([grid()], Form.SHAPEFILE, at=AT), [SQUARE])
    assert error.value.code == "redrawing.no_line_file"
