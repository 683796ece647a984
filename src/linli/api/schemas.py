"""Types that every part of the API has in common: the OpenAPI document is made from these and from each part's own shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from django.db.models import TextChoices
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

Words = Annotated[str, StringConstraints(max_length=2_000)]
Line = Annotated[str, StringConstraints(max_length=200)]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}(/[0-9A-Z]+)*$", max_length=48)]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees.")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees.")]
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _in_our_time(moment: datetime) -> datetime:
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError(f"Give a moment between {FIRST_YEAR} and {LAST_YEAR}.")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
"""A moment with its offset, such as 2026-11-22T18:00:00+08:00; the database is given it in UTC, since it takes fewer offsets."""
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="The version of the case that the user saw.")]


def in_place(kind: type[StrEnum] | type[TextChoices]) -> WithJsonSchema:
    """Writes the words of an enum where it is used, since another room's has the same name and would be taken for it."""
    values = [str(one) for one in kind]
    return WithJsonSchema({"description": kind.__doc__, "enum": values, "title": kind.__name__, "type": "string"})


class Body(BaseModel):
    """A body: what is not known is refused, so that a misspelt field is not lost in silence.

    Plain pydantic: ninja's Schema looks every field up through a wrapper in Python, which costs a report a quarter of its parsing.
    """

    model_config = ConfigDict(extra="forbid")


class Coordinates(StrEnum):
    """The system that a point's degrees are in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class UploadOut(Schema):
    """A photo that comes in pieces."""

    id: UUID
    length: int
    offset: int
    state: str
    expires_at: datetime


class PurposeIn(Body):
    """Why personal data is read; the person can read it."""

    purpose: Annotated[str, StringConstraints(min_length=2, max_length=200)]


class LiveToken(Schema):
    """What opens the live stream: an address with a token in it that is good for a while."""

    address: str
    expires_in: int


class ProblemOut(Schema):
    """An error (RFC 9457): ``code`` is for programs, ``title`` and ``mend`` for people."""

    type: str
    title: str
    status: int
    code: str
    request_id: str
    detail: str = ""
    field: str = ""
    mend: str = ""
