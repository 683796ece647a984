"""Quarterly supervision of the demo: the list of this quarter, with the first steps that its subdistrict has taken."""

from __future__ import annotations

from datetime import datetime

from linli.kernel import events, ids, time
from linli.kernel.trust import Actor
from linli.metrics import logs
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of
from linli.supervision import actions, queries
from linli.supervision.models import QuarterList, Step

SAID = ("已与社区逐件核对，安排专人每周回看，月底前把超期的办结。", "超期事件已全部办结，并公布了回复时限。")


def supervise(district: str, *, now: datetime, supervisor: str = "qinjian", officer: str = "liu") -> str:
    """Draw the list and let the cast's subdistrict write of its first items; makes nothing twice.

    Args:
        supervisor, officer: logins of who draws and of who answers.
    """
    if QuarterList.objects.filter(district=district).exists():
        return "there"
    drawer, answering = _actor(supervisor), _actor(officer)
    if drawer is None or answering is None:
        return "none"
    events.drain([logs.NAME])
    with time.at(now):
        found = actions.draw(drawer, district, str(ids.new_id()))
        items = list(queries.items(answering, found))
        for item, text, step in zip(items, SAID, (Step.NOTED, Step.DONE), strict=False):
            actions.follow(answering, item.id, item.version, text, step)
    return f"{queries.items(drawer, found).count()} items"


def _actor(login: str) -> Actor | None:
    account = Account.objects.filter(login=login).first()
    posts = posts_of(account.id) if account else []
    return actor_of_post(posts[0]) if posts else None
