"""Rows that are somewhere: the district key, links that join on it, and subtrees of areas.

The rule (``docs/explanation/data.md``): a row that belongs to an area carries the ``district`` in which it was born. It never
changes; children copy it; every unique constraint but the primary key holds it; joins between such rows compare it. That is
all that is needed to shard the schema by district later, and a test walks the models to say so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, models
from django.db.models.expressions import Col
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor, ReverseManyToOneDescriptor
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND, WhereNode
from django.utils.functional import cached_property

from linli.kernel import ids

DISTRICT_LENGTH = 6
NOWHERE = "0" * DISTRICT_LENGTH  # of what belongs to the whole city, or to no district
PATH_LENGTH = 48


def _districts(instances: Iterable[Any]) -> list[str]:
    return sorted({instance.district for instance in instances})


@contextmanager
def server_side() -> Iterator[Any]:
    """A cursor that sends values apart from the text, so that the database plans a statement once for a connection.

    For statements whose planning costs as much as they do, and which want the same indexes whatever the values. A statement is
    kept from its sixth time on (``prepare_threshold`` in the database's address; ``none`` keeps none).
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        yield cursor


class _Forward(ForwardManyToOneDescriptor):
    """``row.link``, fetched for many rows at once within their districts."""

    def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> Any:
        found, *rest = super().get_prefetch_querysets(instances, querysets)
        return found.filter(district__in=_districts(instances)), *rest  # not read yet, so this costs no query


class _Reverse(ReverseManyToOneDescriptor):
    """``row.many``: within the district of the row, so that one shard answers, and its index (district, link)."""

    @cached_property
    def related_manager_cls(self) -> Any:
        base: Any = super().related_manager_cls

        class WithinDistrict(base):
            def __init__(self, instance: Any) -> None:
                super().__init__(instance)
                self.core_filters["district"] = instance.district

            def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> Any:
                found = querysets[0] if querysets else self.model._default_manager.get_queryset()
                if not found.query.is_sliced:
                    found = found.filter(district__in=_districts(instances))
                return super().get_prefetch_querysets(instances, [found])

        return WithinDistrict


class DistrictForeignKey(models.ForeignKey):
    """A link between two area-bound rows: every join through it compares the districts as well as the ids."""

    forward_related_accessor_class = _Forward
    related_accessor_class = _Reverse

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> WhereNode | None:
        """The added condition ``district = district``; symmetrical, so it serves both directions.

        ``exclude()`` over a link to many asks with the outer table cut away: there the ids alone must do.
        """
        if alias is None or related_alias is None:
            return None
        field = self.model._meta.get_field("district")
        left, right = Col(alias, field), Col(related_alias, field)  # type: ignore[arg-type]
        return WhereNode([Exact(left, right)], connector=AND)  # type: ignore[list-item]

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, Any]:
        """``row.link`` fetches by district and id, so that one shard answers."""
        return {"district": instance.district}  # type: ignore[attr-defined]


class AreaBound(models.Model):
    """A row that belongs to an area."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    district = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C", editable=False)

    class Meta:
        abstract = True


def PathField(**kwargs: Any) -> models.CharField[str, str]:
    """A column for an area's path: compared byte by byte, so that a subtree is one range of an index."""
    return models.CharField(max_length=PATH_LENGTH, db_collation="C", **kwargs)


def subtree(path: str) -> tuple[str, str]:
    """The half-open range of paths that lie in the subtree of ``path``, itself among them.

    ``510107/012`` gives ``("510107/012", "510107/0120")``: ``0`` follows ``/`` in ASCII. A city's path is its first four
    figures and covers every district that begins with them; the empty path covers everything.
    """
    if not path:
        return "", "\U0010ffff"
    if len(path) < DISTRICT_LENGTH:
        return path, path[:-1] + chr(ord(path[-1]) + 1)
    return path, path + "0"


def within(path: str, root: str) -> bool:
    """Whether ``path`` lies in the subtree of ``root``."""
    low, high = subtree(root)
    return low <= path < high


def in_subtree(field: str, path: str) -> models.Q:
    """The condition that ``field`` (a path column) lies in the subtree of ``path``; with its district where it has one."""
    low, high = subtree(path)
    condition = models.Q(**{f"{field}__gte": low, f"{field}__lt": high}) if path else models.Q()
    if len(path) >= DISTRICT_LENGTH:
        prefix = field.rpartition("__")[0]
        condition &= models.Q(**{f"{prefix}__district" if prefix else "district": district_of(path)})
    return condition


def district_of(path: str) -> str:
    """The six-figure code at the head of a path; for a city's path the city's own code (``5101`` → ``510100``)."""
    return path[:DISTRICT_LENGTH].ljust(DISTRICT_LENGTH, "0")


def insert_all(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model by one statement with an array for each column: thousands cost little more than one.

    Columns that the database fills are left to it. Unlike ``bulk_create`` the statement's text is the same for any number of rows.
    """
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.has_db_default()]
    columns, values = [connection.ops.quote_name(str(field.column)) for field in fields], []
    for field in fields:
        if isinstance(field, models.JSONField):
            values.append([json.dumps(getattr(row, field.attname), ensure_ascii=False) for row in rows])
        elif isinstance(field, models.CharField | models.TextField):
            # An enum would be another type than its neighbour's plain string.
            values.append([_plain(getattr(row, field.attname)) for row in rows])
        else:
            values.append([getattr(row, field.attname) for row in rows])
    types = [
        "text" if "char" in (kind := str(field.db_type(connection))) or kind == "jsonb" else kind for field in fields
    ]
    taken = [
        f"{name}::jsonb" if isinstance(field, models.JSONField) else name
        for name, field in zip(columns, fields, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({', '.join(columns)}) SELECT {', '.join(taken)} "
            f"FROM unnest({', '.join(f'%s::{kind}[]' for kind in types)}) AS v ({', '.join(columns)})",
            values,
        )


def _plain(text: str | None) -> Any:
    return None if text is None else str(text)
