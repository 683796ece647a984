"""A report together with photos that have come before it: both are there, or neither, once for the report's key."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from linli.cases.actions import intake, talking
from linli.cases.loop import Ref
from linli.cases.models import EvidenceKind
from linli.kernel.commands import Answer
from linli.kernel.storage import uploads
from linli.kernel.storage.intake import Original
from linli.kernel.trust import Actor


def report(
    actor: Actor,
    key: str,
    body: bytes,
    *,
    what: intake.Report,
    photos: Iterable[Original | UUID],
    origin: intake.Origin | None = None,
) -> Answer:
    """Take in a report with its photos in one transaction; a repeat gives the first answer and looks at no photo again.

    Args:
        body: what was sent, byte for byte.
        origin: where it comes from, when those without an account are counted.
        photos: originals that were taken in, or ids of the actor's own uploads.

    Raises:
        NotFound, Conflict, Invalid: a photo is not there, not whole, or no photo; or as :func:`linli.cases.actions.intake.report`.
    """
    with transaction.atomic():
        answer = intake.report(actor, key, body, what=what, origin=origin)
        shown = [] if answer.replayed else list(photos)
        if shown:
            told = answer.body
            # As the reporter: a grid member also reports what lies outside the own grid.
            code = told["code"] or intake.ticket_code(told["district"], told["number"])
            reporter = intake.actor_of(intake.participant_by_code(told["number"], code))
            for one in shown:
                original = one if isinstance(one, Original) else uploads.take(actor, one)
                talking.add_evidence(
                    reporter, Ref(told["district"], UUID(told["id"])), kind=EvidenceKind.REPORT, original_key=original.key,
                    sha256=bytes.fromhex(original.sha256), size=original.bytes,
                )  # fmt: skip
    return answer
