"""What the room tells the duty lists: its services as tasks, its figures as facts, and how often proofs were asked for."""

from __future__ import annotations

from django.db.models import Count, Q

from linli.duties import asked, facts, tasks
from linli.kernel import time
from linli.kernel.db import in_subtree
from linli.services import queries
from linli.services.models import Application, Proof, ProofState

BROUGHT = (ProofState.TO_BRING, ProofState.SEEN)


def names() -> dict[str, tasks.Name]:
    """Each service of the city with its names and who answers for it."""
    return {one.code: tasks.Name(one.name_zh, one.name_en, one.function) for one in queries.current().all()}


def proofs_asked(year: int, area_path: str) -> dict[str, asked.Count]:
    """Proofs of applications in a year: what residents brought, and what was held or had from whoever vouches for it."""
    rows = (
        Proof.objects.filter(in_subtree("application__area_path", area_path), asked_at__year=year)
        .values("kind")
        .annotate(brought=Count("id", filter=Q(state__in=BROUGHT)), spared=Count("id", filter=~Q(state__in=BROUGHT)))
        .order_by()
    )
    return {row["kind"]: asked.Count(row["brought"], row["spared"]) for row in rows}


def applications_this_year(area_path: str) -> int:
    """How many applications came from an area this year."""
    found = Application.objects.filter(in_subtree("area_path", area_path), submitted_at__year=time.today().year)
    return found.count()


tasks.announce(tasks.Kind.SERVICE, names)
asked.announce(proofs_asked)
facts.announce("applications_year", applications_this_year)
