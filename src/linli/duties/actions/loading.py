"""Load the base lists and the proofs that come with Linli; repeating it changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources

from django.db import transaction

from linli.duties import queries
from linli.duties.models import ListEntry, Proof
from linli.kernel import events, ids, time
from linli.kernel.db import district_of, insert_all
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.people.snapshot import changed

BEGINNING = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    entries: int
    proofs: int


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("linli.duties.rules").joinpath(name).read_text("utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))


def load_base(actor: Actor = SYSTEM, *, city: str, is_demo: bool = False) -> Loaded:
    """Put the base lists and the proofs in force in a city that has none of its own yet.

    Args:
        city: the city's path, ``5101``.
        is_demo: whether what is laid down says that it is made up.
    """
    policy.require(actor, "duties.load")
    district = district_of(city)
    entries: list[ListEntry] = []
    proofs: list[Proof] = []
    with transaction.atomic():
        if not ListEntry.objects.filter(district=district, area_path=city).exists():
            entries = [
                ListEntry(
                    id=ids.new_id(), district=district, area_path=city, tier=row["tier"], kind=row["kind"], code=row["code"],
                    department=row["department"], listing=row["list"], title_zh=row["title_zh"], title_en=row["title_en"],
                    basis=row["basis"], instead=row["instead"], valid_from=BEGINNING, recorded_at=time.now(), is_demo=is_demo,
                )
                for row in _rows("base_lists.csv")
            ]  # fmt: skip
            insert_all(entries)
            changed(queries.STAMP)
        if not Proof.objects.filter(district=district, area_path=city).exists():
            proofs = [
                Proof(
                    id=ids.new_id(), district=district, area_path=city, code=row["code"], kind=row["kind"], name_zh=row["name_zh"],
                    name_en=row["name_en"], purpose=row["purpose"], basis=row["basis"], issuer_zh=row["issuer_zh"],
                    issuer_en=row["issuer_en"], valid_from=BEGINNING,
                    abolished_on=date.fromisoformat(row["abolished_on"]) if row["abolished_on"] else None,
                    instead=row["instead"], is_demo=is_demo,
                )
                for row in _rows("proofs.csv")
            ]  # fmt: skip
            insert_all(proofs)
        if entries or proofs:
            events.append(
                "duty.loaded", subject_type="duty_lists", subject_id=ids.new_id(), sequence=1, district=district, area_path=city,
                actor=actor, data={"entries": len(entries), "proofs": len(proofs)},
            )  # fmt: skip
            audit.record(
                actor, "duties.load", subject_type="duty", subject_id=city, district=district,
                detail={"entries": len(entries), "proofs": len(proofs)},
            )  # fmt: skip
    return Loaded(len(entries), len(proofs))
