"""From the figures of areas to the five steps of a map: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

STEPS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """Five steps of equal width from the least to the most; all in the middle one where they are the same.

    Attributes:
        least, most: the ends; ``None`` where there is no figure.
    """

    least: Decimal | None
    most: Decimal | None

    def step(self, value: Decimal | None) -> int | None:
        """The step of a figure, 0 to 4; ``None`` where there is none."""
        if value is None or self.least is None or self.most is None:
            return None
        if self.most == self.least:
            return STEPS // 2
        return min(STEPS - 1, int(STEPS * (value - self.least) / (self.most - self.least)))

    def ranges(self, *, whole: bool = False) -> Sequence[tuple[int, Decimal, Decimal]]:
        """Each step with its lower and upper end, for the key; one where all are the same, none where there is nothing.

        Args:
            whole: the figures are whole numbers: each step with its first and last, without those that hold none.
        """
        if self.least is None or self.most is None:
            return ()
        if self.most == self.least:
            return ((STEPS // 2, self.least, self.most),)
        width = (self.most - self.least) / STEPS
        ends = [(at, self.least + width * at, self.least + width * (at + 1)) for at in range(STEPS)]
        if not whole:
            return tuple(ends)
        firsts = [
            (at, Decimal(ceil(low)), Decimal(ceil(high) - 1) if at < STEPS - 1 else self.most) for at, low, high in ends
        ]
        return tuple(one for one in firsts if one[1] <= one[2])


def scale_of(values: Iterable[Decimal | None]) -> Scale:
    """The scale of some figures; those that are not shown do not count."""
    known = [value for value in values if value is not None]
    return Scale(min(known, default=None), max(known, default=None))
