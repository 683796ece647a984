"""Every read of the room that is worth a name, by what is asked: who acts, who is responsible, who may be rung back."""

from linli.people.queries.acting import actor_for, actor_of_post, posts_of, resident, session_actor, token_actor
from linli.people.queries.contacts import (
    MaskedContact,
    PlainContact,
    contacts_with_phone,
    looks_at_me,
    masked_account,
    masked_contact,
    masked_contacts,
)
from linli.people.queries.responsible import (
    Member,
    OrganisationRef,
    ancestors,
    department_of,
    functions,
    holders,
    members_for,
    organisation,
    organisation_for,
    organisations,
    organisations_over,
)
from linli.people.queries.screens import accounts_matching, devices_of, organisations_matching, posts_matching

__all__ = [
    "MaskedContact",
    "Member",
    "OrganisationRef",
    "PlainContact",
    "accounts_matching",
    "actor_for",
    "actor_of_post",
    "ancestors",
    "contacts_with_phone",
    "department_of",
    "devices_of",
    "functions",
    "holders",
    "looks_at_me",
    "masked_account",
    "masked_contact",
    "masked_contacts",
    "members_for",
    "organisation",
    "organisation_for",
    "organisations",
    "organisations_matching",
    "organisations_over",
    "posts_matching",
    "posts_of",
    "resident",
    "session_actor",
    "token_actor",
]
