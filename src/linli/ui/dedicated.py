"""Dedicated grids as pages show them: the text of a plan under its headings, and what a grid lacks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from linli.dedicated import queries
from linli.dedicated.queries import Kept, Lack


def sections(text: str) -> list[dict[str, Any]]:
    """A plan's text as sections: ``heading`` and ``paragraphs``; lines that begin with ``#`` are headings."""
    found: list[dict[str, Any]] = [{"heading": "", "paragraphs": []}]
    for line in (part.strip() for part in text.splitlines()):
        if line.startswith("#"):
            found.append({"heading": line.lstrip("# "), "paragraphs": []})
        elif line:
            found[-1]["paragraphs"].append(line)
    return [one for one in found if one["heading"] or one["paragraphs"]]


def lack_badges(kept: Kept) -> list[dict[str, str]]:
    """What a dedicated grid lacks: word, tone and icon."""
    known = {
        Lack.CONTACT: {"word": _("No contact"), "tone": "late", "icon": "phone"},
        Lack.PLAN: {"word": _("No plan"), "tone": "late", "icon": "file-text"},
        Lack.REVIEW: {"word": _("Review is due"), "tone": "soon", "icon": "calendar-clock"},
    }
    return [known[one] for one in kept.lacks]


def of_case(path: str) -> dict[str, Any] | None:
    """What the page of a case in a dedicated grid shows of it; none for a case elsewhere."""
    kept = queries.at(path)
    if kept is None:
        return None
    return {
        "id": kept.area.id,
        "name": kept.area.name,
        "lacks": lack_badges(kept),
        "has_contact": bool(kept.sheet and kept.sheet.contact_id),
        "duty": kept.sheet.duty if kept.sheet else "",
        "plan": kept.plan,
        "sections": sections(kept.plan.text) if kept.plan else [],
    }
