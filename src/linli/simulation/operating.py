"""Special operations of the demo: one under way with answers coming in, one that is over, and a template for the next season."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from linli.kernel import time
from linli.kernel.trust import Actor, Role
from linli.operations import actions, forms, queries
from linli.operations.forms import FieldKind
from linli.operations.models import Operation, Season, TaskState
from linli.operations.targets import Target
from linli.people.models import Account, Post
from linli.people.queries import actor_of_post, posts_of

NEXT_SEASON = timedelta(days=300)


def operate(district: str, *, now: datetime, micro_grid: str, seed: int, officer: str = "liu") -> str:
    """Send the operations of ``data/operations.yaml`` to the cast's subdistrict and let its grids answer; makes nothing twice.

    Args:
        micro_grid: where the cast lives; it has not answered what is under way.
        officer: login of the subdistrict officer who sends them.
    """
    if Operation.objects.filter(district=district).exists():
        return "there"
    account = Account.objects.filter(login=officer).first()
    if account is None:
        return "none"
    actor = actor_of_post(posts_of(account.id)[0])
    told: dict[str, Any] = yaml.safe_load(
        resources.files("linli.simulation").joinpath("data/operations.yaml").read_text("utf-8")
    )
    draw = random.Random(f"operations:{seed}")
    finished = _live(actor, told["finished"], now, draw, leave="")
    _live(actor, told["running"], now, draw, leave=micro_grid)
    with time.at(now):
        actions.keep_as_template(
            actor, finished.id, season=Season.YEARLY, next_on=(now + NEXT_SEASON).astimezone(time.LOCAL_ZONE).date()
        )
    with time.at(now - timedelta(days=6)):
        actions.stop(actor, finished.id, finished.version, told["finished"]["ended"])
    return f"{finished.tasks_count} tasks each"


def _live(actor: Actor, told: dict[str, Any], now: datetime, draw: random.Random, *, leave: str) -> Operation:
    began = now - timedelta(days=told["sent_days_ago"])
    fields = [
        forms.Field(
            one["label"], FieldKind(one["kind"]), one["code"], one.get("required", True), tuple(one.get("choices", ())),
            tuple(one.get("problem", ())),
        )
        for one in told["fields"]
    ]  # fmt: skip
    with time.at(began):
        draft = actions.Draft(
            told["title"], told["purpose"], told["kind"], fields, Target((actor.area_path,)),
            queries.evening(began.astimezone(time.LOCAL_ZONE).date(), told["days"]), told["minutes_each"],
        )  # fmt: skip
        made = actions.compose(actor, f"demo-operation-{told['kind']}", draft)
        found = actions.send(actor, made.id, made.version, f"demo-send-{told['kind']}")
    Operation.objects.filter(district=found.district, id=found.id).update(is_demo=True)
    held = _held(actor.district, actor.area_path)
    for task in queries.tasks_within(found, actor.area_path).filter(state=TaskState.OPEN):
        post = held.get(task.area_path)
        if post is None or task.area_path == leave or draw.random() > told["share"]:
            continue
        hours = min(draw.expovariate(1 / 14), 24.0 * told["sent_days_ago"] - 1)
        with time.at(began + timedelta(hours=hours)):
            values = {one.code: _said(one, draw) for one in fields if one.required}
            actions.answer(post, task.id, f"demo-{task.id}", values, found.version)
    return found


def _held(district: str, area_path: str) -> dict[str, Actor]:
    posts = Post.objects.filter(district=district, role=Role.MICRO_GRID_MEMBER, area_path__startswith=f"{area_path}/")
    return {post.area_path: actor_of_post(post) for post in posts.select_related("account").order_by("id")}


def _said(one: forms.Field, draw: random.Random) -> Any:
    match one.kind:
        case FieldKind.NUMBER:
            return draw.randint(1, 12)
        case FieldKind.YES_NO:
            good = forms.NO if forms.YES in one.problem else forms.YES
            return good if draw.random() < 0.9 else one.problem[0]
    return one.choices[0] if draw.random() < 0.8 else draw.choice(one.choices)
