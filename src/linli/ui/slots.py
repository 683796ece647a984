"""What base pages ask the doors: who is signed in, whom a demo may become, which live stream a page listens to.

The interface sits below the doors and may not import them, so a door that knows the answer registers it when it is made ready
(`AppConfig.ready`). Each slot takes the request; an empty slot draws nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest


@dataclass(frozen=True)
class Link:
    """One entry of a menu. ``method`` "post" draws a button in a form, with ``fields`` hidden in it."""

    label: str
    href: str
    icon: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    current: str = ""
    """"true" marks the entry that is in force."""


@dataclass(frozen=True)
class Account:
    """The signed-in person as the header shows them: the post first."""

    post: str
    name: str = ""
    area: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class DemoPerson:
    """One of the cast that a demo's visitor may become."""

    name: str
    post: str
    link: Link


AccountSlot = Callable[[HttpRequest], Account | None]
PeopleSlot = Callable[[HttpRequest], Sequence[DemoPerson]]
DoorsSlot = Callable[[HttpRequest], Sequence[Link]]
LiveSlot = Callable[[HttpRequest], str]
ChosenSlot = Callable[[HttpRequest, dict[str, str]], None]

_account: AccountSlot | None = None
_people: PeopleSlot | None = None
_doors: DoorsSlot | None = None
_live: LiveSlot | None = None
_chosen: ChosenSlot | None = None


def fill(
    *,
    account: AccountSlot | None = None,
    demo_people: PeopleSlot | None = None,
    doors: DoorsSlot | None = None,
    live: LiveSlot | None = None,
    chosen: ChosenSlot | None = None,
) -> None:
    """Register the answers that the caller knows; the others stay as they are."""
    global _account, _people, _doors, _live, _chosen
    _account = account or _account
    _people = demo_people or _people
    _doors = doors or _doors
    _live = live or _live
    _chosen = chosen or _chosen


def account_of(request: HttpRequest) -> Account | None:
    """Who is signed in."""
    return _account(request) if _account else None


def demo_people_of(request: HttpRequest) -> Sequence[DemoPerson]:
    """Whom the visitor of a demo may become."""
    return _people(request) if _people else ()


def doors_of(request: HttpRequest) -> Sequence[Link]:
    """The doors that this person may go through (shown in the desk's header)."""
    return _doors(request) if _doors else ()


def live_address_of(request: HttpRequest) -> str:
    """The address of the live stream for this page; empty for none."""
    return _live(request) if _live else ""


def keep_chosen(request: HttpRequest, chosen: dict[str, str]) -> None:
    """Let the account of whoever is signed in keep what was chosen: ``theme``, ``text`` and ``language``, as cookies say them."""
    if _chosen:
        _chosen(request, chosen)
