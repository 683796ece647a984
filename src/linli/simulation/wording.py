"""Public words in the demo: the cast's community worker has looked through what is older than a day; the rest waits for a visitor to try.

Everything goes through the moderation room's own actions; the texts come by themselves from the history's events.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from linli.kernel import events, time
from linli.moderation import actions, handlers, queries
from linli.moderation.masking import Found
from linli.moderation.models import Reason, Text
from linli.moderation.queries import View
from linli.moderation.texts import ref_of
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of

WORKER = "xiaoxu"
LEFT = timedelta(days=1)
MOST = 200


def look_through(*, now: datetime) -> str:
    """Publish what waits in the worker's community as it was proposed, and withhold what insults; the newest is left."""
    events.drain([handlers.NAME])
    worker = actor_of_post(posts_of(Account.objects.get(login=WORKER).id)[0])
    with time.at(now - timedelta(hours=2)):
        waiting: list[Text] = queries.queue(worker, View.WAITING, size=MOST).texts
        older = [text for text in waiting if text.said_at < now - LEFT]
        for text in older:
            if Found.RUDE in text.found:
                actions.withhold(worker, ref_of(text), version=text.version, reason=Reason.ABUSE)
            else:
                actions.publish(worker, ref_of(text), version=text.version)
    return f"{len(older)} looked through, {len(waiting) - len(older)} wait"
