"""What every page's header shows of the person: the post, the way to others of theirs, the doors they may use."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel.trust import Actor, Role, policy
from linli.people import pages, sessions, staffing
from linli.people.words import post_word, role_word
from linli.territory import queries as territory
from linli.ui.slots import Account, DemoPerson, Link

ALSO = {Role.CALL_TAKER: ("/desk/",), Role.SUPERVISOR: ("/hotline/callbacks",), Role.VERIFIER: ("/hotline/callbacks",)}
"""Doors beside the first one that a role works behind."""


def account(request: HttpRequest) -> Account | None:
    """The signed-in person: the post first, then the menu."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_signed_in:
        return None
    links = [Link(_("Who looked at my data"), "/who-looked", "eye"), Link(_("My devices"), "/devices", "monitor")]
    links.insert(0, Link(_("Notices"), "/my/notices", "bell"))  # on a phone there is no room for the bell itself
    links.append(Link(_("How I am told"), "/my/notifications", "sliders-horizontal"))
    links.append(Link(_("My keys for programs"), "/keys", "key-round"))
    links.append(Link(_("Signing in safely"), "/security", "shield-check"))
    if actor.role != Role.RESIDENT or request.session.get(sessions.POSTS_KEY):
        links.insert(0, Link(_("Another post"), "/switch-post", "repeat"))
    if policy.reach(actor, "session.end"):
        links.append(Link(_("Phones of the grid members"), "/devices/members", "smartphone"))
    links.append(Link(_("Sign out"), "/sign-out", "log-out", method="post"))
    place = territory.place_name(actor.area_path) if actor.area_path else ""
    return Account(post=role_word(actor.role), name=actor.name, area=place, links=links)


def demo_people(request: HttpRequest) -> Sequence[DemoPerson]:
    """The cast, in a demo."""
    if settings.LINLI_MODE != "demo" or not settings.LINLI_DEMO_LOGINS:
        return ()
    actor: Actor | None = getattr(request, "actor", None)
    here = actor.account_id if actor else None
    return [
        DemoPerson(
            name=member.called(get_language() or ""),
            post=post_word(member.role, member.title),
            link=Link(
                member.called(get_language() or ""),
                f"/demo/become/{member.login}",
                method="post",
                current="true" if member.account_id == here else "",
            ),
        )
        for member in staffing.cast_list()
    ]


def doors(request: HttpRequest) -> Sequence[Link]:
    """The doors that the post works behind, besides the portal, which is everybody's."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_signed_in:
        return ()
    here = request.path
    found = [Link(_("Portal"), "/", "house", current="true" if here == "/" else "")]
    home = pages.home_of(actor.role)
    words = {
        "/field/": _("Field"), "/desk/": _("Desk"), "/hotline/": _("Hotline"), "/hotline/callbacks": _("Hotline"),
        "/admin/": _("Administration"),
    }  # fmt: skip
    for door in [home, *ALSO.get(actor.role, ())]:
        if door != "/":
            inside = here.startswith(door.removesuffix("callbacks"))
            found.append(Link(words[door], door, current="true" if inside else ""))
    if policy.reach(actor, "figures.view"):
        found.append(Link(_("Cockpit"), "/cockpit", current="true" if here.startswith("/cockpit") else ""))
    return found
