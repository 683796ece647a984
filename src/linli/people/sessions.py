"""The session of a browser or a phone: begun after signing in, carrying the post that is acted through.

Staff in the field keep one for 90 days on their own device; a shared computer's ends after twelve hours. A session remembers whether
it was begun with a second factor, without which some posts are not acted through (``LINLI_SECOND_FACTOR``), and when the person last
proved to be there, which privileged acts ask for (:mod:`linli.people.confirming`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login as django_login
from django.contrib.auth import logout as django_logout
from django.db import transaction
from django.http import HttpRequest

from linli.kernel import ids, time
from linli.kernel.trust import ANONYMOUS, Actor, Role
from linli.people.models import ADMINISTRATORS, Account, DeviceSession, Post
from linli.people.provider import Person
from linli.people.queries import posts_of
from linli.people.queries.acting import actor_of_post, resident

POST_KEY = "linli_post"
DEVICE_KEY = "linli_device"
POSTS_KEY = "linli_posts"
SEEN_KEY = "linli_seen"
SECOND_KEY = "linli_second"
PROVED_KEY = "linli_proved"
HALF_KEY = "linli_half"
FOUND_KEY = "linli_found"
HALF_LASTS = timedelta(minutes=10)
LONG = timedelta(days=90)
SHORT = timedelta(hours=12)
SEEN_EVERY = timedelta(hours=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(request: HttpRequest, account: Account, *, long_lived: bool = False, second: bool = False) -> Actor:
    """Begin a session for an account that has just signed in; it acts through the post held longest of those that it may.

    Args:
        long_lived: the person's own device: 90 days instead of twelve hours.
        second: the second factor was proved as well.
    """
    now = time.now()
    life = LONG if long_lived else SHORT
    with transaction.atomic():
        django_login(request, account, backend=BACKEND)
        request.session.set_expiry(int(life.total_seconds()))
        request.session[SEEN_KEY] = now.timestamp()
        proved(request, second=second)
        if request.session.session_key is None:
            request.session.create()
        key = request.session.session_key or ""
        device = DeviceSession.objects.create(
            id=ids.new_id(),
            account=account,
            session_key=key,
            name=device_name(request.headers.get("User-Agent", "")),
            long_lived=long_lived,
            created_at=now,
            last_seen_at=now,
            expires_at=now + life,
        )
        request.session[DEVICE_KEY] = str(device.id)
        posts = posts_of(account.id)
        request.session[POSTS_KEY] = len(posts)
        able = [post for post in posts if not needs_second(request, Role(post.role))]
        return act_through(request, account, able[0] if able else None)


def proved(request: HttpRequest, *, second: bool = False) -> None:
    """Note that the person has just proved to be there; with ``second`` also that the second factor was."""
    request.session[PROVED_KEY] = time.now().timestamp()
    if second:
        request.session[SECOND_KEY] = True


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody who showed who they are, and whose second factor is asked for next."""

    account: Account
    long_lived: bool
    onward: str


def half_way(request: HttpRequest, account: Account, *, long_lived: bool, onward: str) -> None:
    """Keep that the first half of signing in is done; nobody is signed in by it."""
    request.session[HALF_KEY] = [str(account.id), time.now().timestamp(), long_lived, onward]


def half_of(request: HttpRequest) -> Half | None:
    """Whose second factor is asked for: within ten minutes, and while the account is open."""
    kept = request.session.get(HALF_KEY)
    if not kept or time.now().timestamp() - kept[1] > HALF_LASTS.total_seconds():
        return None
    account = Account.objects.filter(id=UUID(kept[0]), is_active=True).first()
    return Half(account, long_lived=kept[2], onward=kept[3]) if account else None


def keep_found(request: HttpRequest, found: Person) -> None:
    """Keep who somebody is at the sign-in provider until they say whether to link it."""
    request.session[FOUND_KEY] = [found.issuer, found.subject, found.label, time.now().timestamp()]


def found_at_provider(request: HttpRequest) -> Person | None:
    """Who somebody was at the provider, within the last ten minutes."""
    kept = request.session.get(FOUND_KEY)
    if not kept or time.now().timestamp() - kept[3] > HALF_LASTS.total_seconds():
        return None
    return Person(issuer=kept[0], subject=kept[1], label=kept[2])


def wants_second(request: HttpRequest, account: Account) -> bool:
    """Whether the account holds a post that this session may not act through for want of a second factor."""
    return any(needs_second(request, Role(post.role)) for post in posts_of(account.id))


def needs_second(request: HttpRequest, role: Role) -> bool:
    """Whether this session may not act in a role because it has no second factor."""
    asked = settings.LINLI_SECOND_FACTOR
    if asked == "optional" or role in (Role.RESIDENT, Role.ANONYMOUS) or request.session.get(SECOND_KEY):
        return False
    return asked == "staff" or role in ADMINISTRATORS


def act_through(request: HttpRequest, account: Account, post: Post | None) -> Actor:
    """Let the session act through ``post``, or as a resident, from now on."""
    request_id = getattr(request, "request_id", "")
    if post is not None and needs_second(request, Role(post.role)):
        post = None
    if post is None:
        request.session.pop(POST_KEY, None)
        actor = resident(account, request_id=request_id)
    else:
        request.session[POST_KEY] = f"{post.district}:{post.id}"
        actor = actor_of_post(post, request_id=request_id)
    request.actor = actor  # type: ignore[attr-defined]
    return actor


def end(request: HttpRequest) -> None:
    """Sign out of this device."""
    device = request.session.get(DEVICE_KEY)
    if device:
        DeviceSession.objects.filter(id=device, ended_at__isnull=True).update(ended_at=time.now())
    django_logout(request)
    request.actor = ANONYMOUS  # type: ignore[attr-defined]


def was_ended(request: HttpRequest) -> bool:
    """Whether the session that the browser names was ended on purpose: by signing out, or for a lost phone from elsewhere."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return bool(key) and DeviceSession.objects.filter(session_key=key, ended_at__isnull=False).exists()


def chosen_post(request: HttpRequest) -> tuple[str, UUID | None]:
    """District and id of the post that the session acts through; ``("", None)`` for a resident's."""
    district, _, post = str(request.session.get(POST_KEY, "")).partition(":")
    return (district, UUID(post)) if post else ("", None)


def seen(request: HttpRequest) -> None:
    """Note, at most once an hour, that the device is in use."""
    device, last = request.session.get(DEVICE_KEY), request.session.get(SEEN_KEY)
    now = time.now()
    if device and (last is None or now.timestamp() - last > SEEN_EVERY.total_seconds()):
        DeviceSession.objects.filter(id=device).update(last_seen_at=now)
        request.session[SEEN_KEY] = now.timestamp()


def device_name(user_agent: str) -> str:
    """A few plain words for a device, ``Android · Chrome``: enough to know it again, too little to follow it."""
    systems = (
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"),
        ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"),
    )  # fmt: skip
    programs = (
        ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
    )  # fmt: skip
    parts = [next((name for sign, name in table if sign in user_agent), "") for table in (systems, programs)]
    return " · ".join(part for part in parts if part) or "?"


def expired_before(moment: datetime) -> int:
    """Delete device sessions that ended or ran out before ``moment``; returns how many."""
    ended = DeviceSession.objects.filter(ended_at__lt=moment) | DeviceSession.objects.filter(expires_at__lt=moment)
    return ended.delete()[0]
