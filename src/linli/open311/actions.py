"""Writes: a request that a client sends in, and what it writes on later."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.cases import placing
from linli.cases.actions import intake, talking
from linli.cases.actions.intake import Report
from linli.cases.actions.limiting import Origin
from linli.cases.loop import Ref
from linli.cases.models import Case, EvidenceKind
from linli.cases.queries import by_number
from linli.kernel import commands, ids, time
from linli.kernel.commands import Answer
from linli.kernel.errors import Forbidden
from linli.kernel.storage.intake import Original
from linli.kernel.trust import Actor, policy
from linli.open311.models import Submission
from linli.open311.queries import no_such_request

WINDOW = 3_600
"""Seconds: what is sent again within this time, word for word and without a key of its own, is the same request."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request: the answer of intake, and the case's opaque name for those who asked for a token."""

    answer: Answer
    token: str


def body_of(fields: Mapping[str, Any]) -> bytes:
    """What was sent, in one order: the same fields give the same bytes."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def send(
    actor: Actor,
    *,
    key: str,
    body: bytes,
    report: Report,
    photos: Iterable[Original] = (),
    origin: Origin | None = None,
) -> Sent:
    """Take in a request that a client sent, with its photos, and remember which key it came by.

    Args:
        key: of the command; without one the body itself is the key for :data:`WINDOW` seconds.
        body: what was sent (:func:`body_of`).
        origin: where it comes from: those who show no key are counted as those who report without an account elsewhere.

    Raises:
        Invalid: a field is wrong.
        TooMany: as many without a key came from there as may.
        Conflict: the key was used for another request.
    """
    place = placing.find(
        lng=report.lng, lat=report.lat, coordinates=report.coordinates, address=report.address, district=report.district
    )
    key = key or _key_of(actor, body, district=place.district)
    with transaction.atomic():
        answer = intake.report(actor, key, body, what=report, origin=origin)
        district, number, case_id = answer.body["district"], answer.body["number"], answer.body["id"]
        if not answer.replayed:
            Submission.objects.create(
                id=ids.new_id(), district=district, case_id=case_id, actor_key=actor.key, at=time.now()
            )
    for photo in photos:
        talking.add_evidence(
            _reporter(district, number), Ref(district, case_id), kind=EvidenceKind.REPORT, original_key=photo.key,
            sha256=bytes.fromhex(photo.sha256), size=photo.bytes,
        )  # fmt: skip
    return Sent(answer, f"{district}-{case_id}")


def _key_of(actor: Actor, body: bytes, *, district: str) -> str:
    digest, window = hashlib.sha256(body).hexdigest()[:48], int(time.now().timestamp()) // WINDOW
    before = f"open311:{window - 1}:{digest}"
    # A window has an edge; what was sent just before it is still the same request.
    repeated = commands.replay(actor, before, commands.body_hash(body), district=district) is not None
    return before if repeated else f"open311:{window}:{digest}"


def _reporter(district: str, number: str) -> Actor:
    """Who sent a request acts for its reporter, on this case only."""
    return intake.actor_of(intake.participant_by_code(number, intake.ticket_code(district, number)))


def write_update(actor: Actor, number: str, *, key: str, body: bytes, text: str) -> Answer:
    """Write on to a request that came by the same key: it reaches whoever handles it as the reporter's message.

    Args:
        number: of the request.
        key: of the command.
        text: what happened, 1 to 1,000 characters.

    Returns:
        ``{"update_id"}``: the case's number and the place of the entry in its log.

    Raises:
        NotFound: there is no such request, or none that came by this key.
        Forbidden: the key was not made for messages.
    """
    written = ids.parse_ticket_number(number)
    case = by_number(written) if written else None
    if case is None or not _is_own(actor, case):
        raise no_such_request(number)
    reporter = dataclasses.replace(
        _reporter(case.district, case.number), scopes=actor.scopes, request_id=actor.request_id
    )
    if not policy.reach(reporter, "case.message"):
        raise Forbidden("open311.key", _("This api_key is not good for updates."), field="api_key")

    def action() -> tuple[int, Any]:
        changed = talking.message(reporter, Ref(case.district, case.id), text=text)
        return 201, {"update_id": update_id(changed.number, changed.log_length)}

    return commands.run(actor, key, body, district=case.district, action=action)


def _is_own(actor: Actor, case: Case) -> bool:
    return Submission.objects.filter(district=case.district, case_id=case.id, actor_key=actor.key).exists()


def update_id(number: str, sequence: int) -> str:
    """The id of an update: the number of its request and its place in the log."""
    return f"{number}.{sequence}"
