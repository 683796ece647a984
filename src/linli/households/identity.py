"""Identity numbers of natural persons (GB 11643-1999): their check figure, and what may be kept of them. Imports no Django.

Eighteen signs: six of the place, eight of the birthday, three of a serial, one check sign by MOD 11-2 (ISO 7064).
"""

from __future__ import annotations

from datetime import date
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ZEROS = 48 * sum(_WEIGHTS)
EARLIEST = 1880


def check_sign(first: str) -> str:
    """The last sign that belongs to the first seventeen figures."""
    return _CHECKS[(sum(map(mul, _WEIGHTS, first.encode())) - _ZEROS) % 11]


def is_valid(number: str, *, today: date) -> bool:
    """Whether an identity number can be one: length, figures, a birthday that has been, check sign.

    Args:
        number: in capital letters, without spaces.
        today: the day on which it is asked.
    """
    if len(number) != 18 or not (number.isascii() and number[:17].isdigit()):
        return False
    if number[17] != check_sign(number[:17]):
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    try:
        born = date(year, month, day)
    except ValueError:
        return False
    return year >= EARLIEST and born <= today


def birth_year(number: str) -> int:
    """The year of birth in a valid number."""
    return int(number[6:10])


def last_four(number: str) -> str:
    """The four signs by which two entries of one person are recognised."""
    return number[-4:]
