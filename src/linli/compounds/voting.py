"""The result of a vote of the owners: a pure rule (docs/algorithms/owners-votes.md).

Source: Civil Code of the People's Republic of China, article 278: owners who hold two thirds or more of the exclusive area and are two
thirds or more of the heads take part; raising the maintenance fund, rebuilding, and changing what the common parts are used for need three
quarters or more of those who take part, by area and by heads; everything else needs more than half of both.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

PRESENT = (2, 3)
THREE_QUARTERS = (3, 4)
HALF = (1, 2)


class Subject(models.TextChoices):
    """What owners decide together, item by item of the article."""

    PROCEDURE = "procedure", _("Rules of the owners' assembly")
    COVENANT = "covenant", _("Management covenant")
    COMMITTEE = "committee", _("Electing or replacing the committee")
    COMPANY = "company", _("Engaging or dismissing the property company")
    FUND_USE = "fund_use", _("Using the maintenance fund")
    FUND_RAISE = "fund_raise", _("Raising the maintenance fund")
    REBUILD = "rebuild", _("Rebuilding or altering buildings")
    COMMON_USE = "common_use", _("Changing the use of common parts, or doing business there")
    OTHER = "other", _("Another matter of common ownership")


WEIGHTY = frozenset({Subject.FUND_RAISE, Subject.REBUILD, Subject.COMMON_USE})
"""What needs three quarters: items 6 to 8 of the article."""


class Result(models.TextChoices):
    """What came of a vote."""

    PASSED = "passed", _("Passed")
    REJECTED = "rejected", _("Not passed")
    NO_QUORUM = "no_quorum", _("Too few took part")


@dataclass(frozen=True, slots=True)
class Ballot:
    """Owners by heads and by exclusive area (in any one unit): who may vote, and how those did who took part."""

    heads: int
    area: int
    yes_heads: int
    yes_area: int
    no_heads: int
    no_area: int
    abstain_heads: int
    abstain_area: int

    @property
    def present_heads(self) -> int:
        """How many took part; who abstains does."""
        return self.yes_heads + self.no_heads + self.abstain_heads

    @property
    def present_area(self) -> int:
        """What area took part."""
        return self.yes_area + self.no_area + self.abstain_area

    @property
    def is_possible(self) -> bool:
        """Whether such counts can be: none below zero, owners there are, and not more take part than there are."""
        counts = (self.yes_heads, self.yes_area, self.no_heads, self.no_area, self.abstain_heads, self.abstain_area)
        return (
            min(counts) >= 0
            and self.heads > 0
            and self.area > 0
            and self.present_heads <= self.heads
            and self.present_area <= self.area
        )


def majority(subject: Subject | str) -> tuple[int, int]:
    """What a subject needs of those who take part: three quarters or more, or more than a half."""
    return THREE_QUARTERS if subject in WEIGHTY else HALF


def result(subject: Subject | str, ballot: Ballot) -> Result:
    """What came of a vote; compared in whole numbers, so that nothing is rounded.

    Raises:
        ValueError: such counts cannot be.
    """
    if not ballot.is_possible:
        raise ValueError("these counts cannot be")
    of, whole = PRESENT
    if ballot.present_heads * whole < of * ballot.heads or ballot.present_area * whole < of * ballot.area:
        return Result.NO_QUORUM
    part, whole = majority(subject)
    pairs = ((ballot.yes_heads, ballot.present_heads), (ballot.yes_area, ballot.present_area))
    if subject in WEIGHTY:
        enough = all(yes * whole >= part * present for yes, present in pairs)
    else:
        enough = all(yes * whole > part * present for yes, present in pairs)
    return Result.PASSED if enough else Result.REJECTED
