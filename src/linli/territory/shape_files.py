"""Files of shapes as features, whatever their form: GeoJSON (RFC 7946), GeoPackage (OGC 12-128) and zipped Shapefile. Pure.

A GeoPackage is an SQLite database with documented tables and is read and written with what Python has; Shapefiles are pyshp's.
Why neither is GDAL's: docs/decisions/shapes-without-gdal.md. Coordinates are longitude and latitude in degrees; what says that it is in
another reference system than WGS 84 (EPSG:4326) or CGCS2000 (EPSG:4490) is refused. What is damaged in one feature is told with that
feature; what is damaged in the file refuses the file.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import shapefile
import shapely

MOST_BYTES = 8_000_000
MOST_UNPACKED = 40_000_000
MOST_MEMBERS = 64
MOST_FEATURES = 20_000
_MOST_STEPS = 20_000  # of a thousand instructions each: what a read of a sound table needs many times over
_TEXT_BYTES = 254  # what a column of a dBase table holds

_KNOWN_CODES = ("4326", "4490")
_KNOWN_NAMES = re.compile(r"wgs_?(19)?84|crs84|cgcs_?2000|china_geodetic_coordinate_system_2000", re.IGNORECASE)
_URN = re.compile(r"(?:epsg|ogc)\W+(?:[\d.]*\W+)?(\w+)$", re.IGNORECASE)
_ENCODINGS = {"65001": "utf-8", "936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
_GBK_MARK = 0x4D  # the language driver byte of a dBase table in code page 936
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}

_WGS84_PRJ = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
_WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],'
    'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_GEOPACKAGE_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
"""


class Form(StrEnum):
    """The forms that a file of shapes has; the value is its ending, but for a Shapefile, which is a zip of several files."""

    GEOJSON = "geojson"
    GEOPACKAGE = "gpkg"
    SHAPEFILE = "shp"

    @property
    def ending(self) -> str:
        """With its point."""
        return ".zip" if self == Form.SHAPEFILE else f".{self.value}"

    @property
    def media_type(self) -> str:
        """As registered, or as everybody says."""
        return {
            Form.GEOJSON: "application/geo+json",
            Form.GEOPACKAGE: "application/geopackage+sqlite3",
            Form.SHAPEFILE: "application/zip",
        }[self]


class Damage(StrEnum):
    """Why a whole file is refused."""

    SIZE = "size"
    UNREADABLE = "unreadable"
    PACKED = "packed"
    SEVERAL = "several"
    SYSTEM = "system"
    MANY = "many"


class FileError(ValueError):
    """A file that is refused whole.

    Attributes:
        damage: why.
        named: what the file names that is the matter: its reference system, or its layers.
    """

    def __init__(self, damage: Damage, named: str = "") -> None:
        super().__init__(damage.value)
        self.damage, self.named = damage, named[:80]


@dataclass(frozen=True)
class Feature:
    """One feature: its shape, none when it has none that can be read, and its facts by the names of their columns."""

    shape: shapely.Geometry | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def form_of(content: bytes) -> Form:
    """What a file is, by its first bytes; what is neither a database nor a zip is taken for GeoJSON."""
    if content.startswith(b"SQLite format 3\0"):
        return Form.GEOPACKAGE
    return Form.SHAPEFILE if content.startswith(b"PK") else Form.GEOJSON


def read(content: bytes) -> list[Feature]:
    """The features of a file in the order in which it has them.

    Raises:
        FileError: it is too large, damaged, in several layers, or in another reference system.
    """
    if len(content) > MOST_BYTES:
        raise FileError(Damage.SIZE)
    reader = {Form.GEOJSON: _geojson, Form.GEOPACKAGE: _geopackage, Form.SHAPEFILE: _shapefile}[form_of(content)]
    found: list[Feature] = []
    for one in reader(content):
        found.append(one)
        if len(found) > MOST_FEATURES:
            raise FileError(Damage.MANY)
    return found


def collected(collection: Any) -> Iterator[Feature]:
    """The features of a GeoJSON object that is read already; a bare geometry counts as one feature.

    Raises:
        FileError: it is none, or names another reference system.
    """
    if not isinstance(collection, Mapping):
        raise FileError(Damage.UNREADABLE)
    _check_member(collection.get("crs"))
    match collection.get("type"):
        case "FeatureCollection":
            features = collection.get("features")
            if not isinstance(features, list):
                raise FileError(Damage.UNREADABLE)
        case "Feature":
            features = [collection]
        case str() if "coordinates" in collection or "geometries" in collection:
            features = [{"geometry": collection}]
        case _:
            raise FileError(Damage.UNREADABLE)
    for one in features:
        one = one if isinstance(one, Mapping) else {}
        facts = one.get("properties")
        yield Feature(_shape(one.get("geometry")), facts if isinstance(facts, Mapping) else {})


def written(features: Sequence[Feature], form: Form, *, layer: str, columns: Mapping[str, type], at: datetime) -> bytes:
    """A file of polygons.

    Args:
        features: polygons in degrees (WGS 84) with the facts that ``columns`` names.
        layer: what its layer is called, plain ASCII.
        columns: name in ASCII → ``str`` or ``int``, in their order; a dBase table keeps ten characters of each name.
        at: the moment that a GeoPackage says it was made.
    """
    match form:
        case Form.GEOJSON:
            return _as_geojson(features, columns)
        case Form.GEOPACKAGE:
            return _as_geopackage(features, layer, columns, at)
        case Form.SHAPEFILE:
            return _as_shapefile(features, layer, columns)


# --- GeoJSON ------------------------------------------------------------------------------------------------------------


def _geojson(content: bytes) -> Iterator[Feature]:
    try:
        collection = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise FileError(Damage.UNREADABLE) from problem
    yield from collected(collection)


def _check_member(member: Any) -> None:
    """The ``crs`` member that older files carry."""
    if not isinstance(member, Mapping):
        return
    facts = member.get("properties")
    name = str(facts.get("name", "")) if isinstance(facts, Mapping) else ""
    found = _URN.search(name)
    if name and not (found and (found[1] in _KNOWN_CODES or found[1].upper() == "CRS84")):
        raise FileError(Damage.SYSTEM, name)


def _shape(geometry: Any) -> shapely.Geometry | None:
    try:
        shape = shapely.geometry.shape(geometry)
    except (TypeError, KeyError, ValueError, IndexError, AttributeError, RecursionError, shapely.errors.ShapelyError):
        return None
    return shape if isinstance(shape, shapely.Geometry) else None


def _as_geojson(features: Sequence[Feature], columns: Mapping[str, type]) -> bytes:
    told = [
        {
            "type": "Feature",
            "properties": {name: one.facts[name] for name in columns},
            "geometry": shapely.geometry.mapping(one.shape),
        }
        for one in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": told}, ensure_ascii=False).encode()


# --- GeoPackage ---------------------------------------------------------------------------------------------------------


def _geopackage(content: bytes) -> Iterator[Feature]:
    # A file that was copied while somebody had it open says that a log lies beside it; without one it is read as it is.
    plain = content[:18] + b"\1\1" + content[20:]
    try:
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(plain)
            _bound(base)
            yield from _layer(base)
    except (sqlite3.Error, struct.error, UnicodeError, OverflowError, MemoryError) as problem:
        raise FileError(Damage.UNREADABLE) from problem


def _bound(base: sqlite3.Connection) -> None:
    """Nothing of a stranger's database is run but plain reads, and none of them without end."""
    base.text_factory = lambda text: text.decode("utf-8", "replace")
    base.execute("PRAGMA trusted_schema = OFF")
    base.execute("PRAGMA cell_size_check = ON")
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    steps = iter(range(_MOST_STEPS))
    base.set_progress_handler(lambda: 0 if next(steps, None) is not None else 1, 1000)
    plain = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
    base.set_authorizer(lambda action, *_facts: sqlite3.SQLITE_OK if action in plain else sqlite3.SQLITE_DENY)


def _layer(base: sqlite3.Connection) -> Iterator[Feature]:
    rows = base.execute(
        "SELECT g.table_name, g.column_name, g.srs_id FROM gpkg_geometry_columns g JOIN gpkg_contents c"
        " ON c.table_name = g.table_name WHERE c.data_type = 'features' ORDER BY g.table_name"
    ).fetchall()
    if len(rows) != 1:
        raise FileError(Damage.SEVERAL if rows else Damage.UNREADABLE, ", ".join(str(row[0]) for row in rows))
    table, column, system = rows[0]
    made = base.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    if made is None or str(made[0]).lower().startswith("create virtual"):
        raise FileError(Damage.UNREADABLE)
    _check_system(base, system)
    cursor = base.execute(f"SELECT * FROM {_quoted(table)}")
    names = [one[0] for one in cursor.description]
    for row in cursor:
        facts = dict(zip(names, row, strict=True))
        yield Feature(_from_blob(facts.pop(column, None)), facts)


def _check_system(base: sqlite3.Connection, system: Any) -> None:
    if system == 0:
        return  # degrees of a system that is not named: whoever sends the file says which
    row = base.execute(
        "SELECT organization, organization_coordsys_id, srs_name FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (system,)
    ).fetchone()
    if row is None or str(row[0]).upper() != "EPSG" or str(row[1]) not in _KNOWN_CODES:
        raise FileError(Damage.SYSTEM, str(row[2]) if row else str(system))


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _from_blob(blob: Any) -> shapely.Geometry | None:
    """A geometry from its GeoPackage head (``GP``, version, flags, system, envelope) and WKB."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP" or blob[3] & 0x20:
        return None
    envelope = _ENVELOPES.get(blob[3] >> 1 & 7)
    if envelope is None:
        return None
    try:
        return shapely.from_wkb(blob[8 + envelope :])
    except shapely.errors.ShapelyError:
        return None


def _as_geopackage(features: Sequence[Feature], layer: str, columns: Mapping[str, type], at: datetime) -> bytes:
    bounds = shapely.total_bounds([one.shape for one in features]).tolist() if features else [None] * 4
    kinds = {str: "TEXT", int: "INTEGER"}
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(_GEOPACKAGE_TABLES)
        base.executemany(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
            [
                ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", "undefined cartesian coordinate reference system"),
                ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
                ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84_WKT, "longitude/latitude coordinates in decimal degrees"),
            ],
        )  # fmt: skip
        moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        base.execute(
            "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, 4326)", (layer, layer, moment, *bounds)
        )  # fmt: skip
        base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', 4326, 0, 0)", (layer,))
        told = ", ".join(f"{_quoted(name)} {kinds[kind]}" for name, kind in columns.items())
        base.execute(
            f"CREATE TABLE {_quoted(layer)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON, {told})"
        )
        marks = ", ".join("?" * (len(columns) + 1))
        named = ", ".join(_quoted(name) for name in ("geom", *columns))
        base.executemany(
            f"INSERT INTO {_quoted(layer)} ({named}) VALUES ({marks})",
            [(_blob(one.shape), *(one.facts[name] for name in columns)) for one in features],
        )
        base.commit()
        return base.serialize()


def _blob(shape: shapely.Geometry | None) -> bytes:
    west, south, east, north = shapely.bounds(shape).tolist()
    head = struct.pack("<2sBBi4d", b"GP", 0, 0b011, 4326, west, east, south, north)
    return head + bytes(shapely.to_wkb(shape, byte_order=1))


# --- Shapefile ----------------------------------------------------------------------------------------------------------


def _shapefile(content: bytes) -> Iterator[Feature]:
    parts = _unpacked(content)
    _check_prj(parts.get(".prj", b""))
    _check_lengths(parts.get(".shp", b""))
    try:
        with _opened(parts) as source:
            for number, shape in enumerate(source.iterShapes()):
                facts = _record(source, number) if ".dbf" in parts else {}
                yield Feature(_outlined(shape), facts)
    except FileError:
        raise
    except _UNSOUND as problem:
        raise FileError(Damage.UNREADABLE) from problem


_UNSOUND = (
    shapefile.ShapefileException, struct.error, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError,
    OSError, TypeError, ValueError,
)  # fmt: skip
"""What reading a damaged Shapefile comes to."""


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of the one Shapefile in a zip, by their endings."""
    found: dict[str, bytes] = {}
    names: set[str] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
                raise FileError(Damage.PACKED)
            room = MOST_UNPACKED
            for one in members:
                stem, _point, ending = one.filename.rpartition(".")
                ending = f".{ending.lower()}"
                if ending not in (".shp", ".dbf", ".prj", ".cpg") or "__MACOSX" in stem:
                    continue
                if ending == ".shp":
                    names.add(stem)
                with archive.open(one) as part:
                    found[ending] = part.read(room + 1)
                room -= len(found[ending])
                if room < 0:
                    raise FileError(Damage.PACKED)
    except FileError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as problem:
        raise FileError(Damage.UNREADABLE) from problem
    if len(names) > 1:
        raise FileError(Damage.SEVERAL, ", ".join(sorted(names)))
    return found


def _check_prj(prj: bytes) -> None:
    """Without a .prj whoever sends the file says where its coordinates are."""
    text = prj.decode("utf-8", "replace").strip()
    if not text:
        return
    kind, _bracket, rest = text.partition("[")
    name = rest.partition(",")[0].strip(' "')
    if kind.strip().upper() not in ("GEOGCS", "GEOGCRS", "GEODCRS") or not _KNOWN_NAMES.search(name.replace(" ", "_")):
        raise FileError(Damage.SYSTEM, name or text)


def _check_lengths(shapes: bytes) -> None:
    """Whether the records of a .shp follow one another to its end: the library believes what they say of their lengths."""
    at, count = 100, 0
    while at + 12 <= len(shapes) and count <= MOST_FEATURES:
        words = struct.unpack_from(">i", shapes, at + 4)[0]
        if words < 2:
            raise FileError(Damage.UNREADABLE)
        at, count = at + 8 + 2 * words, count + 1
    if count > MOST_FEATURES:
        raise FileError(Damage.MANY)
    if len(shapes) < 100 or at != len(shapes):
        raise FileError(Damage.UNREADABLE)


def _opened(parts: Mapping[str, bytes]) -> shapefile.Reader:
    table = parts.get(".dbf", b"")
    return shapefile.Reader(
        shp=io.BytesIO(parts[".shp"]),
        dbf=io.BytesIO(table) if table else None,
        encoding=_encoding(parts.get(".cpg", b""), table),
        encodingErrors="replace",
    )


def _encoding(cpg: bytes, table: bytes) -> str:
    """In which encoding a dBase table is: as it says, else UTF-8 where that fits, else the one that is usual in China."""
    said = cpg.decode("ascii", "replace").strip().lower().removeprefix("ansi").removeprefix("oem").strip(" -_")
    if said:
        try:
            return codecs.lookup(_ENCODINGS.get(said, said)).name
        except LookupError:
            pass
    if len(table) > 32 and table[29] == _GBK_MARK:
        return "gb18030"
    try:
        table[32:].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _record(source: shapefile.Reader, number: int) -> dict[str, Any]:
    row = source.record(number)
    facts: dict[str, Any] = row.as_dict() if row is not None else {}
    return {name: value.strip("\0 ") if isinstance(value, str) else value for name, value in facts.items()}


def _outlined(shape: shapefile.Shape | None) -> shapely.Geometry | None:
    if shape is None or shape.shapeType in (shapefile.NULL, shapefile.MULTIPATCH):
        return None
    try:
        return _shape(shape.__geo_interface__)
    except _UNSOUND:
        return None


def _as_shapefile(features: Sequence[Feature], layer: str, columns: Mapping[str, type]) -> bytes:
    parts = {ending: io.BytesIO() for ending in (".shp", ".shx", ".dbf")}
    with shapefile.Writer(
        shp=parts[".shp"], shx=parts[".shx"], dbf=parts[".dbf"], shapeType=shapefile.POLYGON, encoding="utf-8"
    ) as out:
        for name, kind in columns.items():
            if kind is int:
                out.field(name[:10], "N", 12, 0)
            else:
                out.field(name[:10], "C", _TEXT_BYTES)
        for one in features:
            rings = shapely.geometry.mapping(shapely.geometry.polygon.orient(one.shape, -1.0))["coordinates"]
            out.poly([list(ring) for ring in rings])
            out.record(*(_fitting(one.facts[name]) for name in columns))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, part in parts.items():
            archive.writestr(f"{layer}{ending}", part.getvalue())
        archive.writestr(f"{layer}.prj", _WGS84_PRJ)
        archive.writestr(f"{layer}.cpg", "UTF-8")
    return whole.getvalue()


def _fitting(value: Any) -> Any:
    """A text cut to what a column holds, between two characters."""
    return value.encode()[:_TEXT_BYTES].decode("utf-8", "ignore") if isinstance(value, str) else value
