"""Evidence for indicators of the demo's communities: accepted, returned, expired, and what waits for review."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from linli.indicators import actions
from linli.indicators.models import Evidence
from linli.kernel import ids, time
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of

HOLDS = timedelta(days=180)


def prove(district: str, *, now: datetime, worker: str = "xiaoxu", officer: str = "liu") -> str:
    """Hand evidence in for the worker's community and review a part of it; makes nothing twice.

    Args:
        worker, officer: logins of whoever hands in, and of whoever reviews.
    """
    if Evidence.objects.filter(district=district).exists():
        return "there"
    accounts = [Account.objects.filter(login=login).first() for login in (worker, officer)]
    if None in accounts:
        return "none"
    author, reviewer = (actor_of_post(posts_of(one.id)[0]) for one in accounts if one is not None)
    told: dict[str, Any] = yaml.safe_load(
        resources.files("linli.simulation").joinpath("data/evidence.yaml").read_text("utf-8")
    )
    for row in told["evidence"]:
        with time.at(now - timedelta(days=row["days_ago"])):
            facts = actions.EvidenceFacts(
                told["set"], row["indicator"], author.area_path, row["text"], row["value"], time.today()
            )
            made = actions.submit(author, facts, key=ids.new_id())
            if row["came"] == "accepted":
                actions.accept(reviewer, made.id, value=row["accepted"], valid_until=time.today() + HOLDS)
            elif row["came"] == "returned":
                actions.send_back(reviewer, made.id, reason=row["reason"])
    return f"{len(told['evidence'])} handed in"
