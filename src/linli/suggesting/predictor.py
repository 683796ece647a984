"""What a trained model says of a text, with numpy alone, so that a web process carries a few megabytes and no training library.

Imports no Django.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linli.catalog.words import plain
from linli.suggesting import features

Floats = NDArray[np.float32]
SHOWN_WORDS = 3
LEAST = 0.03
"""A category below this chance is not worth reading, even as a third."""
DECIDING = 0.35
"""How much of the best piece's weight another piece must carry to be named as a reason."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A category, its chance from 0 to 1, and the words of the text that spoke for it."""

    code: str
    chance: float
    words: tuple[str, ...]


def chances(scores: Floats, scale: tuple[float, float]) -> Floats:
    """Scores as chances that sum to one: each through one sigmoid, whose slope and offset were fitted on held-out texts, then shared."""
    slope, offset = scale
    raised = 1.0 / (1.0 + np.exp(-(slope * scores + offset)))
    result: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return result


@dataclass(frozen=True)
class Predictor:
    """A trained model.

    Attributes:
        codes: the categories, one for each column of ``weights``.
        keys: the features that it knows, rising.
        rarity: how rare each is (inverse document frequency).
        weights: feature × category.
        bias: one a category.
        scale: slope and offset of :func:`chances`.
        threshold: the chance that the best three must have together; below, it says nothing.
    """

    codes: tuple[str, ...]
    keys: NDArray[np.uint32]
    rarity: Floats
    weights: NDArray[np.float16]
    bias: Floats
    scale: tuple[float, float]
    threshold: float

    @cached_property
    def _row(self) -> dict[int, int]:
        return {int(one): row for row, one in enumerate(self.keys)}

    def chances(self, text: str) -> Floats | None:
        """The chance of every category; ``None`` when no piece of the text is known."""
        counted = features.count(text)
        known = [(row, times) for one, times in counted.items() if (row := self._row.get(one)) is not None]
        if not known:
            return None
        rows = np.fromiter((row for row, _times in known), dtype=np.int64, count=len(known))
        values = (1 + np.log([times for _row, times in known])) * self.rarity[rows]
        values /= np.sqrt(values @ values)
        scores = values.astype(np.float32) @ self.weights[rows].astype(np.float32) + self.bias
        return chances(scores, self.scale)

    def guess(self, text: str, *, most: int = 3) -> list[Guess]:
        """The likeliest categories, the best first, sure or not; ties go to the earlier code."""
        found = self.chances(text)
        if found is None:
            return []
        best = np.argsort(-found, kind="stable")[:most]
        return [Guess(self.codes[column], float(found[column]), self._reasons(text, int(column))) for column in best]

    def suggest(self, text: str) -> list[Guess]:
        """At most three categories, or none: together not likely enough, or nothing in the text speaks for the first."""
        best = self.guess(text)
        if sum(one.chance for one in best) < self.threshold or not best[0].words:
            return []
        return [one for one in best if one.chance >= LEAST]

    def _reasons(self, text: str, column: int) -> tuple[str, ...]:
        """The longest pieces that spoke most for a category, in the order of their weight; none lies within another."""
        shown = plain(text[: features.MOST_CHARACTERS])
        weighed: dict[str, float] = {}
        for piece in dict.fromkeys(features.pieces(text)):
            row = self._row.get(features.key(piece))
            if row is not None and len(piece) > 1 and piece in shown:
                weighed[piece] = float(self.rarity[row]) * float(self.weights[row, column])
        ranked = sorted(weighed, key=lambda piece: (-weighed[piece], piece))
        floor = weighed[ranked[0]] * DECIDING if ranked else 0.0
        chosen: list[str] = []
        for piece in ranked:
            if weighed[piece] <= max(floor, 0.0) or len(chosen) == SHOWN_WORDS:
                break
            joined = next((i for i, one in enumerate(chosen) if _overlap(one, piece, shown)), None)
            if joined is None:
                chosen.append(piece)
            else:
                chosen[joined] = _overlap(chosen[joined], piece, shown)
        return tuple(one for one in dict.fromkeys(chosen))

    def dump(self) -> bytes:
        """As bytes, for :func:`load`."""
        file = io.BytesIO()
        parts: dict[str, Any] = {
            "codes": np.array(self.codes), "keys": self.keys, "rarity": self.rarity, "weights": self.weights,
            "bias": self.bias, "numbers": np.array([*self.scale, self.threshold]),
        }  # fmt: skip
        np.savez_compressed(file, **parts)
        return file.getvalue()


def load(content: bytes) -> Predictor:
    """A model from its bytes."""
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        slope, offset, threshold = (float(one) for one in parts["numbers"])
        return Predictor(
            codes=tuple(str(one) for one in parts["codes"]), keys=parts["keys"], rarity=parts["rarity"],
            weights=parts["weights"], bias=parts["bias"], scale=(slope, offset), threshold=threshold,
        )  # fmt: skip


def _overlap(one: str, other: str, text: str) -> str:
    """Both as one stretch of the text when they lie in each other or follow on one another there; else ``""``."""
    if other in one:
        return one
    if one in other:
        return other
    for first, second in ((one, other), (other, one)):
        for shared in range(min(len(first), len(second)) - 1, 0, -1):
            if first.endswith(second[:shared]) and (joined := first + second[shared:]) in text:
                return joined
    return ""
