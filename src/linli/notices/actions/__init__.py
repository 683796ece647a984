"""Every write of the room, by what is written."""

from linli.notices.actions.addresses import (
    add_address,
    remove_address,
    subscribe_device,
    unsubscribe,
    verify_address,
)
from linli.notices.actions.hooks import end_hook, make_hook, replay, resume_hook
from linli.notices.actions.reading import choose, read_all, read_case, read_one

__all__ = [
    "add_address",
    "choose",
    "end_hook",
    "make_hook",
    "read_all",
    "read_case",
    "read_one",
    "remove_address",
    "replay",
    "resume_hook",
    "subscribe_device",
    "unsubscribe",
    "verify_address",
]
