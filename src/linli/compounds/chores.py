"""The room's jobs for the worker: standings follow the day, and photos are prepared."""

from __future__ import annotations

from linli.compounds.actions import turning
from linli.compounds.models import Photo
from linli.kernel.storage.shown import prepare_next
from linli.kernel.work import job


@job("compounds.turn", every=60.0)
def turn() -> int:
    """Make standings anew that are of another day, or not there yet."""
    return turning.turn()


@job("compounds.photos", every=2.0)
def photos() -> int:
    """Prepare the photo that has waited longest."""
    return prepare_next(Photo)
