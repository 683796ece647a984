"""The names of the roles, in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linli.kernel.trust import Role

ROLES = {
    Role.ANONYMOUS: _("Nobody signed in"),
    Role.RESIDENT: _("Resident"),
    Role.MICRO_GRID_MEMBER: _("Micro-grid member"),
    Role.GRID_MEMBER: _("Full-time grid member"),
    Role.COMMUNITY_WORKER: _("Community worker"),
    Role.SUBDISTRICT_OFFICER: _("Subdistrict officer"),
    Role.DISPATCHER: _("Dispatcher"),
    Role.DEPARTMENT_CLERK: _("Department clerk"),
    Role.VERIFIER: _("Verifier"),
    Role.CALL_TAKER: _("Call taker"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.AUDITOR: _("Auditor"),
    Role.DATA_PROTECTION_OFFICER: _("Data-protection officer"),
    Role.SYSTEM_ADMINISTRATOR: _("System administrator"),
    Role.SECURITY_ADMINISTRATOR: _("Security administrator"),
    Role.AUDIT_ADMINISTRATOR: _("Audit administrator"),
    Role.MACHINE: _("Machine"),
    Role.SYSTEM: _("System"),
}


def post_word(role: str, title: str) -> str:
    """A post as its office calls it; titles are Chinese, so elsewhere the role's name."""
    return title if title and (get_language() or "").startswith("zh") else role_word(role)


def role_word(role: str) -> str:
    """The name of a role."""
    return str(ROLES[Role(role)])
