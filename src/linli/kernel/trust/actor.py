"""Whoever acts does so through a post: person × role × organisation × area × term."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from linli.kernel import ids


class Role(StrEnum):
    """The roles of the policy table; ``anonymous``, ``system`` and ``machine`` are held by nobody's post."""

    ANONYMOUS = "anonymous"
    RESIDENT = "resident"
    MICRO_GRID_MEMBER = "micro_grid_member"
    GRID_MEMBER = "grid_member"
    COMMUNITY_WORKER = "community_worker"
    SUBDISTRICT_OFFICER = "subdistrict_officer"
    DISPATCHER = "dispatcher"
    DEPARTMENT_CLERK = "department_clerk"
    VERIFIER = "verifier"
    CALL_TAKER = "call_taker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"
    MACHINE = "machine"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, through which post, from where.

    Args:
        role: the role of the post.
        account_id: the person; ``None`` for nobody signed in and for the system.
        post_id: the post; ``None`` for residents, who need none.
        organisation_id: the organisation that the post belongs to.
        area_path: the area that the post is responsible for; ``""`` reaches nothing but what is one's own.
        district: the district of the post; a resident's home district, or ``""``.
        name: the work name to show beside what was done; never a resident's.
        request_id: of the request that this is done in, for the audit.
        purpose: why personal data is looked at, when it is.
        scopes: what a token may do; ``None`` means all that the role may.
    """

    role: Role
    account_id: UUID | None = None
    post_id: UUID | None = None
    organisation_id: UUID | None = None
    area_path: str = ""
    district: str = ""
    name: str = ""
    request_id: str = ""
    purpose: str = ""
    scopes: frozenset[str] | None = None

    @property
    def key(self) -> str:
        """What an idempotency key is unique within: the account, the machine by its name, or the role of whoever is neither."""
        return str(self.account_id or (f"{self.role}:{self.name}"[:64] if self.name else self.role))

    @property
    def is_signed_in(self) -> bool:
        """Whether a person is behind this."""
        return self.account_id is not None

    def for_purpose(self, purpose: str) -> Actor:
        """The same actor, with a purpose for reading personal data."""
        return dataclasses.replace(self, purpose=purpose)


ANONYMOUS = Actor(role=Role.ANONYMOUS)
SYSTEM = Actor(role=Role.SYSTEM, name="Linli", request_id=ids.UUID(int=0).hex)
