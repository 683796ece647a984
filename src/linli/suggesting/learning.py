"""Training, and measuring what a training is worth. Imports no Django; scikit-learn only where something is trained.

The measure: for each family of phrasing a model is trained on the other families *without the scenes that occur in it*, together with
the catalogue's words and the desk's corrections, and asked about the family. No text is asked about by a model that saw its family
or its scene. ``docs/algorithms/category-suggestion.md`` gives the rule and the figures.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linli.suggesting import features
from linli.suggesting.predictor import Floats, Predictor, chances
from linli.suggesting.rules import Text

SEED = 20261122
SOFTNESS = 0.5
"""The support-vector machine's C: the higher, the closer it follows the texts."""
LEAST_TEXTS = 2
"""A feature that stands in one text only teaches nothing about the next."""
PROMISE = 0.9
"""Where it speaks, the right category is among its three so often; the threshold is the lowest that keeps this."""
SLOPES, OFFSETS = np.geomspace(4.0, 32.0, 22), np.linspace(0.0, 10.0, 21)
BINS = 10
MOST_CONFUSIONS = 30


@dataclass(frozen=True, slots=True)
class Words:
    """Something else to learn from: a word of the catalogue, or a case that the desk corrected."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a model is worth on held-out texts; shares from 0 to 1.

    Attributes:
        top1: how often the likeliest category is the right one.
        top3: how often the right one is among the three likeliest.
        either: how often, of texts with two problems, the likeliest is one of both.
        gap: how far chances and truth lie apart on average (expected calibration error).
        spoken: how often it says anything, at the threshold.
        kept: of what it says, how often the right one is among its three.
        families: family → [texts, top1, top3].
        categories: category → [texts, top1, top3].
        confusions: [right, said, times], the commonest first.
        bins: [chance said, share right, texts] of the likeliest category, by tenths.
    """

    texts: int
    top1: float
    top3: float
    either: float
    gap: float
    spoken: float
    kept: float
    families: dict[str, list[float]]
    categories: dict[str, list[float]]
    confusions: list[list[Any]]
    bins: list[list[float]]


class _Space:
    """The features of a set of texts, how rare each is, and texts as rows of a sparse matrix."""

    def __init__(self, counted: Sequence[Counter[int]]) -> None:
        seen: Counter[int] = Counter()
        for one in counted:
            seen.update(one.keys())
        kept = sorted(key for key, times in seen.items() if times >= LEAST_TEXTS)
        self.keys = np.array(kept, dtype=np.uint32)
        self.column = {key: place for place, key in enumerate(kept)}
        self.rarity: Floats = np.array(
            [math.log((1 + len(counted)) / (1 + seen[key])) + 1 for key in kept], dtype=np.float32
        )

    def matrix(self, counted: Sequence[Counter[int]]) -> Any:
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for one in counted:
            here = [(self.column[key], times) for key, times in one.items() if key in self.column]
            row = [(1 + math.log(times)) * float(self.rarity[column]) for column, times in here]
            length = math.sqrt(sum(value * value for value in row)) or 1.0
            columns += [column for column, _times in here]
            values += [value / length for value in row]
            ends.append(len(columns))
        return csr_matrix((values, columns, ends), shape=(len(counted), len(self.keys)), dtype=np.float64)


def _fit(counted: Sequence[Counter[int]], codes: Sequence[int], classes: int) -> tuple[_Space, Floats, Floats]:
    from sklearn.svm import LinearSVC

    space = _Space(counted)
    machine = LinearSVC(C=SOFTNESS, random_state=SEED, max_iter=2000)
    machine.fit(space.matrix(counted), np.asarray(codes))
    # A category without a single text left has no column of its own: it is never said.
    weights = np.zeros((len(space.keys), classes), dtype=np.float32)
    bias = np.full(classes, -2.0, dtype=np.float32)
    weights[:, machine.classes_] = machine.coef_.T
    bias[machine.classes_] = machine.intercept_
    return space, weights, bias


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What was said of each text by a model that knew neither its family nor its scene."""

    texts: Sequence[Text]
    codes: tuple[str, ...]
    scores: Floats


def hold_out(texts: Sequence[Text], more: Sequence[Words]) -> HeldOut:
    """Ask about each family a model of the others."""
    codes, counted = _codes(texts, more), [features.count(one.words) for one in texts]
    place = {code: column for column, code in enumerate(codes)}
    others = [features.count(one.words) for one in more]
    scores = np.zeros((len(texts), len(codes)), dtype=np.float32)
    for family in sorted({one.family for one in texts}):
        asked = [n for n, one in enumerate(texts) if one.family == family]
        scenes = {texts[n].scene for n in asked}
        learnt = [n for n, one in enumerate(texts) if one.family != family and one.scene not in scenes]
        space, weights, bias = _fit(
            [*(counted[n] for n in learnt), *others],
            [*(place[texts[n].code] for n in learnt), *(place[one.code] for one in more)],
            len(codes),
        )
        scores[asked] = space.matrix([counted[n] for n in asked]) @ weights + bias
    return HeldOut(texts, codes, scores)


def _codes(texts: Sequence[Text], more: Sequence[Words]) -> tuple[str, ...]:
    return tuple(sorted({one.code for one in texts} | {one.code for one in more}))


def fit_scale(scores: Floats, right: NDArray[np.int64]) -> tuple[float, float]:
    """The slope and the offset under which the right categories are likeliest together; tried on a grid, the first best stays."""
    rows = np.arange(len(right))
    tried = [(float(slope), float(offset)) for slope in SLOPES for offset in OFFSETS]
    losses = [-np.log(chances(scores, one)[rows, right] + 1e-12).mean() for one in tried]
    return tried[int(np.argmin(losses))]


def measure(held: HeldOut) -> tuple[Figures, tuple[float, float], float]:
    """The figures, and the scale and threshold that follow from them.

    Chances are measured the way they will be used: those of a family with the scale that fits the others.
    """
    place = {code: column for column, code in enumerate(held.codes)}
    right = np.array([place[one.code] for one in held.texts])
    families = np.array([one.family for one in held.texts])
    found = np.zeros_like(held.scores)
    for family in np.unique(families):
        here = families == family
        found[here] = chances(held.scores[here], fit_scale(held.scores[~here], right[~here]))
    ranked = np.argsort(-held.scores, axis=1, kind="stable")
    first, among = ranked[:, 0] == right, (ranked[:, :3] == right[:, None]).any(axis=1)
    sure = -np.sort(-found, axis=1)[:, :3].sum(axis=1)
    threshold = _threshold(sure, among)
    speaks = sure >= threshold
    twofold = [n for n, one in enumerate(held.texts) if one.also]
    either = [held.codes[ranked[n, 0]] in (held.texts[n].code, held.texts[n].also) for n in twofold]
    bins, gap = _calibration(found.max(axis=1), first)
    said = Counter(
        (held.texts[n].code, held.codes[ranked[n, 0]]) for n in np.flatnonzero(~first).tolist()
    )  # fmt: skip
    figures = Figures(
        texts=len(held.texts), top1=float(first.mean()), top3=float(among.mean()),
        either=float(np.mean(either)) if either else 0.0, gap=gap, spoken=float(speaks.mean()),
        kept=float(among[speaks].mean()) if speaks.any() else 0.0,
        families=_by([one.family for one in held.texts], first, among),
        categories=_by([one.code for one in held.texts], first, among),
        confusions=[[one, other, times] for (one, other), times in sorted(said.items(), key=_commonest)[:MOST_CONFUSIONS]],
        bins=bins,
    )  # fmt: skip
    return figures, fit_scale(held.scores, right), threshold


def _commonest(pair: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -pair[1], pair[0]


def _threshold(sure: Floats, among: NDArray[np.bool_]) -> float:
    for one in np.arange(0.10, 0.991, 0.01):
        speaks = sure >= one
        if speaks.any() and among[speaks].mean() >= PROMISE:
            return round(float(one), 2)
    return 0.99


def _by(keys: Sequence[str], first: NDArray[np.bool_], among: NDArray[np.bool_]) -> dict[str, list[float]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for n, key in enumerate(keys):
        rows[key].append(n)
    return {
        key: [len(n), round(float(first[n].mean()), 4), round(float(among[n].mean()), 4)] for key, n in rows.items()
    }


def _calibration(said: Floats, first: NDArray[np.bool_]) -> tuple[list[list[float]], float]:
    bins, gap = [], 0.0
    tenth = np.minimum((said * BINS).astype(int), BINS - 1)
    for one in range(BINS):
        here = tenth == one
        if here.any():
            chance, share, texts = float(said[here].mean()), float(first[here].mean()), int(here.sum())
            bins.append([round(chance, 4), round(share, 4), texts])
            gap += abs(chance - share) * texts / len(said)
    return bins, gap


def learn(texts: Sequence[Text], more: Sequence[Words]) -> tuple[Predictor, Figures]:
    """Measure on held-out texts, then train on all of them.

    Args:
        texts: the written texts, on which is measured.
        more: what is only learnt from: the catalogue's words and the desk's corrections.

    Returns:
        The same for the same input, bit for bit on one machine.
    """
    figures, scale, threshold = measure(hold_out(texts, more))
    codes = _codes(texts, more)
    place = {code: column for column, code in enumerate(codes)}
    rows = [(place[one.code], one.words) for one in texts] + [(place[one.code], one.words) for one in more]
    space, weights, bias = _fit(
        [features.count(words) for _code, words in rows], [code for code, _words in rows], len(codes)
    )
    model = Predictor(
        codes=codes, keys=space.keys, rarity=space.rarity, weights=weights.astype(np.float16), bias=bias,
        scale=scale, threshold=threshold,
    )  # fmt: skip
    return model, figures
