"""The worker's part: train what is asked for, ask when there is reason to, forget what is old."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from linli.kernel.work import job
from linli.suggesting import actions, learning
from linli.suggesting.learning import Figures, Words
from linli.suggesting.predictor import Predictor
from linli.suggesting.rules import Text


@job("suggesting.train", every=5.0)
def train() -> int:
    """Ask for a training when there is reason to, then carry out the one that waits."""
    actions.ask_when_due()
    return 1 if actions.train(learn=_apart) is not None else 0


@job("suggesting.forget", every=3_600.0)
def forget() -> int:
    """Forget corrections that are too old."""
    return actions.forget_corrections()


def _apart(texts: Sequence[Text], more: Sequence[Words]) -> tuple[Predictor, Figures]:
    # In a process of its own, which ends with the training: the worker does not keep the library's 130 megabytes.
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(learning.learn, texts, more).result()
