"""What every change of the ground does besides: it moves the counter that processes watch."""

from __future__ import annotations

import os

from linli.territory import locating
from linli.territory.models import TerritoryVersion


def mark_changed() -> None:
    """Give the ground another mark, within the transaction of the change.

    The mark is drawn, not counted: after a transaction that was taken back, the next change must not get the same one.
    """
    TerritoryVersion.objects.update_or_create(name="ground", defaults={"version": int.from_bytes(os.urandom(7))})
    locating.forget()
