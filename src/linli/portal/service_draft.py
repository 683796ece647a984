"""An application in the making: kept sealed in the visitor's session until it is sent, one for each service.

Its id is also the application's idempotency key: a second tap, a resend, a page from the browser's history lead to one receipt.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from linli.kernel import ids
from linli.portal import draft as sealing
from linli.services import facts
from linli.services.actions.applying import Photo, Wanted
from linli.services.facts import Person
from linli.services.models import Channel
from linli.services.queries import NOTHING_HELD, Held
from linli.services.snapshot import Entry

DRAFTS, RECEIPTS = "service_drafts", "service_receipts"
KEPT = 3
KEPT_RECEIPTS = 10


@dataclass(slots=True)
class Draft:
    """What has been answered so far, and which pages are done."""

    service: str
    id: str = field(default_factory=lambda: str(ids.new_id()))
    on_behalf: bool = False
    use_held: bool = False
    use_proofs: bool = False
    person: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    photos: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    area_path: str = ""
    slot: str = ""
    done: list[str] = field(default_factory=list)

    def finish(self, step: str) -> None:
        """Note that a page is done."""
        if step not in self.done:
            self.done.append(step)

    def wanted(self) -> Wanted:
        """What is applied for."""
        return Wanted(
            service=self.service,
            answers=self.answers,
            person=self.person,
            area_path=self.area_path,
            slot=UUID(self.slot) if self.slot else None,
            use_held=self.use_held,
            use_proofs=self.use_proofs,
            on_behalf=self.on_behalf,
            channel=Channel.PORTAL,
            photos={
                code: tuple(Photo(one["key"], one["sha256"], one["bytes"]) for one in rows)
                for code, rows in self.photos.items()
            },
        )

    def body(self) -> bytes:
        """What is sent, byte for byte the same however often."""
        told = asdict(self)
        told.pop("done")
        return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def used(draft: Draft, held: Held) -> Held:
    """What of the held facts the draft may use: all with consent, of a relative only how to reach oneself."""
    if not draft.use_held:
        return NOTHING_HELD
    if not draft.on_behalf:
        return held
    own = {code: text for code, text in held.values.items() if code in (Person.NAME, Person.PHONE)}
    return Held(own, {}, held.home)


def steps(draft: Draft, entry: Entry, held: Held) -> list[str]:
    """The pages of an application that have something to ask, in their order; the last checks them all."""
    known = used(draft, held)
    found = ["relative"] if draft.on_behalf else []
    if not known.home or draft.on_behalf or (entry.needs_address and Person.ADDRESS.value not in known.values):
        found.append("place")
    for number, page in enumerate(entry.form, start=1):
        if open_questions(page, entry, known):
            found.append(f"q{number}")
    if entry.booking is not None:
        found.append("time")
    if missing(entry, known):
        found.append("contact")
    return [*found, "check"]


def open_questions(page: tuple[str, ...], entry: Entry, known: Held) -> list[str]:
    """The questions of a page that nobody holds an answer to."""
    keeps = {one.code for one in entry.questions() if one.keep}
    return [code for code in page if not (code in keeps and code in known.values)]


def missing(entry: Entry, known: Held) -> list[Person]:
    """Who one is, as far as it is needed and not held."""
    wanted = (Person.NAME, Person.PHONE, Person.IDENTITY_NUMBER)
    return [one for one in facts.person_facts(entry) if one in wanted and one.value not in known.values]


def load(request: HttpRequest, code: str) -> Draft | None:
    """The visitor's draft for a service."""
    found = sealing.opened(request.session.get(DRAFTS, {}).get(code))
    known = {one.name for one in fields(Draft)}
    return Draft(**{name: value for name, value in found.items() if name in known}) if found else None


def save(request: HttpRequest, draft: Draft) -> None:
    """Keep the draft; of several the last three."""
    kept: dict[str, Any] = dict(request.session.get(DRAFTS, {}))
    kept.pop(draft.service, None)
    kept[draft.service] = sealing.sealed(draft.id, asdict(draft))
    request.session[DRAFTS] = dict(list(kept.items())[-KEPT:])


def drop(request: HttpRequest, code: str) -> None:
    """Forget the draft."""
    kept: dict[str, Any] = dict(request.session.get(DRAFTS, {}))
    if kept.pop(code, None) is not None:
        request.session[DRAFTS] = kept


def keep_receipt(request: HttpRequest, draft: Draft, receipt: dict[str, Any]) -> None:
    """Remember what a draft became, and forget the draft."""
    kept: dict[str, Any] = dict(request.session.get(RECEIPTS, {}))
    kept[draft.id] = sealing.sealed(draft.id, receipt)
    request.session[RECEIPTS] = dict(list(kept.items())[-KEPT_RECEIPTS:])
    drop(request, draft.service)


def receipt_of(request: HttpRequest, draft_id: str) -> dict[str, Any] | None:
    """What a draft became; ``None`` when it has not been sent from here."""
    return sealing.opened(request.session.get(RECEIPTS, {}).get(draft_id))
