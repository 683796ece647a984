"""A web process that has settled: what it loaded at its start stays for its life, so the garbage collector need not look at it.

Half a million objects (models, forms, templates, addresses) are looked through again and again otherwise: a tenth of the CPU of a
long page.
"""

from __future__ import annotations

import gc

from django.urls import get_resolver

YOUNG = 10_000
"""Objects made before the youngest are looked through; a long page makes some thousands, nearly all gone with it."""


def settle() -> None:
    """Load every address with its views, then take all that stands out of the garbage collector's rounds."""
    get_resolver().url_patterns  # noqa: B018 - loading is what it is asked for
    _young, middle, oldest = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, middle, oldest)
