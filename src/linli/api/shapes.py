"""From rows to what the API gives. Names come from memory, so that a list costs no query per line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import get_language

from linli.cases import queries
from linli.cases.models import Case, Evidence
from linli.cases.states import State
from linli.cases.verbs import Verb, next_actions
from linli.catalog import queries as catalog
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor
from linli.people import queries as people

BASE = "/api/v1"


def language() -> str:
    """The language of the answer."""
    return get_language() or "zh-hans"


def brief(case: Case) -> dict[str, Any]:
    """A case in a list."""
    category = catalog.entry(case.category_version_id)
    holder = people.organisation(case.holder_id) if case.holder_id else None
    return {
        "id": case.id,
        "number": case.number,
        "district": case.district,
        "state": case.state,
        "state_label": str(State(case.state).label),
        "is_open": case.is_open,
        "category": case.category,
        "category_name": category.called(language()),
        "severity": case.severity,
        "sensitivity": case.sensitivity,
        "level": case.level,
        "channel": case.channel,
        "area_path": case.area_path,
        "area_name": case.area.name,
        "address": case.address_text,
        "lng": case.lng,
        "lat": case.lat,
        "description": case.description,
        "holder_id": case.holder_id,
        "holder_name": holder.called(language()) if holder else "",
        "reported_at": case.reported_at,
        "due_at": case.due_at,
        "due_kind": case.due_kind,
        "paused_at": case.paused_at,
        "is_late": case.is_late,
        "supervised": case.supervised_at is not None,
        "participants": case.participants_count,
        "version": case.version,
    }


def page(found: queries.Page) -> dict[str, Any]:
    """A page of cases; one query for the names of their places."""
    prefetch_related_objects(found.cases, "area")
    return {"items": [brief(case) for case in found.cases], "next": found.next}


def whole(actor: Actor, case: Case) -> dict[str, Any]:
    """A case with what one needs to act on it."""
    relatives = dict(
        Case.objects.filter(
            district=case.district, id__in=[one for one in (case.master_id, case.parent_id) if one]
        ).values_list("id", "number")
        if case.master_id or case.parent_id
        else ()
    )
    return brief(case) | {
        "round": case.round,
        "located": case.located,
        "registered_at": case.registered_at,
        "responded_at": case.responded_at,
        "disposed_at": case.disposed_at,
        "closed_at": case.closed_at,
        "outcome": case.outcome,
        "feedback_outcome": case.feedback_outcome,
        "rating": case.rating,
        "master": relatives.get(case.master_id) if case.master_id else None,
        "parent": relatives.get(case.parent_id) if case.parent_id else None,
        "evidence": [photo(case, one) for one in queries.evidence_of(case)],
        "next": verbs(next_actions(actor, case)),
    }


def photo(case: Case, evidence: Evidence) -> dict[str, Any]:
    """A photo of a case, with its addresses once it is ready."""
    address = f"{BASE}/cases/{case.number}/evidence/{evidence.id}"
    ready = evidence.state == FileState.READY
    return {
        "id": evidence.id,
        "kind": evidence.kind,
        "state": evidence.state,
        "at": evidence.at,
        "photo": f"{address}/photo" if ready else "",
        "thumb": f"{address}/thumb" if ready else "",
        "refusal": evidence.refusal,
    }


def verbs(found: Iterable[Verb]) -> list[dict[str, Any]]:
    """What may be done now."""
    return [
        {
            "verb": verb.name,
            "label": str(verb.label),
            "tone": verb.tone,
            "takes_version": verb.takes_version,
            "inputs": [
                {"name": one.name, "kind": one.kind.value, "label": str(one.label), "required": one.required}
                for one in verb.inputs
            ],
        }
        for verb in found
    ]


def done(case: Case, *, children: Iterable[Case] = ()) -> dict[str, Any]:
    """Where a case stands after a command; kept with its key, so it holds nothing personal."""
    return {
        "number": case.number,
        "state": str(case.state),
        "is_open": case.is_open,
        "level": str(case.level),
        "version": case.version,
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "is_late": case.is_late,
        "children": [child.number for child in children],
    }
