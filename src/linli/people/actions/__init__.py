"""Every write of the room: signing in, accounts, posts and organisations, contacts, machines' tokens."""

from linli.people.actions.accounts import (
    change_preferences,
    close_account,
    create_account,
    end_device_session,
    register_resident,
    set_home,
    set_password,
)
from linli.people.actions.contacts import new_contact, read_account, read_contact, store_contact
from linli.people.actions.machines import end_token, issue_token
from linli.people.actions.own import (
    ask_erasure,
    correct_name,
    correct_phone,
    erase_due,
    keep_account,
    note_export,
    withdraw_contact,
)
from linli.people.actions.posts import (
    appoint,
    create_organisation,
    end_organisation,
    end_post,
    move_posts,
    publish_organisation_phone,
    publish_post_phone,
    switch_post,
)
from linli.people.actions.signing_in import become, request_code, sign_in_with_code, sign_in_with_password

__all__ = [
    "appoint",
    "ask_erasure",
    "become",
    "change_preferences",
    "close_account",
    "correct_name",
    "correct_phone",
    "create_account",
    "create_organisation",
    "end_device_session",
    "end_organisation",
    "end_post",
    "end_token",
    "erase_due",
    "issue_token",
    "keep_account",
    "move_posts",
    "new_contact",
    "note_export",
    "publish_organisation_phone",
    "publish_post_phone",
    "read_account",
    "read_contact",
    "register_resident",
    "request_code",
    "set_home",
    "set_password",
    "sign_in_with_code",
    "sign_in_with_password",
    "store_contact",
    "switch_post",
    "withdraw_contact",
]
