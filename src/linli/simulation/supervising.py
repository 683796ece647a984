"""Quarterly supervision of the demo: the list of this quarter, with the first steps that its subdistrict has taken."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

import yaml

from linli.kernel import events, ids, time
from linli.kernel.trust import Actor
from linli.metrics import logs
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of
from linli.supervision import actions, queries
from linli.supervision.models import QuarterList, Step


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
        said = resources.files("linli.simulation").joinpath("data/supervision.yaml").read_text("utf-8")
        for item, (step, text) in zip(items, yaml.safe_load(said).items(), strict=False):
            actions.follow(answering, item.id, item.version, text, Step(step))
    return f"{queries.items(drawer, found).count()} items"


def _actor(login: str) -> Actor | None:
    account = Account.objects.filter(login=login).first()
    posts = posts_of(account.id) if account else []
    return actor_of_post(posts[0]) if posts else None
