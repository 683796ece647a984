"""Names and faces of cases for every door: what roles, kinds, places and units are called, and how a clock stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from linli.cases.models import Case
from linli.cases.router import community_of
from linli.cases.states import State
from linli.catalog import queries as catalog
from linli.catalog.snapshot import Catalogue, Entry
from linli.kernel import time
from linli.kernel.trust import Actor, Role
from linli.people import queries as people
from linli.territory import queries as territory
from linli.ui import icons
from linli.ui.clockface import ClockFace, Promised, Running, read_clock
from linli.ui.words import when

ROLES: Mapping[str, str | Promise] = {
    Role.RESIDENT: gettext_lazy("Resident"),
    Role.ANONYMOUS: gettext_lazy("Reporter"),
    Role.MICRO_GRID_MEMBER: gettext_lazy("Micro-grid member"),
    Role.GRID_MEMBER: gettext_lazy("Grid member"),
    Role.COMMUNITY_WORKER: gettext_lazy("Community worker"),
    Role.SUBDISTRICT_OFFICER: gettext_lazy("Subdistrict officer"),
    Role.DISPATCHER: gettext_lazy("Dispatcher"),
    Role.DEPARTMENT_CLERK: gettext_lazy("Department clerk"),
    Role.VERIFIER: gettext_lazy("Verifier"),
    Role.CALL_TAKER: gettext_lazy("Call taker"),
    Role.SUPERVISOR: gettext_lazy("Supervisor"),
    Role.MACHINE: gettext_lazy("Device"),
    Role.SYSTEM: gettext_lazy("The platform"),
}

PROMISED: Mapping[str, Promised] = {
    "response": Promised.REPLY,
    "sign_in": Promised.SIGN_IN,
    "resolution": Promised.HANDLE,
    "call_response": Promised.JOIN,
    "call_finish": Promised.HANDLE,
    "verification": Promised.VERIFY,
    "return_decision": Promised.DECIDE,
    "suspension_review": Promised.REVIEW,
}

CLOCKS: Mapping[str, str | Promise] = {
    "response": gettext_lazy("Answer"),
    "sign_in": gettext_lazy("Sign-in"),
    "resolution": gettext_lazy("Solution"),
    "call_response": gettext_lazy("Joining"),
    "call_finish": gettext_lazy("Called part"),
    "verification": gettext_lazy("Check"),
    "return_decision": gettext_lazy("Decision on the return"),
    "waiting": gettext_lazy("Waiting for the resident"),
    "suspension_review": gettext_lazy("Review of the suspension"),
    "feedback": gettext_lazy("Call-back"),
}


def language() -> str:
    """The interface's language."""
    return get_language() or "zh-hans"


def role_name(role: str) -> str:
    """A role in words."""
    return str(ROLES.get(role, role))


def clock_name(kind: str) -> str:
    """A clock's kind in words; calls carry the order behind a colon."""
    head = kind.partition(":")[0]
    return str(CLOCKS.get(head, head))


def category_of(case: Case, catalogue: Catalogue) -> Entry | None:
    """The category of a case as the catalogue has it now."""
    return catalogue.get(case.category)


def category_name(case: Case, catalogue: Catalogue) -> str:
    """What kind of case it is; the code of a kind that is over."""
    found = category_of(case, catalogue)
    return found.called(language()) if found else case.category


def category_icon(case: Case, catalogue: Catalogue) -> str:
    """The drawing of its group."""
    found = category_of(case, catalogue)
    group = catalogue.group(found.group) if found else None
    return group.icon if group and group.icon in icons.drawings() else "circle-dot"


def catalogue_for(district: str) -> Catalogue:
    """The catalogue in force now."""
    return catalog.current(district=district)


def organisation_name(organisation_id: UUID | str | None) -> str:
    """An organisation's name, from memory; empty when there is none."""
    if not organisation_id:
        return ""
    found = people.organisation(organisation_id if isinstance(organisation_id, UUID) else UUID(organisation_id))
    return found.called(language()) if found else ""


def post_name(actor: Actor) -> str:
    """Organisation, role and name of whoever acts, as papers name who took them."""
    return " ".join(
        part for part in (organisation_name(actor.organisation_id), role_name(actor.role), actor.name) if part
    )


class Places:
    """Names of areas by their paths: from memory down to the community, one query for all the grids that a page names."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._rungs = territory.breadcrumbs(path for path in paths if path)
        self._pair = _("%(community)s · %(grid)s")

    def name(self, path: str) -> str:
        """One area's own name."""
        rungs = self._rungs.get(path)
        return rungs[-1].name if rungs and rungs[-1].path == path else path

    def short(self, path: str) -> str:
        """Community and grid, as a row shows it; higher places by their own name."""
        community = community_of(path)
        if path == community or path.count("/") < 2:
            return self.name(path)
        above = next((rung.name for rung in self._rungs.get(path, ()) if rung.path == community), "")
        return self._pair % {"community": above, "grid": self.name(path)} if above else self.name(path)

    def steps(self, path: str) -> list[str]:
        """From the district down to the place."""
        return [rung.name for rung in self._rungs.get(path, ())][1:]


def face_of(case: Case) -> ClockFace | None:
    """How the case's clock stands now; ``None`` when an ended case shows no clock."""
    now = time.now()
    kind = case.due_kind.partition(":")[0]
    if not case.is_open:
        if case.closed_at is None:
            return None
        words = _("Ended %(when)s") % {"when": when(case.closed_at, now)}
        return ClockFace(Running.STOPPED, "quiet", "circle-check", words, "", "", words, None, None)
    if case.state == State.WAITING_RESIDENT:
        return read_clock(
            due_at=case.due_at, now=now, paused_reason=_("waiting for the resident"), paused_until=case.due_at
        )
    if case.state == State.SUSPENDED:
        return read_clock(
            due_at=case.due_at, now=now, paused_reason=_("suspended with a plan"), paused_until=case.due_at
        )
    return read_clock(due_at=case.due_at, now=now, started_at=case.due_from, promised=PROMISED.get(kind, Promised.DONE))
