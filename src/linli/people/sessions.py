"""The session of a browser or a phone: begun after signing in, carrying the post that is acted through.

Staff in the field keep one for 90 days on their own device; a shared computer's ends after twelve hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login as django_login
from django.contrib.auth import logout as django_logout
from django.db import transaction
from django.http import HttpRequest

from linli.kernel import ids, time
from linli.kernel.trust import ANONYMOUS, Actor
from linli.people.models import Account, DeviceSession, Post
from linli.people.queries import posts_of
from linli.people.queries.acting import actor_of_post, resident

POST_KEY = "linli_post"
DEVICE_KEY = "linli_device"
POSTS_KEY = "linli_posts"
SEEN_KEY = "linli_seen"
LONG = timedelta(days=90)
SHORT = timedelta(hours=12)
SEEN_EVERY = timedelta(hours=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(request: HttpRequest, account: Account, *, long_lived: bool = False) -> Actor:
    """Begin a session for an account that has just signed in; it acts through the post held longest.

    Args:
        long_lived: the person's own device: 90 days instead of twelve hours.
    """
    now = time.now()
    life = LONG if long_lived else SHORT
    with transaction.atomic():
        django_login(request, account, backend=BACKEND)
        request.session.set_expiry(int(life.total_seconds()))
        request.session[SEEN_KEY] = now.timestamp()
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
        return act_through(request, account, posts[0] if posts else None)


def act_through(request: HttpRequest, account: Account, post: Post | None) -> Actor:
    """Let the session act through ``post``, or as a resident, from now on."""
    request_id = getattr(request, "request_id", "")
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
